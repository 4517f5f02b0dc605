#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Arguments read as strace reads them: the same calls under strace and under callgate."""

import json
import os
import re
import struct

import support

RAW_CALLS = os.environ.get("RAW_CALLS", support.ROOT / "build/tests/e2e/raw_calls")

# x86-64
NUMBERS = {
    "write": 1, "poll": 7, "rt_sigaction": 13, "rt_sigprocmask": 14, "ioctl": 16, "writev": 20,
    "madvise": 28, "msgsnd": 69, "shmctl": 31, "nanosleep": 35, "setitimer": 38, "socket": 41,
    "connect": 42, "sendto": 44, "sendmsg": 46, "bind": 49, "getsockopt": 55, "setsockopt": 54,
    "execve": 59, "kill": 62, "semop": 65, "semctl": 66, "fcntl": 72, "utimes": 235,
    "setgroups": 116, "ptrace": 101, "capget": 125, "capset": 126, "sigaltstack": 131,
    "sched_setparam": 142, "sched_setscheduler": 144, "prctl": 157, "arch_prctl": 158,
    "setrlimit": 160, "futex": 202, "sched_setaffinity": 203, "timer_create": 222,
    "epoll_ctl": 233, "mq_open": 240, "keyctl": 250, "unshare": 272, "utimensat": 280,
    "timerfd_settime": 286, "perf_event_open": 298, "prlimit64": 302, "process_vm_readv": 310,
    "kcmp": 312, "sched_setattr": 314, "seccomp": 317, "bpf": 321, "io_uring_setup": 425,
    "fsconfig": 431, "clone3": 435, "openat2": 437, "mount_setattr": 442,
    "landlock_create_ruleset": 444, "landlock_add_rule": 445, "quotactl": 179, "openat": 257,
    "mount": 165, "semtimedop": 220, "sendmmsg": 307, "ppoll": 271, "rt_sigqueueinfo": 129,
    "utime": 132, "mq_timedsend": 242, "copy_file_range": 326, "splice": 275,
    "signalfd4": 289, "process_madvise": 440, "reboot": 169,
    "clone": 56, "memfd_create": 319, "statx": 332, "faccessat2": 439,
    "renameat2": 316, "linkat": 265, "unlinkat": 263, "mknodat": 259, "setxattr": 188,
    "inotify_add_watch": 254, "fallocate": 285, "pwritev2": 328, "waitid": 247,
    "pidfd_open": 434, "close_range": 436, "accept4": 288, "shutdown": 48, "fanotify_init": 300,
    "umount2": 166, "move_mount": 429, "personality": 135,
}
# Where the calls find their memory; a page more than any row needs.
BASE = 0x10000000
SIZE = 8192

memory = bytearray()


def at(data):
    """The address of a copy of data."""
    address = BASE + len(memory)
    memory.extend(data + bytes(-len(data) % 8))
    return address


def words(*values):
    """64-bit words."""
    return at(struct.pack(f"={len(values)}Q", *(value & (1 << 64) - 1 for value in values)))


def halves(*values):
    """32-bit words."""
    return at(struct.pack(f"={len(values)}I", *(value & (1 << 32) - 1 for value in values)))


def text(string):
    return at(string.encode() + b"\0")


def iovec(*strings):
    return words(*(word for string in strings for word in (at(string), len(string))))


def strings(*values):
    return words(*(text(value) for value in values), 0)


def inet(port, address):
    return struct.pack("=H", 2) + struct.pack("!H", port) + bytes(address) + bytes(8)


def message(name, *buffers):
    return words(at(name) if name else 0, len(name), iovec(*buffers), len(buffers), 0, 0, 0)


BAD = -1
HERE = -100
NOBODY = 0x7ffffff0  # no process

