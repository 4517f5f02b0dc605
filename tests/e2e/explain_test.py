#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate explain: a typed call, or an event, with reasons and remedies."""

import csv
import json
import os
import pathlib
import unittest

import support
from support import ROOT, callgate

CORPUS = pathlib.Path(os.environ.get("CALLGATE_CORPUS", ROOT.parent / "shared/corpus"))
BLOCKED = CORPUS / "blocked.tsv"
SHIPPED = ROOT / "profiles/data/docker-default.json"
KNOWLEDGE = ROOT / "profiles/data/knowledge.json"
HERE = ("--kernel", "6.1", "--arch", "x86_64")

# One call of each kind of change and of reason.
CALLS = (
    "socket(AF_ALG, SOCK_SEQPACKET, 0)",
    "clone(CLONE_NEWUSER|SIGCHLD)",
    "clone3({flags=CLONE_VM}, 88)",
    'mount("tmpfs", "/mnt", "tmpfs", 0, NULL)',
    "unshare(0x10000000)",
    "bpf(BPF_MAP_CREATE)",
    "keyctl(KEYCTL_GET_KEYRING_ID, 0, 0)",
    "io_uring_setup(8, 0x7ffd…)",
    "personality(ADDR_NO_RANDOMIZE)",
    "reboot",
    "stime(NULL)",
    "syscall_470(1, 2)",
    "syscall_900",
    "read(0, NULL, 0)",
)


class ExplainCase(support.TestCase):
    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, XDG_STATE_HOME=str(self.scratch))

    def explain(self, *arguments, status=0, **options):
        result = callgate("explain", *arguments, env=self.environment, **options)
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.stderr == "", status == 0, result)
        return result.stdout if status == 0 else result.stderr

    def explained(self, *arguments, **options):
        return json.loads(self.explain("--json", *arguments, **options))

    def event(self, **members):
        """A line as --log writes it."""
        event = {
            "schema": "callgate.event/1", "event.id": "5f3a09c1-7", "event.name": "syscall",
            "time": "2026-11-23T16:39:10.622143Z", "seccomp.verdict": "deny",
            "seccomp.mode": "enforce", "seccomp.errno": 1, "syscall.name": "mount",
            "syscall.number": 165, "syscall.arch": "SCMP_ARCH_X86_64",
            "syscall.call": 'mount("none", "/mnt", "tmpfs", 0, NULL)',
            "syscall.args": [{"name": "source", "raw": "0x7f00"}, {"name": "target", "raw": "0x7f01"},
                             {"name": "filesystemtype", "raw": "0x7f02"},
                             {"name": "mountflags", "raw": "0x0"}, {"name": "data", "raw": "0x0"}],
            "profile.name": "docker-default", "process.pid": 4242, "process.tid": 4242,
            "process.executable.name": "sh", "process.user.id": 0,
        }
        event.update(members)
        return json.dumps({key: value for key, value in event.items() if value is not None})


