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

# Docker's of today, of 2024 and of 2016; podman's of today; from the corpus a tutorial's.
DOCKER = "docker-default"
DOCKER_25 = DATA / "moby-default-v25.0.9.json"
DOCKER_1_11 = DATA / "moby-default-v1.11.2.json"
PODMAN = DATA / "containers-common.json"
NO_CHMOD = CORPUS / "docker_labs/default-no-chmod.json"

# crun, podman's runtime, has no ENOSYS for calls newer than a profile, as runc has.
AS_PODMAN = ("--as", "podman")
AS_KUBERNETES_RESTRICTED = ("--cap-drop", "ALL")

PYTHON = "/usr/bin/python3"
PYTHON_THREAD = "import threading; t = threading.Thread(target=print, args=('ran',)); " \
                "t.start(); t.join()"


class Breakage(typing.NamedTuple):
    """What is broken, by what, and what is told of it."""
    title: str
    command: tuple
    denied: tuple  # (call as far as the line must show it, the error's name, rule.reason), in order
    profile: object = DOCKER
    options: tuple = ()  # of callgate
    around: tuple = ()  # what callgate is started by, so that the machine stays as it is
    works: str = ""
    says: str = "Operation not permitted"


# ---- what callgate is started by

# Mounts go with the last process.
MOUNTS = ("unshare", "--mount", "--propagation", "private")
# Servers in the background, and with them their mounts, go with the first process.
SERVERS = (*MOUNTS, "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", '"$@"; exit $?', "sh")


def after(script, around=MOUNTS):
    """Started by a shell that has run a script."""
    return (*around, "sh", "-ec", f'{script}; exec "$@"', "sh")


IN_TMPFS = after("mount -t tmpfs none {scratch}/mnt")
OWN_RUN = after("mount -t tmpfs none /run", (*MOUNTS, "--net"))
OWN_NETNS = after("mount -t tmpfs none /run; ip netns add callgate", (*MOUNTS, "--net"))
KEY_IN_SESSION = after("keyctl add user callgate value @s >&2", ("keyctl", "session", "-"))


def shell(script):
    return ("sh", "-c", script)


# ---- Docker's default profile

NAMESPACES = [
    Breakage("unshare_user_namespace", ("unshare", "-Ur", "true"),
             [("unshare(CLONE_NEWUSER)", "EPERM", "caps_missing")]),
    Breakage("unshare_time_namespace", ("unshare", "--time", "--boottime", "10", "true"),
             [("unshare(CLONE_NEWTIME)", "EPERM", "caps_missing")]),
    Breakage("bubblewrap", ("bwrap", "--ro-bind", "/", "/", "true"),
             [("clone(CLONE_NEWNS|SIGCHLD", "EPERM", "args_mismatch")]),
    Breakage("firejail", ("firejail", "--noprofile", "--quiet", "true"),
             [('mount("/proc/self/fd/', "EPERM", "caps_missing"),
              ("clone(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|SIGCHLD", "EPERM",
               "args_mismatch")], around=OWN_RUN),
    Breakage("nsenter", ("nsenter", "--uts=/proc/self/ns/uts", "true"),
             [("setns(", "EPERM", "caps_missing")]),
    Breakage("busybox_nsenter", ("busybox", "nsenter", "--ipc=/proc/self/ns/ipc", "true"),
             [("setns(", "EPERM", "caps_missing")]),
    Breakage("ip_netns_add", ("ip", "netns", "add", "callgate"),
             [('mount("", "/run/netns", "none", MS_REC|MS_SHARED, NULL)', "EPERM",
               "caps_missing")], around=OWN_RUN),
    Breakage("ip_netns_exec", ("ip", "netns", "exec", "callgate", "true"),
             [("setns(", "EPERM", "caps_missing")], around=OWN_NETNS),
    Breakage("chroot_without_capabilities", ("chroot", "/", "true"),
             [('chroot("/")', "EPERM", "caps_missing")], options=AS_KUBERNETES_RESTRICTED),
]

MOUNTING = [
    Breakage("mount_tmpfs", ("mount", "-t", "tmpfs", "none", "{scratch}/mnt"),
             [('mount("none", "{scratch}/mnt", "tmpfs", 0, NULL)', "EPERM", "caps_missing")],
             around=MOUNTS, says="permission denied"),
    Breakage("umount", ("umount", "{scratch}/mnt"),
             [('umount2("{scratch}/mnt", 0)', "EPERM", "caps_missing")],
             around=IN_TMPFS, says="must be superuser to unmount"),
    Breakage("pivot_root", ("pivot_root", "{scratch}/mnt", "{scratch}/mnt"),
             [('pivot_root("{scratch}/mnt", "{scratch}/mnt")', "EPERM", "no_match")],
             around=IN_TMPFS),
    Breakage("squashfuse", shell("mksquashfs /etc/passwd {scratch}/image -noappend -quiet >/dev/null; "
                                 "squashfuse {scratch}/image {scratch}/mnt && "
                                 "cat {scratch}/mnt/passwd"),
             [('mount("squashfuse", "{scratch}/mnt", "fuse.squashfuse", MS_NOSUID|MS_NODEV',
               "EPERM", "caps_missing")], around=SERVERS, works="root:"),
    Breakage("bindfs", shell("bindfs /etc {scratch}/mnt && cat {scratch}/mnt/passwd"),
             [('mount("/etc", "{scratch}/mnt", "fuse", MS_NOSUID|MS_NODEV', "EPERM",
               "caps_missing")], around=SERVERS, works="root:"),
    Breakage("fuse_overlayfs", shell("fuse-overlayfs -o lowerdir=/etc {scratch}/mnt && "
                                     "cat {scratch}/mnt/passwd"),
             [('mount("fuse-overlayfs", "{scratch}/mnt", "fuse.fuse-overlayfs"', "EPERM",
               "caps_missing")], around=SERVERS, works="root:"),
    Breakage("quotasync", ("quotasync", "-a"),
             [("quotactl(Q_SYNC|USRQUOTA, NULL, 0, NULL)", "EPERM", "caps_missing")]),
]

