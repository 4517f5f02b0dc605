# SPDX-License-Identifier: Apache-2.0
"""callgate check: its lines, its counts, its exit statuses."""

import json
import os
import unittest

import support
from support import callgate

ACTIONS = "expected SCMP_ACT_ALLOW, ERRNO, NOTIFY, LOG, TRACE, TRAP, KILL, KILL_THREAD or KILL_PROCESS"
OPERATORS = "expected SCMP_CMP_NE, LT, LE, EQ, GE, GT or MASKED_EQ"

GOOD = """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }]
}
"""

WARNED = """{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    { "names": ["chmod", "fchmod", "fchmodat"], "action": "SCMP_ACT_ERRNO" },
    { "names": ["opennat"], "action": "SCMP_ACT_ERRNO" }
  ]
}
"""

# One slip a line.
BAD = """{
  "defaultAction": "SCMP_ACT_ERRNO",
  "defaultAktion": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["read"], "action": "SCMP_ACT_ALOW" },
    { "names": ["opennat"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 6, "op": "SCMP_CMP_EQ" }] },
    { "names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "op": "SCMP_CMP_EQU" }] },
    { "names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["SYS_ADMIN"] } },
    { "names": "read", "action": "SCMP_ACT_ALLOW" }
  ]
}
"""

BAD_LINES = [
    '3:20: /defaultAktion: warning: unknown key "defaultAktion"; it is ignored; did you mean '
    '"defaultAction"? [unknown-key]',
    f'5:36: /syscalls/0/action: error: unknown action "SCMP_ACT_ALOW"; {ACTIONS}; did you mean '
    '"SCMP_ACT_ALLOW"? [unknown-action]',
    '6:17: /syscalls/1/names/0: warning: no syscall is called "opennat"; the runtimes skip it; '
    'did you mean "openat"? [unknown-syscall]',
    '7:74: /syscalls/2/args/0/index: error: a syscall has no argument 6; expected 0 to 5 [index]',
    f'8:83: /syscalls/3/args/0/op: error: unknown operator "SCMP_CMP_EQU"; {OPERATORS}; did you '
    'mean "SCMP_CMP_EQ"? [unknown-operator]',
    '9:76: /syscalls/4/includes/caps/0: warning: no capability is called "SYS_ADMIN", so nobody '
    'holds it; expected CAP_CHOWN or the like; did you mean "CAP_SYS_ADMIN"? [unknown-capability]',
    '10:5: /syscalls/5: warning: the rule names no syscall, so it does nothing; expected names '
    '[no-names]',
    '10:16: /syscalls/5/names: error: a string; expected a list [wrong-type]',
]

WARNED_LINES = [
    '4:5: /syscalls/0: warning: chmod, fchmod, fchmodat: denied, but what changes modes too is '
    'allowed: fchmodat2; treat them alike, in one rule [sibling-open]',
    '5:17: /syscalls/1/names/0: warning: no syscall is called "opennat"; the runtimes skip it; '
    'did you mean "openat"? [unknown-syscall]',
]


class Check(support.TestCase):
    def check(self, status, *arguments):
        result = callgate("check", *arguments)
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.stderr, "")
        return result.stdout.splitlines()

    def lines(self, path, expected):
        return [f"{path}:{line}" for line in expected]