class Typed(ExplainCase):
    def test_sections_in_order(self):
        text = self.explain("bpf(BPF_MAP_CREATE)")
        labels = [line.split()[0] for line in text.splitlines() if line[0] != " "]
        self.assertEqual(labels, ["WHAT", "WHY", "ALONE", "ERRNO", "KNOWN", "CHANGE"])

    def test_width(self):
        for call in CALLS:
            with self.subTest(call):
                for line in self.explain(call).splitlines():
                    self.assertLessEqual(len(line), 80, line)

    def test_near_misses_say_what_they_got(self):
        text = " ".join(self.explain("socket(AF_ALG, SOCK_SEQPACKET, 0)").split())
        for missed in ("domain < 38", "domain == 39", "domain > 40"):
            self.assertIn(f"would allow it, but for {missed}: got 38 (AF_ALG)", text)

    def test_allowed_says_it_was_not_seccomp(self):
        text = " ".join(self.explain('mount("a", "/b", "tmpfs", MS_RDONLY, NULL)', "--cap-add",
                                     "SYS_ADMIN", *HERE).split())
        self.assertIn("ALLOW", text)
        self.assertIn("seccomp lets it through. EPERM or EACCES then comes from the kernel", text)
        self.assertIn("it needs CAP_SYS_ADMIN, which the container has", text)
        self.assertNotIn("CHANGE", text)

    def test_alone_has_three_answers(self):
        for call, answer in (("keyctl", "yes"), ("mount", "no"), ("clone3", "cannot-tell")):
            self.assertEqual(self.explained(call, *HERE)["alone"]["works"], answer, call)

    def test_an_older_kernel_lacks_the_call(self):
        found = self.explained("statx", "--kernel", "4.4")["alone"]
        self.assertEqual(found["works"], "no")
        self.assertIn("Linux 4.11", found["why"])

    def test_abi_of_the_name(self):
        for call, arch in (("stime", "x86"), ("read", "x86_64"), ("socketcall", "x86")):
            self.assertEqual(self.explained(call, *HERE)["what"]["arch"], arch)

    def test_profile_options(self):
        self.assertEqual(self.explained("bpf", "--profile", "none")["why"]["action"], "SCMP_ACT_ALLOW")
        self.assertEqual(self.explained("bpf", "--privileged")["why"]["action"], "SCMP_ACT_ALLOW")
        profile = self.file("p.json", '{"defaultAction": "SCMP_ACT_KILL_PROCESS",\n"syscalls": [\n'
                                      '{"names": ["open"], "action": "SCMP_ACT_TRAP"}]}')
        found = self.explained("open", "--profile", profile)["why"]
        self.assertEqual((found["action"], found["line"], found["file"]), ("SCMP_ACT_TRAP", 3, profile))
        self.assertIn("SIGSYS", self.explain("open", "--profile", profile))


class Refused(ExplainCase):
    def test_mistakes_with_their_columns(self):
        self.assertEqual(self.explain('open("/x", O_RDONYL|FOO, 0)', status=1),
                         "callgate: call:1:12: O_RDONYL: unknown constant for flags; did you mean "
                         "O_RDONLY?\ncallgate: call:1:21: FOO: unknown constant for flags\n")
        self.assertIn("did you mean unshare?", self.explain("unshar(0)", status=1))

    def test_usage(self):
        for arguments in ((), ("a", "b"), ("--last", "1"), ("--nonsense", "a"), ("--kernel", "x", "a")):
            self.explain(*arguments, status=2)
        self.assertIn("--profile", callgate("explain", "--help").stdout)

    def test_profile_with_errors(self):
        self.explain("open", "--profile", self.file("p.json", "{"), status=2)
        self.explain("open", "--profile", "no-such-profile", status=2)


class Differential(ExplainCase):
    def test_verdicts_are_those_of_show(self):
        plan = json.loads(callgate("show", "--json", "docker-default", *HERE).stdout)
        compared = 0
        for number, row in enumerate(plan["syscalls"]):
            if row["arch"] != "x86_64" or "rules" in row or (row["place"] == "kernel-allow" and
                                                              number % 12):
                continue
            why = self.explained(row["name"], *HERE)["why"]
            with self.subTest(row["name"]):
                for key in ("action", "errno", "place", "decidedBy", "line"):
                    self.assertEqual(why.get(key), row.get(key), key)
            compared += 1
        self.assertGreater(compared, 100)

    def test_all_that_is_known(self):
        for entry in json.loads(KNOWLEDGE.read_text(encoding="utf-8")):
            for name in entry["names"]:
                with self.subTest(name):
                    found = self.explained(name, *HERE)
                    self.assertEqual(found["known"]["why"], entry["why"])
                    self.assertEqual(found["what"]["syscall"], name)
                    denied = found["why"]["action"] != "SCMP_ACT_ALLOW"
                    newer = found["why"]["decidedBy"] == "newer"  # than libseccomp, too
                    self.assertEqual(bool(found["changes"]), denied and not newer)

    @unittest.skipUnless(BLOCKED.exists(), f"no corpus (CALLGATE_CORPUS, {BLOCKED})")
    def test_what_docker_documents_as_blocked(self):
        lines = [line for line in BLOCKED.read_text(encoding="utf-8").splitlines()
                 if not line.startswith("#")]
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in rows:
            native = row["x86_64_nr"] != "-"
            verdict = row["verdict_default_caps" if native else "verdict_i386"]
            with self.subTest(row["syscall"]):
                found = self.explained(row["syscall"], *HERE)
                self.assertEqual(found["what"]["arch"], "x86_64" if native else "x86")
                action = found["why"]["action"].replace("SCMP_ACT_", "")
                if "errno" in found["why"]:
                    action += f"({found['why']['errno']})"
                self.assertEqual(action, verdict)
        self.assertGreaterEqual(len(rows), 50)


