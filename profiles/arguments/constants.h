/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The named constants of syscall arguments, one set an argument, by the file they stand in. A set
 * ends with a row whose name is NULL.
 *
 * In a set of flags a row with a mask is one value of a field: it stands for (value & mask) ==
 * row.value, also where that is 0 (O_RDONLY). Fields, and names for several bits together, stand
 * before the single bits they overlap.
 */
#pragma once

#include "profiles/arguments/signature.h"

/* constants_files.c */
extern const struct constant constants_open[];
extern const struct constant constants_descriptor[];
extern const struct constant constants_resolve[];
extern const struct constant constants_access[];
extern const struct constant constants_file_type[];
extern const struct constant constants_at[];
extern const struct constant constants_faccessat[];
extern const struct constant constants_unlinkat[];
extern const struct constant constants_execveat[];
extern const struct constant constants_handle_at[];
extern const struct constant constants_statx[];
extern const struct constant constants_statx_mask[];
extern const struct constant constants_renameat2[];
extern const struct constant constants_xattr[];
extern const struct constant constants_whence[];
extern const struct constant constants_fcntl[];
extern const struct constant constants_flock[];
extern const struct constant constants_fallocate[];
extern const struct constant constants_fadvise[];
extern const struct constant constants_rwf[];
extern const struct constant constants_close_range[];
extern const struct constant constants_splice[];
extern const struct constant constants_sync_file_range[];
extern const struct constant constants_memfd[];
extern const struct constant constants_epoll_create[];
extern const struct constant constants_epoll_ctl[];
extern const struct constant constants_eventfd[];
extern const struct constant constants_signalfd[];
extern const struct constant constants_timerfd_create[];
extern const struct constant constants_timerfd_settime[];
extern const struct constant constants_inotify_init[];
extern const struct constant constants_inotify_mask[];
extern const struct constant constants_fanotify_init[];
extern const struct constant constants_fanotify_mark[];
extern const struct constant constants_fanotify_mask[];

/* constants_mounts.c */
extern const struct constant constants_mount[];
extern const struct constant constants_umount2[];
extern const struct constant constants_fsopen[];
extern const struct constant constants_fsmount[];
extern const struct constant constants_fspick[];
extern const struct constant constants_fsconfig[];
extern const struct constant constants_mount_attr[];
extern const struct constant constants_propagation[];
extern const struct constant constants_mount_setattr[];
extern const struct constant constants_open_tree[];
extern const struct constant constants_move_mount[];
extern const struct constant constants_listmount[];
extern const struct constant constants_statmount[];
extern const struct constant constants_swapon[];
extern const struct constant constants_quotactl[];

/* constants_sockets.c */
extern const struct constant constants_family[];
extern const struct constant constants_sock_type[];
extern const struct constant constants_accept4[];
extern const struct constant constants_shutdown[];
extern const struct constant constants_msg[];
extern const struct constant constants_level[];
extern const struct constant constants_socketcall[];
/* The protocols that socket's third argument names for a family; NULL where it is a number. */
const struct constant *constants_protocol(uint64_t family);

/* constants_memory.c */
extern const struct constant constants_prot[];
extern const struct constant constants_mmap[];
extern const struct constant constants_mremap[];
extern const struct constant constants_msync[];
extern const struct constant constants_mlock2[];
extern const struct constant constants_mlockall[];
extern const struct constant constants_pkey[];
extern const struct constant constants_mpol[];
extern const struct constant constants_mbind[];
extern const struct constant constants_get_mempolicy[];
extern const struct constant constants_shadow_stack[];
extern const struct constant constants_memfd_secret[];
extern const struct constant constants_userfaultfd[];
extern const struct constant constants_ipc_key[];
extern const struct constant constants_ipc_get[];
extern const struct constant constants_shmget[];
extern const struct constant constants_shmat[];
extern const struct constant constants_shmctl[];
extern const struct constant constants_semctl[];
extern const struct constant constants_msgctl[];
extern const struct constant constants_msg_queue[];
extern const struct constant constants_ipc[];

/* constants_processes.c */
extern const struct constant constants_clone[];
extern const struct constant constants_wait[];
extern const struct constant constants_waitid[];
extern const struct constant constants_pidfd[];
extern const struct constant constants_pidfd_open[];
extern const struct constant constants_pidfd_signal[];
extern const struct constant constants_kcmp[];
extern const struct constant constants_sigprocmask[];
extern const struct constant constants_itimer[];
extern const struct constant constants_clock[];
extern const struct constant constants_timer[];
extern const struct constant constants_rlimit[];
extern const struct constant constants_rusage[];
extern const struct constant constants_priority[];
extern const struct constant constants_ioprio[];
extern const struct constant constants_sched[];
extern const struct constant constants_personality[];
extern const struct constant constants_seccomp[];
extern const struct constant constants_seccomp_flags[];
extern const struct constant constants_futex[];
extern const struct constant constants_futex2[];
extern const struct constant constants_membarrier[];
extern const struct constant constants_rseq[];
extern const struct constant constants_id[];