# What is called, with what, and where we differ: why, and what we write.
ROWS = (
    ("openat", lambda: (HERE, text("/no/such"), 0o2000101, 0o644)),
    ("openat2", lambda: (HERE, text("/no/such"), words(0o2000000, 0, 8), 24)),
    ("write", lambda: (BAD, at(b"a\tb\n"), 4)),
    ("writev", lambda: (BAD, iovec(b"ab", b"", b"c"), 3)),
    ("sendmsg", lambda: (BAD, message(inet(53, (10, 0, 0, 1)), b"abc"), 0x4000)),
    ("sendmsg", lambda: (BAD, message(b"", b"x", b"y"), 0)),
    ("sendmmsg", lambda: (BAD, words(0, 0, iovec(b"q"), 1, 0, 0, 0, 0), 1, 0)),
    ("socket", lambda: (2, 0o2000001, 6)),
    ("socket", lambda: (99, 1, 0), "small numbers without a name are decimal",
     "socket(99, SOCK_STREAM, 0)"),
    ("connect", lambda: (BAD, at(inet(443, (127, 0, 0, 1))), 16)),
    ("bind", lambda: (BAD, at(struct.pack("=HHII", 16, 0, 7, 1)), 12)),
    ("sendto", lambda: (BAD, at(b"hello"), 5, 0x40, at(inet(53, (8, 8, 8, 8))), 16)),
    ("setsockopt", lambda: (BAD, 1, 2, halves(1), 4)),
    ("setsockopt", lambda: (BAD, 1, 13, halves(1, 5), 8)),
    ("setsockopt", lambda: (BAD, 6, 1, halves(1), 4)),
    ("setsockopt", lambda: (BAD, 41, 26, halves(1), 4)),
    ("setsockopt", lambda: (BAD, 1, 20, words(2, 5), 16), "strace writes its bytes",
     "setsockopt(-1, SOL_SOCKET, SO_RCVTIMEO_OLD, {tv_sec=2, tv_usec=5}, 16)"),
    ("getsockopt", lambda: (BAD, 1, 3, 0, 0)),
    ("poll", lambda: (at(struct.pack("=ihh", 99, 5, 0)), 1, 0)),
    ("poll", lambda: (at(struct.pack("=ihh", -1, 1, 0)), 1, 0), "strace hides what is ignored",
     "poll([{fd=-1, events=POLLIN}], 1, 0)"),
    ("ppoll", lambda: (at(struct.pack("=ihh", 99, 1, 0)), 1, words(0, 5), words(1 << 16), 8)),
    ("epoll_ctl", lambda: (BAD, 1, 0, at(struct.pack("=IQ", 0x80000001, 3)))),
    ("ioctl", lambda: (BAD, 0x5412, at(b"x"))),
    ("ioctl", lambda: (BAD, 0x5414, at(struct.pack("=4H", 24, 80, 0, 0)))),
    ("ioctl", lambda: (BAD, 0x5421, halves(1))),
    ("ioctl", lambda: (BAD, 0x40049409, 7), "strace names every owner of the number",
     "ioctl(-1, FICLONE, 7)"),
    ("ioctl", lambda: (BAD, 0x8913, at(b"lo" + bytes(38)))),
    ("fcntl", lambda: (BAD, 2, 1)),
    ("fcntl", lambda: (BAD, 3)),
    ("fcntl", lambda: (BAD, 4, 0o6000)),
    ("fcntl", lambda: (BAD, 6, at(struct.pack("=hhiqqii", 1, 0, 0, 5, 10, 0, 0)))),
    ("fcntl", lambda: (BAD, 1033, 15)),
    ("fcntl", lambda: (BAD, 1030, 3)),
    ("prctl", lambda: (15, text("row"))),
    ("prctl", lambda: (1, 0)),
    ("prctl", lambda: (23, 21)),
    ("prctl", lambda: (3,)),
    ("prctl", lambda: (38, 1, 0, 0, 0)),
    ("prctl", lambda: (47, 1, 21, 0, 0)),
    ("prctl", lambda: (22, 2, at(struct.pack("=HxxxxxxQ", 0, 0)))),
    ("arch_prctl", lambda: (0x1012, 1)),
    ("seccomp", lambda: (2, 0, halves(0x7fff0000))),
    ("seccomp", lambda: (1, 8, at(struct.pack("=HxxxxxxQ", 0, 0)))),
    ("ptrace", lambda: (16, NOBODY, 0, 0)),
    ("ptrace", lambda: (0x4206, NOBODY, 0, 0x100001)),
    ("ptrace", lambda: (7, NOBODY, 0, 9)),
    ("ptrace", lambda: (0x4200, NOBODY, 0, 1)),
    ("keyctl", lambda: (1, text("ring"))),
    ("keyctl", lambda: (11, -3, 0, 0)),
    ("keyctl", lambda: (10, -3, text("user"), text("none"), 0)),
    ("bpf", lambda: (0, halves(2, 4, 8, 16, 0, 0, 0, 0), 32)),
    ("bpf", lambda: (5, at(struct.pack("=IIQQIIQII", 1, 0, 0, text("GPL"), 0, 0, 0, 0, 0)), 48),
     "no kernel looks at kern_version",
     "bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=0, insns=NULL, "
     'license="GPL", log_level=0, log_size=0, log_buf=NULL, prog_flags=0}, 48)'),
    ("bpf", lambda: (7, at(struct.pack("=QII", text("/sys/fs/bpf/none"), 0, 0)), 16)),
    ("perf_event_open", lambda: (at(struct.pack("=IIQ", 5, 112, 5) + bytes(96)), 0, -1, -1, 8),
     "the single bits are one number",
     "perf_event_open({type=PERF_TYPE_BREAKPOINT, size=PERF_ATTR_SIZE_VER5, config=0x5, "
     "sample_period=0, sample_type=0, read_format=0, flags=0, ...}, 0, -1, -1, "
     "PERF_FLAG_FD_CLOEXEC)"),
    ("kcmp", lambda: (NOBODY, NOBODY, 0, 1, 2)),
    ("kcmp", lambda: (NOBODY, NOBODY, 1, 0, 0)),
    ("futex", lambda: (halves(0), 0, 1, 0)),
    ("futex", lambda: (halves(0), 0x81, 1)),
    ("futex", lambda: (halves(0), 0x80, 1, words(0, 5))),
    ("memfd_create", lambda: (text("name"), 0x1003)),
    ("statx", lambda: (HERE, text("/no/such"), 0x900, 0x7ff, 0)),
    ("faccessat2", lambda: (HERE, text("/no/such"), 5, 0x200)),
    ("renameat2", lambda: (HERE, text("/no/such"), BAD, text("x"), 1)),
    ("linkat", lambda: (BAD, text("x"), HERE, text("/no/such"), 0x400)),
    ("unlinkat", lambda: (HERE, text("/no/such"), 0x200)),
    ("mknodat", lambda: (BAD, text("x"), 0o20644, 0x103)),
    ("setxattr", lambda: (text("/no/such"), text("user.a"), at(b"v"), 1, 1)),
    ("inotify_add_watch", lambda: (BAD, text("/no/such"), 0x102)),
    ("fallocate", lambda: (BAD, 3, 0, 4096)),
    ("pwritev2", lambda: (BAD, iovec(b"z"), 1, 0, 0, 2), "the position has two registers",
     'pwritev2(-1, [{iov_base="z", iov_len=1}], 1, 0, 0, RWF_DSYNC)'),
    ("waitid", lambda: (1, NOBODY, 0, 5, 0)),
    ("pidfd_open", lambda: (NOBODY, 0)),
    ("close_range", lambda: (5, 4, 4)),
    ("accept4", lambda: (BAD, 0, 0, 0o2000000)),
    ("shutdown", lambda: (BAD, 2)),
    ("fanotify_init", lambda: (0x80000000, 0)),
    ("umount2", lambda: (text("/no/such"), 10)),
    ("move_mount", lambda: (BAD, text("x"), HERE, text("/no/such"), 4)),
    ("personality", lambda: (0xffffffff,)),
    ("madvise", lambda: (0, 0, 4)),
    ("mount", lambda: (text("none"), text("/no/such"), text("tmpfs"), 0xe, 0)),
    ("mount_setattr", lambda: (HERE, text("/no/such"), 0, words(1, 0, 0, 0), 32)),
    ("fsconfig", lambda: (BAD, 1, text("key"), text("value"), 0)),
    ("fsconfig", lambda: (BAD, 6, 0, 0, 0)),
    ("unshare", lambda: (0x8000000000,)),
    ("clone3", lambda: (words(0x8000000000000000, 0, 0, 0, 17, 0, 0, 0), 64)),
    ("execve", lambda: (text("/no/such"), strings("a", "b c"), strings("HOME=/"))),
    ("execve", lambda: (text("/no/such"), strings(*(["x"] * 40)), 0), "16 of them are read",
     'execve("/no/such", [' + '"x", ' * 16 + "...], NULL)"),
    ("clone", lambda: (0x10000200, 0, 0, 0, 0), "arguments are in the order of the registers",
     "clone(CLONE_FS|CLONE_NEWUSER, NULL, NULL, NULL, 0)"),
    ("kill", lambda: (NOBODY, 0)),
    ("rt_sigaction", lambda: (64, words(1, 0x10000000, 0, 1 << 16), 0, 8)),
    ("rt_sigaction", lambda: (10, words(1, 0x4000000, 1 << 40, 0), 0, 8),
     "an address in a struct that says nothing is left out",
     "rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTORER}, NULL, 8)"),
    ("rt_sigprocmask", lambda: (0, words(1 << 16 | 1), 0, 8)),
    ("rt_sigprocmask", lambda: (1, words(~0x40100), 0, 8)),
    ("rt_sigprocmask", lambda: (1, words(0), 0, 8)),
    ("sigaltstack", lambda: (words(0, 2, 0), 0)),
    ("signalfd4", lambda: (BAD, words(1 << 14), 8, 0o2000000)),
    ("rt_sigqueueinfo", lambda: (NOBODY, 10, at(struct.pack("=iiiiiiQ", 10, 0, -1, 0, 5, 6, 7)
                                               + bytes(96)))),
    ("nanosleep", lambda: (words(0, 5), 0)),
    ("setitimer", lambda: (0, words(0, 0, 0, 0), 0)),
    ("timer_create", lambda: (0, at(struct.pack("=Qiii", 7, 14, 0, 0) + bytes(44)), 0)),
    ("timerfd_settime", lambda: (BAD, 1, words(0, 0, 1, 2), 0)),
    ("utimensat", lambda: (HERE, text("/no/such"), words(0, 5, 1, 0), 0)),
    ("utimensat", lambda: (HERE, text("/no/such"), words(0, 0x3fffffff, 0, 0x3ffffffe), 0),
     "a time is a struct, whatever it says",
     'utimensat(AT_FDCWD, "/no/such", [{tv_sec=0, tv_nsec=UTIME_NOW}, '
     "{tv_sec=0, tv_nsec=UTIME_OMIT}], 0)"),
    ("utimensat", lambda: (HERE, text("/no/such"), 0, 0x100)),
    ("utimes", lambda: (text("/no/such"), words(1, 2, 3, 4))),
    ("utime", lambda: (text("/no/such"), words(1, 2))),
    ("prlimit64", lambda: (NOBODY, 7, words(100, -1), 0)),
    ("prlimit64", lambda: (NOBODY, 4, words(0, 2048), 0), "strace writes multiples of 1024",
     "prlimit64(2147483632, RLIMIT_CORE, {rlim_cur=0, rlim_max=2048}, NULL)"),
    ("setrlimit", lambda: (7, words(5, 4))),
    ("sched_setparam", lambda: (NOBODY, halves(5))),
    ("sched_setscheduler", lambda: (NOBODY, 1, halves(5))),
    ("sched_setattr", lambda: (NOBODY, at(struct.pack("=IIQiIQQQ", 48, 1, 1, 0, 5, 0, 0, 0)), 0)),
    ("sched_setaffinity", lambda: (NOBODY, 8, words(3))),
    ("setgroups", lambda: (65537, 0)),
    ("capget", lambda: (halves(0x20080522, NOBODY), 0)),
    ("capset", lambda: (halves(0x20080522, 1), halves(1, 3, 0, 0x100, 0, 0))),
    ("semop", lambda: (BAD, at(struct.pack("=Hhh", 0, -1, 0x1000)), 1)),
    ("semtimedop", lambda: (BAD, at(struct.pack("=Hhh", 1, 2, 0)), 1, words(1, 2))),
    ("semctl", lambda: (BAD, 0, 0, 0)),
    ("semctl", lambda: (BAD, 0, 16, 5)),
    ("shmctl", lambda: (BAD, 0, 0)),
    ("msgsnd", lambda: (BAD, at(struct.pack("=q3s", 1, b"abc")), 3, 0), "only the type is read",
     "msgsnd(-1, {mtype=1}, 3, 0)"),
    ("mq_open", lambda: (text("no/such"), 0o102, 0o600, words(0, 10, 64, 0))),
    ("mq_timedsend", lambda: (BAD, at(b"m"), 1, 2, words(1, 2))),
    ("process_vm_readv", lambda: (NOBODY, words(0, 1), 1, words(0x1000, 4), 1, 0)),
    ("copy_file_range", lambda: (BAD, words(5), BAD, 0, 10, 0)),
    ("splice", lambda: (BAD, 0, BAD, words(7), 10, 1)),
    ("io_uring_setup", lambda: (0, halves(0, 0, 2, 1, 1000, *([0] * 25)))),
    ("landlock_create_ruleset", lambda: (words(5), 8, 0)),
    ("landlock_add_rule", lambda: (BAD, 1, at(struct.pack("=Qi", 4, -1)), 0)),
    ("quotactl", lambda: (0x80000200, text("/no/such"), 2, text("/q")), "flags are joined by |",
     'quotactl(Q_QUOTAON|USRQUOTA, "/no/such", QFMT_VFS_V0, "/q")'),
    ("reboot", lambda: (0, 0, 0x1234567, 0)),
)


