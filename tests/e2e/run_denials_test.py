#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate run: what is denied, and how it is told."""

import json
import re
import sys

import support
from support import argument, callgate, callgate_run, denials, events

# For root: mount(8) of anybody else gives up before the call.
SCRIPT = "unshare -Ur true; mount -t tmpfs none /mnt; exit 7"

# Makes one denied call N times: keyctl(KEYCTL_GET_KEYRING_ID), number 250 on x86-64. All six
# registers are set, so that all calls are of one kind.
REPEAT = "for (1..%d) { syscall(250, 0, -3, 0, 0, 0, 0) }"


def summary(stderr):
    """The line of the summary that has the totals."""
    return next(line for line in stderr.splitlines() if re.match(r"callgate: \d+ call", line))


def counted(found):
    """How many calls these events stand for: one each, but for what had to be folded."""
    return sum(event["seccomp.repeat"] if event["event.name"] == "fold" else 1
               for event in found if event["event.name"] in ("syscall", "fold"))


class Text(support.TestCase):
    """The lines on stderr."""

    def test_the_session_that_started_it_all(self):
        support.needs_root()
        result = callgate_run("sh", "-c", SCRIPT)
        self.assertEqual(result.status, 7)
        self.assertEqual(result.stdout, "")
        unshare, mount = denials(result.stderr)[:2]
        self.assertEqual((unshare.verdict, unshare.comm, unshare.error), ("DENY", "unshare", "EPERM"))
        self.assertIn("unshare(CLONE_NEWUSER", unshare.call)
        self.assertEqual((mount.verdict, mount.comm, mount.error), ("DENY", "mount", "EPERM"))
        self.assertIn('mount("none", "/mnt", "tmpfs"', mount.call)

    def test_numbers_count_from_one(self):
        support.needs_root()
        found = denials(callgate_run("sh", "-c", SCRIPT).stderr)
        self.assertEqual([int(denial.number) for denial in found],
                         list(range(1, len(found) + 1)))

    def test_why_names_the_default_and_the_capability(self):
        support.needs_root()
        for denial in denials(callgate_run("sh", "-c", SCRIPT).stderr):
            self.assertTrue(denial.why.startswith("default"), denial)
            self.assertIn("CAP_SYS_ADMIN", denial.why)

    def test_nothing_of_it_on_stdout_and_no_colour_in_a_pipe(self):
        support.needs_root()
        result = callgate_run("sh", "-c", "echo out; " + SCRIPT)
        self.assertEqual(result.stdout, "out\n")
        self.assertNotIn("\x1b", result.stderr)

    def test_the_call_fails_as_without_callgate(self):
        stderr = callgate_run("unshare", "-Ur", "true").stderr
        self.assertIn("unshare: unshare failed: Operation not permitted\n", stderr)

    def test_quiet(self):
        result = callgate("run", "--quiet", "--", "unshare", "-Ur", "true")
        self.assertEqual(result.status, 1)
        self.assertEqual(result.stderr, "unshare: unshare failed: Operation not permitted\n")

    def test_summary(self):
        support.needs_root()
        result = callgate_run("sh", "-c", SCRIPT)
        self.assertEqual(summary(result.stderr),
                         "callgate: 2 calls denied, 2 kinds: mount ×1, unshare ×1")

    def test_nothing_denied_nothing_said(self):
        self.assertEqual(callgate_run("true"), (0, "", ""))

    def test_terminal_escapes_of_the_target_are_harmless(self):
        """The target names its files, and itself."""
        code = 'import ctypes; libc = ctypes.CDLL(None); ' \
               'libc.syscall(157, 15, b"\\x1b]0;x\\x07\\n", 0, 0, 0); ' \
               'libc.mount(b"\\x1b[31m", b"/mnt\\xff\\n", b"tmpfs", 0, None)'
        stderr = callgate_run("/usr/bin/python3", "-c", code).stderr
        self.assertNotIn("\x1b", stderr)
        self.assertNotIn("\x07", stderr)
        self.assertIn(r"\x1b[31m", stderr)
        found = denials(stderr)
        self.assertEqual(len(found), 1, stderr)
        self.assertIn(r"\xff", found[0].call)

    def test_unreadable_and_long_memory(self):
        code = 'import ctypes; libc = ctypes.CDLL(None); ' \
               'libc.mount(ctypes.c_void_p(8), b"x" * 100000, ctypes.c_void_p(-1), 0, None)'
        found = denials(callgate_run("/usr/bin/python3", "-c", code).stderr)
        self.assertEqual(len(found), 1)
        self.assertIn("0x8", found[0].call)
        self.assertLess(len(found[0].call), 8192)


