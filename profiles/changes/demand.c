/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/demand.h"

#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/socket.h>

#include "common/err.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define ANY                                                                                        \
	{                                                                                          \
		0                                                                                  \
	}
#define NEVER                                                                                      \
	{                                                                                          \
		0                                                                                  \
	}

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
enum { SYSLOG_READ_ALL = 3, SYSLOG_SIZE_BUFFER = 10 }; /* include/linux/syslog.h */
#define OTHER_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET)

#define APPARMOR "Docker's AppArmor profile, where there is one, denies mounts too"
#define SETS_CLOCK "none to read the clock, CAP_SYS_TIME to set it"
#define QUOTA "none to read one's own quota, CAP_SYS_ADMIN for the rest"
#define NODES "none for files and pipes, CAP_MKNOD for devices"
#define OLD_386 "only i386 kernels built for it have it"
#define USERNS "a user namespace of its own gives the capabilities for the others"
#define WITHOUT_USERNS "without CLONE_NEWUSER beside it"
#define DMESG "none where kernel.dmesg_restrict is 0, else CAP_SYSLOG"
#define OWN "none for processes of the same user that it may trace, else CAP_SYS_PTRACE"

#define REFUSES(path, from, to, caps)                                                              \
	{                                                                                          \
		path, from, to, caps, SETTING_REFUSES                                              \
	}
#define FREES(path, value, caps)                                                                   \
	{                                                                                          \
		path, value, value, caps, SETTING_FREES                                            \
	}
#define TOLD(path)                                                                                 \
	{                                                                                          \
		path, 0, 0, 0, SETTING_TOLD                                                        \
	}

static const struct setting userns[] = {
	REFUSES("user/max_user_namespaces", 0, 0, 0),
	REFUSES("kernel/unprivileged_userns_clone", 0, 0, CAP(SYS_ADMIN)),
	REFUSES("kernel/apparmor_restrict_unprivileged_userns", 1, 1, CAP(SYS_ADMIN)),
	{ 0 },
};
static const struct setting io_uring[] = {
	REFUSES("kernel/io_uring_disabled", 2, 2, 0),
	REFUSES("kernel/io_uring_disabled", 1, 1, CAP(SYS_ADMIN)),
	{ 0 },
};
static const struct setting modules[] = { REFUSES("kernel/modules_disabled", 1, 1, 0), { 0 } };
static const struct setting kexec[] = { REFUSES("kernel/kexec_load_disabled", 1, 1, 0), { 0 } };
static const struct setting yama[] = {
	REFUSES("kernel/yama/ptrace_scope", 3, 3, 0),
	REFUSES("kernel/yama/ptrace_scope", 2, 2, CAP(SYS_PTRACE)),
	{ 0 },
};
static const struct setting dmesg[] = {
	REFUSES("kernel/dmesg_restrict", 1, 1, CAP(SYSLOG) | CAP(SYS_ADMIN)),
	FREES("kernel/dmesg_restrict", 0, CAP(SYSLOG) | CAP(SYS_ADMIN)),
	{ 0 },
};
static const struct setting faults[] = {
	REFUSES("vm/unprivileged_userfaultfd", 0, 0, CAP(SYS_PTRACE)),
	FREES("vm/unprivileged_userfaultfd", 1, CAP(SYS_PTRACE)),
	{ 0 },
};
static const struct setting perf[] = { TOLD("kernel/perf_event_paranoid"), { 0 } };
static const struct setting bpf[] = { TOLD("kernel/unprivileged_bpf_disabled"), { 0 } };