class Text(Check):
    def test_good(self):
        self.assertEqual(self.check(0, self.file("good.json", GOOD)), ["0 errors, 0 warnings"])

    def test_every_slip_of_a_file(self):
        path = self.file("bad.json", BAD)
        self.assertEqual(self.check(1, path),
                         self.lines(path, BAD_LINES) + ["4 errors, 4 warnings"])

    def test_warnings_are_no_errors(self):
        path = self.file("warned.json", WARNED)
        self.assertEqual(self.check(0, path),
                         self.lines(path, WARNED_LINES) + ["0 errors, 2 warnings"])

    def test_strict(self):
        path = self.file("warned.json", WARNED)
        self.assertEqual(self.check(1, "--strict", path), self.check(1, path, "--strict"))
        self.check(0, "--strict", self.file("good.json", GOOD))

    def test_several_files_in_order(self):
        bad, warned = self.file("bad.json", BAD), self.file("warned.json", WARNED)
        good = self.file("good.json", GOOD)
        self.assertEqual(self.check(1, warned, good, bad),
                         self.lines(warned, WARNED_LINES) + self.lines(bad, BAD_LINES)
                         + ["4 errors, 6 warnings"])

    def test_not_json(self):
        path = self.file("x.json", '{\n  "defaultAction": nonsense\n}')
        lines = self.check(1, path)
        self.assertTrue(lines[0].startswith(f"{path}:2:20: error: "), lines)
        self.assertTrue(lines[0].endswith(" [json]"), lines)
        self.assertEqual(lines[1:], ["1 error, 0 warnings"])

    def test_conflict_that_the_runtimes_refuse(self):
        condition = '"args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 }]'
        path = self.file("x.json", '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n'
                         f'{{ "names": ["fchdir"], "action": "SCMP_ACT_ALLOW", {condition} }},\n'
                         f'{{ "names": ["fchdir"], "action": "SCMP_ACT_LOG", {condition} }}\n]}}')
        self.assertEqual(self.check(1, path), [
            f"{path}:3:1: /syscalls/1: error: fchdir: the rule in line 2 has the same condition "
            "and another action; the runtimes refuse the profile; remove one of the two "
            "[rule-conflict]", "1 error, 0 warnings"])

    def test_more_than_are_shown(self):
        rules = ",\n".join('{ "names": ["x"], "action": "SCMP_ACT_ALLOW" }' for _ in range(150))
        path = self.file("x.json", f'{{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{rules}]}}')
        lines = self.check(0, path)
        self.assertEqual(len(lines), 102)
        self.assertEqual(lines[-2:], [f"{path}: warning: 50 more not shown [not-shown]",
                                      "0 errors, 150 warnings"])

    def test_control_characters_are_escaped(self):
        path = self.file("\x1b[31mred.json", '{"defaultAction":"SCMP_ACT_LOG","\\u001b[1m":1}')
        lines = self.check(0, path)
        self.assertEqual(len(lines), 2)
        self.assertNotIn("\x1b", lines[0])
        self.assertIn("\\x1b[31mred.json:1:45: ", lines[0])

    def test_shipped(self):
        self.assertEqual([line.split(" [")[1] for line in self.check(0, "docker-default")[:-1]],
                         ["foreign-abi-open]", "wide-compare]", "wide-compare]"])
        self.assertEqual(self.check(0, "none"), ["0 errors, 0 warnings"])

    def test_list(self):
        ids = [line.split()[0] for line in self.check(0, "--list")]
        self.assertIn("sibling-open", ids)
        self.assertEqual(len(ids), len(set(ids)))


class Json(Check):
    def objects(self, status, *arguments):
        return [json.loads(line) for line in self.check(status, "--json", *arguments)]

    def test_says_what_the_text_says(self):
        paths = [self.file("bad.json", BAD), self.file("warned.json", WARNED)]
        text = ["{file}:{line}:{column}: {pointer}: {level}: {message} [{id}]".format(**found)
                for found in self.objects(1, *paths)]
        self.assertEqual(text, self.check(1, *paths)[:-1])

    def test_nothing_found(self):
        self.assertEqual(self.objects(0, self.file("good.json", GOOD)), [])

    def test_valid_whatever_the_names(self):
        path = self.file('a"\\\n\x1b\u00e9.json', '{"defaultAction":"SCMP_ACT_LOG","\\"\\u0001":1}')
        found = self.objects(0, path)
        self.assertEqual([entry["file"] for entry in found], [path])
        self.assertEqual(set(found[0]),
                         {"file", "line", "column", "pointer", "level", "id", "message"})

    def test_file_that_is_not_there(self):
        found = self.objects(2, str(self.scratch / "absent.json"))
        self.assertEqual([(entry["level"], entry["line"]) for entry in found], [("error", 0)])