/* constants_system.c */
extern const struct constant constants_reboot_magic1[];
extern const struct constant constants_reboot_magic2[];
extern const struct constant constants_reboot[];
extern const struct constant constants_kexec[];
extern const struct constant constants_kexec_file[];
extern const struct constant constants_finit_module[];
extern const struct constant constants_delete_module[];
extern const struct constant constants_syslog[];
extern const struct constant constants_keyring[];
extern const struct constant constants_perf[];
extern const struct constant constants_io_uring_enter[];
extern const struct constant constants_io_uring_register[];
extern const struct constant constants_getrandom[];
extern const struct constant constants_landlock_create[];
extern const struct constant constants_landlock_rule[];
extern const struct constant constants_landlock_restrict[];
extern const struct constant constants_lsm_attr[];
extern const struct constant constants_lsm_flags[];

/* data/constants.tsv, from the kernel's headers */
extern const struct constant constants_arch_prctl[];
extern const struct constant constants_bpf[];
extern const struct constant constants_bpf_attach_type[];
extern const struct constant constants_bpf_elem_flags[];
extern const struct constant constants_bpf_map_flags[];
extern const struct constant constants_bpf_map_type[];
extern const struct constant constants_bpf_prog_flags[];
extern const struct constant constants_bpf_prog_type[];
extern const struct constant constants_cap_version[];
extern const struct constant constants_capability[];
extern const struct constant constants_capability_bits[];
extern const struct constant constants_epoll_events[];
extern const struct constant constants_fd_flags[];
extern const struct constant constants_file_flags[];
extern const struct constant constants_futex_bitset[];
extern const struct constant constants_if_flags[];
extern const struct constant constants_iff[];
extern const struct constant constants_io_uring_setup[];
extern const struct constant constants_ioctl[];
extern const struct constant constants_keyctl[];
extern const struct constant constants_landlock_fs[];
extern const struct constant constants_landlock_net[];
extern const struct constant constants_landlock_scope[];
extern const struct constant constants_lock_type[];
extern const struct constant constants_loop_flags[];
extern const struct constant constants_madvise[];
extern const struct constant constants_notify_mask[];
extern const struct constant constants_owner_type[];
extern const struct constant constants_perf_attr_size[];
extern const struct constant constants_perf_type[];
extern const struct constant constants_poll_events[];
extern const struct constant constants_pr_cap_ambient[];
extern const struct constant constants_pr_dispatch[];
extern const struct constant constants_pr_mce_kill[];
extern const struct constant constants_pr_mdwe[];
extern const struct constant constants_pr_ptracer[];
extern const struct constant constants_pr_sched_core[];
extern const struct constant constants_pr_set_mm[];
extern const struct constant constants_pr_speculation[];
extern const struct constant constants_pr_speculation_control[];
extern const struct constant constants_pr_tsc[];
extern const struct constant constants_pr_vma[];
extern const struct constant constants_prctl[];
extern const struct constant constants_ptrace[];
extern const struct constant constants_ptrace_options[];
extern const struct constant constants_quota_format[];
extern const struct constant constants_regset[];
extern const struct constant constants_rlim64[];
extern const struct constant constants_sched_flags[];
extern const struct constant constants_seals[];
extern const struct constant constants_seccomp_action[];
extern const struct constant constants_seccomp_mode[];
extern const struct constant constants_securebits[];
extern const struct constant constants_sem_flags[];
extern const struct constant constants_si_code[];
extern const struct constant constants_sigaction_flags[];
extern const struct constant constants_sigaltstack_flags[];
extern const struct constant constants_sigev_notify[];
extern const struct constant constants_signal_handler[];
extern const struct constant constants_so[];
extern const struct constant constants_so_alg[];
extern const struct constant constants_so_ip[];
extern const struct constant constants_so_ipv6[];
extern const struct constant constants_so_netlink[];
extern const struct constant constants_so_packet[];
extern const struct constant constants_so_tcp[];
extern const struct constant constants_so_udp[];
extern const struct constant constants_so_vsock[];
extern const struct constant constants_uffd_features[];
extern const struct constant constants_uffd_mode[];
extern const struct constant constants_utime_nsec[];
extern const struct constant constants_write_life[];
extern const struct constant constants_xflags[];