/* capabilities(7), namespaces(7), and fs/, kernel/ and mm/ of Linux 6.12. */
static const struct demand rows[] = {
	{ "mount", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "umount", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "umount2", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "pivot_root", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "move_mount", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "open_tree",
	  { TEST_ANY_OF, 2, OPEN_TREE_CLONE },
	  DEMAND_CAPS,
	  CAP(SYS_ADMIN),
	  APPARMOR,
	  NEVER,
	  NULL },
	{ "open_tree_attr", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "fsopen", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "fsmount", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "fspick", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "fsconfig", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN),
	  "the descriptor comes from fsopen or fspick, which need CAP_SYS_ADMIN", NEVER, NULL },
	{ "mount_setattr", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), APPARMOR, NEVER, NULL },
	{ "unshare", { TEST_ANY_OF, 0, CLONE_NEWUSER }, DEMAND_NOTHING, 0, USERNS, NEVER, userns },
	{ "unshare",
	  { TEST_ANY_OF, 0, OTHER_NAMESPACES | CLONE_NEWTIME },
	  DEMAND_CAPS,
	  CAP(SYS_ADMIN),
	  WITHOUT_USERNS,
	  NEVER,
	  NULL },
	{ "clone", { TEST_ANY_OF, 0, CLONE_NEWUSER }, DEMAND_NOTHING, 0, USERNS, NEVER, userns },
	{ "clone",
	  { TEST_ANY_OF, 0, OTHER_NAMESPACES },
	  DEMAND_CAPS,
	  CAP(SYS_ADMIN),
	  WITHOUT_USERNS,
	  NEVER,
	  NULL },
	{ "clone3", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN),
	  "the flags are in memory: none for a process or thread, CAP_SYS_ADMIN for most "
	  "namespaces",
	  NEVER, NULL },
	{ "setns", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), "in the namespace that it joins, too", NEVER,
	  NULL },
	{ "sethostname", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "setdomainname", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "swapon", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "swapoff", ANY, DEMAND_CAPS, CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "quotactl", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN), QUOTA, NEVER, NULL },
	{ "quotactl_fd", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN), QUOTA, NEVER, NULL },
	{ "bpf", ANY, DEMAND_CAPS, CAP(SYS_ADMIN) | CAP(BPF),
	  "a few commands take none where kernel.unprivileged_bpf_disabled is 0", NEVER, bpf },
	{ "perf_event_open", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN) | CAP(PERFMON),
	  "none for its own processes where kernel.perf_event_paranoid is 2 or less, else "
	  "CAP_PERFMON",
	  NEVER, perf },
	{ "fanotify_init", ANY, DEMAND_DEPENDS, CAP(SYS_ADMIN),
	  "none since Linux 5.13 for a watch of inodes, else CAP_SYS_ADMIN", NEVER, NULL },
	{ "open_by_handle_at", ANY, DEMAND_CAPS, CAP(DAC_READ_SEARCH),
	  "in the first user namespace, but for some file systems since Linux 6.11", NEVER, NULL },
	{ "init_module", ANY, DEMAND_CAPS, CAP(SYS_MODULE), NULL, NEVER, modules },
	{ "finit_module", ANY, DEMAND_CAPS, CAP(SYS_MODULE), NULL, NEVER, modules },
	{ "delete_module", ANY, DEMAND_CAPS, CAP(SYS_MODULE), NULL, NEVER, modules },
	{ "kexec_load", ANY, DEMAND_CAPS, CAP(SYS_BOOT), NULL, NEVER, kexec },
	{ "kexec_file_load", ANY, DEMAND_CAPS, CAP(SYS_BOOT), NULL, NEVER, kexec },
	{ "reboot", ANY, DEMAND_CAPS, CAP(SYS_BOOT), NULL, NEVER, NULL },
	{ "acct", ANY, DEMAND_CAPS, CAP(SYS_PACCT), NULL, NEVER, NULL },
	{ "clock_settime", ANY, DEMAND_CAPS, CAP(SYS_TIME), NULL, NEVER, NULL },
	{ "clock_settime64", ANY, DEMAND_CAPS, CAP(SYS_TIME), NULL, NEVER, NULL },
	{ "settimeofday", ANY, DEMAND_CAPS, CAP(SYS_TIME), NULL, NEVER, NULL },
	{ "stime", ANY, DEMAND_CAPS, CAP(SYS_TIME), NULL, NEVER, NULL },
	{ "adjtimex", ANY, DEMAND_DEPENDS, CAP(SYS_TIME), SETS_CLOCK, NEVER, NULL },
	{ "clock_adjtime", ANY, DEMAND_DEPENDS, CAP(SYS_TIME), SETS_CLOCK, NEVER, NULL },
	{ "clock_adjtime64", ANY, DEMAND_DEPENDS, CAP(SYS_TIME), SETS_CLOCK, NEVER, NULL },
	{ "iopl", ANY, DEMAND_CAPS, CAP(SYS_RAWIO), NULL, NEVER, NULL },
	{ "ioperm", ANY, DEMAND_CAPS, CAP(SYS_RAWIO), NULL, NEVER, NULL },
	{ "vhangup", ANY, DEMAND_CAPS, CAP(SYS_TTY_CONFIG), NULL, NEVER, NULL },
	{ "chroot", ANY, DEMAND_CAPS, CAP(SYS_CHROOT), NULL, NEVER, NULL },
	{ "syslog",
	  { TEST_EQUALS, 0, SYSLOG_READ_ALL },
	  DEMAND_DEPENDS,
	  CAP(SYSLOG) | CAP(SYS_ADMIN),
	  DMESG,
	  NEVER,
	  dmesg },
	{ "syslog",
	  { TEST_EQUALS, 0, SYSLOG_SIZE_BUFFER },
	  DEMAND_DEPENDS,
	  CAP(SYSLOG) | CAP(SYS_ADMIN),
	  DMESG,
	  NEVER,
	  dmesg },
	{ "syslog", ANY, DEMAND_CAPS, CAP(SYSLOG) | CAP(SYS_ADMIN), NULL, NEVER, NULL },
	{ "mknod", ANY, DEMAND_DEPENDS, CAP(MKNOD), NODES, NEVER, NULL },
	{ "mknodat", ANY, DEMAND_DEPENDS, CAP(MKNOD), NODES, NEVER, NULL },
	{ "ptrace", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE), OWN, NEVER, yama },
	{ "process_vm_readv", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE), OWN, NEVER, NULL },
	{ "process_vm_writev", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE), OWN, NEVER, NULL },
	{ "kcmp", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE), OWN, NEVER, NULL },
	{ "pidfd_getfd", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE), OWN, NEVER, NULL },
	{ "process_madvise", ANY, DEMAND_DEPENDS, CAP(SYS_NICE),
	  "CAP_SYS_NICE and the right to trace the process, but newer kernels ask nothing for "
	  "itself",
	  NEVER, NULL },
	{ "move_pages", ANY, DEMAND_DEPENDS, CAP(SYS_NICE),
	  "none for processes that it may trace; CAP_SYS_NICE for pages that are shared", NEVER,
	  NULL },
	{ "migrate_pages", ANY, DEMAND_DEPENDS, CAP(SYS_NICE),
	  "none for processes that it may trace, else CAP_SYS_NICE", NEVER, NULL },
	{ "userfaultfd",
	  { TEST_ANY_OF, 0, 1 /* UFFD_USER_MODE_ONLY */ },
	  DEMAND_NOTHING,
	  0,
	  NULL,
	  NEVER,
	  NULL },
	{ "userfaultfd", ANY, DEMAND_DEPENDS, CAP(SYS_PTRACE),
	  "none where vm.unprivileged_userfaultfd is 1, else CAP_SYS_PTRACE or UFFD_USER_MODE_ONLY",
	  NEVER, faults },
	{ "io_uring_setup", ANY, DEMAND_NOTHING, 0, NULL, NEVER, io_uring },
	{ "socket", { TEST_EQUALS, 0, AF_PACKET }, DEMAND_CAPS, CAP(NET_RAW), NULL, NEVER, NULL },
	{ "socket",
	  { TEST_EQUALS, 0, AF_ALG },
	  DEMAND_NOTHING,
	  0,
	  "the kernel has to have the algorithm's module",
	  NEVER,
	  NULL },
	{ "socket",
	  { TEST_EQUALS, 1, SOCK_RAW },
	  DEMAND_DEPENDS,
	  CAP(NET_RAW),
	  "none for AF_NETLINK and AF_UNIX, CAP_NET_RAW for AF_INET",
	  NEVER,
	  NULL },
	{ "setuid", ANY, DEMAND_DEPENDS, CAP(SETUID), "none for its own IDs, else CAP_SETUID",
	  NEVER, NULL },
	{ "setgid", ANY, DEMAND_DEPENDS, CAP(SETGID), "none for its own IDs, else CAP_SETGID",
	  NEVER, NULL },
	{ "setgroups", ANY, DEMAND_CAPS, CAP(SETGID), NULL, NEVER, NULL },
	{ "lookup_dcookie", ANY, DEMAND_GONE, 0, NULL, { 6, 7 }, NULL },
	{ "create_module", ANY, DEMAND_GONE, 0, NULL, { 2, 6 }, NULL },
	{ "get_kernel_syms", ANY, DEMAND_GONE, 0, NULL, { 2, 6 }, NULL },
	{ "query_module", ANY, DEMAND_GONE, 0, NULL, { 2, 6 }, NULL },
	{ "nfsservctl", ANY, DEMAND_GONE, 0, NULL, { 3, 1 }, NULL },
	{ "_sysctl", ANY, DEMAND_GONE, 0, NULL, { 5, 5 }, NULL },
	{ "uselib", ANY, DEMAND_DEPENDS, 0, "only kernels built with CONFIG_USELIB have it", NEVER,
	  NULL },
	{ "vm86", ANY, DEMAND_DEPENDS, 0, OLD_386, NEVER, NULL },
	{ "vm86old", ANY, DEMAND_DEPENDS, 0, OLD_386, NEVER, NULL },
};