KEYS = [
    Breakage("keyctl_add", ("keyctl", "add", "user", "callgate", "value", "@p"),
             [('add_key("user", "callgate", ', "EPERM", "no_match")]),
    Breakage("keyctl_session", ("keyctl", "session", "-", "true"),
             [("keyctl(KEYCTL_JOIN_SESSION_KEYRING, ", "EPERM", "no_match")]),
    Breakage("keyctl_request", ("keyctl", "request", "user", "callgate"),
             [('request_key("user", "callgate", NULL, 0)', "EPERM", "no_match")],
             around=KEY_IN_SESSION),
    Breakage("kerberos_keyring", ("kdestroy", "-c", "KEYRING:process:callgate"),
             [("keyctl(KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING", "EPERM", "no_match"),
              ('add_key("keyring", "_krb_callgate", NULL, 0, KEY_SPEC_PROCESS_KEYRING)', "EPERM",
               "no_match")]),
]

MEMORY = [
    Breakage("numactl", ("numactl", "--interleave=all", "true"),
             [("set_mempolicy(MPOL_INTERLEAVE", "EPERM", "caps_missing")]),
    Breakage("memhog", ("memhog", "1M", "membind", "0"),
             [("mbind(", "EPERM", "caps_missing")]),
    Breakage("migratepages", shell("migratepages $$ 0 0"),
             [("migrate_pages(", "EPERM", "no_match")]),
    Breakage("hwloc_bind", ("hwloc-bind", "--membind", "node:0", "--", "true"),
             [("set_mempolicy(MPOL_", "EPERM", "caps_missing")]),
    Breakage("userfaultfd", ("stress-ng", "--userfaultfd", "1", "--userfaultfd-ops", "2"),
             [("userfaultfd(0)", "EPERM", "no_match")],
             works="successful run completed", says="insufficient privilege"),
]

