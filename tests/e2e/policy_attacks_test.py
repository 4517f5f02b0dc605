# SPDX-License-Identifier: Apache-2.0
"""A hostile target under `run --policy`: what it tries, and that it does not get it."""

import os
import pathlib

import support
from policy_run_test import PRELUDE, PolicyTestCase

# Every path is looked at, so every open is performed; one is refused.
LOOKED_AT = {"names": ["open", "openat", "openat2"], "action": "errno", "errnoRet": "EROFS",
             "args": [{"arg": "path", "op": "path", "value": "/refused"}]}

# The processes of Callgate's that serve the script: its parent, and what the parent has forked.
OURS = """
def parent(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])
def ours(keeper=os.getppid()):
    found = [keeper]
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            if pid != os.getpid() and {parent(pid), parent(parent(pid))} & {keeper}:
                found.append(pid)
        except OSError:
            continue
    return found
def reached(*files):
    for pid in ours():
        for name in files:
            try:
                os.close(os.open(f"/proc/{pid}/{name}", os.O_RDWR if name == "mem" else 0))
                yield name
            except OSError as error:
                yield errno.errorcode[error.errno]
"""


class OfOurs(PolicyTestCase):
    """The keeper, the worker and the performers hold the listener: who gets at them is free."""

    INSIDE = ("mem", "maps", "environ", "cwd", "fd/7", "fd/10", "root")

    def as_nobody(self, script):
        """Keeper, worker and target have one uid and no capabilities."""
        support.needs_root()
        policy = self.policy(LOOKED_AT)
        os.chown(self.scratch, 65534, 65534)
        return support.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                           support.CALLGATE, "run", "--profile", "none", "--policy", policy, "--",
                           "python3", "-c", self.script(script),
                           env=dict(os.environ, HOME=str(self.scratch), XDG_STATE_HOME=""))

    def script(self, script):
        return PRELUDE + OURS + script

    def check_closed(self, result):
        """Not one of them, and more than one process was tried."""
        found = result.stdout.split()
        self.assertGreater(len(found), 2 * len(self.INSIDE), result.stderr)
        self.assertLessEqual(set(found), {"EACCES", "EPERM", "ENOENT", "ESRCH"}, result.stderr)

    def test_closed_to_the_same_uid(self):
        self.check_closed(self.as_nobody(f"say(*reached(*{self.INSIDE}))"))

    def test_closed_to_a_lesser_root(self):
        """Root without capabilities owns the files; what is asked to open them must not be them."""
        support.needs_root()
        script = f"say(*(word for _ in range(8) for word in reached(*{self.INSIDE})))"
        result = self.run_policy(self.policy(LOOKED_AT), "setpriv", "--bounding-set=-all",
                                 "--inh-caps=-all", "python3", "-c",
                                 PRELUDE + OURS + script)
        self.check_closed(result)

    def test_not_traced_by_the_same_uid(self):
        result = self.as_nobody("""
libc = ctypes.CDLL(None, use_errno=True)
say(len(ours()) > 1, {libc.ptrace(0x4206, pid, 0, 0) for pid in ours()})
""")
        self.assertEqual(result.stdout, "True {-1}\n", result.stderr)

    def test_killed_again_and_again(self):
        """A call is denied, or nobody is there to decide: never allowed. In the end, ENOSYS."""
        result = self.as_nobody("""
import signal
def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
keeper, main = os.getppid(), os.getpid()
killer = os.fork()
while killer == 0:
    kill(pid for pid in ours(keeper) if pid not in (keeper, main, os.getpid()))
seen = set()
for _ in range(300):
    seen.add(outcome(os.open, "/refused", os.O_RDWR | os.O_CREAT))
os.kill(killer, signal.SIGKILL)
say(*(seen - {"EROFS", "EIO", "EAGAIN"}))
all_of_them = ours(keeper)
kill([keeper])
while "ENOSYS" not in seen:
    kill(all_of_them)
    seen.add(outcome(os.open, "/refused", os.O_RDWR | os.O_CREAT))
say("ok" in seen)
""")
        self.assertEqual(result.stdout, "\nFalse\n", result.stderr[-2000:])