static const struct {
	const char *name;
	struct kernel_version since;
} arrivals[] = {
	{ "seccomp", { 3, 17 } },
	{ "getrandom", { 3, 17 } },
	{ "memfd_create", { 3, 17 } },
	{ "kexec_file_load", { 3, 17 } },
	{ "bpf", { 3, 18 } },
	{ "execveat", { 3, 19 } },
	{ "userfaultfd", { 4, 3 } },
	{ "membarrier", { 4, 3 } },
	{ "mlock2", { 4, 4 } },
	{ "copy_file_range", { 4, 5 } },
	{ "preadv2", { 4, 6 } },
	{ "pwritev2", { 4, 6 } },
	{ "pkey_mprotect", { 4, 9 } },
	{ "pkey_alloc", { 4, 9 } },
	{ "pkey_free", { 4, 9 } },
	{ "statx", { 4, 11 } },
	{ "io_pgetevents", { 4, 18 } },
	{ "rseq", { 4, 18 } },
	{ "pidfd_send_signal", { 5, 1 } },
	{ "io_uring_setup", { 5, 1 } },
	{ "io_uring_enter", { 5, 1 } },
	{ "io_uring_register", { 5, 1 } },
	{ "open_tree", { 5, 2 } },
	{ "move_mount", { 5, 2 } },
	{ "fsopen", { 5, 2 } },
	{ "fsconfig", { 5, 2 } },
	{ "fsmount", { 5, 2 } },
	{ "fspick", { 5, 2 } },
	{ "pidfd_open", { 5, 3 } },
	{ "clone3", { 5, 3 } },
	{ "openat2", { 5, 6 } },
	{ "pidfd_getfd", { 5, 6 } },
	{ "faccessat2", { 5, 8 } },
	{ "close_range", { 5, 9 } },
	{ "process_madvise", { 5, 10 } },
	{ "epoll_pwait2", { 5, 11 } },
	{ "mount_setattr", { 5, 12 } },
	{ "landlock_create_ruleset", { 5, 13 } },
	{ "landlock_add_rule", { 5, 13 } },
	{ "landlock_restrict_self", { 5, 13 } },
	{ "quotactl_fd", { 5, 14 } },
	{ "memfd_secret", { 5, 14 } },
	{ "process_mrelease", { 5, 15 } },
	{ "futex_waitv", { 5, 16 } },
	{ "set_mempolicy_home_node", { 5, 17 } },
	{ "cachestat", { 6, 5 } },
	{ "fchmodat2", { 6, 6 } },
	{ "map_shadow_stack", { 6, 6 } },
	{ "futex_wake", { 6, 7 } },
	{ "futex_wait", { 6, 7 } },
	{ "futex_requeue", { 6, 7 } },
	{ "statmount", { 6, 8 } },
	{ "listmount", { 6, 8 } },
	{ "lsm_get_self_attr", { 6, 8 } },
	{ "lsm_set_self_attr", { 6, 8 } },
	{ "lsm_list_modules", { 6, 8 } },
	{ "mseal", { 6, 10 } },
	{ "setxattrat", { 6, 13 } },
	{ "getxattrat", { 6, 13 } },
	{ "listxattrat", { 6, 13 } },
	{ "removexattrat", { 6, 13 } },
	{ "open_tree_attr", { 6, 15 } },
	{ "file_getattr", { 6, 17 } },
	{ "file_setattr", { 6, 17 } },
};

const struct demand *demand_find(const char *syscall_name, const struct seccomp_data *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, syscall_name) == 0 && call_test_holds(&rows[i].test, call))
			return &rows[i];
	return NULL;
}

struct kernel_version syscall_since(const char *syscall_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(arrivals); i++)
		if (strcmp(arrivals[i].name, syscall_name) == 0)
			return arrivals[i].since;
	return (struct kernel_version){ 0 };
}

const struct demand *demand_at(size_t index)
{
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}
