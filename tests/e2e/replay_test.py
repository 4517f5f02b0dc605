# SPDX-License-Identifier: Apache-2.0
"""`check --replay`, and `explain --policy`: logged calls are put to a policy that is not in use."""

import json
import sys

import support

CALLS = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
for _ in range(3):
    libc.syscall(250, 0x7fff, 0, 0)
for path in ("/etc/hidden//x", "relative/x", "/tmp/../etc/x"):
    try:
        os.rmdir(path)
    except OSError:
        pass
stream = socket.socket()
for address in (("127.0.0.1", 1), ("10.0.0.7", 5432)):
    try:
        stream.connect(address)
    except OSError:
        pass
"""


def rule(action, *names, **others):
    return dict({"names": list(names), "action": action}, **others)


OLD = [rule("errno", "keyctl"), rule("errno", "rmdir"), rule("errno", "connect", errnoRet="ECONNREFUSED")]
HIDDEN = [{"arg": "pathname", "op": "path", "value": "/etc/hidden/**"}]
DATABASE = [{"arg": "addr", "op": "net", "value": "10.0.0.7:5432"}]


class Replay(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = str(self.scratch / "log")
        self.old = self.policy("old", *OLD)
        done = support.callgate("run", "--quiet", "--profile", "none", "--policy", self.old,
                                "--log", f"json:{self.log}", "--", sys.executable, "-c", CALLS)
        self.assertEqual(done.status, 0, done.stderr)

    def policy(self, name, *rules, **root):
        lines = ",\n".join(json.dumps(entry) for entry in rules)
        return self.file(f"{name}.json", json.dumps(root)[:-1] + (", " if root else "") +
                         f'"rules": [\n{lines}]}}')

    def replay(self, *arguments):
        return support.callgate("check", "--replay", self.log, *arguments)

    def replay_json(self, *arguments):
        result = self.replay("--json", *arguments)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        return result.status, lines[:-1], lines[-1]

    def test_the_same_policy_changes_nothing(self):
        result = self.replay(self.old)
        self.assertEqual((result.status, result.stdout), (0, "8 events replayed: 8 same, 0 change\n"))

    def test_changes_are_listed(self):
        new = self.policy("new", rule("errno", "keyctl", errnoRet="ENOSYS"), *OLD[1:])
        result = self.replay(new)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.stdout, rf"keyctl\(0x7fff, .*\)  DENY EPERM -> DENY ENOSYS \({new}:2\)")
        self.assertIn("8 events replayed: 5 same, 3 change\n", result.stdout)

    def test_a_call_that_no_rule_is_on_is_the_profile_s(self):
        """That under which it was logged."""
        new = self.policy("new", *OLD[1:])
        status, changes, total = self.replay_json(new)
        self.assertEqual((status, total["changed"]), (1, 3))
        self.assertEqual(changes[0]["after"], {"verdict": "allow", "asks": False})
        self.assertNotIn("line", changes[0])
        status, changes, total = self.replay_json(self.policy("new", *OLD[1:], profile="docker-default"))
        self.assertEqual((status, changes), (0, []))

    def test_an_address_in_memory(self):
        new = self.policy("new", *OLD[:2], rule("allow", "connect", args=DATABASE), OLD[2])
        status, changes, total = self.replay_json(new)
        self.assertEqual((status, len(changes)), (1, 1), changes)
        (change,) = changes
        self.assertIn("10.0.0.7", change["call"])
        self.assertEqual(change["before"]["verdict"], "deny")
        self.assertEqual(change["after"]["verdict"], "allow")
        self.assertEqual((change["line"], change["rule"], change["count"]), (4, 2, 1))

    def test_paths_as_they_were_written(self):
        """What depends on links, or on a directory, is counted and not guessed."""
        new = self.policy("new", OLD[0], rule("errno", "rmdir", errnoRet="ENOENT", args=HIDDEN), *OLD[1:])
        status, changes, total = self.replay_json(new)
        self.assertEqual(status, 1)
        self.assertEqual([change["after"]["errno"] for change in changes], [2])
        self.assertEqual(total["asWritten"], 1)
        self.assertEqual(total["notReplayed"], {"unresolved": 2})
        said = self.replay(new).stdout
        self.assertIn("1 by a path as it was written, with no link followed\n", said)
        self.assertIn('2 could not be replayed (2 paths that are relative or have "..")\n', said)

    def test_against_another_policy(self):
        silent = self.policy("silent", rule("errno", "keyctl", errnoRet="EIO"))
        status, changes, total = self.replay_json("--against", silent, self.old)
        self.assertEqual(status, 1)
        self.assertEqual({(change["before"]["verdict"], change["before"].get("errno"))
                          for change in changes}, {("deny", 5), ("allow", None)})
        self.assertEqual(self.replay("--against", self.old, self.old).status, 0)

    def test_a_profile(self):
        profile = self.file("profile.json", '{"defaultAction": "SCMP_ACT_ALLOW"}')
        status, _, total = self.replay_json(profile)
        self.assertEqual((status, total["changed"]), (1, 8))

    def test_limits_count_in_the_time_of_the_events(self):
        limit = {"count": 2, "seconds": 3600}
        new = self.policy("new", rule("errno", "keyctl", limit=limit),
                          rule("errno", "keyctl", errnoRet="EDQUOT"), *OLD[1:])
        status, changes, _ = self.replay_json(new)
        self.assertEqual([(change["after"]["errno"], change["count"]) for change in changes], [(122, 1)])

    def test_complain_is_compared_with_complain(self):
        done = support.callgate("run", "--quiet", "--profile", "none", "--policy", self.old, "--mode",
                                "complain", "--log", f"json:{self.log}", "--", sys.executable, "-c", CALLS)
        self.assertEqual(done.status, 0)
        self.assertEqual(self.replay(self.old).status, 0)

    def test_the_last_run(self):
        result = support.callgate("check", "--replay", "last", self.old)
        self.assertEqual(result.status, 0, result.stderr)
        self.assertIn(" same, 0 change\n", result.stdout)

    def test_trouble(self):
        broken = self.file("broken.json", '{"rules": [{}]}')
        for arguments in ([broken], [], [self.old, self.old], ["--against", broken, self.old],
                          ["/nonexistent.json"]):
            result = self.replay(*arguments)
            self.assertEqual((result.status, result.stdout), (2, ""), arguments)
            self.assertTrue(result.stderr)
        for arguments in (["--against", self.old, self.old], ["--replay", "/nonexistent", self.old],
                          ["--replay", "-", self.old]):
            self.assertEqual(support.callgate("check", *arguments).status, 2)

    def test_explain_names_the_rule(self):
        policy = self.policy("new", rule("errno", "keyctl", errnoRet="EIO", comment="no keys"),
                             rule("allow", "connect", args=DATABASE))
        def why(*arguments):
            result = support.callgate("explain", "--json", "--policy", policy, *arguments)
            self.assertEqual(result.status, 0, result.stderr)
            return json.loads(result.stdout)["why"]["policy"]
        self.assertEqual(why("keyctl(1)"), f"policy {policy}: rule 0 (line 2) decides: DENY EIO (no keys)")
        self.assertEqual(why("umask(0)"), f"policy {policy}: no rule is on this call, so the profile decides")
        self.assertIn("rule 1 (line 3) looks at what is not known here", why("connect(3, 0x10, 16)"))
        connects = [event["event.id"] for event in
                    support.events((self.scratch / "log").read_text(encoding="utf-8"), "syscall")
                    if event["syscall.name"] == "connect"]
        self.assertIn("none of its rules on this call holds", why("--from", self.log, connects[0]))
        self.assertIn("rule 1 (line 3) decides: ALLOW", why("--from", self.log, connects[1]))

    def test_explain_says_that_a_policy_decided(self):
        result = support.callgate("explain", "--from", self.log, "1")
        self.assertIn("decided by a rule of the policy", result.stdout)
        self.assertNotIn("the event says otherwise", result.stdout)


if __name__ == "__main__":
    support.main()
