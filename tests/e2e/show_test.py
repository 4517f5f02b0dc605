#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate show: the plan of a profile, and the options that a profile is resolved by."""

import json
import platform
import re

import support
from support import callgate

# A machine's own kernel and architecture must not change what is compared here.
HERE = ("--kernel", "6.1", "--arch", "x86_64")

DENY_ALL = {"defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{"names": ["read", "openat2"], "action": "SCMP_ACT_ALLOW"}]}


def gated(cap=None, **gate):
    """A profile that allows mount where a gate is open, and denies it else."""
    includes = dict(gate, **({"caps": [cap]} if cap else {}))
    return {"defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": includes},
                         {"names": ["openat2"], "action": "SCMP_ACT_ALLOW"}]}


class ShowCase(support.TestCase):
    def shown(self, profile, *options):
        """The JSON of a profile: a shipped one's name, or an object."""
        if not isinstance(profile, str):
            profile = self.file("profile.json", json.dumps(profile))
        result = callgate("show", profile, "--json", *options)
        self.assertEqual((result.status, result.stderr), (0, ""), result)
        return json.loads(result.stdout)

    def rows(self, profile, *options, arch="x86_64"):
        return {row["name"]: row for row in self.shown(profile, *HERE, *options)["syscalls"]
                if row["arch"] == arch}

    def place(self, name, profile, *options):
        return self.rows(profile, *options)[name]["place"]


class Json(ShowCase):
    def test_docker_default(self):
        rows = self.rows("docker-default")
        self.assertEqual(rows["read"]["place"], "kernel-allow")
        self.assertEqual(rows["mount"]["place"], "notify")
        self.assertEqual(rows["mount"]["decidedBy"], "default")
        self.assertEqual(rows["mount"]["errnoName"], "EPERM")
        self.assertEqual(rows["clone3"]["errnoName"], "ENOSYS")
        self.assertEqual(rows["clone3"]["decidedBy"], "rule")
        self.assertGreater(rows["clone3"]["line"], 1)
        self.assertEqual(rows["mseal"]["decidedBy"], "newer")
        self.assertEqual(rows["clone"]["place"], "kernel-args")
        condition = rows["clone"]["rules"][0]["args"][0]
        self.assertEqual((condition["index"], condition["op"], condition["value"]),
                         (0, "SCMP_CMP_MASKED_EQ", "0x7e020000"))
        self.assertIn("CLONE_NEWUSER", condition["text"])

    def test_every_abi(self):
        shown = self.shown("docker-default", *HERE)
        self.assertEqual([abi["arch"] for abi in shown["abis"]], ["x86_64", "x86", "x32"])
        for arch in ("x86_64", "x86", "x32"):
            numbers = [row["number"] for row in shown["syscalls"] if row["arch"] == arch]
            self.assertGreater(len(numbers), 350)
            self.assertEqual(numbers, sorted(set(numbers)))

    def test_head(self):
        shown = self.shown("docker-default", *HERE)
        self.assertEqual(shown["profile"]["dialect"], "docker")
        self.assertEqual(len(shown["host"]["capabilities"]), 14)
        self.assertEqual(shown["host"]["kernel"], "6.1")
        self.assertRegex(shown["libseccomp"], r"^\d+\.\d+\.\d+$")
        self.assertLess(shown["profile"]["rulesCounting"], shown["profile"]["rules"])

    def test_knowledge(self):
        rows = self.rows("docker-default")
        known = rows["mount"]["knowledge"]
        self.assertEqual(known["freedBy"], ["CAP_SYS_ADMIN"])
        for member in ("why", "fallback", "source"):
            self.assertGreater(len(known[member]), 4)
        self.assertNotIn("knowledge", rows["read"])

    def test_64_bit_values_are_exact(self):
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["read"], "action": "SCMP_ACT_ERRNO",
             "args": [{"index": 2, "op": "SCMP_CMP_EQ", "value": 18446744073709551615}]}]}
        condition = self.rows(profile)["read"]["rules"][0]["args"][0]
        self.assertEqual(condition["value"], "0xffffffffffffffff")

    def test_a_name_that_is_no_utf8(self):
        path = self.scratch / "caf\udce9.json"
        path.write_text(json.dumps(DENY_ALL), encoding="utf-8")
        result = callgate("show", str(path), "--json")
        self.assertEqual(result.status, 0, result.stderr)
        self.assertIn("caf\ufffd.json", json.loads(result.stdout)["profile"]["file"])


