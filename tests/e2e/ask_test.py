#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A person is asked: run --mode ask, and the action `ask` of a policy, on a terminal."""

import json
import os
import re
import signal
import subprocess

import support
from support import CALLGATE, Terminal, callgate

KEYS = r"\[d \d+s\] $"
KEYCTL = "syscall(250, 0, -3, 0, 0, 0, 0)"  # keyctl(KEYCTL_GET_KEYRING_ID, ...): no session, no harm
CALL = f'my $r = {KEYCTL}; print "<", $r < 0 ? "denied" : "allowed", ">\\n";'
ASK_POLICY = {"rules": [{"names": ["keyctl"], "action": "ask", "timeoutSeconds": 1,
                         "errnoRet": "EACCES"}]}


class Asked(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.scratch / "events.jsonl"

    def start(self, script, *options, mode="ask"):
        """callgate on a terminal, with perl under it."""
        terminal = Terminal(CALLGATE, "run", "--mode", mode, "--log", f"json:{self.log}", *options,
                            "--", "perl", "-e", "$| = 1; " + script)
        self.addCleanup(os.close, terminal.fd)
        return terminal

    def answer(self, terminal, *keys):
        """Waits for a question for each key, and presses it."""
        for key in keys:
            terminal.read_until(KEYS)
            terminal.text += "|"  # the next question is another
            terminal.press(key)

    def asked(self):
        return [(event["seccomp.asked"]["answer"], event["seccomp.asked"]["by"])
                for event in support.events(self.log.read_text(encoding="utf-8"), "syscall")
                if "seccomp.asked" in event]

    def results(self, terminal):
        """What the calls came to, in order, once the command has ended."""
        self.assertEqual(terminal.wait(), 0, terminal.text)
        return re.findall(r"<(\w+)>", terminal.text)

    def policy(self, policy):
        return self.file("policy.json", json.dumps(policy))


class Answers(Asked):
    def test_once(self):
        terminal = self.start(CALL * 3)
        self.answer(terminal, "a", "d", "\r")
        self.assertEqual(self.results(terminal), ["allowed", "denied", "denied"])
        self.assertEqual(self.asked(), [("allow", "user"), ("deny", "user"), ("deny", "user")])

    def test_what_is_shown(self):
        terminal = self.start(CALL)
        self.answer(terminal, "d")
        self.results(terminal)
        self.assertRegex(terminal.text,
                         r"callgate: perl\[\d+\] \(/usr/bin/perl\) asks for "
                         r"keyctl\(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0\)\r\n"
                         r"  default \(no rule\); severity high \(the kernel keyring belongs to no "
                         r"namespace, so all containers share it\)\r\n")
        self.assertIn("denied once", terminal.text)

    def test_for_the_process(self):
        child = f"if (fork == 0) {{ {CALL} exit }} wait;"
        for key, word in (("p", "allowed"), ("P", "denied")):
            with self.subTest(key):
                terminal = self.start(CALL * 2 + child)
                self.answer(terminal, key, "d" if key == "p" else "a")
                other = "denied" if key == "p" else "allowed"
                self.assertEqual(self.results(terminal), [word, word, other])
                self.assertEqual([by for _, by in self.asked()], ["user", "remembered", "user"])

    def test_for_the_run(self):
        child = f"if (fork == 0) {{ {CALL} exit }} wait;"
        for key, word in (("r", "allowed"), ("D", "denied")):
            with self.subTest(key):
                terminal = self.start(CALL + child)
                self.answer(terminal, key)
                self.assertEqual(self.results(terminal), [word] * 2)
                self.assertEqual([by for _, by in self.asked()], ["user", "remembered"])

    def test_another_call_is_another_question(self):
        terminal = self.start(CALL + CALL.replace("-3", "-4"))
        self.answer(terminal, "r", "D")
        self.assertEqual(self.results(terminal), ["allowed", "denied"])

    def test_no_more_questions(self):
        for key in ("q", "\x04"):
            with self.subTest(key):
                terminal = self.start(CALL * 2)
                self.answer(terminal, key)
                self.assertEqual(self.results(terminal), ["denied"] * 2)
                self.assertEqual(self.asked(), [("deny", "nobody")] * 2)

    def test_keys_that_say_nothing(self):
        terminal = self.start(CALL)
        terminal.read_until(KEYS)
        terminal.press("xyz\x1b[A")
        terminal.press("a")
        self.assertEqual(self.results(terminal), ["allowed"])

    def test_equal_calls_are_one_question(self):
        """Four threads, one question, one answer."""
        threads = ("use threads; my @t = map { threads->create(sub { my $r = " + KEYCTL +
                   "; print '<', $r < 0 ? 'denied' : 'allowed', '>' }) } 1..4; $_->join for @t;")
        terminal = self.start(threads)
        self.answer(terminal, "p")
        self.assertEqual(self.results(terminal), ["allowed"] * 4)
        self.assertEqual(terminal.text.count("asks for"), 1)


class Policy(Asked):
    def test_no_answer_in_time(self):
        terminal = self.start("my $r = %s; print '<', $!+0, '>'" % KEYCTL, "--policy",
                              self.policy(ASK_POLICY), mode="enforce")
        self.assertEqual(self.results(terminal), ["13"])
        self.assertEqual(self.asked(), [("deny", "timeout")])
        self.assertIn("no answer in time: denied", terminal.text)
        self.assertRegex(terminal.text, r"policy policy\.json:1 asks; asked, and timeout")

    def test_rules_of_the_policy_are_no_questions(self):
        deny = {"rules": [{"names": ["keyctl"], "action": "errno", "errnoRet": "EACCES"}]}
        terminal = self.start(CALL, "--policy", self.policy(deny))
        self.assertEqual(self.results(terminal), ["denied"])
        self.assertEqual(self.asked(), [])

    def test_others_go_on(self):
        """While a call waits for its answer, another one of the target is denied, and told."""
        policy = {"rules": [{"names": ["keyctl"], "action": "ask"},
                            {"names": ["umask"], "action": "errno"}]}
        terminal = self.start("$SIG{USR1} = sub { print '<umask', syscall(95, 0) < 0 ? 1 : 0, '>' };"
                              f"my $p = fork; if ($p == 0) {{ {CALL} exit }}"
                              'print "pid=$$;"; sleep 1 until waitpid($p, 1) == $p;',
                              "--policy", self.policy(policy), mode="enforce")
        terminal.read_until(r"pid=\d+;")
        terminal.read_until(KEYS)
        os.kill(int(re.search(r"pid=(\d+);", terminal.text).group(1)), signal.SIGUSR1)
        terminal.read_until("<umask1>")
        self.assertNotIn("<denied>", terminal.text)
        terminal.press("d")
        self.assertEqual(self.results(terminal), ["umask1", "denied"])

    def test_what_is_performed(self):
        """The rule looks at a path: once allowed, a performer opens what was asked about."""
        path = self.file("secret", "the secret")
        policy = {"rules": [{"names": ["openat"], "action": "ask",
                             "args": [{"arg": "path", "op": "path", "value": path}]}]}
        terminal = self.start("for (1..2) { if (open my $f, '<', '%s') { print '<', <$f>, '>' }"
                              " else { print \"<$!>\" } }" % path, "--policy",
                              self.policy(policy), mode="enforce")
        self.answer(terminal, "a", "d")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(re.findall("<([^>]*)>", terminal.text),
                         ["the secret", "Operation not permitted"])
        self.assertEqual(self.asked(), [("allow", "user"), ("deny", "user")])

    def test_kill_is_asked_in_mode_ask(self):
        profile = self.file("kill.json", json.dumps(
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_KILL_PROCESS"}]}))
        terminal = self.start(CALL * 2, "--profile", profile)
        self.answer(terminal, "a", "d")
        self.assertEqual(terminal.wait(), -signal.SIGKILL)
        self.assertIn("<allowed>", terminal.text)

    def test_no_such_system_call_is_no_question(self):
        profile = self.file("enosys.json", json.dumps(
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}))
        terminal = self.start(CALL, "--profile", profile)
        self.assertEqual(self.results(terminal), ["denied"])
        self.assertEqual(self.asked(), [])


class OnTheTerminal(Asked):
    def test_interrupt(self):
        terminal = self.start(CALL + "sleep 60")
        terminal.read_until(KEYS)
        terminal.press("\x03")
        self.assertEqual(terminal.wait(), -signal.SIGINT)
        self.assertEqual(self.asked(), [("deny", "user")])

    def test_who_reads_the_terminal_does_not_get_the_answer(self):
        """A child sits in read(2) before the question comes; it gets the line typed after it."""
        reader = ("pipe(R, W); my $p = fork; if ($p == 0) { close R; syswrite W, 'x';"
                  " my $line = <STDIN>; print \"<got:$line>\"; exit }"
                  " sysread R, my $x, 1; open my $f, '<', \"/proc/$p/wchan\";"
                  " select undef, undef, undef, 0.01 while wchan($p) !~ /wait_woken|tty/;"
                  " sub wchan { open my $f, '<', \"/proc/$_[0]/wchan\"; <$f> }")
        terminal = self.start(reader + CALL + "wait;")
        self.answer(terminal, "a")
        terminal.read_until("<allowed>")
        terminal.press("hello\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.text, r"<got:hello\r?\n>")

    def reader(self, before="", comes="<got:later"):
        """The parent begins to read while its child is asked about; it gets the line typed later."""
        script = (f"{before} my $p = fork; if ($p == 0) {{ {CALL} exit }} my $line = <STDIN>;"
                  "print defined $line ? \"<got:$line>\" : \"<failed:$!>\"; wait;")
        terminal = self.start(script)
        self.answer(terminal, "d")
        terminal.read_until("<denied>")
        terminal.press("later\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.text, comes)
        self.assertNotRegex(terminal.text, "<got:d")

    def test_a_reader_that_begins_while_it_is_asked(self):
        self.reader()

    def test_who_ignores_the_stop(self):
        """Its read in the background would fail: it is stopped by force, and continued; but one
        that begins before that does fail. The answer it never gets."""
        self.reader("$SIG{TTIN} = 'IGNORE';", "<got:later|<failed:Input/output error>")

    def test_what_was_typed_before_is_no_answer(self):
        terminal = self.start("my $go = 0; $SIG{USR1} = sub { $go = 1 };"
                              "print \"pid=$$;\"; sleep 1 until $go;" + CALL)
        terminal.read_until(r"pid=\d+;")
        terminal.press("a")
        terminal.read_until(";a")  # its echo: the terminal has it
        os.kill(int(re.search(r"pid=(\d+);", terminal.text).group(1)), signal.SIGUSR1)
        self.answer(terminal, "d")
        self.assertEqual(self.results(terminal), ["denied"])

    def test_hostile_text(self):
        script = ('$0 = "x"; open F, ">", "/proc/self/comm"; print F "\\e]2;t\\a\\n"; close F;'
                  'my $path = "/\\e[2J\\e[Hallow (a)\\n\\r\\x{9b}K"; syscall(167, $path, 0);')
        terminal = self.start(script)
        self.answer(terminal, "d")
        self.assertEqual(terminal.wait(), 0)
        shown = terminal.text[terminal.text.index("callgate:"):terminal.text.index("|")]
        self.assertIn("swapon(", shown)
        self.assertNotRegex(shown.replace("\r\n", ""), "[\x00-\x09\x0b-\x1f\x7f-\x9f]")

    def test_withdrawn_with_its_caller(self):
        script = (f"my $p = fork; if ($p == 0) {{ {CALL} exit }} print \"child=$p;\\n\"; wait;"
                  "print \"reaped\\n\"; <STDIN>")
        terminal = self.start(script)
        terminal.read_until(r"child=\d+;")
        terminal.read_until(KEYS)
        os.kill(int(re.search(r"child=(\d+);", terminal.text).group(1)), signal.SIGKILL)
        terminal.read_until("withdrawn")
        terminal.press("\r")  # the run does not end before the question does
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("reaped", terminal.text)

    def test_the_terminal_goes(self):
        master, name = os.openpty()
        self.addCleanup(os.close, name)
        process = subprocess.Popen([CALLGATE, "run", "--quiet", "--mode", "ask", "--ask-on",
                                    os.ttyname(name), "--", "perl", "-e", "$| = 1;" + CALL * 2],
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        text = b""
        while b"[d " not in text:
            text += os.read(master, 4096)
        os.close(master)
        self.assertEqual(process.communicate(timeout=60)[0], "<denied>\n" * 2)

    def test_another_terminal(self):
        master, name = os.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, name)
        process = subprocess.Popen([CALLGATE, "run", "--quiet", "--mode", "ask", "--ask-on",
                                    os.ttyname(name), "--", "perl", "-e", "$| = 1;" + CALL],
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        text = b""
        while b"[d " not in text:
            text += os.read(master, 4096)
        os.write(master, b"a")
        self.assertEqual(process.communicate(timeout=60)[0], "<allowed>\n")

    def test_no_terminal(self):
        result = callgate("run", "--mode", "ask", "--log", f"json:{self.log}", "--", "perl", "-e",
                          CALL * 2, start_new_session=True)
        self.assertEqual(result.stdout, "<denied>\n" * 2)
        self.assertEqual(result.stderr.count("there is no terminal to ask on"), 1)
        self.assertEqual(self.asked(), [("deny", "nobody")] * 2)

    def test_options_that_nobody_would_heed(self):
        for option in ("--ask-on", "--ask-save"):
            result = callgate("run", option, "/nowhere", "--", "true")
            self.assertEqual(result.status, 125)
            self.assertIn(f"{option}: nobody is asked in this run", result.stderr)

    def test_not_a_terminal(self):
        result = callgate("run", "--mode", "ask", "--ask-on", "/dev/null", "--", "true")
        self.assertEqual(result.status, 125)
        self.assertIn("--ask-on /dev/null", result.stderr)


class UnderAShell(Asked):
    """A shell with job control has the terminal before and after, and gives it."""

    def shell(self, line):
        script = self.file("script.pl", "$| = 1; " + CALL)
        terminal = Terminal("bash", "--norc", "--noprofile", "-i")
        self.addCleanup(os.close, terminal.fd)
        terminal.read_until(r"[#$] $")
        terminal.press(f"{CALLGATE} run --quiet --mode ask -- perl {script} {line}\n")
        return terminal

    def end(self, terminal):
        terminal.press("echo status=$?\n")
        terminal.read_until(r"status=0\r\n")
        terminal.press("exit\n")
        self.assertEqual(terminal.wait(), 0)

    def test_in_the_foreground(self):
        terminal = self.shell("")
        self.answer(terminal, "a")
        terminal.read_until(r"<allowed>\r\n(?s:.*)[#$] $")
        self.end(terminal)

    def test_in_the_background(self):
        """It takes nothing from the shell, and asks when the shell gives it the terminal."""
        terminal = self.shell("&")
        terminal.read_until("bring this job to the foreground")
        terminal.press("echo the shell$((1 + 1))\n")
        terminal.read_until("the shell2")
        self.assertNotIn("asks for", terminal.text)
        terminal.press("fg\n")
        self.answer(terminal, "a")
        terminal.read_until(r"<allowed>\r\n(?s:.*)[#$] $")
        self.end(terminal)


class Saved(Asked):
    def test_and_not_asked_again(self):
        for key, word in (("r", "allowed"), ("D", "denied")):
            with self.subTest(key):
                path = self.scratch / f"saved-{word}.json"
                terminal = self.start(CALL, "--ask-save", str(path))
                self.answer(terminal, key)
                self.assertEqual(self.results(terminal), [word])
                self.assertEqual(len(json.loads(path.read_text())["rules"]), 1)
                self.assertEqual(callgate("check", str(path)).status, 0)
                terminal = self.start(CALL, "--policy", str(path))
                self.assertEqual(self.results(terminal), [word])
                self.assertEqual(self.asked(), [])

    def test_into_the_policy_that_asks(self):
        text = ('{\n\t"rules": [\n\t\t{ "names": ["umask"], "action": "allow" },\n'
                '\t\t{ "names": ["keyctl"], "action": "ask", "when": { "uid": "0-4000000000" } }\n'
                '\t]\n}\n')
        path = self.file("own.json", text)
        terminal = self.start(CALL + CALL.replace("-3", "-4"), "--policy", path, "--ask-save",
                              path, mode="enforce")
        self.answer(terminal, "r", "D")
        self.assertEqual(self.results(terminal), ["allowed", "denied"])
        with open(path, encoding="utf-8") as file:
            changed = file.read()
        rules = json.loads(changed)["rules"]
        self.assertEqual([rule["action"] for rule in rules],
                         ["allow", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "ask"])
        self.assertEqual(rules[1]["when"], {"uid": "0-4000000000"})
        self.assertTrue(changed.endswith(text[text.index('\t\t{ "names": ["keyctl"]'):]))
        with open(path + ".bak", encoding="utf-8") as file:
            self.assertEqual(file.read(), text)
        self.assertFalse(os.path.exists(path + ".bak.1"))
        terminal = self.start(CALL + CALL.replace("-3", "-4"), "--policy", path, mode="enforce")
        self.assertEqual(self.results(terminal), ["allowed", "denied"])
        self.assertEqual(self.asked(), [])

    def test_what_no_rule_can_say(self):
        path = self.scratch / "saved.json"
        terminal = self.start('my $path = "/nowhere"; syscall(167, $path, 0);', "--ask-save",
                              str(path))
        self.answer(terminal, "r")
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("not saved: no rule that can be enforced says just this", terminal.text)
        self.assertFalse(path.exists())


if __name__ == "__main__":
    support.main()