class Options(Check):
    def test_capabilities_decide_which_rules_count(self):
        path = self.file("x.json", json.dumps({
            "defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ALLOW"},
                         {"names": ["mount"], "action": "SCMP_ACT_LOG",
                          "includes": {"caps": ["CAP_SYS_ADMIN"]}}]}))
        self.assertEqual(self.check(0, path), ["0 errors, 0 warnings"])
        for options in (["--cap-add", "SYS_ADMIN"], ["--cap", "ALL"], ["--privileged"]):
            lines = self.check(0, *options, path)
            self.assertTrue(lines[0].endswith(" [unreachable-rule]"), lines)

    def test_engine(self):
        path = self.file("x.json", '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{ "name": '
                         '"read", "action": "SCMP_ACT_ALLOW", "errnoRet": 1 }]}')
        self.check(0, path)
        self.check(0, "--as", "docker", path)
        lines = self.check(1, "--as", "podman", path)
        self.assertTrue(lines[0].endswith(" [useless-errno]"), lines)


class Kernel(Check):
    """What is warned of is so in the kernel, and the remedy helps."""

    SOCKET = ("import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True)\n"
              "libc.syscall(41, ctypes.c_long(int(sys.argv[1], 0)), 3, 0)\n"
              "print(ctypes.get_errno())")

    def profile(self, name, condition):
        return self.file(name, json.dumps({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["io_uring_setup"], "action": "SCMP_ACT_ERRNO"},
                         {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [condition]}]}))

    def errno(self, profile, family):
        python = support.program("python3")
        result = callgate("run", "--quiet", "--profile", profile, "--", python, "-c", self.SOCKET,
                          hex(family))
        self.assertEqual(result.status, 0, result)
        return int(result.stdout)

    @unittest.skipUnless(os.uname().machine == "x86_64", "numbers are x86-64's")
    def test_wide_compare(self):
        netlink, wide = 16, 16 | 1 << 32
        equal = self.profile("equal.json", {"index": 0, "op": "SCMP_CMP_EQ", "value": netlink})
        self.assertEqual((self.errno(equal, netlink), self.errno(equal, wide)), (1, 0))
        lines = self.check(0, equal)
        self.assertIn("0x100000010 passes where 16 does not", lines[0])
        self.assertTrue(lines[0].endswith(" [wide-compare]"), lines)
        masked = self.profile("masked.json", {"index": 0, "op": "SCMP_CMP_MASKED_EQ",
                                              "value": 0xffffffff, "valueTwo": netlink})
        self.assertEqual((self.errno(masked, netlink), self.errno(masked, wide)), (1, 1))
        self.assertEqual(self.check(0, masked), ["0 errors, 0 warnings"])


class Trouble(support.TestCase):
    def test_unreadable(self):
        good = self.file("good.json", GOOD)
        for path in (self.scratch / "absent.json", self.scratch, "no-such-profile"):
            with self.subTest(path=path):
                result = callgate("check", str(path), good)
                self.assertEqual(result.status, 2, result)
                self.assertIn(f"{path}: error: ", result.stdout)
                self.assertTrue(result.stdout.endswith("\n1 error, 0 warnings\n"), result.stdout)

    def test_usage(self):
        for arguments in ((), ("--strict",), ("--no-such-option", "x"), ("--as", "x", "y"),
                          ("--cap", "x", "y")):
            with self.subTest(arguments=arguments):
                result = callgate("check", *arguments)
                self.assertEqual((result.status, result.stdout), (2, ""), result)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_help_names_every_option(self):
        result = callgate("check", "--help")
        self.assertEqual((result.status, result.stderr), (0, ""))
        for option in ("--strict", "--json", "--list", "--cap", "--as", "--arch", "--kernel"):
            self.assertIn(option, result.stdout)

    def test_manual_names_every_warning(self):
        listed = callgate("check", "--list").stdout.splitlines()
        manual = (support.ROOT / "docs/callgate-check.1.scd").read_text(encoding="utf-8")
        for line in listed:
            self.assertIn(f"*{line.split()[0]}*", manual)

    def test_full_output_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = support.subprocess.run([support.CALLGATE, "check", "docker-default"],
                                          stdout=full, stderr=support.subprocess.PIPE,
                                          check=False, env=dict(os.environ))
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    support.main()