class Options(ShowCase):
    """What the profile is resolved for."""

    def test_cap_add(self):
        for cap in ("CAP_SYS_ADMIN", "SYS_ADMIN", "sys_admin", "cap_Sys_Admin", "ALL"):
            with self.subTest(cap=cap):
                self.assertEqual(self.place("mount", "docker-default", "--cap-add", cap),
                                 "kernel-allow")

    def test_cap_add_is_beside_the_default(self):
        self.assertEqual(self.place("chroot", "docker-default", "--cap-add", "SYS_ADMIN"),
                         "kernel-allow")

    def test_cap_drop(self):
        for cap in ("SYS_CHROOT", "ALL"):
            self.assertEqual(self.place("chroot", "docker-default", "--cap-drop", cap), "notify")
        self.assertEqual(self.place("chroot", "docker-default", "--cap-drop", "KILL"),
                         "kernel-allow")

    def test_drop_all_and_add_one(self):
        rows = self.rows("docker-default", "--cap-drop", "ALL", "--cap-add", "SYS_CHROOT")
        self.assertEqual(rows["chroot"]["place"], "kernel-allow")
        rows = self.rows("docker-default", "--cap-add", "ALL", "--cap-drop", "SYS_CHROOT")
        self.assertEqual(rows["chroot"]["place"], "notify")
        self.assertEqual(rows["mount"]["place"], "kernel-allow")

    def test_cap_is_exactly(self):
        options = ("--cap", "SYS_ADMIN", "--cap", "SYS_BOOT")
        rows = self.rows("docker-default", *options)
        self.assertEqual(rows["mount"]["place"], "kernel-allow")
        self.assertEqual(rows["reboot"]["place"], "kernel-allow")
        self.assertEqual(rows["chroot"]["place"], "notify")
        self.assertEqual(self.shown("docker-default", "--cap", "NONE")["host"]["capabilities"], [])

    def test_privileged(self):
        shown = self.shown("docker-default", "--privileged")
        self.assertEqual(len(shown["host"]["capabilities"]), 41)
        self.assertEqual(self.place("mount", "docker-default", "--privileged"), "kernel-allow")

    def test_podman_holds_fewer(self):
        shown = self.shown("docker-default", "--as", "podman")
        self.assertEqual(len(shown["host"]["capabilities"]), 11)
        for cap in ("CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"):
            self.assertNotIn(cap, shown["host"]["capabilities"])

    def test_oci_knows_no_gates(self):
        self.assertEqual(self.place("mount", "docker-default"), "notify")
        self.assertEqual(self.place("mount", "docker-default", "--as", "oci"), "kernel-allow")

    def test_kernel(self):
        profile = gated(minKernel="4.8")
        path = self.file("profile.json", json.dumps(profile))
        for version, place in (("4.7", "notify"), ("4.8", "kernel-allow"), ("5.0", "kernel-allow")):
            rows = json.loads(callgate("show", path, "--json", "--arch", "x86_64", "--kernel",
                                       version).stdout)["syscalls"]
            self.assertEqual(next(r["place"] for r in rows if r["name"] == "mount"), place)

    def test_arch(self):
        for arch in ("aarch64", "arm64", "SCMP_ARCH_AARCH64"):
            shown = self.shown("docker-default", "--arch", arch)
            self.assertEqual([abi["arch"] for abi in shown["abis"]], ["aarch64", "arm"])
            self.assertNotIn("open", {row["name"] for row in shown["syscalls"]
                                      if row["arch"] == "aarch64"})

    def test_this_machine_is_the_default(self):
        host = self.shown("docker-default")["host"]
        self.assertEqual(host["kernel"], ".".join(platform.release().split(".")[:2]))
        self.assertEqual(host["arch"], platform.machine())

    def test_modes(self):
        self.assertEqual(self.place("mount", "docker-default", "--deny-in-kernel"), "kernel-deny")
        kills = {"defaultAction": "SCMP_ACT_KILL_PROCESS",
                 "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}
        self.assertEqual(self.place("mount", kills), "kernel")
        self.assertEqual(self.place("mount", kills, "--mode", "complain"), "notify")

    def test_options_may_follow_or_precede(self):
        before = callgate("show", "--cap-add", "SYS_ADMIN", "docker-default", "--json")
        after = callgate("show", "docker-default", "--json", "--cap-add", "SYS_ADMIN")
        self.assertEqual(before, after)


class Text(ShowCase):
    def text(self, profile, *options):
        if not isinstance(profile, str):
            profile = self.file("profile.json", json.dumps(profile, indent=1))
        result = callgate("show", profile, *HERE, *options)
        self.assertEqual((result.status, result.stderr), (0, ""), result)
        return result.stdout

    def test_docker_default(self):
        text = self.text("docker-default")
        self.assertIn("ABIs          x86_64, x86, x32", text)
        self.assertIn("flags & 0x7e020000 == 0 (CLONE_NEWNS", text)
        self.assertRegex(text, r"\nnotify: \d+ calls")
        self.assertRegex(text, r"ERRNO\(ENOSYS\), line \d+: 1\n    clone3\n")
        self.assertIn("newer than the profile: ENOSYS.", text)
        self.assertRegex(text, r"\nx86: as x86_64, but for\n")

    def test_it_fits_and_is_whole(self):
        text = self.text("docker-default")
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        words = set(re.findall(r"[a-z0-9_]+", text))
        for row in self.shown("docker-default", *HERE)["syscalls"]:
            if row["arch"] == "x86_64":
                self.assertIn(row["name"], words)

    def test_why(self):
        self.assertNotIn("without it:", self.text("docker-default"))
        text = self.text("docker-default", "--why")
        self.assertIn("allowed with CAP_SYS_ADMIN", " ".join(text.split()))
        self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_same_on_every_abi(self):
        text = self.text({"defaultAction": "SCMP_ACT_ALLOW",
                          "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"]})
        self.assertTrue(text.endswith("\nx32: as x86_64\n"), text)

    def test_unconfined(self):
        self.assertIn("nothing is confined", self.text(self.file("empty.json", "{}")))

    def test_for_another_architecture(self):
        text = self.text({"defaultAction": "SCMP_ACT_ERRNO",
                          "architectures": ["SCMP_ARCH_AARCH64"]})
        self.assertIn("for another architecture", text)

    def test_control_characters_are_escaped(self):
        path = self.scratch / "a\x1b[31mb.json"
        path.write_text(json.dumps(DENY_ALL), encoding="utf-8")
        self.assertNotIn("\x1b", self.text(str(path)))


