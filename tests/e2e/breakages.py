# SPDX-License-Identifier: Apache-2.0
"""Real programs that real profiles break: one row a breakage. breakages_test.py runs them.

In commands {scratch} is a directory of the row's own, with an empty directory mnt in it. A command
works if it ends with status 0, prints what its row calls `works`, and nothing of what it `says`
when it is broken."""

import os
import pathlib
import typing

import support

DATA = support.ROOT / "tests/data/profiles"
CORPUS = pathlib.Path(os.environ.get("CALLGATE_CORPUS", support.ROOT.parent / "shared/corpus"))

# Docker's of today, of 2024 and of 2016; podman's of today.
DOCKER = "docker-default"
DOCKER_25 = DATA / "moby-default-v25.0.9.json"
DOCKER_1_11 = DATA / "moby-default-v1.11.2.json"
PODMAN = DATA / "containers-common.json"

# crun, podman's runtime, has no ENOSYS for calls newer than a profile, as runc has.
AS_PODMAN = ("--as", "podman")

PYTHON_THREAD = "import threading; t = threading.Thread(target=print, args=('ran',)); " \
                "t.start(); t.join()"


class Denied(typing.NamedTuple):
    """A call that is denied: as far as its text must be shown, and what is said of why."""
    call: str
    why: str
    error: str = "EPERM"
    change: str = "allow-args"  # the narrowest of the profile that mends it
    still: str = ""  # a call of the same name that this change must leave denied


class Breakage(typing.NamedTuple):
    """What is broken, and by what."""
    title: str
    command: tuple
    denied: list  # the calls that matter, of those that are denied
    profile: object = DOCKER
    options: tuple = ()  # callgate's
    around: tuple = ()  # what starts callgate, so that the machine stays as it is
    works: str = ""
    says: str = "Operation not permitted"


# ---- what callgate is started by

# Mounts go with the last process.
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private")
# Servers in the background, and with them their mounts, go with the first process.
OWN_SERVERS = (*OWN_MOUNTS, "--pid", "--fork", "--kill-child", "--mount-proc",
               "sh", "-c", '"$@"; exit $?', "sh")


def after(script, *starter):
    """Started by a shell that has run a script."""
    return (*starter, "sh", "-ec", f'{script}; exec "$@"', "sh")


OWN_TMPFS = after("mount -t tmpfs none {scratch}/mnt", *OWN_MOUNTS)
OWN_RUN = after("mount -t tmpfs none /run", *OWN_MOUNTS, "--net")
OWN_NETNS = after("mount -t tmpfs none /run; ip netns add callgate", *OWN_MOUNTS, "--net")
OWN_KEY = after("keyctl add user callgate value @s >&2", "keyctl", "session", "-")


def shell(script):
    return ("sh", "-c", script)


# ---- Docker's default profile

NAMESPACES = [
    Breakage("unshare_user_namespace", ("unshare", "-Ur", "true"),
             [Denied("unshare(CLONE_NEWUSER)", "needs CAP_SYS_ADMIN",
                     still="unshare(CLONE_NEWUSER|CLONE_NEWNET)")]),
    Breakage("unshare_time_namespace", ("unshare", "--time", "--boottime", "10", "true"),
             [Denied("unshare(CLONE_NEWTIME)", "needs CAP_SYS_ADMIN",
                     still="unshare(CLONE_NEWUSER)")]),
    Breakage("bubblewrap", ("bwrap", "--ro-bind", "/", "/", "true"),
             [Denied("clone(CLONE_NEWNS|", "flags & ")],
             says="new namespace"),
    Breakage("firejail", ("firejail", "--noprofile", "--quiet", "true"),
             [Denied('mount("/proc/self/fd/', "needs CAP_SYS_ADMIN"),
              Denied("clone(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|SIGCHLD",
                     "flags & ")],
             around=OWN_RUN),
    Breakage("nsenter", ("nsenter", "--uts=/proc/self/ns/uts", "true"),
             [Denied("setns(", "needs CAP_SYS_ADMIN",
                     still="setns(3, CLONE_NEWNET)")]),
    Breakage("busybox_nsenter", ("busybox", "nsenter", "--ipc=/proc/self/ns/ipc", "true"),
             [Denied("setns(", "needs CAP_SYS_ADMIN",
                     still="setns(3, CLONE_NEWNET)")]),
    Breakage("ip_netns_add", ("ip", "netns", "add", "callgate"),
             [Denied('mount("", "/run/netns", "none", MS_REC|MS_SHARED, NULL)',
                     "needs CAP_SYS_ADMIN")],
             around=OWN_RUN),
    Breakage("ip_netns_exec", ("ip", "netns", "exec", "callgate", "true"),
             [Denied("setns(", "needs CAP_SYS_ADMIN",
                     still="setns(3, CLONE_NEWUSER)")],
             around=OWN_NETNS),
    Breakage("chroot_without_capabilities", ("chroot", "/", "true"),
             [Denied('chroot("/")', "needs CAP_SYS_CHROOT", change="allow")],
             options=("--cap-drop", "ALL")),
]

