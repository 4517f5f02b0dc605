#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate suggest: from denied calls to a changed profile."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import unittest

import support
from support import CALLGATE, callgate, program, run

NR = {"unshare": 272, "keyctl": 250, "statx": 332, "getpid": 39, "mount": 165, "clone3": 435,
      "socket": 41, "personality": 135, "getuid": 102, "mkdir": 83, "swapon": 167,
      "openat2": 437, "faccessat2": 439}
NEWUSER, NEWNET = 0x10000000, 0x40000000

# With a name from Linux 6.5, so that the others are not newer than the profile.
DENY = {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    {"names": ["read", "write", "cachestat"], "action": "SCMP_ACT_ALLOW"}]}


def event(name, *args, verdict="deny", profile, comm="prog", number=1, **more):
    return {"schema": "callgate.event/1", "event.id": f"0badcafe-{number}", "event.name": "syscall",
            "seccomp.verdict": verdict, "syscall.name": name, "syscall.number": NR[name],
            "syscall.arch": "SCMP_ARCH_X86_64", "syscall.call": f"{name}(…)",
            "syscall.args": [{"name": f"a{i}", "raw": hex(arg)}
                             for i, arg in enumerate(args + (0,) * (6 - len(args)))],
            "profile.name": profile, "process.executable.name": comm, **more}


class SuggestCase(support.TestCase):
    def profile(self, content, name="my.json", indent="\t"):
        return self.file(name, json.dumps(content, indent=indent) + "\n")

    def log(self, *events, name="events.jsonl"):
        return self.file(name, "".join(json.dumps(event) + "\n" for event in events))

    def suggest(self, *arguments, status=0, **options):
        result = callgate("suggest", *arguments, **options)
        self.assertEqual(result.status, status, result)
        return result

    def patched(self, path, diff):
        """What patch(1) makes of a copy of the file."""
        copy = self.scratch / "copy"
        copy.write_bytes(open(path, "rb").read())
        done = subprocess.run([program("patch"), "-s", "--fuzz=0", "--binary", str(copy)],
                              input=diff.encode(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        return copy.read_bytes().decode()

    def differences(self, old, new):
        result = callgate("diff", "--json", old, new)
        self.assertIn(result.status, (0, 1), result)
        return [(entry["arch"], entry.get("name"), entry.get("args"), entry["to"]["action"])
                for entry in json.loads(result.stdout)["differences"]]


class FromRunToFix(SuggestCase):
    """The three commands of somebody whose program breaks."""

    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, XDG_STATE_HOME=str(self.scratch / "state"))

    def test_the_last_run(self):
        support.needs_user_namespaces()
        unshare = program("unshare")
        broken = callgate("run", "--", unshare, "-Ur", "true", env=self.environment)
        self.assertEqual(broken.status, 1)
        fixed = str(self.scratch / "fixed.json")
        result = self.suggest("--include", "unshare", "--write", "-o", fixed,
                              env=self.environment)
        self.assertIn("replay: 1 call allowed, 0 still denied", result.stderr)
        mended = callgate("run", "--profile", fixed, "--", unshare, "-Ur", "true",
                          env=self.environment)
        self.assertEqual(mended.status, 0, mended)
        # and nothing else than these flags
        self.assertEqual(callgate("run", "--profile", fixed, "--", unshare, "-Un", "true",
                                  env=self.environment).status, 1)
        names = {name for _, name, _, _ in self.differences("docker-default", fixed)}
        self.assertEqual(names, {"unshare"})

    def test_as_a_policy(self):
        support.needs_user_namespaces()
        unshare = program("unshare")
        callgate("run", "--", unshare, "-Ur", "true", env=self.environment)
        policy = str(self.scratch / "policy.json")
        self.suggest("--include", "unshare", "--output-format", "policy", "-o", policy,
                     env=self.environment)
        mended = callgate("run", "--policy", policy, "--", unshare, "-Ur", "true",
                          env=self.environment)
        self.assertEqual(mended.status, 0, mended)
        self.assertEqual(callgate("run", "--policy", policy, "--", unshare, "-Un", "true",
                                  env=self.environment).status, 1)

    def test_counts_are_those_of_the_run(self):
        profile = self.profile({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]})
        callgate("run", "--profile", profile, "--", "bash", "-c",
                 "for i in 1 2 3; do mkdir x; done", env=self.environment)
        result = self.suggest(env=self.environment)
        self.assertIn("mkdir ×3 (mkdir)", result.stderr)
        self.assertIn("replay: 3 calls allowed, 0 still denied", result.stderr)

    def test_no_run_is_remembered(self):
        result = self.suggest(status=2, env=self.environment)
        self.assertIn("no run is remembered", result.stderr)


