#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate doctor: what this host can do, and what it says where a profile takes some of it away."""

import json
import os
import re

import support
from support import CALLGATE, callgate

# SECCOMP_IOCTL_NOTIF_RECV, which has the size of the kernel's struct in it.
NOTIF_RECV = 0xC0502100

ABLE = "callgate run works here"


def states(result):
    """Of the text: the state of each row, by name."""
    rows = re.findall(r"^  (ok|missing|cannot tell) +(\S.*?)(?:  .*)?$", result.stdout, re.MULTILINE)
    return {name: state for state, name in rows}


def checks(result):
    """Of the JSON: each check, by name."""
    return {check["name"]: check for check in json.loads(result.stdout)["checks"]}


class Here(support.TestCase):
    def test_this_host_is_able(self):
        result = callgate("doctor")
        self.assertEqual((result.status, result.stderr), (0, ""), result.stdout)
        self.assertEqual(result.stdout.splitlines()[-1], ABLE)
        rows = states(result)
        for name in ("USER_NOTIF", "hand-over", "receive", "errno", "CONTINUE", "ADDFD"):
            self.assertEqual(rows[name], "ok", name)
        self.assertRegex(result.stdout, r"errno +a call took [\d.]+ us \(the median of 64\)")

    def test_json_says_the_same(self):
        result = callgate("doctor", "--json")
        self.assertEqual((result.status, result.stderr), (0, ""))
        report = json.loads(result.stdout)
        self.assertIs(report["able"], True)
        self.assertEqual(report["kernel"], os.uname().release)
        self.assertEqual({name: check["state"] for name, check in checks(result).items()},
                         states(callgate("doctor")))
        self.assertEqual(report["roundTrip"]["calls"], 64)
        self.assertGreater(report["roundTrip"]["medianNanoseconds"], 0)
        for check in report["checks"]:
            self.assertEqual(check["lost"] is None, check["state"] == "ok", check)

    def test_without_privileges(self):
        support.needs_root()
        nobody = {"user": 65534, "group": 65534, "extra_groups": []}
        if support.run("test", "-x", CALLGATE, **nobody).status != 0:
            self.skipTest("nobody may not reach the binary")
        result = callgate("doctor", **nobody)
        self.assertEqual((result.status, result.stderr), (0, ""), result.stdout)

    def test_an_ignored_sigchld(self):
        result = support.shell('trap "" CHLD; "$callgate" doctor')
        self.assertEqual(result.status, 0, result.stdout)


class UnderAProfile(support.TestCase):
    """Where it is itself under a filter, as in a container."""

    def under(self, *options):
        return callgate("run", *options, "--", CALLGATE, "doctor", "--json")

    def denying(self, **rule):
        profile = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"action": "SCMP_ACT_ERRNO", "errnoRet": 1, **rule}]}
        return self.under("--deny-in-kernel", "--profile", self.file("p", json.dumps(profile)))

    def assert_unable(self, result, name, detail):
        self.assertEqual(result.status, 1, result)
        self.assertIs(json.loads(result.stdout)["able"], False)
        check = checks(result)[name]
        self.assertEqual(check["state"], "missing")
        self.assertIn(detail, check["detail"])
        self.assertIs(check["needed"], True)
        self.assertIsNotNone(check["lost"])

    def test_seccomp_is_denied(self):
        result = self.denying(names=["seccomp"])
        self.assert_unable(result, "USER_NOTIF", "Operation not permitted")
        self.assert_unable(result, "hand-over", "seccomp(2) is denied here")
        self.assertEqual(checks(result)["errno"]["state"], "cannot tell")

    def test_all_features_are_there_and_it_does_not_work(self):
        """Only the round trip finds it: what reads notifications is denied."""
        result = self.denying(names=["ioctl"],
                              args=[{"index": 1, "op": "SCMP_CMP_EQ", "value": NOTIF_RECV}])
        found = checks(result)
        self.assertEqual(found["USER_NOTIF"]["state"], "ok")
        self.assertEqual(found["hand-over"]["state"], "ok")
        self.assert_unable(result, "receive", "Operation not permitted")
        self.assertIsNone(json.loads(result.stdout)["roundTrip"]["medianNanoseconds"])

    def test_under_a_supervisor(self):
        result = self.under("--quiet")
        self.assert_unable(result, "hand-over", "another supervisor")
        self.assertEqual(checks(result)["USER_NOTIF"]["state"], "ok")

    def test_a_feature_that_run_can_do_without(self):
        result = self.denying(names=["pidfd_getfd", "openat2"])
        self.assertEqual(result.status, 0, result)
        found = checks(result)
        for name in ("pidfd_getfd", "openat2"):
            self.assertEqual((found[name]["state"], found[name]["needed"]), ("missing", False))
            self.assertEqual(found[name]["detail"], "Operation not permitted")

    def test_docker_default(self):
        """It closes io_uring and user namespaces, and leaves what a supervisor needs."""
        result = self.under("--deny-in-kernel")
        self.assertEqual(result.status, 0, result)
        found = checks(result)
        self.assertEqual(found["io_uring closed"]["state"], "ok")
        self.assertEqual(found["io_uring closed"]["detail"], "io_uring_setup: EPERM")
        self.assertEqual(found["user namespaces"]["state"], "missing")


class Runtimes(support.TestCase):
    """Found on PATH, asked for their version."""

    def runtimes(self, **scripts):
        for name, script in scripts.items():
            self.file(name, f"#!/bin/sh\n{script}\n", 0o755)
        result = callgate("doctor", "--json", env=dict(os.environ, PATH=str(self.scratch)))
        self.assertEqual(result.status, 0, result)
        return {entry["name"]: entry for entry in json.loads(result.stdout)["runtimes"]}

    def test_none(self):
        self.assertEqual(self.runtimes(), {})

    def test_docker_drops_the_listener(self):
        found = self.runtimes(dockerd="echo Docker version 20.10.24+dfsg1, build 5d6db84")
        self.assertEqual(list(found), ["dockerd"])
        entry = found["dockerd"]
        self.assertEqual(entry["version"], "20.10.24+dfsg1")
        self.assertEqual(entry["path"], str(self.scratch / "dockerd"))
        self.assertEqual(entry["reaches"], "around")
        self.assertIn("drops listenerPath", entry["how"])

    def test_one_that_says_nothing_useful(self):
        found = self.runtimes(runc="echo oops >&2; exit 1", crun="printf '\\377\\033[2J 1.2'")
        self.assertIsNone(found["runc"]["version"])
        self.assertEqual(found["crun"]["version"], "1.2")


class Usage(support.TestCase):
    def test_help(self):
        result = callgate("doctor", "--help")
        self.assertEqual((result.status, result.stderr), (0, ""))
        self.assertIn("--json", result.stdout)

    def test_bad_usage(self):
        for arguments in (["--nonsense"], ["word"], ["--json=yes"]):
            with self.subTest(arguments=arguments):
                result = callgate("doctor", *arguments)
                self.assertEqual((result.status, result.stdout), (2, ""))
                self.assertEqual(len(result.stderr.splitlines()), 1)


if __name__ == "__main__":
    support.main()
