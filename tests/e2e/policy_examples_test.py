# SPDX-License-Identifier: Apache-2.0
"""The worked policies, the manual's, and the JSON Schema: all three say what the reader takes."""

import json
import re
import unittest

import support
from support import ROOT, callgate

EXAMPLES = sorted((ROOT / "policies/examples").glob("*.json"))
SCHEMA = json.loads((ROOT / "docs/policy.schema.json").read_text(encoding="utf-8"))
MANUAL = (ROOT / "docs/callgate-policy.5.scd").read_text(encoding="utf-8")

# The examples that this version can run, and those that it can where a target can be frozen.
RUNNABLE = ("build-no-network", "fake-chown", "network-allowlist", "ptrace-asks", "secrets")
FROZEN = ("mount-tmpfs",)

RULE = {"names": ["openat"], "action": "allow"}
CONDITION = {"arg": "flags", "op": "SCMP_CMP_EQ", "value": 0}


def with_rule(**members):
    return {"rules": [dict(RULE, **members)]}


def with_condition(**members):
    return with_rule(args=[dict(CONDITION, **members)])


# What neither takes: each a slip of one member.
BROKEN = [
    {}, {"rules": {}}, {"rules": [], "unmatched": "maybe"}, {"rules": [], "nmae": ""},
    {"rules": [{"names": ["openat"]}]}, {"rules": [{"action": "allow"}]},
    with_rule(names=[]), with_rule(action="SCMP_ACT_TRAP"), with_rule(errnoRet=1),
    with_rule(value=0), with_rule(timeoutSeconds=3), with_rule(action="return"),
    with_rule(action="ask", timeoutSeconds=0), with_rule(log=1), with_rule(advisory="yes"),
    with_rule(limit={"count": 1}), with_rule(limit={"count": 0, "seconds": 1}),
    with_rule(when={}), with_rule(when={"user": 1}), with_rule(when={"process": "main"}),
    with_rule(when={"uid": []}), with_rule(when={"exe": 3}),
    with_condition(op="SCMP_CMP_IS"), with_condition(index=1), with_condition(valueTwo=1),
    with_condition(value=[1]), with_condition(op="SCMP_CMP_MASKED_EQ"),
    with_condition(op="flags"), with_condition(op="flags", value={}),
    with_condition(op="flags", value={"some": 1}), with_condition(arg="path", op="path"),
    with_condition(op="in", value=[]),
    with_rule(args=[{"op": "in", "value": 1}]), with_rule(args=[{"index": 6, "op": "in", "value": 1}]),
    with_rule(args=[{"field": "stat.st_mode", "op": "in", "value": 1}]),
]


def validator():
    try:
        import jsonschema
    except ImportError:
        raise support.unittest.SkipTest("python3-jsonschema is not installed") from None
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def manual_policies():
    return [json.loads(block) for block in re.findall(r"```\n(\{.*?\n\})\n```", MANUAL, re.DOTALL)]


class Policies(support.TestCase):
    def check(self, policy, *options):
        path = self.file("policy.json", json.dumps(policy))
        return callgate("check", *options, path)

    def test_examples_have_no_errors_and_no_warnings(self):
        self.assertEqual(len(EXAMPLES), 6)
        for path in EXAMPLES:
            with self.subTest(path.name):
                result = callgate("check", "--strict", path)
                self.assertEqual(result.status, 0, result.stdout)
                self.assertEqual(json.loads(path.read_text(encoding="utf-8"))["name"], path.stem)

    def test_the_manual_s_policies_have_no_errors(self):
        policies = manual_policies()
        self.assertEqual(len(policies), 4)
        for policy in policies:
            result = self.check(policy)
            self.assertEqual(result.status, 0, result.stdout)

    def test_schema_takes_what_the_reader_takes(self):
        schema = validator()
        for policy in manual_policies() + [json.loads(path.read_text(encoding="utf-8"))
                                           for path in EXAMPLES]:
            schema.validate(policy)

    def test_both_refuse_what_is_broken(self):
        schema = validator()
        for policy in BROKEN:
            with self.subTest(json.dumps(policy)):
                self.assertFalse(schema.is_valid(policy))
                path = self.file("policy.json", json.dumps(policy))
                result = callgate("run", "--policy", path, "--", "true")
                self.assertEqual(result.status, 125, result.stderr)

    def test_the_broken_ones_are_broken_by_one_member(self):
        validator().validate(with_rule())
        validator().validate(with_condition())
        self.assertEqual(self.check(with_condition()).status, 0)

    def test_schema_has_the_reader_s_keys(self):
        """The reader lists its keys where it finds another."""
        whens, limit = {"when": {"x": 1}}, {"limit": {"x": 1}}
        places = [(dict(with_rule(), x=1), SCHEMA), (with_rule(x=1), SCHEMA["$defs"]["rule"]),
                  (with_rule(**whens), SCHEMA["$defs"]["when"]),
                  (with_rule(**limit), SCHEMA["$defs"]["rule"]["properties"]["limit"]),
                  (with_condition(x=1), SCHEMA["$defs"]["condition"]),
                  (with_condition(op="flags", value={"x": 1}), SCHEMA["$defs"]["flags"])]
        for policy, definition in places:
            said = self.check(policy).stdout
            keys = re.search(r'unknown key "x"; expected (.*) \[unknown-key\]', said).group(1)
            self.assertEqual(set(keys.split(", ")), set(definition["properties"]), said)

    def test_the_manual_names_every_key(self):
        for name in ("rule", "when", "condition", "flags"):
            for key in SCHEMA["$defs"][name]["properties"]:
                self.assertRegex(MANUAL, rf"\*{key}\*", key)

    def test_those_that_this_version_can_run(self):
        runnable = RUNNABLE + (FROZEN if support.can_freeze() else ())
        for path in EXAMPLES:
            with self.subTest(path.name):
                result = callgate("run", "--policy", path, "--", "sh", "-c", "echo $((6 * 7))")
                if path.stem in runnable:
                    self.assertEqual(result.stdout, "42\n", result.stderr)
                else:
                    self.assertEqual(result.status, 125, result.stderr)