class Json(support.TestCase):
    def json_lines(self, *options, command=("sh", "-c", SCRIPT)):
        """The events of a run whose stderr holds nothing but JSON lines and the command's own."""
        path = self.scratch / "events.jsonl"
        result = callgate("run", "--quiet", *options, "--log", f"json:{path}", "--", *command)
        return result, events(path.read_text(encoding="utf-8"))

    def test_standard_error(self):
        result = callgate("run", "--quiet", "--log", "json:-", "--", "sh", "-c",
                          "unshare -Ur true 2>&-; exit 7")
        self.assertEqual(result.status, 7)
        found = events(result.stderr, "syscall")
        self.assertEqual(found[0]["syscall.name"], "unshare")

    def test_decoded_arguments(self):
        support.needs_root()
        result, found = self.json_lines()
        self.assertEqual(result.status, 7)
        unshare, mount = [event for event in found if event["event.name"] == "syscall"][:2]
        self.assertEqual(unshare["syscall.name"], "unshare")
        self.assertIn("CLONE_NEWUSER", argument(unshare, "flags")["value"])
        self.assertEqual(mount["syscall.name"], "mount")
        self.assertEqual(argument(mount, "source")["value"], "none")
        self.assertEqual(argument(mount, "target")["value"], "/mnt")
        self.assertEqual(argument(mount, "filesystemtype")["value"], "tmpfs")
        self.assertTrue(argument(mount, "target")["racy"])
        for entry in mount["syscall.args"]:
            self.assertRegex(entry["raw"], r"^0x[0-9a-f]+$")

    def test_what_every_denial_carries(self):
        support.needs_root()
        _, found = self.json_lines()
        event = next(event for event in found if event["event.name"] == "syscall")
        self.assertEqual(event["schema"], "callgate.event/1")
        self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertRegex(event["event.id"], r"^[0-9a-f]{8}-1$")
        self.assertEqual(event["seccomp.verdict"], "deny")
        self.assertEqual(event["seccomp.mode"], "enforce")
        self.assertEqual(event["seccomp.action"], "SCMP_ACT_ERRNO")
        self.assertEqual((event["seccomp.errno"], event["seccomp.errno_name"]), (1, "EPERM"))
        self.assertEqual(event["syscall.number"], 272)
        self.assertEqual(event["profile.name"], "docker-default")
        self.assertGreater(event["process.pid"], 0)
        self.assertTrue(event["process.executable.path"].endswith("/unshare"))

    def test_start_and_summary_stand_at_the_ends(self):
        support.needs_root()
        _, found = self.json_lines()
        self.assertEqual(found[-1]["event.name"], "summary")
        ids = [event["event.id"] for event in found if event["event.name"] == "syscall"]
        self.assertEqual(len(ids), len(set(ids)))

    def test_every_denial_of_a_kind_has_its_line(self):
        support.program("perl")
        _, found = self.json_lines(command=("perl", "-e", REPEAT % 50))
        calls = [event for event in found if event["event.name"] == "syscall"]
        self.assertEqual(len(calls), 50)
        self.assertEqual({event["syscall.name"] for event in calls}, {"keyctl"})

    def test_given_descriptor(self):
        path = self.scratch / "events.jsonl"
        with open(path, "wb") as sink:
            callgate("run", "--log", f"json:fd:{sink.fileno()}", "--", "unshare", "-Ur", "true",
                     pass_fds=(sink.fileno(),))
        found = events(path.read_text(encoding="utf-8"), "syscall")
        self.assertEqual(len(found), 1)

    def test_several_sinks_tell_the_same(self):
        paths = [self.scratch / "one", self.scratch / "two"]
        result = callgate("run", *(f"--log=json:{path}" for path in paths), "--",
                          "unshare", "-Ur", "true")
        one, two = (path.read_text(encoding="utf-8") for path in paths)
        self.assertEqual(one, two)
        self.assertEqual(len(events(one, "syscall")), len(denials(result.stderr)))

    def test_a_reader_that_went_away_does_not_matter(self):
        result = support.shell(
            '"$callgate" run --quiet --log json:fd:3 -- sh -c '
            '"unshare -Ur true 2>&-; unshare -Ur true 2>&-; exit 7" 3> >(exit); echo $?')
        self.assertEqual((result.stdout, result.stderr), ("7\n", ""))

    def test_strings_of_the_target_stay_json(self):
        code = 'import ctypes; libc = ctypes.CDLL(None); ' \
               'libc.mount(b"\\"\\n\\x1b\\xff", b"/mnt", b"tmpfs", 0, None)'
        _, found = self.json_lines(command=("/usr/bin/python3", "-c", code))
        mount = next(event for event in found if event["event.name"] == "syscall")
        self.assertEqual(argument(mount, "source")["value"], '"\n\x1b\ufffd')
        self.assertTrue(argument(mount, "source")["lossy"])