class Opens(PolicyTestCase):
    def test_upper_halves_and_other_numbers(self):
        """What the kernel cuts off is cut off, and another ABI is no way round."""
        policy = self.policy({"names": ["open", "openat", "creat"], "action": "errno",
                              "errnoRet": "EROFS",
                              "args": [{"arg": "path", "op": "path", "value": "/etc/passwd"}]})
        result = self.python(policy, """
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
path, high = ctypes.c_char_p(b"/etc/passwd"), 0xffffffff << 32
for number, *arguments in (
        (2, path, 0, 0), (2, path, high, 0), (high | 2, path, 0, 0), (85, path, high),
        (257, -100, path, 0, 0), (257, 0x123ffffff9c, path, high, high), (257, high, path, 0, 0),
        (1 << 30 | 2, path, 0, 0), (1 << 30 | 257, -100, path, 0, 0)):
    ctypes.set_errno(0)
    fd = libc.syscall(ctypes.c_ulong(number), *(argument if argument is path else
                                                ctypes.c_ulong(argument) for argument in arguments))
    say(fd, errno.errorcode.get(ctypes.get_errno()))
""", profile="docker-default")
        self.assertEqual(result.stdout.splitlines(), 7 * ["-1 EROFS"] + 2 * ["-1 EPERM"],
                         result.stderr)

    def test_more_that_wait_than_can_be_made(self):
        """The next one is denied, nobody else waits for it, and those that wait can be killed."""
        os.mkfifo(self.scratch / "fifo")
        policy = self.policy(LOOKED_AT, {"names": ["rmdir"], "action": "errno",
                                         "errnoRet": "ENOTEMPTY"})
        result = self.python(policy, f"""
import threading, time
for _ in range(300):
    threading.Thread(target=outcome, args=(os.open, "{self.scratch}/fifo", os.O_RDONLY),
                     daemon=True).start()
while outcome(lambda: os.close(os.open("/etc/passwd", os.O_RDONLY))) != "EAGAIN":
    time.sleep(0.01)
say(outcome(os.rmdir, "/"))
os._exit(0)
""")
        self.assertEqual((result.status, result.stdout), (0, "ENOTEMPTY\n"), result.stderr[-500:])
        self.assertIn("too many calls are being made", result.stderr)

    def test_nothing_of_ours_is_left_in_a_table(self):
        """Neither in the target's, nor does a performer keep what it was handed."""
        support.needs_root()
        result = self.python(self.policy(LOOKED_AT), OURS + """
def tables():
    return [len(os.listdir(f"/proc/{pid}/fd")) for pid in ["self", *ours()]]
os.stat("/etc")
before = tables()
for _ in range(200):
    os.close(os.open("/etc/passwd", os.O_RDONLY))
    outcome(os.open, "/etc/none", os.O_RDONLY)
    outcome(lambda: os.close(os.open(f"/proc/{os.getppid()}/fd/0", os.O_RDONLY)))
    outcome(os.open, f"/proc/{os.getppid()}/mem/x", os.O_RDONLY)
after = tables()
say(after[0] - before[0], max(after) - max(before) < 9)
""")
        self.assertEqual(result.stdout, "0 True\n", result.stderr[-500:])

    def test_race_of_a_path_that_leads_nowhere(self):
        """O_PATH goes on by itself where a rule lets it, and never because it had nothing to see."""
        policy = self.policy({"names": ["openat"], "action": "errno", "errnoRet": "EACCES",
                              "args": [{"arg": "flags", "op": "flags", "value": {"all": "O_PATH"}},
                                       {"arg": "pathname", "op": "path", "value": "/**"}]})
        result = self.python(policy, """
import mmap, signal
shared = mmap.mmap(-1, 4096)
shared[:12] = b"/etc/passwd\\0"
flipper = os.fork()
while flipper == 0:
    shared[1:2] = b"e"
    shared[1:2] = b"x"
libc = ctypes.CDLL(None, use_errno=True)
address = ctypes.addressof(ctypes.c_char.from_buffer(shared))
seen = set()
for _ in range(2000):
    fd = libc.syscall(257, -100, ctypes.c_void_p(address), os.O_PATH, 0)
    seen.add("got it" if fd >= 0 else errno.errorcode[ctypes.get_errno()])
os.kill(flipper, signal.SIGKILL)
say(*sorted(seen))
""")
        self.assertEqual(result.stdout, "EACCES ENOENT\n", result.stderr[-500:])