LOOKING = [
    Breakage("setarch", ("setarch", "-R", "true"),
             [("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "EPERM", "args_mismatch")]),
    Breakage("gdb", ("gdb", "-nx", "-q", "-batch", "-ex", "run", "--args", "/bin/true"),
             [("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "EPERM", "args_mismatch")],
             works="exited normally", says="Error disabling address space randomization"),
    Breakage("perf_stat", ("perf", "stat", "-e", "task-clock", "true"),
             [("perf_event_open(", "EPERM", "caps_missing")],
             works="elapsed", says="No permission to enable"),
    Breakage("bpftool", ("bpftool", "prog", "list"),
             [("bpf(BPF_PROG_GET_NEXT_ID", "EPERM", "caps_missing")]),
    Breakage("dmesg", ("dmesg", "-S"),
             [("syslog(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0)", "EPERM", "caps_missing"),
              ("syslog(SYSLOG_ACTION_READ_ALL", "EPERM", "caps_missing")]),
    # Status 2: a second has passed, and nothing has happened in the directory.
    Breakage("fsnotifywait", shell("fsnotifywait -q -t 1 --fanotify {scratch}/mnt; test $? = 2"),
             [("fanotify_init(FAN_CLASS_NOTIF|FAN_REPORT_FID|", "EPERM", "caps_missing")]),
    Breakage("kcmp", ("stress-ng", "--kcmp", "1", "--kcmp-ops", "2"),
             [("kcmp(", "EPERM", "caps_missing")], says="need CAP_SYS_PTRACE capability"),
    Breakage("io_uring", ("stress-ng", "--io-uring", "1", "--io-uring-ops", "2"),
             [("io_uring_setup(", "EPERM", "no_match")]),
    Breakage("vsock", ("socat", "-u", "VSOCK-LISTEN:9999,accept-timeout=0.05", "-"),
             [("socket(AF_VSOCK, SOCK_STREAM, 0)", "EPERM", "args_mismatch")]),
]

# ---- podman's default profile: some denials are rules of their own, the others say ENOSYS

PODMANS = [
    Breakage("podman_setarch", ("setarch", "-R", "true"),
             [("personality(PER_LINUX|ADDR_NO_RANDOMIZE)", "ENOSYS", "args_mismatch")],
             PODMAN, AS_PODMAN, says="Function not implemented"),
    Breakage("podman_perf", ("perf", "stat", "-e", "task-clock", "true"),
             [("perf_event_open(", "EPERM", "matched")],
             PODMAN, AS_PODMAN, works="elapsed", says="No permission to enable"),
    Breakage("podman_bpftool", ("bpftool", "prog", "list"),
             [("bpf(BPF_PROG_GET_NEXT_ID", "EPERM", "matched")], PODMAN, AS_PODMAN),
    Breakage("podman_quotasync", ("quotasync", "-a"),
             [("quotactl(Q_SYNC|USRQUOTA, NULL, 0, NULL)", "EPERM", "matched")],
             PODMAN, AS_PODMAN),
    Breakage("podman_userfaultfd", ("stress-ng", "--userfaultfd", "1", "--userfaultfd-ops", "2"),
             [("userfaultfd(0)", "EPERM", "matched")],
             PODMAN, AS_PODMAN, works="successful run completed", says="insufficient privilege"),
]

# ---- older profiles under programs of today

OLDER = [
    Breakage("io_uring_in_docker_25", ("stress-ng", "--io-uring", "1", "--io-uring-ops", "2"),
             [("io_uring_setup(", "EPERM", "no_match")], DOCKER_25),
    Breakage("strace", ("strace", "-e", "trace=getcwd", "pwd"),
             [("ptrace(PTRACE_", "EPERM", "no_match")], DOCKER_1_11, works="exited with 0"),
    Breakage("ltrace", ("ltrace", "-c", "true"),
             [("ptrace(PTRACE_TRACEME", "EPERM", "no_match")], DOCKER_1_11),
    Breakage("proot", ("proot", "true"),
             [("ptrace(PTRACE_TRACEME", "EPERM", "no_match")], DOCKER_1_11),
    # No error: a date that is not shown.
    Breakage("birth_of_a_file", ("stat", "-c", "born %W", "/etc/passwd"),
             [('statx(AT_FDCWD, "/etc/passwd", ', "ENOSYS", "newer")],
             DOCKER_1_11, says="born 0"),
    # EPERM where the C library would have gone another way at ENOSYS.
    Breakage("ls", ("ls", "-l", "/etc/passwd"),
             [('statx(AT_FDCWD, "/etc/passwd", ', "EPERM", "no_match")], DOCKER_1_11, AS_PODMAN),
    Breakage("python_threads", (PYTHON, "-c", PYTHON_THREAD),
             [("clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD", "EPERM",
               "no_match")], DOCKER_1_11, AS_PODMAN, says="can't start new thread"),
    Breakage("node", ("node", "-e", "console.log('ran')"),
             [("clone3({flags=CLONE_VM|", "EPERM", "no_match")],
             DOCKER_1_11, AS_PODMAN, works="ran\n", says="uv_thread_create"),
    Breakage("xz_threads", shell("xz -T2 -c /etc/services | wc -c"),
             [("clone3({flags=CLONE_VM|", "EPERM", "no_match")],
             DOCKER_1_11, AS_PODMAN, says="Cannot allocate memory"),
    Breakage("shell_test", shell("test -r /etc/passwd && echo readable"),
             [('faccessat2(AT_FDCWD, "/etc/passwd", R_OK, AT_EACCESS)', "EPERM", "no_match")],
             DOCKER_1_11, AS_PODMAN, says=""),
    Breakage("find_readable", ("find", "/etc/passwd", "-readable"),
             [('faccessat2(AT_FDCWD, "/etc/passwd", R_OK, 0)', "EPERM", "no_match")],
             DOCKER_1_11, AS_PODMAN, works="passwd", says=""),
    Breakage("chmod", shell("touch {scratch}/file; chmod 600 {scratch}/file"),
             [('fchmodat(AT_FDCWD, "{scratch}/file", 0600)', "EPERM", "no_match")], NO_CHMOD),
    Breakage("install", ("install", "-m", "600", "/etc/passwd", "{scratch}/file"),
             [('fchmodat(AT_FDCWD, "{scratch}/file", 0600)', "EPERM", "no_match")], NO_CHMOD),
    Breakage("date_in_kubernetes_example", ("date", "-u"),
             [("pread64(", "EPERM", "no_match")], CORPUS / "kubernetes/fine-grained.json"),
    Breakage("sort_in_a_sandbox", ("sort", "-o", "{scratch}/sorted", "/etc/passwd"),
             [("ftruncate(1, 0)", "EPERM", "matched")],
             CORPUS / "wild/pyrex41_sq-sandbox__seccomp-strict-17f3c90.json"),
    Breakage("tar_in_a_ci_demo", ("tar", "-C", "/etc", "-cf", "{scratch}/tar", "passwd"),
             [("creat(", "EPERM", "no_match")],
             CORPUS / "wild/lawndoc_seccomp-ci-demo__seccomp-fe9d20b.json"),
]

BREAKAGES = NAMESPACES + MOUNTING + KEYS + MEMORY + LOOKING + PODMANS + OLDER