class Examples(support.TestCase):
    """What they promise, seen from inside."""

    def run_example(self, name, script):
        path = ROOT / f"policies/examples/{name}.json"
        return callgate("run", "--policy", path, "--", "sh", "-c", script)

    def test_build_no_network(self):
        result = self.run_example("build-no-network", f"""
{support.program('curl')} -sS http://127.0.0.1:1/ 2>&1
{support.program('perl')} -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) and print "local\n"'
""")
        self.assertIn("local", result.stdout, result.stderr)
        self.assertIn("policy build-no-network.json:", result.stderr)
        self.assertIn("EAFNOSUPPORT", result.stderr)

    def test_fake_chown(self):
        path = self.file("owned", "")
        result = self.run_example("fake-chown", f"""
chown 4711:4711 {path} && stat -c %u {path}
mknod {path}.dev c 1 3 && ls {path}.dev
mknod {path}.pipe p && ls {path}.pipe
""")
        self.assertNotIn("4711", result.stdout)
        self.assertNotIn(".dev", result.stdout)
        self.assertIn(".pipe", result.stdout, result.stderr)

    def test_network_allowlist(self):
        """Loopback is on the list, other addresses are not; nothing is sent to those."""
        result = self.run_example("network-allowlist", support.program("python3") + """ -c '
import errno, socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
client.send(b"x")
print("connected", server.accept()[0].recv(1))
for family, kind, address in ((socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
                              (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
                              (socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 80)),
                              (socket.AF_INET6, socket.SOCK_STREAM, ("::ffff:192.0.2.1", 80))):
    print(errno.errorcode[socket.socket(family, kind).connect_ex(address)])
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
except OSError as error:
    print("raw", errno.errorcode[error.errno])'""")
        self.assertEqual(result.stdout, "connected b'x'\n" + "ENETUNREACH\n" * 4 + "raw EPERM\n",
                         result.stderr)
        self.assertIn('sin_addr=inet_addr("192.0.2.1")', result.stderr)
        self.assertIn("policy network-allowlist.json:", result.stderr)

    def test_secrets(self):
        """By whatever name; what is no secret can be opened."""
        support.needs_root()
        result = self.run_example("secrets", f"""
ln -s /etc/shadow {self.scratch}/link
for name in /etc/shadow /etc/../etc/shadow {self.scratch}/link /proc/self/root/etc/shadow; do
    head -c 1 $name
done
cd /etc && head -c 1 shadow
head -c 5 passwd""")
        self.assertEqual(result.stdout, "root:", result.stderr)
        self.assertEqual(result.stderr.count("Permission denied"), 5, result.stderr)
        self.assertEqual(len(support.denials(result.stderr)), 5, result.stderr)

    def test_mount_tmpfs(self):
        """In a mount namespace of its own, where /mnt is ours to fill."""
        support.needs_root()
        if not support.can_freeze():
            raise unittest.SkipTest("this host gives us no cgroup of our own")
        mounts = """for options in nodev,nosuid nodev; do
  for place in /mnt/x /mnt/../etc /mnt/link; do
    mount -i -t tmpfs -o $options none $place 2>/dev/null && echo $options $place
  done
done; true"""
        result = support.run(
            "unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /mnt && mkdir /mnt/x &&'
            ' ln -s /etc /mnt/link && exec "$@"', "sh", support.CALLGATE, "run", "--policy",
            ROOT / "policies/examples/mount-tmpfs.json", "--", "sh", "-c", mounts)
        self.assertEqual(result.stdout, "nodev,nosuid /mnt/x\n", result.stderr)

    def test_ptrace_asks(self):
        result = self.run_example("ptrace-asks", support.program("perl") + """ -e '
print syscall(101, 0, 0, 0, 0), " ", syscall(101, 16, 1, 0, 0), "\n"'""")
        self.assertEqual(result.stdout, "0 -1\n", result.stderr)
        self.assertIn("asks; nobody to ask", result.stderr)


if __name__ == "__main__":
    support.main()