class Addresses(PolicyTestCase):
    def test_the_loopback_by_another_name(self):
        policy = self.policy({"names": ["connect", "sendto", "sendmsg"], "action": "errno",
                              "args": [{"arg": "addr", "op": "net",
                                        "value": ["127.0.0.0/8", "[::1]"]}]})
        result = self.python(policy, """
four, six = (socket.socket(family, socket.SOCK_DGRAM) for family in
             (socket.AF_INET, socket.AF_INET6))
for who, host in ((four, "127.0.0.1"), (four, "127.9.9.9"), (four, "0.0.0.0"), (six, "::1"),
                  (six, "::"), (six, "::ffff:127.0.0.1"), (six, "::ffff:0.0.0.0")):
    say(outcome(who.connect, (host, 9)), outcome(who.sendto, b"x", (host, 9)),
        outcome(who.sendmsg, [b"x"], [], 0, (host, 9)))
tcp = socket.socket()
say(outcome(tcp.sendto, b"x", 0x20000000, ("0.0.0.0", 9))) # MSG_FASTOPEN
say(outcome(four.bind, ("0.0.0.0", 0)))
""")
        self.assertEqual(result.stdout.splitlines(), 7 * ["EPERM EPERM EPERM"] + ["EPERM", "ok"],
                         result.stderr)

    def test_lengths_that_lie(self):
        """What is too short or too long is no address that a rule could allow, nor the kernel."""
        policy = self.policy({"names": ["connect"], "action": "allow",
                              "args": [{"arg": "addr", "op": "net", "value": "127.0.0.0/8"}]},
                             {"names": ["connect"], "action": "errno", "errnoRet": "ENETDOWN"})
        result = self.python(policy, """
import struct
libc = ctypes.CDLL(None, use_errno=True)
address = struct.pack("=H2s4s8x", socket.AF_INET, b"\\0\\x09", bytes((127, 0, 0, 1)))
who = socket.socket(type=socket.SOCK_DGRAM)
for length in (0, 1, 2, 15, 16, 128, 129, 1 << 31, (1 << 32) | 16):
    ctypes.set_errno(0)
    libc.syscall(42, who.fileno(), address + bytes(128), ctypes.c_ulong(length))
    say(length, errno.errorcode.get(ctypes.get_errno()))
""")
        self.assertEqual([line.split()[1] for line in result.stdout.splitlines()],
                         4 * ["ENETDOWN"] + ["None", "None", "EINVAL", "EINVAL", "None"],
                         result.stdout + result.stderr)


class Places(PolicyTestCase):
    """What a path leads to can depend on the namespaces of who opens it."""

    PORT_START = pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")

    def in_namespaces(self, flags, script):
        support.needs_root()
        result = self.python(self.policy(LOOKED_AT),
                             f"assert ctypes.CDLL(None).unshare({flags}) == 0\n" + script)
        self.assertEqual(result.status, 0, result.stderr)
        return result.stdout

    def test_a_setting_of_another_network(self):
        before = self.PORT_START.read_text()
        self.addCleanup(self.PORT_START.write_text, before)
        for flags in ("0x40000000", "0x50000000"): # CLONE_NEWNET, CLONE_NEWUSER
            said = self.in_namespaces(flags, f"""
with open("{self.PORT_START}") as setting:
    start = setting.read()
say(start, outcome(lambda: open("{self.PORT_START}", "w").write("77")))
""")
            self.assertIn(said.split(), (["1024", "ok"], ["1024", "EACCES"]))
            self.assertEqual(self.PORT_START.read_text(), before)

    def test_a_network_from_before_the_user_namespace(self):
        said = self.in_namespaces("0x40000000", """
assert ctypes.CDLL(None).unshare(0x10000000) == 0
say(*sorted(os.listdir("/proc/sys/net/ipv4/conf")))
""")
        self.assertEqual(said, "all default lo\n")

    def test_names_of_its_own(self):
        """In a root or behind mounts of its own a target chooses what its paths are called."""
        support.needs_root()
        self.file("hidden", "h")
        policy = self.policy({"names": ["openat"], "action": "errno", "errnoRet": "EACCES",
                              "args": [{"arg": "path", "op": "path",
                                        "value": f"{self.scratch}/hidden"}]})
        result = self.python(policy, f"""
def read(path):
    return lambda: open(path).close()
say(outcome(read("{self.scratch}/hidden")), outcome(read("/etc/passwd")))
if os.fork() == 0:
    os.chroot("{self.scratch}")
    say(outcome(read("/hidden")))
    os._exit(0)
os.wait()
libc = ctypes.CDLL(None)
assert libc.unshare(0x00020000) == 0 # CLONE_NEWNS
assert libc.mount(b"none", b"/", None, 0x44000, None) == 0 # MS_REC | MS_PRIVATE
assert libc.mount(b"{self.scratch}", b"/mnt", None, 0x1000, None) == 0 # MS_BIND
say(outcome(read("/mnt/hidden")))
""")
        self.assertEqual(result.stdout.split(), ["EACCES", "ok", "EXDEV", "EXDEV"], result.stderr)
        self.assertIn("cannot see (EXDEV)", result.stderr)

    def test_limits_of_another_ipc(self):
        limit = pathlib.Path("/proc/sys/kernel/msgmax")
        before = limit.read_text()
        self.addCleanup(limit.write_text, before)
        self.in_namespaces("0x08000000", f"open('{limit}', 'w').write('9999')")
        self.assertEqual(limit.read_text(), before)


if __name__ == "__main__":
    support.main()
