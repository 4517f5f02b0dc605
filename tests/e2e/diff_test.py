#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate diff: the calls on which two profiles differ."""

import json

import support
from support import ROOT, callgate

PODMAN = str(ROOT / "tests/data/profiles/containers-common.json")
HERE = ("--kernel", "6.1", "--arch", "x86_64")


def rule(name, action, *args, **more):
    conditions = [dict(zip(("index", "op", "value"), arg)) for arg in args]
    return dict(names=[name], action="SCMP_ACT_" + action, args=conditions, **more)


class DiffCase(support.TestCase):
    def profile(self, name, *rules, default="ALLOW"):
        content = {"defaultAction": "SCMP_ACT_" + default, "syscalls": list(rules)}
        return self.file(name, json.dumps(content))

    def diff(self, old, new, *options, status=1):
        result = callgate("diff", old, new, *HERE, *options)
        self.assertEqual((result.status, result.stderr), (status, ""), result)
        return result.stdout

    def differences(self, old, new, *options):
        """{(arch, name): difference} of the calls that have a name."""
        found = json.loads(self.diff(old, new, "--json", *options))
        self.assertFalse(found["same"])
        return {(entry["arch"], entry.get("name")): entry for entry in found["differences"]}


class Same(DiffCase):
    def test_a_profile_and_itself(self):
        for profile in ("docker-default", "none", PODMAN):
            self.assertEqual(self.diff(profile, profile, status=0), "")

    def test_json(self):
        found = json.loads(self.diff("none", "none", "--json", status=0))
        self.assertEqual(found, {"from": "none", "to": "none", "same": True, "differences": []})

    def test_other_words(self):
        old = self.profile("a.json", rule("personality", "ERRNO", (0, "SCMP_CMP_GT", 7)))
        new = self.profile("b.json", rule("personality", "ERRNO", (0, "SCMP_CMP_GE", 8)),
                           rule("read", "ALLOW"))
        self.assertEqual(self.diff(old, new, status=0), "")

    def test_the_gates_make_it(self):
        """Two profiles that are alike with one capability and not without."""
        gate = {"includes": {"caps": ["CAP_SYS_ADMIN"]}}
        old = self.profile("a.json", rule("mount", "ALLOW", **gate), rule("openat2", "ALLOW"),
                           default="ERRNO")
        new = self.profile("b.json", rule("mount", "ALLOW"), rule("openat2", "ALLOW"),
                           default="ERRNO")
        self.assertEqual(self.diff(old, new, "--cap-add", "SYS_ADMIN", status=0), "")
        self.assertIn("mount             ERRNO(EPERM) -> ALLOW\n", self.diff(old, new))


class Different(DiffCase):
    def test_docker_and_podman(self):
        found = self.differences("docker-default", PODMAN)
        mount = found["x86_64", "mount"]
        self.assertEqual(mount["from"]["action"], "SCMP_ACT_ERRNO")
        self.assertEqual(mount["from"]["decidedBy"], "default")
        self.assertEqual(mount["to"]["action"], "SCMP_ACT_ALLOW")
        self.assertGreater(mount["to"]["line"], 1)
        # podman's default is ENOSYS, Docker's EPERM
        uring = found["x86_64", "io_uring_setup"]
        self.assertEqual((uring["from"]["errnoName"], uring["to"]["errnoName"]),
                         ("EPERM", "ENOSYS"))
        self.assertNotIn(("x86_64", "read"), found)

    def test_engines_read_one_file_differently(self):
        """containers-common knows no minKernel: its rule counts on every kernel."""
        old = self.profile("a.json", rule("mount", "ERRNO", includes={"minKernel": "99.0"}))
        new = self.profile("b.json")
        self.assertEqual(self.diff(old, new, "--as", "docker", status=0), "")
        self.assertIn("mount             ERRNO(EPERM) -> ALLOW\n",
                      self.diff(old, new, "--as", "podman"))

    def test_text(self):
        old = self.profile("a.json")
        new = self.profile("b.json", rule("mkdir", "ERRNO"), rule("rmdir", "ERRNO"),
                           rule("unshare", "KILL_PROCESS"),
                           rule("ioctl", "ERRNO", (1, "SCMP_CMP_EQ", 0x5412)),
                           rule("personality", "ERRNO", (0, "SCMP_CMP_EQ", 0x40000),
                                errnoRet=13))
        self.assertEqual(self.diff(old, new), f"""{old} -> {new}: 5 differences

x86_64:
  ALLOW -> ERRNO(EPERM): 3
    ioctl(*, 0x5412)  mkdir             rmdir
  personality(0x40000)  ALLOW -> ERRNO(EACCES)
  unshare           ALLOW -> KILL_PROCESS
""")

    def test_one_value_of_64_bits(self):
        old = self.profile("a.json", rule("lseek", "ERRNO", (1, "SCMP_CMP_EQ", 9007199254740993)))
        new = self.profile("b.json", rule("lseek", "ERRNO", (1, "SCMP_CMP_EQ", 9007199254740992)))
        found = json.loads(self.diff(old, new, "--json"))["differences"]
        self.assertEqual([(entry["name"], entry["args"], entry["from"]["action"])
                          for entry in found],
                         [("lseek", [None, "0x20000000000000"], "SCMP_ACT_ALLOW"),
                          ("lseek", [None, "0x20000000000001"], "SCMP_ACT_ERRNO")])

    def test_abis_stand_together(self):
        text = self.diff("docker-default", PODMAN)
        self.assertIn("\nx86_64, x86, x32:\n", text)
        self.assertLessEqual(max(len(line) for line in text.splitlines()[1:]), 80)

    def test_an_abi_of_one(self):
        text = self.diff("none", "docker-default")
        self.assertIn("\nx86, x32:\n  every call        KILL_THREAD (an ABI it does not cover) "
                      "-> by the profile's rules\n", text)

    def test_control_characters_are_escaped(self):
        old = self.profile("a\x1b[31m.json")
        new = self.profile("b.json", rule("mkdir", "ERRNO"))
        self.assertNotIn("\x1b", self.diff(old, new))


class Trouble(DiffCase):
    def test_trouble(self):
        for arguments, words in (
                ((), "two profiles"),
                (("none",), "two profiles"),
                (("none", "none", "none"), "two profiles"),
                (("none", "no-such"), "no-such"),
                (("no-such", "none"), "no-such"),
                (("none", "none", "--cap", "nonsense"), "nonsense"),
                (("none", "none", "--no-such"), "--no-such"),
        ):
            with self.subTest(arguments=arguments):
                result = callgate("diff", *arguments)
                self.assertEqual((result.status, result.stdout), (2, ""), result)
                self.assertIn(words, result.stderr)

    def test_both_are_told(self):
        result = callgate("diff", "no-such-a", "no-such-b")
        self.assertEqual(result.status, 2)
        self.assertIn("no-such-a", result.stderr)
        self.assertIn("no-such-b", result.stderr)

    def test_help(self):
        result = callgate("diff", "--help")
        self.assertEqual((result.status, result.stderr), (0, ""))
        for option in ("--cap ", "--cap-add", "--as", "--json"):
            self.assertIn(option, result.stdout)


if __name__ == "__main__":
    support.main()