class Changes(ExplainCase):
    def test_each_rule_does_what_it_says(self):
        """The rule, put into the profile, decides the call; what else it opens was said."""
        tried = 0
        for call in CALLS:
            for change in self.explained(call, *HERE)["changes"]:
                if change["kind"] == "capability":
                    continue
                rule = json.loads(change["rule"])
                with self.subTest(call=call, rule=rule):
                    self.check_rule(call, change, rule)
                    tried += 1
        self.assertGreater(tried, 15)

    def check_rule(self, call, change, rule):
        profile = json.loads(SHIPPED.read_text(encoding="utf-8"))
        lines = SHIPPED.read_text(encoding="utf-8").splitlines()
        if "insteadOfLine" in change:
            before = "\n".join(lines[:change["insteadOfLine"] - 1]).count('"names"')
            old = profile["syscalls"][before]
            old["names"].remove(rule["names"][0])
            if not old["names"]:
                profile["syscalls"].remove(old)
        profile["syscalls"].append(rule)
        path = self.file("changed.json", json.dumps(profile))
        why = self.explained(call, "--profile", path, *HERE)["why"]
        self.assertEqual((why["action"], why.get("errno")), (rule["action"], rule.get("errnoRet")))
        diff = json.loads(callgate("diff", "--json", "docker-default", path, *HERE).stdout)
        opened = {entry["name"] for entry in diff["differences"]
                  if entry["to"]["action"] == "SCMP_ACT_ALLOW"}
        self.assertEqual(opened, set(change["opens"]))

    def test_each_capability_frees_the_call(self):
        for call in ("mount", "bpf", "unshare(CLONE_NEWNS)", "reboot", "stime"):
            changes = [change for change in self.explained(call, *HERE)["changes"]
                       if change["kind"] == "capability"]
            self.assertTrue(changes, call)
            for change in changes:
                options = [word for cap in change["capabilities"] for word in ("--cap-add", cap)]
                found = self.explained(call, *HERE, *options)
                self.assertEqual(found["why"]["action"], "SCMP_ACT_ALLOW", change)
                self.assertIn(call.split("(")[0], change["opens"])

    def test_narrowest_first(self):
        kinds = [change["kind"] for change in self.explained("bpf", *HERE)["changes"]]
        self.assertEqual(kinds, ["allow-args", "allow", "capability", "capability"])
        caps = [change for change in self.explained("bpf", *HERE)["changes"]
                if change["kind"] == "capability"]
        self.assertEqual(caps[0]["capabilities"], ["CAP_BPF"])
        self.assertLess(len(caps[0]["opens"]), len(caps[1]["opens"]))


