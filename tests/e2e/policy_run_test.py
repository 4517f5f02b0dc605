# SPDX-License-Identifier: Apache-2.0
"""`run --policy`: rules on registers and callers decide for real programs."""

import json
import sys

import support

# What a call came to: "ok", or the name of its errno.
PRELUDE = """
import ctypes, errno, os, socket, sys
def outcome(call, *arguments):
    try:
        call(*arguments)
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]
def say(*words):
    print(*words, flush=True)
"""


class PolicyTestCase(support.TestCase):
    def policy(self, *rules, **root):
        return self.file("policy.json", json.dumps(dict(root, rules=list(rules))))

    def run_policy(self, policy, *command, profile="none", options=()):
        return support.callgate("run", "--profile", profile, "--policy", policy,
                                "--log", f"json:{self.scratch}/log", *options, "--", *command)

    def python(self, policy, script, **options):
        return self.run_policy(policy, sys.executable, "-c", PRELUDE + script, **options)

    def calls(self):
        log = (self.scratch / "log").read_text(encoding="utf-8")
        return support.events(log, "syscall")


class Actions(PolicyTestCase):
    def test_errno_only_for_what_matches(self):
        policy = self.policy({"names": ["socket"], "action": "errno", "errnoRet": "EACCES",
                              "args": [{"arg": "domain", "op": "in",
                                        "value": ["AF_INET", "AF_INET6"]}]})
        result = self.python(policy, "say(*(outcome(socket.socket, family) for family in"
                                     " (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)))")
        self.assertEqual(result.stdout, "EACCES EACCES ok\n", result.stderr)
        (first, second) = self.calls()
        self.assertEqual(first["rule.id"], "policy.json#0")
        self.assertEqual(first["rule.reason"], "policy")
        self.assertEqual(first["rule.file"], policy)
        self.assertEqual(first["rule.line"], 1)
        self.assertEqual(second["seccomp.errno_name"], "EACCES")
        self.assertIn("policy policy.json:1", result.stderr)

    def test_the_first_rule_that_matches_decides(self):
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO"},
                             {"names": ["rmdir"], "action": "errno", "errnoRet": "ENOSPC"})
        result = self.python(policy, "say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "EIO\n", result.stderr)

    def test_a_rule_allows_what_the_profile_denies(self):
        policy = self.policy({"names": ["keyctl"], "action": "SCMP_ACT_ALLOW",
                              "args": [{"index": 0, "op": "SCMP_CMP_EQ",
                                        "value": "KEYCTL_GET_KEYRING_ID"}]})
        script = """
libc = ctypes.CDLL(None, use_errno=True)
def keyctl(operation, key):
    ctypes.set_errno(0)
    libc.syscall(250, operation, key, 0)
    return ctypes.get_errno()
say(keyctl(0, -3) == errno.EPERM, keyctl(6, -3) == errno.EPERM)
"""
        result = self.python(policy, script, profile="docker-default")
        self.assertEqual(result.stdout, "False True\n", result.stderr)

    def test_return_skips_the_call(self):
        policy = self.policy({"names": ["mkdir", "mkdirat"], "action": "return", "value": 0})
        directory = self.scratch / "never"
        result = self.python(policy, f"say(outcome(os.mkdir, '{directory}'))")
        self.assertEqual(result.stdout, "ok\n", result.stderr)
        self.assertFalse(directory.exists())
        (call,) = self.calls()
        self.assertEqual((call["seccomp.verdict"], call["seccomp.return"]), ("return", "0x0"))
        self.assertRegex(result.stderr, r"FAKE +\S+ +mkdir\(.*\) = 0 +policy policy\.json:1 ")
        self.assertIn("1 call faked", result.stderr)

    def test_kill(self):
        policy = self.policy({"names": ["kill"], "action": "kill",
                              "args": [{"arg": "sig", "op": "SCMP_CMP_EQ", "value": "SIGUSR1"}]})
        result = self.python(policy, "os.kill(os.getpid(), 0); say('alive');"
                                     "os.kill(os.getpid(), 10); say('never')")
        self.assertEqual((result.status, result.stdout), (-9, "alive\n"), result.stderr)
        self.assertEqual([call["seccomp.verdict"] for call in self.calls()], ["kill"])

    def test_ask_denies_where_nobody_answers(self):
        policy = self.policy({"names": ["rmdir"], "action": "ask", "errnoRet": "EBUSY"})
        result = self.python(policy, "say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "EBUSY\n", result.stderr)
        self.assertEqual(self.calls()[0]["rule.reason"], "policy_ask")

    def test_log(self):
        policy = self.policy(
            {"names": ["rmdir"], "action": "errno", "log": False},
            {"names": ["getppid"], "action": "allow", "log": True})
        result = self.python(policy, "os.getppid(); say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "EPERM\n", result.stderr)
        self.assertEqual([call["syscall.name"] for call in self.calls()], ["getppid"])

    def test_complain_executes_what_it_marks(self):
        policy = self.policy({"names": ["mkdir"], "action": "errno"})
        directory = self.scratch / "made"
        result = self.python(policy, f"say(outcome(os.mkdir, '{directory}'))",
                             options=("--mode", "complain"))
        self.assertEqual(result.stdout, "ok\n", result.stderr)
        self.assertTrue(directory.exists())
        self.assertEqual(self.calls()[0]["seccomp.verdict"], "would_deny")


class Callers(PolicyTestCase):
    def test_exe(self):
        policy = self.policy({"names": ["uname"], "action": "errno", "errnoRet": "ENOSYS",
                              "when": {"exe": "**/uname"}})
        uname = support.program("uname")
        self.assertEqual(self.run_policy(policy, uname).status, 1)
        result = self.python(policy, "say(os.uname().sysname)")
        self.assertEqual(result.stdout, "Linux\n", result.stderr)

    def test_uid_and_gid(self):
        support.needs_root()
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "when": {"uid": "1000-1999", "gid": [5, 100]}})
        script = """
say(outcome(os.rmdir, '/nonexistent'))
os.setresgid(100, 100, 100); say(outcome(os.rmdir, '/nonexistent'))
os.setresuid(1500, 1500, 1500); say(outcome(os.rmdir, '/nonexistent'))
"""
        result = self.python(policy, script)
        self.assertEqual(result.stdout.split(), ["ENOENT", "ENOENT", "EIO"], result.stderr)

    def test_process(self):
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "when": {"process": "exec"}})
        script = """
say(outcome(os.rmdir, '/nonexistent'))
if os.fork() == 0:
    say(outcome(os.rmdir, '/nonexistent'))
    os._exit(0)
os.wait()
"""
        result = self.python(policy, script)
        self.assertEqual(result.stdout.split(), ["ENOENT", "EIO"], result.stderr)

    def test_comm(self):
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "when": {"comm": "rm*"}})
        result = self.run_policy(policy, "rmdir", str(self.scratch / "absent"))
        self.assertIn("Input/output error", result.stderr)
        result = self.python(policy, "say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "ENOENT\n", result.stderr)

    def test_no_container_under_run(self):
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "when": {"containerName": "*"}})
        result = self.python(policy, "say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "ENOENT\n", result.stderr)


class Limits(PolicyTestCase):
    def test_over_the_limit_the_next_rule_is_asked(self):
        policy = self.policy(
            {"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
             "limit": {"count": 3, "seconds": 3600}},
            {"names": ["rmdir"], "action": "errno", "errnoRet": "ENOSPC"})
        script = "say(*(outcome(os.rmdir, '/nonexistent') for call in range(5)))"
        result = self.python(policy, script)
        self.assertEqual(result.stdout.split(), ["EIO"] * 3 + ["ENOSPC"] * 2, result.stderr)
        # Another target has its own count.
        self.assertEqual(self.python(policy, script).stdout, result.stdout)

    def test_over_the_last_limit_the_profile_decides(self):
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "limit": {"count": 1, "seconds": 3600}})
        result = self.python(policy, "say(*(outcome(os.rmdir, '/x') for call in range(2)))")
        self.assertEqual(result.stdout.split(), ["EIO", "ENOENT"], result.stderr)


