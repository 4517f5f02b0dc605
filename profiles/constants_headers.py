#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""constants_headers.py [--check] FILE: writes data/constants.tsv from the kernel's headers.

SETS says which names of which header are one set, NEWER what later kernels added to them. The
numbers are those that the C compiler gives the names on x86-64. The first line of the file names
the version of the headers it was made from; --check makes it again and compares, and exits with 77
where this machine has other headers, which can prove nothing."""

import pathlib
import platform
import re
import subprocess
import sys

SKIPPED = 77

# set, headers, the names in it, the names out of it again. Where two names have one value, the
# header's first stands.
SETS = (
    ("ptrace", "linux/ptrace.h asm/ptrace-abi.h", r"PTRACE_[A-Z_]+\w*",
     r"PTRACE_(O_|EVENT|SYSCALL_INFO|PEEKSIGINFO_SHARED|OLDSETOPTIONS).*"),
    ("ptrace_options", "linux/ptrace.h", r"PTRACE_O_\w+", r"PTRACE_O_MASK"),
    ("regset", "linux/elf.h", r"NT_(PRSTATUS|PRFPREG|PRPSINFO|TASKSTRUCT|AUXV|386_\w+|X86_\w+|"
     r"SIGINFO|FILE|PRXFPREG)", None),
    ("prctl", "linux/prctl.h", r"PR_(SET|GET|TASK|MPX|SVE|PAC|SME|CAPBSET|MCE|SCHED|CAP)_\w+",
     r"PR_SET_MM_.*|PR_SET_PTRACER_ANY|PR_MCE_KILL_(CLEAR|SET|LATE|EARLY|DEFAULT)|PR_\w+_VL_\w+|"
     r"PR_SET_VMA_.*|PR_SCHED_CORE_.*|PR_CAP_AMBIENT_.*"),
    ("pr_cap_ambient", "linux/prctl.h", r"PR_CAP_AMBIENT_\w+", None),
    ("pr_set_mm", "linux/prctl.h", r"PR_SET_MM_\w+", None),
    ("pr_mce_kill", "linux/prctl.h", r"PR_MCE_KILL_(CLEAR|SET)", None),
    ("pr_tsc", "linux/prctl.h", r"PR_TSC_\w+", None),
    ("pr_speculation", "linux/prctl.h",
     r"PR_SPEC_(STORE_BYPASS|INDIRECT_BRANCH|L1D_FLUSH)", None),
    ("pr_speculation_control", "linux/prctl.h",
     r"PR_SPEC_(PRCTL|ENABLE|DISABLE|FORCE_DISABLE|DISABLE_NOEXEC)", None),
    ("pr_sched_core", "linux/prctl.h", r"PR_SCHED_CORE_(GET|CREATE|SHARE_TO|SHARE_FROM)", None),
    ("pr_dispatch", "linux/prctl.h", r"PR_SYS_DISPATCH_\w+", None),
    ("pr_vma", "linux/prctl.h", r"PR_SET_VMA_\w+", None),
    ("pr_ptracer", "linux/prctl.h", r"PR_SET_PTRACER_ANY", None),
    ("pr_mdwe", "linux/prctl.h", r"PR_MDWE_\w+", None),
    ("securebits", "linux/securebits.h", r"SECBIT_\w+", None),
    ("seccomp_mode", "linux/seccomp.h", r"SECCOMP_MODE_\w+", None),
    ("seccomp_action", "linux/seccomp.h", r"SECCOMP_RET_[A-Z_]+",
     r"SECCOMP_RET_(ACTION\w*|DATA)"),
    ("quota_format", "linux/quota.h", r"QFMT_\w+", None),
    ("futex_bitset", "linux/futex.h", r"FUTEX_BITSET_MATCH_ANY", None),
    ("rlim64", "linux/resource.h", r"RLIM64_INFINITY", None),
    ("file_flags", "linux/fs.h", r"FS_\w+_FL", r"FS_(RESERVED|FL_USER_\w+|\w*HASH\w*)_?FL"),
    ("xflags", "linux/fs.h", r"FS_XFLAG_\w+", None),
    ("iff", "linux/if_tun.h", r"IFF_(TUN|TAP|NAPI|NAPI_FRAGS|NO_CARRIER|NO_PI|ONE_QUEUE|VNET_HDR|"
     r"TUN_EXCL|MULTI_QUEUE|ATTACH_QUEUE|DETACH_QUEUE|PERSIST|NOFILTER)", None),
    ("if_flags", "sys/socket.h linux/if.h", r"IFF_[A-Z]+", r"IFF_VOLATILE"),
    ("uffd_features", "linux/userfaultfd.h", r"UFFD_FEATURE_\w+", None),
    ("uffd_mode", "linux/userfaultfd.h", r"UFFDIO_REGISTER_MODE_\w+", None),
    ("loop_flags", "linux/loop.h", r"LO_FLAGS_\w+", None),
    ("sem_flags", "linux/sem.h linux/ipc.h", r"SEM_UNDO|IPC_NOWAIT", None),
    ("utime_nsec", "linux/stat.h fcntl.h sys/stat.h", r"UTIME_(NOW|OMIT)", None),
    ("arch_prctl", "asm/prctl.h", r"ARCH_\w+", r"ARCH_XCOMP_\w+"),
    ("capability", "linux/capability.h", r"CAP_[A-Z_]+", r"CAP_LAST_CAP|CAP_TO_\w+"),
    ("cap_version", "linux/capability.h", r"_LINUX_CAPABILITY_VERSION_[123]", None),
    ("keyctl", "linux/keyctl.h", r"KEYCTL_[A-Z_]+", r"KEYCTL_(CAPS|SUPPORTS|MOVE_EXCL)\w*"),
    ("bpf", "linux/bpf.h", r"BPF_(MAP|PROG|OBJ|BTF|LINK|ITER|TASK|RAW|ENABLE)_[A-Z_]+",
     r"BPF_MAP_TYPE_\w+|BPF_PROG_TYPE_\w+|BPF_LINK_TYPE_\w+|BPF_TASK_ITER\w*|BPF_PROG_RUN|BPF_OBJ_NAME_LEN|"
     r"BPF_RAW_TP\w*|BPF_\w+_(BITS|SIZE|TYPE_ID)"),
    ("bpf_map_type", "linux/bpf.h", r"BPF_MAP_TYPE_\w+", None),
    ("bpf_prog_type", "linux/bpf.h", r"BPF_PROG_TYPE_\w+", None),
    ("bpf_attach_type", "linux/bpf.h",
     r"BPF_(CGROUP|SK|SOCK|LIRC|FLOW|TRACE|MODIFY|LSM|XDP|PERF|TCX)_\w+|BPF_XDP",
     r"BPF_\w*_F_\w+|BPF_FLOW_DISSECTOR_CONTINUE|BPF_XDP_(BULK|MD)\w*|BPF_CGROUP_ITER\w*|BPF_SK_(LOOKUP_F|STORAGE|RULE)\w*|"
     r"BPF_SOCK_OPS_[A-Z]+_(CB|HDR)\w*|BPF_SOCK_OPS_(?!$)\w+"),
    ("bpf_map_flags", "linux/bpf.h",
     r"BPF_F_(NO_PREALLOC|NO_COMMON_LRU|NUMA_NODE|RDONLY|WRONLY|STACK_BUILD_ID|ZERO_SEED|"
     r"RDONLY_PROG|WRONLY_PROG|CLONE|MMAPABLE|PRESERVE_ELEMS|INNER_MAP)", None),
    ("bpf_prog_flags", "linux/bpf.h",
     r"BPF_F_(STRICT_ALIGNMENT|ANY_ALIGNMENT|TEST_RND_HI32|TEST_STATE_FREQ|SLEEPABLE|"
     r"XDP_HAS_FRAGS)", None),
    ("bpf_elem_flags", "linux/bpf.h", r"BPF_(NOEXIST|EXIST|F_LOCK)", None),
    ("perf_type", "linux/perf_event.h", r"PERF_TYPE_\w+", r"PERF_TYPE_MAX"),
    ("perf_attr_size", "linux/perf_event.h", r"PERF_ATTR_SIZE_VER\d", None),
    ("landlock_fs", "linux/landlock.h", r"LANDLOCK_ACCESS_FS_\w+", None),
    ("landlock_net", "linux/landlock.h", r"LANDLOCK_ACCESS_NET_\w+", None),
    ("landlock_scope", "linux/landlock.h", r"LANDLOCK_SCOPE_\w+", None),
    ("io_uring_setup", "linux/io_uring.h", r"IORING_SETUP_\w+", None),
    ("madvise", "asm-generic/mman-common.h", r"MADV_\w+", None),
    ("sched_flags", "linux/sched.h", r"SCHED_FLAG_\w+",
     r"SCHED_FLAG_(ALL|KEEP_ALL|UTIL_CLAMP)"),
    ("lock_type", "asm-generic/fcntl.h", r"F_(RDLCK|WRLCK|UNLCK)", None),
    ("fd_flags", "asm-generic/fcntl.h", r"FD_CLOEXEC", None),
    ("seals", "linux/fcntl.h", r"F_SEAL_\w+", None),
    ("notify_mask", "linux/fcntl.h", r"DN_\w+", None),
    ("owner_type", "asm-generic/fcntl.h", r"F_OWNER_(TID|PID|PGRP)", None),
    ("write_life", "linux/fcntl.h", r"RWH_WRITE_LIFE_\w+", None),
    ("epoll_events", "linux/eventpoll.h", r"EPOLL\w+", r"EPOLL(_\w+|_CTL\w+)"),
    ("poll_events", "linux/types.h asm/poll.h", r"POLL[A-Z]+", None),
    ("sigaction_flags", "linux/signal.h", r"SA_\w+", r"SA_(NOMASK|ONESHOT|X32\w*)"),
    ("signal_handler", "linux/signal.h", r"SIG_(DFL|IGN|ERR)", None),
    ("sigaltstack_flags", "linux/signal.h", r"SS_\w+", None),
    ("sigev_notify", "asm-generic/siginfo.h", r"SIGEV_\w+", r"SIGEV_\w+_SIZE"),
    ("si_code", "asm-generic/siginfo.h",
     r"SI_(USER|KERNEL|QUEUE|TIMER|MESGQ|ASYNCIO|SIGIO|TKILL|DETHREAD|ASYNCNL)", None),
    ("so", "asm-generic/socket.h", r"SO_\w+", r"SO_(TIMESTAMP|TIMESTAMPNS|TIMESTAMPING|RCVTIMEO|"
     r"SNDTIMEO|GET_FILTER)"),
    ("so_ip", "linux/in.h linux/netfilter_ipv4/ip_tables.h", r"(IP|MCAST|IPT_SO)_\w+",
     r"IP_(DF|MF|CE|OFFSET|PMTUDISC\w*|DEFAULT\w*|MAX\w*|BIND_ADDRESS\w+X)|MCAST_(INCLUDE|"
     r"EXCLUDE|MSFILTER_\w+)|IPT_SO_\w+_MAX"),
    ("so_ipv6", "linux/in6.h", r"IPV6_\w+",
     r"IPV6_(FL\w*|PRIORITY\w*|PMTUDISC\w*|TLV\w*|PREFER\w*|SRCRT\w*|OPT\w*|MIN_MTU)"),
    ("so_tcp", "linux/tcp.h", r"TCP_[A-Z0-9_]+",
     r"TCP_(FLAG\w*|DATA\w*|MSS_\w+|NLA\w*|MD5SIG_\w+|REPAIR_(ON|OFF\w*)|.*_QUEUES?.*|"
     r"RESERVED_BITS|CA_CWR|ESTABLISHED|SYN\w*|FIN\w*|TIME_WAIT|CLOSE\w*|LAST_ACK|LISTEN|CLOSING|RECEIVE\w*)"),
    ("so_udp", "linux/udp.h", r"UDP_\w+", r"UDP_ENCAP_.+"),
    ("so_netlink", "linux/netlink.h",
     r"NETLINK_(ADD_MEMBERSHIP|DROP_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|RX_RING|TX_RING|"
     r"LISTEN_ALL_NSID|LIST_MEMBERSHIPS|CAP_ACK|EXT_ACK|GET_STRICT_CHK)", None),
    ("so_packet", "linux/if_packet.h",
     r"PACKET_[A-Z_]+", r"PACKET_(HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|USER|"
     r"KERNEL|FASTROUTE|FANOUT_.+|MR_\w+)"),
    ("so_alg", "linux/if_alg.h", r"ALG_SET_\w+", None),
    ("so_vsock", "linux/vm_sockets.h", r"SO_VM_SOCKETS_\w+", r"SO_VM_SOCKETS_CONNECT_TIMEOUT"),
    ("ioctl", "asm/termbits.h asm/ioctls.h", r"[TF]\w+(?=\s+(0x5|_IO))", None),
    ("ioctl", "linux/sockios.h", r"SIOC\w+(?=\s+(0x8|_IO))", r"SIOC\w+(_OLD|PRIVATE)"),
    ("ioctl", "linux/fs.h", r"(F|BLK)\w+(?=\s+_IO)", r"FS_IOC32_\w+"),
    ("ioctl", "linux/fs.h linux/fiemap.h linux/blktrace_api.h",
     r"(FS_IOC_FIEMAP|BLKTRACE\w+)(?=\s+_IO)", None),
    ("ioctl", "linux/fscrypt.h", r"FS_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/fsverity.h", r"FS_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/blkzoned.h", r"BLK\w+(?=\s+_IO)", None),
    ("ioctl", "linux/blkpg.h", r"BLKPG(?=\s+_IO)", None),
    ("ioctl", "linux/loop.h", r"LOOP_\w+(?=\s+0x4C)", None),
    ("ioctl", "sys/ioctl.h linux/nbd.h", r"NBD_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/dm-ioctl.h", r"DM_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/if_tun.h", r"TUN\w+(?=\s+_IO)", None),
    ("ioctl", "linux/kvm.h", r"KVM_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/vhost.h", r"VHOST_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/userfaultfd.h", r"(UFFDIO|USERFAULTFD)_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/perf_event.h", r"PERF_EVENT_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/seccomp.h", r"SECCOMP_IOCTL_\w+(?=\s+SECCOMP_IO)", None),
    ("ioctl", "linux/random.h", r"RND\w+(?=\s+_IO)", None),
    ("ioctl", "linux/nsfs.h", r"NS_GET_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/fuse.h", r"FUSE_DEV_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/kd.h", r"(KD|PIO_|GIO_)\w+(?=\s+0x4B)", None),
    ("ioctl", "linux/vt.h", r"VT_\w+(?=\s+0x56)", None),
    ("ioctl", "linux/rtc.h", r"RTC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/watchdog.h", r"WDIOC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/input.h", r"EVIOC\w+(?=\s+_IO)", None),
    ("ioctl", "linux/uinput.h", r"UI_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/cdrom.h", r"CDROM\w+(?=\s+0x53)", None),
    ("ioctl", "scsi/sg.h", r"SG_\w+(?=\s+0x22)", None),
    ("ioctl", "sys/ioctl.h linux/hidraw.h", r"HIDIOC\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/usbdevice_fs.h", r"USBDEVFS_\w+(?=\s+_IO)", r"\w+32"),
    ("ioctl", "sys/ioctl.h linux/ppp-ioctl.h", r"PPPIOC\w+(?=\s+_IO)", None),
    ("ioctl", "linux/btrfs.h", r"BTRFS_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/vfio.h", r"VFIO_\w+(?=\s+_IO)", None),
    ("ioctl", "sys/ioctl.h linux/dma-buf.h", r"DMA_BUF_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/tee.h", r"TEE_IOC_\w+(?=\s+_IO)", None),
    ("ioctl", "linux/i2c-dev.h", r"I2C_[A-Z]+(?=\s+0x07)", None),
)

# What kernels after the headers' added: set, name, value.
NEWER = (
    ("ptrace", "PTRACE_GET_RSEQ_CONFIGURATION", 0x420f),
    ("ptrace", "PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG", 0x4210),
    ("ptrace", "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG", 0x4211),
    ("ptrace", "PTRACE_SET_SYSCALL_INFO", 0x4212),
    ("prctl", "PR_SME_SET_VL", 63),
    ("prctl", "PR_SME_GET_VL", 64),
    ("prctl", "PR_SET_MDWE", 65),
    ("prctl", "PR_GET_MDWE", 66),
    ("prctl", "PR_SET_MEMORY_MERGE", 67),
    ("prctl", "PR_GET_MEMORY_MERGE", 68),
    ("prctl", "PR_RISCV_V_SET_CONTROL", 69),
    ("prctl", "PR_RISCV_V_GET_CONTROL", 70),
    ("prctl", "PR_RISCV_SET_ICACHE_FLUSH_CTX", 71),
    ("prctl", "PR_PPC_GET_DEXCR", 72),
    ("prctl", "PR_PPC_SET_DEXCR", 73),
    ("prctl", "PR_GET_SHADOW_STACK_STATUS", 74),
    ("prctl", "PR_SET_SHADOW_STACK_STATUS", 75),
    ("prctl", "PR_LOCK_SHADOW_STACK_STATUS", 76),
    ("prctl", "PR_TIMER_CREATE_RESTORE_IDS", 77),
    ("prctl", "PR_FUTEX_HASH", 78),
    ("prctl", "PR_GET_AUXV", 0x41555856),
    ("pr_mdwe", "PR_MDWE_REFUSE_EXEC_GAIN", 1),
    ("pr_mdwe", "PR_MDWE_NO_INHERIT", 2),
    ("arch_prctl", "ARCH_GET_UNTAG_MASK", 0x4001),
    ("arch_prctl", "ARCH_ENABLE_TAGGED_ADDR", 0x4002),
    ("arch_prctl", "ARCH_GET_MAX_TAG_BITS", 0x4003),
    ("arch_prctl", "ARCH_FORCE_TAGGED_SVA", 0x4004),
    ("arch_prctl", "ARCH_SHSTK_ENABLE", 0x5001),
    ("arch_prctl", "ARCH_SHSTK_DISABLE", 0x5002),
    ("arch_prctl", "ARCH_SHSTK_LOCK", 0x5003),
    ("arch_prctl", "ARCH_SHSTK_UNLOCK", 0x5004),
    ("arch_prctl", "ARCH_SHSTK_STATUS", 0x5005),
    ("bpf", "BPF_TOKEN_CREATE", 36),
    ("bpf", "BPF_PROG_STREAM_READ_BY_FD", 37),
    ("bpf", "BPF_PROG_ASSOC_STRUCT_OPS", 38),
    ("bpf_map_type", "BPF_MAP_TYPE_ARENA", 33),
    ("bpf_prog_type", "BPF_PROG_TYPE_NETFILTER", 32),
    ("bpf_attach_type", "BPF_STRUCT_OPS", 44),
    ("bpf_attach_type", "BPF_NETFILTER", 45),
    ("bpf_attach_type", "BPF_TCX_INGRESS", 46),
    ("bpf_attach_type", "BPF_TCX_EGRESS", 47),
    ("bpf_attach_type", "BPF_TRACE_UPROBE_MULTI", 48),
    ("perf_attr_size", "PERF_ATTR_SIZE_VER8", 136),
    ("landlock_fs", "LANDLOCK_ACCESS_FS_TRUNCATE", 1 << 14),
    ("landlock_fs", "LANDLOCK_ACCESS_FS_IOCTL_DEV", 1 << 15),
    ("landlock_net", "LANDLOCK_ACCESS_NET_BIND_TCP", 1),
    ("landlock_net", "LANDLOCK_ACCESS_NET_CONNECT_TCP", 2),
    ("landlock_scope", "LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET", 1),
    ("landlock_scope", "LANDLOCK_SCOPE_SIGNAL", 2),
    ("io_uring_setup", "IORING_SETUP_NO_MMAP", 1 << 14),
    ("io_uring_setup", "IORING_SETUP_REGISTERED_FD_ONLY", 1 << 15),
    ("io_uring_setup", "IORING_SETUP_NO_SQARRAY", 1 << 16),
    ("io_uring_setup", "IORING_SETUP_HYBRID_IOPOLL", 1 << 17),
    ("io_uring_setup", "IORING_SETUP_CQE_MIXED", 1 << 18),
    ("so", "SO_PASSPIDFD", 76),
    ("so", "SO_PEERPIDFD", 77),
    ("so", "SO_DEVMEM_LINEAR", 78),
    ("so", "SO_DEVMEM_DMABUF", 79),
    ("so", "SO_DEVMEM_DONTNEED", 80),
    ("so", "SO_RCVPRIORITY", 82),
    ("so", "SO_PASSRIGHTS", 83),
    ("so_ip", "IP_LOCAL_PORT_RANGE", 51),
    ("so_ip", "IP_PROTOCOL", 52),
    ("so_tcp", "TCP_AO_ADD_KEY", 38),
    ("so_tcp", "TCP_AO_DEL_KEY", 39),
    ("so_tcp", "TCP_AO_INFO", 40),
    ("so_tcp", "TCP_AO_GET_KEYS", 41),
    ("so_tcp", "TCP_AO_REPAIR", 42),
    ("so_tcp", "TCP_IS_MPTCP", 43),
    ("so_tcp", "TCP_RTO_MAX_MS", 44),
    ("so_alg", "ALG_SET_KEY_BY_KEY_SERIAL", 7),
    ("madvise", "MADV_GUARD_INSTALL", 102),
    ("madvise", "MADV_GUARD_REMOVE", 103),
    ("ioctl", "FS_IOC_GETFSUUID", 0x80111500),
    ("ioctl", "PIDFD_GET_INFO", 0xc048ff0b),
    ("ioctl", "KVM_CREATE_GUEST_MEMFD", 0xc040aed4),
    ("ioctl", "UFFDIO_MOVE", 0xc028aa05),
)

# strace's and the man page's name, where the header says something else.
RENAMED = {"PTRACE_PEEKUSR": "PTRACE_PEEKUSER", "PTRACE_POKEUSR": "PTRACE_POKEUSER"}

# Their values are tested bit by bit, so names for several bits come first.
BITS = {"ptrace_options", "securebits", "bpf_map_flags", "bpf_prog_flags", "bpf_elem_flags",
        "landlock_fs", "landlock_net", "landlock_scope", "io_uring_setup", "sched_flags",
        "fd_flags", "seals", "notify_mask", "epoll_events", "poll_events", "sigaction_flags",
        "pr_mdwe", "file_flags", "xflags", "iff", "if_flags", "uffd_features", "uffd_mode",
        "loop_flags", "sem_flags"}


# Their types are not those of libc.
KERNEL_ONLY = {"linux/signal.h", "linux/resource.h"}


def compiled(source, *options, **more):
    return subprocess.run(["gcc", "-x", "c", *options, "-"], input=source, text=True,
                          stdout=subprocess.PIPE, **more)


def includes(headers):
    """Some of the kernel's headers lean on what the libc of their reader has."""
    before = "" if headers in KERNEL_ONLY else "#include <stdint.h>\n#include <sys/types.h>\n"
    return "#include <stddef.h>\n" + before + "".join(
        f"#include <{header}>\n" for header in headers.split())