class Diff(SuggestCase):
    def test_patch_takes_it(self):
        path = self.profile(DENY)
        log = self.log(event("getpid", profile=path, comm="ls"),
                       event("getuid", profile=path, comm="node", number=2))
        result = self.suggest(log)
        self.assertEqual(result.stdout.count("\n+"), 8, result.stdout)  # one rule, and the header
        new = json.loads(self.patched(path, result.stdout))
        self.assertEqual(new["syscalls"][:1], DENY["syscalls"])
        self.assertEqual(new["syscalls"][1]["names"], ["getpid", "getuid"])
        self.assertIn('\n+\t\t},\n+\t\t{\n+\t\t\t"names": [\n', result.stdout)

    def test_nothing_to_do_is_no_diff(self):
        path = self.profile(DENY)
        result = self.suggest(self.log())
        self.assertEqual(result.stdout, "")
        self.assertIn("0 calls allowed, 0 still denied", result.stderr)
        allowed = self.log(dict(event("getpid", profile=path), **{"syscall.name": "read",
                                                                 "syscall.number": 0}))
        result = self.suggest(allowed)
        self.assertEqual(result.stdout, "")
        self.assertIn("nothing to mend: read ×1: the profile allows this already",
                      result.stderr)

    def test_a_rule_that_denies_gives_way(self):
        path = self.profile({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir", "getpid"], "action": "SCMP_ACT_ERRNO"}]})
        result = self.suggest(self.log(event("getpid", profile=path)))
        new = json.loads(self.patched(path, result.stdout))
        self.assertEqual(new["syscalls"][0]["names"], ["mkdir"])

    def test_every_dialect(self):
        oci = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
               "architectures": ["SCMP_ARCH_X86_64"], "syscalls": []}
        for name, content, comment in (
                ("docker", {**DENY, "archMap": []}, True),
                ("podman", {**DENY, "defaultErrno": "EPERM"}, True),
                ("oci", oci, False),
                ("config", {"ociVersion": "1.0.0", "linux": {"seccomp": oci}}, False),
                ("missing", {"defaultAction": "SCMP_ACT_ERRNO"}, False),
                ("null", {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": None}, False)):
            for indent in ("\t", 2, None):
                with self.subTest(name=name, indent=indent):
                    path = self.profile(content, indent=indent)
                    result = self.suggest(self.log(event("getpid", profile=path)))
                    new = json.loads(self.patched(path, result.stdout))
                    new = new.get("linux", {}).get("seccomp", new)
                    self.assertEqual(new["syscalls"][-1]["names"], ["getpid"])
                    self.assertEqual("comment" in new["syscalls"][-1], comment)


class Choice(SuggestCase):
    def setUp(self):
        super().setUp()
        self.path = self.profile({**DENY, "archMap": []})

    def rules(self, *arguments, status=0):
        """The rules that are added, without their comments."""
        result = self.suggest("--output-format", "profile", *arguments, status=status)
        rules = json.loads(result.stdout)["syscalls"][1:]
        for rule in rules:
            self.assertIn("callgate suggest 20", rule.pop("comment"))
        return rules

    def test_arguments_that_did_not_vary(self):
        log = self.log(event("unshare", NEWUSER, profile=self.path))
        equal = [{"index": 0, "value": NEWUSER, "op": "SCMP_CMP_EQ"}]
        self.assertEqual(self.rules("--include", "unshare", log),
                         [{"names": ["unshare"], "action": "SCMP_ACT_ALLOW", "args": equal}])
        self.assertEqual(self.rules("--include", "unshare", "--wide", log),
                         [{"names": ["unshare"], "action": "SCMP_ACT_ALLOW"}])

    def test_the_kernel_takes_32_bits_of_a_family(self):
        log = self.log(event("socket", 1, 1, 0, profile=self.path))
        (rule,) = self.rules(log)
        self.assertEqual([(arg["index"], arg["op"], arg["value"], arg["valueTwo"])
                          for arg in rule["args"]],
                         [(i, "SCMP_CMP_MASKED_EQ", 0xffffffff, value)
                          for i, value in enumerate((1, 1, 0))])

    def test_dangerous_calls_are_not_included_unasked(self):
        log = self.log(event("unshare", NEWUSER, profile=self.path),
                       event("getpid", profile=self.path, number=2))
        result = self.suggest(log, status=1)
        self.assertNotIn("unshare", result.stdout)
        self.assertIn("getpid", result.stdout)
        self.assertIn("not included: unshare where flags == CLONE_NEWUSER ×1 (prog): severity high",
                      result.stderr)
        self.assertIn("--include unshare allows it", result.stderr)
        self.assertIn("replay: 1 call allowed, 1 still denied", result.stderr)

    def test_an_errno_where_that_will_do(self):
        log = self.log(event("keyctl", 5, profile=self.path))
        self.assertEqual(self.rules(log), [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO",
                                            "errnoRet": 38}])
        result = self.suggest("--allow", log, status=1)
        self.assertIn("not included: keyctl", result.stderr)
        self.assertEqual(self.rules("--include", "keyctl", log)[0]["action"], "SCMP_ACT_ALLOW")

    def test_an_errno_by_name(self):
        log = self.log(event("socket", 38, 5, 0, profile=self.path))
        self.assertEqual(self.rules("--errno", "EAFNOSUPPORT", log),
                         [{"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97}])
        result = self.suggest("--errno", "EAFNOSUPORT", log, status=2)
        self.assertIn("did you mean EAFNOSUPPORT?", result.stderr)

    def test_clone3_needs_no_mending(self):
        log = self.log(event("clone3", 0, 88, profile="docker-default"))
        result = self.suggest(log)
        self.assertEqual(result.stdout, "")
        self.assertIn("nothing to mend: clone3 ×1 (prog): denied with ENOSYS", result.stderr)

    def test_the_capability_that_would_do(self):
        log = self.log(event("mount", 1, 2, 3, 0, profile="docker-default"))
        result = self.suggest(log, status=1)
        self.assertRegex(result.stderr, r"1 of these calls is allowed by the rule in line \d+ of "
                                        r"docker-default if the container has CAP_SYS_ADMIN "
                                        r"\(--cap-add SYS_ADMIN\)")
        with_it = self.suggest("--cap-add", "SYS_ADMIN", log)
        self.assertIn("replay: 1 call allowed, 0 still denied", with_it.stderr)

    def test_an_include_that_is_in_no_event(self):
        log = self.log(event("unshare", NEWUSER, profile=self.path))
        result = self.suggest("--include", "unshar", log, status=1)
        self.assertIn("--include unshar: no such call was denied; did you mean unshare?",
                      result.stderr)

    def test_more_than_one_profile(self):
        other = self.profile(DENY, name="other.json")
        log = self.log(event("getpid", profile=self.path),
                       event("getuid", profile=other, number=2),
                       event("getuid", profile=other, number=3))
        result = self.suggest(log)
        self.assertIn("the events are of 2 profiles; taken is", result.stderr)
        self.assertIn(f"--- {other}\n", result.stdout)
        result = self.suggest("--profile", self.path, log)
        self.assertIn("getpid", result.stdout)
        self.assertNotIn("getuid", result.stdout)

    def test_what_needed_no_mending_stays_so(self):
        """openat2 (437) was newer than the profile, so ENOSYS; with faccessat2 (439) it is not."""
        path = self.profile({**DENY, "archMap": [], "syscalls": [
            {"names": ["read", "rseq"], "action": "SCMP_ACT_ALLOW"}]})
        log = self.log(event("openat2", profile=path), event("faccessat2", profile=path, number=2))
        result = self.suggest("--include", "faccessat2", log)
        self.assertIn("deny with ENOSYS: openat2 ×1 (prog): opens nothing; so it is now",
                      result.stderr)
        rules = json.loads(self.patched(path, result.stdout))["syscalls"][1:]
        self.assertEqual({rule["names"][0]: rule.get("errnoRet") for rule in rules},
                         {"openat2": 38, "faccessat2": None})
        self.assertIn("this also moves what is newer than the profile: denied with ERRNO(EPERM), "
                      "no longer ENOSYS, is then ", result.stderr)
        self.assertIn("clone3", result.stderr)

    def test_no_rule_can_do_it(self):
        log = self.log(dict(event("unshare", NEWUSER, profile=self.path),
                            **{"syscall.arch": "SCMP_ARCH_X86", "syscall.number": 310}))
        result = self.suggest("--include", "unshare", log, status=1)
        self.assertEqual(result.stdout, "")
        self.assertIn("no rule can mend: unshare", result.stderr)


class Formats(SuggestCase):
    def test_json_patch(self):
        path = self.profile({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"},
            {"names": ["getpid", "getuid"], "action": "SCMP_ACT_ERRNO"}]})
        log = self.log(event("mkdir", profile=path), event("getuid", profile=path, number=2))
        result = self.suggest("--output-format", "json-patch", log)
        content = json.loads(open(path, encoding="utf-8").read())
        for operation in json.loads(result.stdout):  # RFC 6902, as far as this needs it
            *way, last = operation["path"].split("/")[1:]
            target = content
            for key in way:
                target = target[int(key) if isinstance(target, list) else key]
            if operation["op"] == "remove":
                target.pop(int(last))
            else:
                self.assertEqual((operation["op"], last), ("add", "-"))
                target.append(operation["value"])
        whole = json.loads(self.suggest("--output-format", "profile", log).stdout)
        self.assertEqual(content, whole)

    def test_policy(self):
        path = self.profile(DENY)
        log = self.log(event("unshare", NEWUSER, profile=path))
        result = self.suggest("--output-format", "policy", "--include", "unshare", log)
        policy = json.loads(result.stdout)
        self.assertEqual(policy["profile"], path)
        self.assertEqual(policy["rules"][0]["names"], ["unshare"])

    def test_output_to_a_file(self):
        log = self.log(event("getpid", profile=self.profile(DENY)))
        target = self.scratch / "out"
        result = self.suggest("-o", str(target), log)
        self.assertEqual(result.stdout, "")
        self.assertTrue(target.read_text().startswith("--- "))


class Write(SuggestCase):
    def setUp(self):
        super().setUp()
        self.path = self.profile(DENY)
        self.old = open(self.path, encoding="utf-8").read()
        self.events = self.log(event("getpid", profile=self.path))

    def test_with_a_backup(self):
        result = self.suggest("--write", self.events)
        self.assertIn(f"{self.path} is changed; what it was is in {self.path}.bak", result.stderr)
        self.assertEqual(open(self.path + ".bak", encoding="utf-8").read(), self.old)
        self.assertEqual(self.patched(self.path + ".bak", result.stdout),
                         open(self.path, encoding="utf-8").read())
        again = self.suggest("--write", self.events)
        self.assertIn("the profile allows this already", again.stderr)
        self.assertFalse(os.path.exists(self.path + ".bak.1"))

    def test_through_a_link(self):
        link = self.scratch / "link.json"
        link.symlink_to("my.json")
        self.suggest("--profile", str(link), "--write", self.events)
        self.assertTrue(link.is_symlink())
        self.assertIn("getpid", open(self.path, encoding="utf-8").read())

    def test_a_shipped_profile_needs_a_file(self):
        log = self.log(event("socket", 38, 5, 0, profile="docker-default"))
        result = self.suggest("--include", "socket", "--write", log, status=2)
        self.assertIn("expected --output FILE", result.stderr)
        new = self.scratch / "new.json"
        self.suggest("--include", "socket", "--write", "--output", str(new), log)
        self.assertEqual({(name, to) for _, name, _, to in
                          self.differences("docker-default", str(new))},
                         {("socket", "SCMP_ACT_ALLOW")})
        result = self.suggest("--include", "socket", "--write", "--output", str(new), log, status=2)
        self.assertIn("it is there already; nothing is written", result.stderr)

    def test_nothing_to_change_writes_nothing(self):
        before = os.stat(self.path)
        self.suggest("--write", self.log(name="none.jsonl"), "--profile", self.path)
        self.assertEqual(os.stat(self.path).st_mtime_ns, before.st_mtime_ns)

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_a_directory_that_cannot_be_written(self):
        self.scratch.chmod(0o555)
        self.addCleanup(self.scratch.chmod, 0o755)
        self.suggest("--write", self.events, status=2)
        self.assertEqual(open(self.path, encoding="utf-8").read(), self.old)


class BadEvents(SuggestCase):
    def test_skipped_and_counted(self):
        path = self.profile(DENY)
        good = json.dumps(event("getpid", profile=path, comm="\x1b[31m\n"))
        log = self.file("bad.jsonl", good + "\n" + good[:200] + "\n{}\n[1]\n" +
                        json.dumps({"schema": "callgate.event/7", "event.name": "syscall"}) +
                        "\n" + json.dumps({"schema": "callgate.event/1", "event.id": "x-1",
                                           "event.name": "syscall", "syscall.name": "getpid",
                                           "seccomp.verdict": "deny"}) + "\n")
        result = self.suggest(log)
        for words in ("1 line skipped: no JSON", "2 lines skipped: no event",
                      "1 line skipped: from a later version",
                      "1 line skipped: an event that does not say which call"):
            self.assertIn(words, result.stderr)
        self.assertIn("1 denied call in ", result.stderr)
        self.assertNotIn("\x1b", result.stderr + result.stdout)
        self.patched(path, result.stdout)

    def test_trouble(self):
        log = self.log(event("getpid", profile="/no/such.json"))
        for arguments, words in (
                (("/no/such/file",), "No such file"),
                ((log,), "/no/such.json"),
                ((log, log), "more than one file"),
                (("--narrow", "--wide", log), "exclude each other"),
                (("--errno", "EPERM", "--allow", log), "exclude each other"),
                (("--output-format", "xml", log), "expected diff, json-patch"),
                (("--no-such", log), "--no-such"),
                (("-i", log, "--profile", "docker-default"), "there is none"),
        ):
            with self.subTest(arguments=arguments):
                result = self.suggest(*arguments, status=2, start_new_session=True)
                self.assertEqual(result.stdout, "")
                self.assertIn(words, result.stderr)

    def test_help(self):
        result = self.suggest("--help")
        for option in ("--interactive", "--include", "--output-format", "--write", "--cap-add"):
            self.assertIn(option, result.stdout)


class Interactive(SuggestCase):
    """Somebody at a terminal."""

    def setUp(self):
        super().setUp()
        self.path = self.profile({**DENY, "archMap": []})

    def talk(self, answers, *arguments):
        """Types each answer at a prompt; what the terminal showed, and the status."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(CALLGATE, [CALLGATE, "suggest", "-i", *arguments])
        self.addCleanup(os.close, fd)
        shown = ""
        answers = list(answers)
        prompted = 0
        while True:
            self.assertTrue(select.select([fd], [], [], support.TIMEOUT)[0], shown)
            try:
                piece = os.read(fd, 65536).decode()
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
            if shown.count(" > ") > prompted and shown.endswith(" > "):
                prompted = shown.count(" > ")
                os.write(fd, (answers.pop(0) + "\n").encode())
        self.assertEqual(answers, [], shown)
        return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_one_by_one(self):
        log = self.log(event("getpid", profile=self.path, verdict="would_deny"),
                       event("unshare", NEWUSER, profile=self.path, verdict="would_deny",
                             number=2),
                       event("keyctl", 5, profile=self.path, verdict="would_deny", number=3),
                       event("mount", profile=self.path, verdict="would_deny", number=4))
        shown, status = self.talk(["", "", "e EACCES", "i"], log)
        self.assertEqual(status, 1, shown)
        self.assertIn("[1/4] getpid ×1 (prog)  severity low", shown)
        self.assertIn("[A] > ", shown)  # complain mode saw it working
        self.assertIn("[2/4] unshare ×1 (prog)  severity high", shown)
        self.assertIn("replay: 1 call allowed, 1 denied as chosen, 1 ignored, 1 still denied",
                      shown)
        self.assertIn('+\t\t\t"errnoRet": 13', shown)
        self.assertNotIn("unshare\"", shown)

    def test_what_was_enforced_is_denied_by_default(self):
        log = self.log(event("getpid", profile=self.path))
        shown, status = self.talk([""], log)
        self.assertIn("[D] > ", shown)
        self.assertEqual(status, 1)
        self.assertIn("still denied: getpid", shown)

    def test_choosing_another(self):
        log = self.log(event("unshare", NEWUSER, profile=self.path))
        shown, status = self.talk(["x", "9", "s", "2", "a"], log)
        self.assertEqual(status, 0, shown)
        self.assertIn("expected one of the letters", shown)
        self.assertIn("there is no such choice", shown)
        self.assertIn("the events have no stack", shown)
        self.assertIn("[2] allow unshare  (high)", shown)
        self.assertNotIn('"args"', shown)

    def test_a_stack(self):
        stack = [{"ip": "0x1", "module": "/lib/libc.so.6", "symbol": "get\x1bpid",
                  "offset": "0xb", "how": "cfi"}]
        log = self.log(event("getpid", profile=self.path, stack=stack))
        shown, _ = self.talk(["s", "d"], log)
        self.assertIn("#0", shown)
        self.assertIn("libc.so.6", shown)
        self.assertNotIn("\x1b", shown)

    def test_quit_leaves_all_as_it_is(self):
        log = self.log(event("getpid", profile=self.path))
        shown, status = self.talk(["q"], log, "--write")
        self.assertEqual(status, 1)
        self.assertIn("left as it is", shown)
        self.assertNotIn("getpid", open(self.path, encoding="utf-8").read())

    def test_the_change_is_shown_before_it_is_saved(self):
        log = self.log(event("getpid", profile=self.path))
        for answer, saved in (("n", False), ("y", True)):
            shown, _ = self.talk(["a", answer], log, "--write")
            self.assertLess(shown.index('+\t\t\t\t"getpid"'), shown.index("Save this to"))
            self.assertEqual("getpid" in open(self.path, encoding="utf-8").read(), saved)
            self.assertEqual(os.path.exists(self.path + ".bak"), saved)


if __name__ == "__main__":
    support.main()