class Refused(ShowCase):
    def refused(self, *arguments, status=2):
        result = callgate("show", *arguments)
        self.assertEqual((result.status, result.stdout), (status, ""), result)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("callgate: "))
        return result.stderr

    def test_usage(self):
        for arguments, words in (
                (("--cap", "SYS_ADMN", "none"), "CAP_SYS_ADMIN?"),
                (("--cap-add", "CAP_SYS_PTRCE", "none"), "CAP_SYS_PTRACE?"),
                (("--cap-drop", "", "none"), "--cap-drop"),
                (("--cap-drop", "x" * 300, "none"), "--cap-drop"),
                (("--arch", "z80", "none"), "z80"),
                (("--kernel", "6", "none"), "6.1"),
                (("--kernel", "6.1.2", "none"), "6.1.2"),
                (("--kernel", "0.0", "none"), "0.0"),
                (("--kernel", "4.256", "none"), "4.256"),
                (("--as", "moby", "none"), "docker, podman or oci"),
                (("--mode", "ask", "none"), "ask"),
                (("--mode", "complain", "--deny-in-kernel", "none"), "exclude"),
                (("--no-such", "none"), "--no-such"),
                (("none", "--cap"), "--cap"),
                ((), "no profile"),
                (("none", "docker-default"), "more than one"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.refused(*arguments))

    def test_profiles(self):
        self.assertIn("docker-default", self.refused("docker-defualt", status=125))
        path = self.file("bad.json", '{\n "defaultAction": "SCMP_ACT_ALOW"\n}')
        self.assertIn(f"{path}:2:19: ", self.refused(path, status=125))

    def test_help(self):
        result = callgate("show", "--help")
        self.assertEqual((result.status, result.stderr), (0, ""))
        for option in ("--cap ", "--cap-add", "--cap-drop", "--privileged", "--arch", "--kernel",
                       "--as", "--json", "--why", "--mode", "--deny-in-kernel"):
            self.assertIn(option, result.stdout)


if __name__ == "__main__":
    support.main()