class Modes(support.TestCase):
    def test_complain_allows_and_says_what_would_be(self):
        support.needs_user_namespaces()
        result = callgate("run", "--mode", "complain", "--", "unshare", "-Ur", "id", "-u")
        self.assertEqual((result.status, result.stdout), (0, "0\n"), result)
        found = denials(result.stderr)
        self.assertEqual({denial.verdict for denial in found}, {"WOULD"})
        self.assertIn("unshare(CLONE_NEWUSER", found[0].call)

    def test_complain_in_json(self):
        path = self.scratch / "events.jsonl"
        callgate("run", "--mode", "complain", "--log", f"json:{path}", "--",
                 "unshare", "-Ur", "true")
        event = events(path.read_text(encoding="utf-8"), "syscall")[0]
        self.assertEqual((event["seccomp.verdict"], event["seccomp.mode"]),
                         ("would_deny", "complain"))
        self.assertEqual(event["seccomp.errno_name"], "EPERM")

    def test_enforce_is_the_default(self):
        given = callgate("run", "--mode", "enforce", "--", "unshare", "-Ur", "true")
        default = callgate_run("unshare", "-Ur", "true")
        self.assertEqual(given.status, default.status)
        self.assertEqual(len(denials(given.stderr)), len(denials(default.stderr)))

    def test_deny_in_kernel_denies_and_says_nothing(self):
        result = callgate("run", "--deny-in-kernel", "--", "unshare", "-Ur", "true")
        self.assertEqual(result.status, 1)
        self.assertEqual(result.stderr, "unshare: unshare failed: Operation not permitted\n")

    def test_the_target_has_a_filter(self):
        result = callgate_run("grep", "Seccomp:", "/proc/self/status")
        self.assertEqual(result.stdout, "Seccomp:\t2\n")