MOUNTS = [
    Breakage("mount_tmpfs", ("mount", "-t", "tmpfs", "none", "{scratch}/mnt"),
             [Denied('mount("none", "{scratch}/mnt", "tmpfs", 0, NULL)', "needs CAP_SYS_ADMIN",
                     still='mount("/", "/mnt", NULL, MS_BIND, NULL)')],
             around=OWN_MOUNTS, says="permission denied"),
    Breakage("umount", ("umount", "{scratch}/mnt"),
             [Denied('umount2("{scratch}/mnt", 0)', "needs CAP_SYS_ADMIN",
                     still='umount2("/mnt", MNT_DETACH)')],
             around=OWN_TMPFS, says="must be superuser to unmount"),
    Breakage("squashfuse",
             shell("mksquashfs /etc/passwd {scratch}/image -noappend -quiet >/dev/null; "
                   "squashfuse {scratch}/image {scratch}/mnt && cat {scratch}/mnt/passwd"),
             [Denied('mount("squashfuse", "{scratch}/mnt", "fuse.squashfuse", MS_NOSUID|MS_NODEV',
                     "needs CAP_SYS_ADMIN",
                     still='mount("/", "/mnt", NULL, MS_BIND, NULL)')],
             around=OWN_SERVERS, works="root:"),
    Breakage("bindfs", shell("bindfs /etc {scratch}/mnt && cat {scratch}/mnt/passwd"),
             [Denied('mount("/etc", "{scratch}/mnt", "fuse", MS_NOSUID|MS_NODEV',
                     "needs CAP_SYS_ADMIN",
                     still='mount("/", "/mnt", NULL, MS_BIND, NULL)')],
             around=OWN_SERVERS, works="root:"),
    Breakage("fuse_overlayfs",
             shell("fuse-overlayfs -o lowerdir=/etc {scratch}/mnt && cat {scratch}/mnt/passwd"),
             [Denied('mount("fuse-overlayfs", "{scratch}/mnt", "fuse.fuse-overlayfs"',
                     "needs CAP_SYS_ADMIN",
                     still='mount("/", "/mnt", NULL, MS_BIND, NULL)')],
             around=OWN_SERVERS, works="root:"),
    Breakage("quotasync", ("quotasync", "-a"),
             [Denied("quotactl(Q_SYNC|USRQUOTA, NULL)", "needs CAP_SYS_ADMIN",
                     still="quotactl(Q_QUOTAON|USRQUOTA, NULL, 0, NULL)")]),
]

KEYS = [
    Breakage("keyctl_add", ("keyctl", "add", "user", "callgate", "value", "@p"),
             [Denied('add_key("user", "callgate", ', "no rule", change="allow")]),
    Breakage("keyctl_session", ("keyctl", "session", "-", "true"),
             [Denied("keyctl(KEYCTL_JOIN_SESSION_KEYRING, ", "no rule",
                     still="keyctl(KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, NULL, 0, 0)")]),
    Breakage("keyctl_request", ("keyctl", "request", "user", "callgate"),
             [Denied('request_key("user", "callgate", NULL, 0)', "no rule", change="allow")],
             around=OWN_KEY),
    Breakage("kerberos_keyring", ("kdestroy", "-c", "KEYRING:process:callgate"),
             [Denied("keyctl(KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING", "no rule"),
              Denied('add_key("keyring", "_krb_callgate", NULL, 0, KEY_SPEC_PROCESS_KEYRING)',
                     "no rule", change="allow")]),
]