class Loading(PolicyTestCase):
    def test_every_call_can_be_notified(self):
        names = ["execve", "write", "close", "mmap", "exit_group", "rt_sigreturn", "futex"]
        policy = self.policy({"names": names, "action": "allow"})
        result = self.run_policy(policy, "sh", "-c", "echo one | cat")
        self.assertEqual((result.status, result.stdout), (0, "one\n"), result.stderr)

    def test_notify_alone_leaves_the_profile_to_decide(self):
        policy = self.file("notify.json", '{"notify": ["rmdir"]}')
        result = self.python(policy, "say(outcome(os.rmdir, '/nonexistent'))")
        self.assertEqual(result.stdout, "ENOENT\n", result.stderr)

    def test_the_policy_names_its_profile(self):
        profile = self.file("p.json", json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
                         {"names": ["unlink"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}]}))
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO"},
                             profile=profile)
        result = support.callgate("run", "--policy", policy, "--", sys.executable, "-c", PRELUDE +
                                  "say(outcome(os.rmdir, '/x'), outcome(os.unlink, '/x'))")
        self.assertEqual(result.stdout, "EIO EIO\n", result.stderr)
        result = self.python(policy, "say(outcome(os.unlink, '/x'))")  # --profile none
        self.assertEqual(result.stdout, "ENOENT\n", result.stderr)

    def test_unmatched(self):
        profile = self.file("p.json", json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["rmdir"], "action": "SCMP_ACT_NOTIFY"}]}))
        script = "say(outcome(os.rmdir, '/nonexistent'))"
        denied = self.python(self.policy(), script, profile=profile)
        self.assertEqual(denied.stdout, "EPERM\n", denied.stderr)
        allowed = self.python(self.policy(unmatched="allow"), script, profile=profile)
        self.assertEqual(allowed.stdout, "ENOENT\n", allowed.stderr)
        self.assertIn("callgate: policy policy.json allows what the profile notifies",
                      allowed.stderr)
        self.assertNotIn("allows what", denied.stderr)

    def test_a_broken_policy_starts_nothing(self):
        policy = self.policy({"names": ["opneat"], "action": "errno"})
        result = self.run_policy(policy, "touch", str(self.scratch / "started"))
        self.assertEqual(result.status, 125)
        self.assertIn('did you mean "openat"?', result.stderr)
        self.assertFalse((self.scratch / "started").exists())

    def test_what_cannot_be_enforced_is_refused(self):
        rules = {"advisory": {"names": ["openat"], "action": "errno", "advisory": True,
                              "args": [{"arg": "path", "op": "path", "value": "/x"}]}}
        for name, rule in rules.items():
            with self.subTest(name):
                result = self.run_policy(self.policy(rule), "true")
                self.assertEqual(result.status, 125)
                self.assertIn(f"of class {name}", result.stderr)