class Events(ExplainCase):
    def test_the_last_run(self):
        result = callgate("run", "--", "sh", "-c", "umount /nonexistent; unshare -m true",
                          env=self.environment)
        self.assertGreaterEqual(len(support.denials(result.stderr)), 2, result)
        first = self.explained("1")
        self.assertEqual(first, self.explained("#1"))
        self.assertEqual(first, self.explained(first["what"]["event"]["id"]))
        self.assertEqual(first["what"]["syscall"], "umount2")
        last = self.explained("--last")
        self.assertEqual(last["what"]["call"], "unshare(CLONE_NEWNS)")
        self.assertEqual(last["what"]["event"]["comm"], "unshare")
        self.assertFalse(last["why"]["contradictsEvent"])

    def test_what_a_policy_decided(self):
        policy = self.file("own.json", json.dumps({"name": "own", "rules": [
            {"names": ["umask"], "action": "return", "value": 7},
            {"names": ["unshare"], "action": "errno", "errnoRet": "EACCES"}]}))
        callgate("run", "--policy", policy, "--", "sh", "-c", "umask 22; unshare -m true",
                 env=self.environment)
        denied = self.explained("--last")
        self.assertEqual(denied["why"]["policyRule"], "policy own.json:1")
        self.assertFalse(denied["why"]["contradictsEvent"])
        self.assertEqual((denied["errno"]["errnoName"], denied["changes"]), ("EACCES", []))
        text = " ".join(self.explain("--last").split())
        self.assertIn("unshare(CLONE_NEWNS) = -1 EACCES", text)
        self.assertIn(f"WHY decided by a rule of the policy {policy}, line 1 profile docker-default "
                      "by itself: no rule applies", text)
        self.assertIn("CHANGE the policy's rule, after which no profile is asked", text)
        faked = " ".join(self.explain("1").split())
        self.assertIn("WHAT #1 umask(0) = 7 FAKE", faked)
        self.assertIn("ERRNO none: the call is skipped", faked)
        self.assertIn("umask(0) = 7 ", callgate("watch", "--no-follow", env=self.environment).stdout)

    def test_no_last_run(self):
        for what in ("1", "--last"):
            self.assertIn("last.jsonl: there is no such file (callgate run makes it",
                          self.explain(what, status=1))

    def test_from_a_log(self):
        log = str(self.scratch / "log.jsonl")
        callgate("run", "--log", f"json:{log}", "--", "umount", "/nonexistent", env=self.environment)
        self.assertEqual(self.explained("1", "--from", log)["what"]["syscall"], "umount2")
        self.assertEqual(self.explain("1", "--from", log + "x", status=1),
                         f"callgate: explain: {log}x: there is no such file\n")
        self.assertIn("no event 99", self.explain("99", "--from", log, status=1))
        self.assertIn("no event", self.explain("5f3a09c1-99", "--from", log, status=1))

    def test_engine_and_capabilities_of_the_run(self):
        """A file of two runs, each decided in its own way."""
        for options in (["--as", "podman"], ["--cap-add", "SYS_ADMIN"]):
            callgate("run", *options, "--log", f"json:{self.scratch / options[0]}", "--",
                     "perl", "-e", "syscall(471); syscall(250)", env=self.environment)
        logs = [(self.scratch / name).read_text() for name in ("--as", "--cap-add")]
        first, second = [support.events(log, "syscall")[0]["event.id"] for log in logs]
        log = self.file("both.jsonl", "".join(logs))
        self.assertEqual(self.explained(first, "--from", log)["why"]["errnoName"], "EPERM")
        self.assertEqual(self.explained(second, "--from", log)["why"]["errnoName"], "ENOSYS")
        docker = self.explained(first, "--from", log, "--as", "docker")["why"]
        self.assertEqual((docker["errnoName"], docker["contradictsEvent"]), ("ENOSYS", True))

    def test_a_line(self):
        line = self.event()
        found = self.explained(line)
        self.assertEqual(found["what"]["event"]["id"], "5f3a09c1-7")
        self.assertEqual(found["what"]["args"][:4], ["0x7f00", "0x7f01", "0x7f02", "0x0"])
        path = self.file("events.jsonl", "no event\n" + line + "\n")
        with open(path, encoding="utf-8") as stdin:
            self.assertEqual(self.explained("-", stdin=stdin), found)

    def test_what_is_no_event(self):
        self.assertIn("no event of callgate's", self.explain("{", status=1))
        self.assertIn("no event of callgate's", self.explain('{"a": 1}', status=1))
        self.explain(self.event(schema="callgate.event/2"), status=1)
        self.explain(self.event(**{"event.name": "target.start", "syscall.name": None}), status=1)
        path = self.file("empty", "")
        with open(path, encoding="utf-8") as stdin:
            self.assertIn("standard input: no event", self.explain("-", stdin=stdin, status=1))

    def test_other_verdicts(self):
        text = self.explain(self.event(**{"seccomp.verdict": "would_deny", "seccomp.mode": "complain"}))
        self.assertIn("complain mode let it through", text)
        self.assertNotIn("NULL) = -1", text)
        text = self.explain(self.event(**{"seccomp.verdict": "allow"}))
        self.assertIn("the event says otherwise", text)
        profile = self.file("kill.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": '
                                         '["mount"], "action": "SCMP_ACT_KILL_PROCESS"}]}')
        text = self.explain(self.event(**{"seccomp.verdict": "kill", "profile.name": profile}))
        self.assertIn("none: the process is killed", text)

    def test_a_fold_has_no_arguments(self):
        """socket(0) would be allowed: what was counted was not."""
        line = self.event(**{"event.name": "fold", "seccomp.repeat": 12, "syscall.name": "socket",
                             "syscall.number": 41, "syscall.call": None, "syscall.args": None})
        found = self.explained(line)
        self.assertEqual(found["why"]["action"], "SCMP_ACT_ERRNO")
        self.assertNotIn("args", found["what"])
        self.assertEqual([change["kind"] for change in found["changes"]], ["allow"])
        self.assertIn("with arguments that nobody kept", self.explain(line))

    def test_foreign_abis(self):
        i386 = self.event(**{"syscall.arch": "SCMP_ARCH_X86", "syscall.number": 21})
        self.assertEqual(self.explained(i386)["what"]["arch"], "x86")
        x32 = self.event(**{"syscall.arch": "SCMP_ARCH_X32", "syscall.number": 0x40000000 + 165})
        found = self.explained(x32)
        self.assertEqual((found["what"]["arch"], found["alone"]["works"]), ("x32", "cannot-tell"))
        bare = self.file("bare.json", '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": '
                                      '["SCMP_ARCH_X86_64"], "syscalls": []}')
        text = " ".join(self.explain(i386, "--profile", bare).split())
        self.assertIn("the profile does not cover x86", text)
        self.assertIn("the ABI has to be in the profile's architectures", text)

    def test_profile_of_the_event(self):
        profile = self.file("mine.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}')
        found = self.explained(self.event(**{"profile.name": profile}))
        self.assertEqual(found["why"]["file"], profile)
        self.assertTrue(found["why"]["contradictsEvent"])
        gone = self.event(**{"profile.name": "/nonexistent/p.json"})
        self.assertIn("--profile takes another", self.explain(gone, status=2))
        self.explain(gone, "--profile", "docker-default")

    def test_stack(self):
        line = self.event(stack=[
            {"ip": "0x7f01", "module": "/lib/libc.so.6", "offset": "0xf9e1b", "symbol": "mount",
             "symbol_offset": "0xb", "how": "cfi"}, {"ip": "0x5501", "how": "scan"}])
        text = self.explain(line)
        self.assertIn("WHERE    #0 mount+0xb /lib/libc.so.6+0xf9e1b [cfi]\n"
                      "         #1 ? 0x5501 [scan]\n", text)
        self.assertEqual(len(self.explained(line)["where"]), 2)
        line = self.event(**{"stack.missing": "the thread had gone"})
        self.assertIn("WHERE    no stack: the thread had gone\n", self.explain(line))

    def test_hostile_words(self):
        """What a target or a file's writer chose reaches no terminal raw."""
        evil = "\033]0;x\007\n\u202e\x9b"
        members = {"syscall.call": "mount" + evil, "process.executable.name": evil, "time": evil,
                   "process.executable.path": evil, "event.id": evil,
                   "stack": [dict.fromkeys(("symbol", "module", "how", "ip", "offset"), evil)],
                   "stack.missing": evil}
        text = self.explain(self.event(**members))
        self.assertFalse(set(text) & set("\033\007\u202e\x9b"), text)
        found = self.explained(self.event(**members))
        self.assertEqual(found["what"]["event"]["comm"], evil)

    def test_endless_words(self):
        members = {"syscall.call": "mount(" + "a" * 100000, "process.executable.name": "b" * 100000}
        self.assertLess(len(self.explain("-", stdin=self.stdin_of(self.event(**members)))), 20000)

    def stdin_of(self, text):
        path = self.file("stdin", text + "\n")
        stdin = open(path, encoding="utf-8")  # pylint: disable=consider-using-with
        self.addCleanup(stdin.close)
        return stdin


if __name__ == "__main__":
    support.main()