MEMORY = [
    Breakage("numactl", ("numactl", "--interleave=all", "true"),
             [Denied("set_mempolicy(MPOL_INTERLEAVE", "needs CAP_SYS_NICE")]),
    Breakage("memhog", ("memhog", "1M", "membind", "0"),
             [Denied("mbind(", "needs CAP_SYS_NICE")]),
    Breakage("migratepages", shell("migratepages $$ 0 0"),
             [Denied("migrate_pages(", "no rule", change="allow")]),
    Breakage("hwloc_bind", ("hwloc-bind", "--membind", "node:0", "--", "true"),
             [Denied("set_mempolicy(MPOL_", "needs CAP_SYS_NICE")]),
    Breakage("userfaultfd", ("stress-ng", "--userfaultfd", "1", "--userfaultfd-ops", "2"),
             [Denied("userfaultfd(0)", "no rule")],
             works="successful run completed", says="insufficient privilege"),
]

LOOKING = [
    Breakage("setarch", ("setarch", "-R", "true"),
             [Denied("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "persona == 0",
                     still="personality(PER_LINUX|READ_IMPLIES_EXEC)")]),
    Breakage("gdb", ("gdb", "-nx", "-q", "-batch", "-ex", "run", "--args", "/bin/true"),
             [Denied("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "persona == 0",
                     still="personality(PER_LINUX|READ_IMPLIES_EXEC)")],
             works="exited normally", says="Error disabling address space randomization"),
    Breakage("perf_stat", ("perf", "stat", "-e", "task-clock", "true"),
             [Denied("perf_event_open(", "needs CAP_PERFMON")],
             works="elapsed", says="No permission to enable"),
    Breakage("bpftool", ("bpftool", "prog", "list"),
             [Denied("bpf(BPF_PROG_GET_NEXT_ID", "needs CAP_BPF",
                     still="bpf(BPF_PROG_LOAD, NULL, 0)")]),
    Breakage("dmesg", ("dmesg", "-S"),
             [Denied("syslog(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0)", "needs CAP_SYSLOG"),
              Denied("syslog(SYSLOG_ACTION_READ_ALL", "needs CAP_SYSLOG")]),
    # Status 2: a second has passed, and nothing has happened in the directory.
    Breakage("fsnotifywait", shell("fsnotifywait -q -t 1 --fanotify {scratch}/mnt; test $? = 2"),
             [Denied("fanotify_init(FAN_CLASS_NOTIF|FAN_REPORT_FID|", "needs CAP_SYS_ADMIN",
                     still="fanotify_init(FAN_CLASS_CONTENT, O_RDONLY)")]),
    Breakage("kcmp", ("stress-ng", "--kcmp", "1", "--kcmp-ops", "2"),
             [Denied("kcmp(", "needs CAP_SYS_PTRACE")],
             says="need CAP_SYS_PTRACE capability"),
    Breakage("io_uring", ("stress-ng", "--io-uring", "1", "--io-uring-ops", "2"),
             [Denied("io_uring_setup(", "no rule", change="allow")]),
    Breakage("vsock", ("socat", "-u", "VSOCK-LISTEN:9999,accept-timeout=0.05", "-"),
             [Denied("socket(AF_VSOCK, SOCK_STREAM, 0)", "domain < 38",
                     still="socket(AF_ALG, SOCK_SEQPACKET, 0)")]),
]

# ---- podman's default profile: some denials are rules of their own, the others say ENOSYS

PODMANS = [
    Breakage("podman_setarch", ("setarch", "-R", "true"),
             [Denied("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "persona == 0", "ENOSYS",
                     still="personality(PER_LINUX|READ_IMPLIES_EXEC)")],
             PODMAN, AS_PODMAN, says="Function not implemented"),
    Breakage("podman_perf", ("perf", "stat", "-e", "task-clock", "true"),
             [Denied("perf_event_open(", "rule containers-common.json:")],
             PODMAN, AS_PODMAN, works="elapsed", says="No permission to enable"),
    Breakage("podman_bpftool", ("bpftool", "prog", "list"),
             [Denied("bpf(BPF_PROG_GET_NEXT_ID", "rule containers-common.json:",
                     still="bpf(BPF_PROG_LOAD, NULL, 0)")],
             PODMAN, AS_PODMAN),
    Breakage("podman_quotasync", ("quotasync", "-a"),
             [Denied("quotactl(Q_SYNC|USRQUOTA, NULL)", "rule containers-common.json:",
                     still="quotactl(Q_QUOTAON|USRQUOTA, NULL, 0, NULL)")],
             PODMAN, AS_PODMAN),
    Breakage("podman_userfaultfd", ("stress-ng", "--userfaultfd", "1", "--userfaultfd-ops", "2"),
             [Denied("userfaultfd(0)", "rule containers-common.json:")],
             PODMAN, AS_PODMAN, works="successful run completed", says="insufficient privilege"),
]