class Performed(PolicyTestCase):
    """Rules that look at memory: the call is made for the target from what they looked at."""

    def test_paths(self):
        policy = self.policy({"names": ["openat"], "action": "errno", "errnoRet": "EACCES",
                              "args": [{"arg": "pathname", "op": "path", "value": "/etc/host*"}]})
        result = self.python(policy, """
for path in ("/etc/hosts", "/etc/../etc/hosts", "/proc/self/root/etc/hosts", "/etc/passwd"):
    say(outcome(lambda: open(path).close()))
""")
        self.assertEqual(result.stdout, "EACCES\nEACCES\nEACCES\nok\n", result.stderr)

    def test_addresses(self):
        policy = self.policy(
            {"names": ["connect"], "action": "allow",
             "args": [{"arg": "addr", "op": "net", "value": "127.0.0.0/8:9"}]},
            {"names": ["connect"], "action": "errno", "errnoRet": "EHOSTUNREACH"})
        result = self.python(policy, """
import socket
for port in (9, 10):
    say(outcome(lambda: socket.socket().connect(("127.0.0.1", port))))
""")
        self.assertEqual(result.stdout, "ECONNREFUSED\nEHOSTUNREACH\n", result.stderr)

    def test_struct(self):
        """A member of open_how; and a message without an address is no message to an address."""
        policy = self.policy(
            {"names": ["openat2"], "action": "errno", "errnoRet": "EDOM",
             "args": [{"field": "open_how.resolve", "op": "SCMP_CMP_EQ", "value": 8}]},
            {"names": ["sendto"], "action": "errno", "errnoRet": "EHOSTUNREACH",
             "args": [{"arg": "dest_addr", "op": "net", "value": "127.0.0.0/8"}]})
        result = self.python(policy, """
import socket
libc = ctypes.CDLL(None, use_errno=True)
for resolve in (0, 8):
    how = (ctypes.c_uint64 * 3)(0, 0, resolve)
    say(libc.syscall(437, -100, b"/etc/passwd", how, 24) >= 0, ctypes.get_errno())
one, two = socket.socketpair()
say(one.send(b"x"))
say(outcome(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))))
""")
        self.assertEqual(result.stdout, "True 0\nFalse 33\n1\nEHOSTUNREACH\n", result.stderr)

    def test_doubt_does_not_save_from_death(self):
        """The path leads nowhere, and the profile kills all the same."""
        policy = self.policy({"names": ["mkdir"], "action": "errno",
                              "args": [{"arg": "pathname", "op": "path", "value": "/x"}]})
        profile = self.file("kill.json", json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_KILL_PROCESS"}]}))
        result = self.python(policy, "say(outcome(os.mkdir, '/missing/x'))", profile=profile)
        self.assertEqual((result.status, result.stdout), (-9, ""), result.stderr)

    def test_refusal_is_told(self):
        """O_PATH cannot be handed over: openat does it by itself, openat2 could change its mind."""
        rule = {"names": ["openat", "openat2"], "action": "errno",
                "args": [{"arg": "pathname", "op": "path", "value": "/x"}]}
        result = self.python(self.policy(rule), """
say(outcome(lambda: os.close(os.open('/', os.O_PATH))))
how = (ctypes.c_uint64 * 3)(os.O_PATH, 0, 0)
say(ctypes.CDLL(None).syscall(437, -100, b"/", how, 24))
""")
        self.assertEqual(result.stdout, "ok\n-1\n")
        self.assertIn("hands over no O_PATH", result.stderr)


class Hostile(PolicyTestCase):
    def test_upper_half_of_a_32_bit_argument(self):
        """The kernel does not look at it, so neither may a rule."""
        policy = self.policy({"names": ["socket"], "action": "errno", "errnoRet": "EACCES",
                              "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": "AF_INET"}]})
        result = self.python(policy, """
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for high in (0, 1, 0xffffffff):
    ctypes.set_errno(0)
    fd = libc.syscall(ctypes.c_long(41), ctypes.c_ulong(high << 32 | 2), ctypes.c_long(1),
                      ctypes.c_long(0))
    say(fd, ctypes.get_errno() == errno.EACCES)
""")
        self.assertEqual(result.stdout, "-1 True\n" * 3, result.stderr)

    def test_a_name_of_its_own_choice(self):
        """A comm may hold anything; it is matched as bytes, and shown harmlessly."""
        policy = self.policy({"names": ["rmdir"], "action": "errno", "errnoRet": "EIO",
                              "when": {"comm": "*\u001b*"}})
        result = self.python(policy, """
with open("/proc/self/comm", "w") as comm:
    comm.write("a\\x1b[31m\\nb")
say(outcome(os.rmdir, '/nonexistent'))
""")
        self.assertEqual(result.stdout, "EIO\n", result.stderr)
        self.assertNotIn("\x1b", result.stderr)


if __name__ == "__main__":
    support.main()
