# SPDX-License-Identifier: Apache-2.0
"""`check` with a policy: known by its keys, every error with its place, and the class of each rule."""

import json

import support
from support import callgate

MIXED = """{
 "rules": [
  {"names": ["openat", "execve", "statfs"], "action": "errno", "advisory": true,
   "args": [{"arg": "path", "op": "path", "value": "/x"}]},
  {"names": ["openat", "execve"], "action": "errno",
   "args": [{"arg": "path", "op": "path", "value": "/y"}]},
  {"names": ["statfs", "uname"], "action": "allow"}
 ]
}
"""


class CheckPolicy(support.TestCase):
    def check(self, text, *options, name="policy.json"):
        return callgate("check", *options, self.file(name, text))

    def rules(self, result):
        return [line for line in result.stdout.splitlines() if ": rule " in line]

    def test_classes(self):
        result = self.check(MIXED)
        self.assertEqual(result.status, 0, result.stdout)
        self.assertEqual([line.split("/policy.json:")[1] for line in self.rules(result)], [
            "3: rule 0: SCMP_ACT_ERRNO: openat (performed) execve (frozen) statfs (advisory)",
            "5: rule 1: SCMP_ACT_ERRNO: openat (performed) execve (frozen)",
            "7: rule 2: SCMP_ACT_ALLOW: uname (registers) statfs (advisory)"])

    def test_classes_json(self):
        lines = [json.loads(line) for line in self.check(MIXED, "--json").stdout.splitlines()]
        rules = [line for line in lines if "rule" in line]
        self.assertEqual([rule["rule"] for rule in rules], [0, 1, 2])
        self.assertEqual(rules[1]["syscalls"], [{"name": "openat", "class": "performed"},
                                                {"name": "execve", "class": "frozen"}])
        self.assertEqual({line["level"] for line in lines if "rule" not in line}, {"warning"})

    def test_errors_have_places_and_no_classes_follow(self):
        result = self.check('{"rules": [{"names": ["opneat"], "action": "alow"}]}')
        self.assertEqual(result.status, 1)
        self.assertEqual(self.rules(result), [])
        self.assertIn(':1:23: /rules/0/names/0: error: no syscall is called "opneat"',
                      result.stdout)
        self.assertIn(':1:44: /rules/0/action: error: unknown action "alow"', result.stdout)
        self.assertIn("2 errors, 0 warnings", result.stdout)

    def test_memory_that_nobody_can_make_safe(self):
        rule = {"names": ["statfs"], "action": "errno",
                "args": [{"arg": "path", "op": "path", "value": "/x"}]}
        result = self.check(json.dumps({"rules": [rule]}))
        self.assertEqual(result.status, 1)
        self.assertIn('"advisory": true', result.stdout)
        rule["advisory"] = True
        self.assertEqual(self.check(json.dumps({"rules": [rule]})).status, 0)

    def test_beside_the_profile(self):
        policy = {"rules": [{"names": ["openat", "open"], "action": "errno"}]}
        self.assertIn("policy-sibling-open", self.check(json.dumps(policy)).stdout)
        policy["profile"] = self.file("narrow.json", json.dumps({
            "defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{"names": ["openat", "open"], "action": "SCMP_ACT_ALLOW"}]}))
        result = self.check(json.dumps(policy), "--strict")
        self.assertEqual(result.status, 0, result.stdout)
        policy["profile"] = "no-such-profile"
        result = self.check(json.dumps(policy))
        self.assertEqual(result.status, 1)
        self.assertIn("/profile: error: the profile cannot be used", result.stdout)

    def test_a_profile_stays_a_profile(self):
        result = self.check('{"defaultAction": "SCMP_ACT_ALLOW", "rules": []}')
        self.assertIn("unknown key", result.stdout)
        self.assertIn("it is ignored", result.stdout)

    def test_a_hostile_file_name_is_shown_harmlessly(self):
        result = self.check('{"rules": [{"names": ["uname"], "action": "errno"}]}',
                            name="red\x1b[31m.json")
        self.assertNotIn("\x1b", result.stdout)
        self.assertEqual(len(self.rules(result)), 1)


if __name__ == "__main__":
    support.main()