class Folding(support.TestCase):
    COUNT = 3000

    def setUp(self):
        super().setUp()
        support.program("perl")

    def test_repeats_fold_into_an_exact_count(self):
        result = callgate_run("perl", "-e", REPEAT % self.COUNT)
        self.assertEqual(result.status, 0)
        self.assertLess(len(result.stderr.splitlines()), 50)
        self.assertEqual(summary(result.stderr),
                         f"callgate: {self.COUNT} calls denied, 1 kind: keyctl ×{self.COUNT}")

    def test_the_last_line_of_a_kind_has_its_count(self):
        found = denials(callgate_run("perl", "-e", REPEAT % self.COUNT).stderr)
        self.assertEqual({denial.number for denial in found}, {"1"})
        self.assertEqual(found[0].repeat, None)
        self.assertEqual(int(found[-1].repeat), self.COUNT)

    def test_summary_of_json_counts_all(self):
        path = self.scratch / "events.jsonl"
        callgate("run", "--quiet", "--log", f"json:{path}", "--", "perl", "-e",
                 REPEAT % self.COUNT)
        found = events(path.read_text(encoding="utf-8"))
        self.assertEqual(counted(found), self.COUNT)
        self.assertEqual(found[-1]["summary.denied"], self.COUNT)

    def test_many_processes_at_once(self):
        """Four callers at a time: none is lost, none is told twice."""
        path = self.scratch / "events.jsonl"
        script = " & ".join([f"perl -e '{REPEAT % 500}'"] * 4) + " & wait"
        callgate("run", "--quiet", "--log", f"json:{path}", "--", "sh", "-c", script)
        found = events(path.read_text(encoding="utf-8"))
        self.assertEqual(counted(found), 2000)
        numbers = [int(event["event.id"].split("-")[1]) for event in found
                   if event["event.name"] == "syscall"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))


class Fallbacks(support.TestCase):
    """Python's threads are made by clone3, which Docker answers with ENOSYS, and then by clone."""

    THREADS = ("import threading\n"
               "for _ in range(3):\n    t = threading.Thread(target=print); t.start(); t.join()")

    def run_python(self, *after, options=()):
        script = self.THREADS + "".join(f"\n{line}" for line in after)
        return callgate("run", *options, "--", sys.executable, "-c", script)

    def test_what_programs_fall_back_from_is_no_call_to_act(self):
        lines = self.run_python().stderr.splitlines()
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"clone3\(.* = -1 ENOSYS .*; programs fall back  #1$")
        self.assertEqual(lines[1], "callgate: 3 calls denied that programs fall back from: "
                                   "clone3 ×3")

    def test_what_else_was_denied_is(self):
        stderr = self.run_python("import ctypes", "ctypes.CDLL(None).unshare(0x10000000)").stderr
        self.assertIn("\ncallgate: 1 call denied, 1 kind: unshare ×1\n"
                      "callgate: 3 more calls denied that programs fall back from: clone3 ×3\n"
                      "callgate: next: callgate explain 4; callgate suggest\n", stderr)

    def test_json_says_what_programs_do(self):
        found = events(self.run_python(options=("--quiet", "--log", "json:-")).stderr)
        calls = [event for event in found if event["event.name"] == "syscall"]
        self.assertEqual([event["seccomp.fallback"] for event in calls],
                         3 * ["glibc makes processes and threads by clone"])
        self.assertEqual((found[-1]["summary.denied"], found[-1]["summary.fallbacks"]), (3, 3))


class Arguments(support.TestCase):
    """A profile's argument rules hold, whoever decides."""

    def test_argument_rules(self):
        content = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97,
             "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]}]}
        profile = self.file("profile.json", json.dumps(content))
        code = ("import socket\n"
                "socket.socket(socket.AF_INET)\n"
                "try: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\n"
                "except OSError as error: print(error.errno)\n")
        for options in ((), ("--deny-in-kernel",)):
            with self.subTest(options=options):
                result = callgate("run", "--profile", profile, *options, "--",
                                  "/usr/bin/python3", "-c", code)
                self.assertEqual((result.status, result.stdout), (0, "97\n"), result)
                self.assertEqual([denial.call for denial in denials(result.stderr)],
                                 [] if options else ["socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, "
                                                     "NETLINK_ROUTE)"])

    def test_high_bits_of_an_argument_are_no_way_around(self):
        """The filter sees 64 bits, the kernel takes 32: the reference meaning is the filter's."""
        support.program("perl")
        content = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["umask"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
             "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_NE"}]}]}
        profile = self.file("profile.json", json.dumps(content))
        result = callgate("run", "--profile", profile, "--", "perl", "-e",
                          "print syscall(95, 1 << 32), syscall(95, 18)")
        self.assertEqual((result.status, result.stdout), (0, "-1-1"), result)


if __name__ == "__main__":
    support.main()