def matching(headers, pattern, out):
    """The macros and enumerators of the headers whose names are asked for, as they stand there."""
    text = compiled(includes(headers), "-E", "-dD", check=True).stdout
    names = {}
    for match in re.finditer(rf"^#define ({pattern})(?=[ \t]+\S)|\b({pattern})(?=\s*[=,}}\n])",
                             text, re.MULTILINE):
        name = re.search(r"\w+$", match.group()).group()
        names[name] = not (out and re.fullmatch(out, name))
    return [name for name, wanted in names.items() if wanted]


def values(headers, names):
    """What the compiler makes of each name that is a constant on this architecture."""
    before = includes(headers)
    first = before.count("\n") + 1
    while True:
        source = before + "".join(
            f"unsigned long long value_{name} = (unsigned long long)({name});\n" for name in names)
        done = compiled(source, "-S", "-o", "-", stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            break
        bad = {int(line) - first for line in re.findall(r"<stdin>:(\d+):\d+: error", done.stderr)}
        if not bad or min(bad) < 0:
            raise SystemExit(done.stderr)
        names = [name for index, name in enumerate(names) if index not in bad]
    assembly = done.stdout
    quads = dict(re.findall(r"^value_(\w+):\n\t\.quad\t(-?\d+)", assembly, re.MULTILINE))
    return {name: int(quads.get(name, 0)) & (1 << 64) - 1 for name in names}


def add(table, kind, name, value):
    kept = table.setdefault(kind, {})
    name = RENAMED.get(name, name)
    if name not in kept and value not in kept.values() and not (kind in BITS and value == 0):
        kept[name] = value


def collect():
    """Set -> name -> value."""
    table = {}
    for kind, headers, pattern, out in SETS:
        for name, value in values(headers, matching(headers, pattern, out)).items():
            add(table, kind, name, value)
    for kind, name, value in NEWER:
        add(table, kind, name, value)
    table["capability_bits"] = {f"1<<{name}": 1 << value
                                for name, value in table["capability"].items()}
    return table


def order(kind):
    if kind in BITS:
        return lambda row: (-row[1].bit_count(), row[1])
    return lambda row: row[1]


def headers_version():
    """The kernel's version as far as it has names of its own: 6.1."""
    text = compiled("#include <linux/version.h>\n", "-E", "-dM", check=True).stdout
    code = int(re.search(r"^#define LINUX_VERSION_CODE (\d+)", text, re.MULTILINE).group(1))
    return f"{code >> 16}.{code >> 8 & 0xff}"


def main(path, check):
    version = f"# The headers of Linux {headers_version()}\n"
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    same_headers = platform.machine() == "x86_64" and committed.startswith(version)
    if check and not same_headers:
        return SKIPPED
    table = collect()
    lines = [f"{kind}\t{name}\t{value:#x}\n" for kind in sorted(table)
             for name, value in sorted(table[kind].items(), key=order(kind))]
    text = version + "".join(lines)
    if check:
        return 0 if text == committed else 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[-1]), "--check" in sys.argv))