# ---- older profiles under programs of today

TRACERS = [
    Breakage("strace", ("strace", "-e", "trace=getcwd", "pwd"),
             [Denied("ptrace(PTRACE_", "no rule")],
             DOCKER_1_11, works="exited with 0"),
    Breakage("ltrace", ("ltrace", "-c", "true"),
             [Denied("ptrace(PTRACE_TRACEME", "no rule")],
             DOCKER_1_11),
    Breakage("proot", ("proot", "true"),
             [Denied("ptrace(PTRACE_TRACEME", "no rule")],
             DOCKER_1_11),
]

# EPERM where the C library would have gone another way at ENOSYS.
NEWER_CALLS = [
    Breakage("ls", ("ls", "-l", "/etc/passwd"),
             [Denied('statx(AT_FDCWD, "/etc/passwd", ', "no rule", change="errno")],
             DOCKER_1_11, AS_PODMAN),
    Breakage("python_threads", ("/usr/bin/python3", "-c", PYTHON_THREAD),
             [Denied("clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD",
                     "no rule", change="errno")],
             DOCKER_1_11, AS_PODMAN, says="can't start new thread"),
    Breakage("node", ("node", "-e", "console.log('ran')"),
             [Denied("clone3({flags=CLONE_VM|", "no rule", change="errno")],
             DOCKER_1_11, AS_PODMAN, works="ran\n", says="uv_thread_create"),
    Breakage("xz_threads", shell("xz -T2 -c /etc/services | wc -c"),
             [Denied("clone3({flags=CLONE_VM|", "no rule", change="errno")],
             DOCKER_1_11, AS_PODMAN, says="Cannot allocate memory"),
    Breakage("shell_test", shell("test -r /etc/passwd && echo readable"),
             [Denied('faccessat2(AT_FDCWD, "/etc/passwd", R_OK, AT_EACCESS)', "no rule",
                     change="errno")],
             DOCKER_1_11, AS_PODMAN, says=""),
    Breakage("find_readable", ("find", "/etc/passwd", "-readable"),
             [Denied('faccessat2(AT_FDCWD, "/etc/passwd", R_OK, 0)', "no rule", change="errno")],
             DOCKER_1_11, AS_PODMAN, works="passwd", says=""),
    # ENOSYS, and no error: a date that is not shown.
    Breakage("birth_of_a_file", ("stat", "-c", "born %W", "/etc/passwd"),
             [Denied('statx(AT_FDCWD, "/etc/passwd", ', "newer than the profile", "ENOSYS")],
             DOCKER_1_11, says="born 0"),
    Breakage("io_uring_in_docker_25", ("stress-ng", "--io-uring", "1", "--io-uring-ops", "2"),
             [Denied("io_uring_setup(", "no rule", change="allow")],
             DOCKER_25),
]

# ---- profiles that people wrote for themselves, or to teach

WILD = [
    Breakage("chmod", shell("touch {scratch}/file; chmod 600 {scratch}/file"),
             [Denied('fchmodat(AT_FDCWD, "{scratch}/file", 0600)', "no rule", change="allow")],
             CORPUS / "docker_labs/default-no-chmod.json"),
    Breakage("install", ("install", "-m", "600", "/etc/passwd", "{scratch}/file"),
             [Denied('fchmodat(AT_FDCWD, "{scratch}/file", 0600)', "no rule", change="allow")],
             CORPUS / "docker_labs/default-no-chmod.json"),
    Breakage("date", ("date", "-u"),
             [Denied("pread64(", "no rule", change="allow")],
             CORPUS / "kubernetes/fine-grained.json"),
    Breakage("sort", ("sort", "-o", "{scratch}/sorted", "/etc/passwd"),
             [Denied("ftruncate(1, 0)", "rule ", change="allow")],
             CORPUS / "wild/pyrex41_sq-sandbox__seccomp-strict-17f3c90.json"),
    Breakage("tar", ("tar", "-C", "/etc", "-cf", "{scratch}/tar", "passwd"),
             [Denied("creat(", "no rule", change="allow")],
             CORPUS / "wild/lawndoc_seccomp-ci-demo__seccomp-fe9d20b.json"),
]

BREAKAGES = [*NAMESPACES, *MOUNTS, *KEYS, *MEMORY, *LOOKING, *PODMANS, *TRACERS, *NEWER_CALLS,
             *WILD]