# More at once, and not every call would be shown: callgate shows 20 new kinds a second.
BATCH = 12


def plan(rows):
    """The file for raw_calls."""
    memory.clear()
    calls = b""
    for name, values, *_ in rows:
        numbers = [NUMBERS[name], *values()]
        numbers += [0] * (7 - len(numbers))
        calls += struct.pack("=7Q", *(number & (1 << 64) - 1 for number in numbers))
    return struct.pack("=3Q", BASE, SIZE, len(rows)) + calls + bytes(memory.ljust(SIZE, b"\0"))


def plain(call):
    """Without what differs on purpose everywhere: whole addresses, and remarks."""
    call = re.sub(r"0x[0-9a-f]{2}…|0x[0-9a-f]{7,16}\b", "ADDRESS", call)
    return re.sub(r" /\* [^*]*(\?\?\?|\+0000|skid) \*/", "", call)


class Same(support.TestCase):
    """Row by row."""

    def calls_by_strace(self, names, path):
        output = self.scratch / "strace"
        support.run("strace", "-o", output, "-e", "trace=" + ",".join(names), RAW_CALLS, path)
        return [re.sub(r"\) += .*$", ")", line) for line in output.read_text().splitlines()
                if not line.startswith(("+++", "---"))]

    def calls_by_callgate(self, names, path):
        profile = self.scratch / "profile.json"
        profile.write_text(json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": names, "action": "SCMP_ACT_ERRNO"}],
        }))
        result = support.callgate("run", "--profile", profile, "--mode", "complain", "--",
                                  RAW_CALLS, path)
        return [denial.call for denial in support.denials(result.stderr)]

    def compare(self, rows):
        path = self.scratch / "plan"
        path.write_bytes(plan(rows))
        names = sorted({row[0] for row in rows})
        theirs = self.calls_by_strace(names, path)[-len(rows):]
        ours = self.calls_by_callgate(names, path)[-len(rows):]
        self.assertEqual((len(theirs), len(ours)), (len(rows), len(rows)))
        for row, their, our in zip(rows, theirs, ours):
            with self.subTest(strace=their):
                if len(row) == 2:
                    self.assertEqual(plain(our), plain(their))
                else:
                    self.assertNotEqual(plain(our), plain(their), "no longer different")
                    self.assertEqual(plain(our), row[3])

    def test_rows(self):
        support.program("strace")
        for start in range(0, len(ROWS), BATCH):
            self.compare(ROWS[start:start + BATCH])


if __name__ == "__main__":
    support.main()
