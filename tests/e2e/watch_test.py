#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate watch: following the events of a run, on a terminal and elsewhere."""

import json
import os
import signal
import subprocess

import support
from support import CALLGATE, Terminal, callgate

SCRIPT = "unshare -Ur true; unshare -Ur true; keyctl show"


class Watch(support.TestCase):
    def setUp(self):
        super().setUp()
        self.log = self.scratch / "events.jsonl"
        self.state = dict(os.environ, XDG_STATE_HOME=str(self.scratch))
        callgate("run", "--quiet", "--log", f"json:{self.log}", "--", "sh", "-c", SCRIPT,
                 env=self.state)

    def events_of(self, name):
        return [event for event in support.events(self.log.read_text(encoding="utf-8"), "syscall")
                if event["syscall.name"] == name]

    def test_a_line_for_each_event(self):
        result = callgate("watch", "--no-follow", str(self.log))
        lines = result.stdout.splitlines()
        self.assertEqual(result.status, 0)
        self.assertEqual(len([line for line in lines if "unshare(CLONE_NEWUSER" in line]), 2)
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d\.\d{3}  DENY   unshare\[\d+\] .*"
                                   r" = -1 EPERM +default \(.* needs CAP_SYS_ADMIN\)  #1$")
        self.assertNotIn("\x1b", result.stdout)

    def test_the_lines_are_those_of_run(self):
        shown = callgate("run", "--", "unshare", "-Ur", "true", env=self.state).stderr
        watched = callgate("watch", "--no-follow", env=self.state).stdout
        self.assertIn("callgate: " + watched, shown)

    def test_json_passes_the_lines_on(self):
        lines = callgate("watch", "--no-follow", "--json", str(self.log)).stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         support.events(self.log.read_text(encoding="utf-8")))

    def test_only_some_syscalls(self):
        result = callgate("watch", "--no-follow", "--syscall", "keyctl", str(self.log))
        self.assertEqual(len(result.stdout.splitlines()), len(self.events_of("keyctl")))
        self.assertNotIn("unshare(", result.stdout)

    def test_a_table(self):
        lines = callgate("watch", "--no-follow", "--top", "--sort", "total",
                         str(self.log)).stdout.splitlines()
        self.assertRegex(lines[0], r"^RATE/s +TOTAL +LAST +VERDICT +WHO +CALL +ERRNO +WHY$")
        self.assertRegex(lines[1], r"^ +\S+ +2 .* DENY +unshare\[\d+\] +unshare\(CLONE_NEWUSER.*")

    def test_from_a_pipe(self):
        text = self.log.read_text(encoding="utf-8")
        result = callgate("watch", "-", input=text, stdin=None)
        self.assertEqual(result.stdout, callgate("watch", "--no-follow", str(self.log)).stdout)

    def test_bad_lines_are_said_and_skipped(self):
        good = self.log.read_text(encoding="utf-8")
        path = self.file("bad.jsonl", "garbage\n[]\n" + good + '{"schema":"callgate.event/2"}\n{"sch')
        result = callgate("watch", "--no-follow", path)
        self.assertEqual(result.status, 0)
        self.assertEqual(result.stdout, callgate("watch", "--no-follow", str(self.log)).stdout)
        self.assertIn("callgate: watch: 2 lines skipped: no JSON\n", result.stderr)
        self.assertIn("callgate: watch: 1 line skipped: no event\n", result.stderr)
        self.assertIn("callgate: watch: 1 line skipped: of a later version\n", result.stderr)

    def test_usage(self):
        for arguments, message in (
                (("/nonexistent",), "No such file"),
                (("--sort", "x", "-"), "expected rate, total or last"),
                (("--syscall", "nonsense", "-"), 'no syscall is called "nonsense"'),
                (("--color", "x", "-"), "expected auto, always or never"),
                (("a", "b"), "one file of events"),
        ):
            with self.subTest(arguments):
                result = callgate("watch", *arguments)
                self.assertEqual(result.status, 2)
                self.assertIn(message, result.stderr)


class Live(support.TestCase):
    """A file that grows while it is watched."""

    def setUp(self):
        super().setUp()
        self.log = self.scratch / "events.jsonl"
        self.log.touch()

    def deny(self, times):
        """Appends the events of denied calls of one kind."""
        script = "for (1..%d) { syscall(250, 0, -3, 0, 0, 0, 0) }" % times
        part = self.scratch / "part.jsonl"
        callgate("run", "--quiet", "--no-state", "--log", f"json:{part}", "--", "perl", "-e",
                 script)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(part.read_text(encoding="utf-8"))

    def test_lines_come_as_the_file_grows(self):
        watch = subprocess.Popen([CALLGATE, "watch", str(self.log)], stdout=subprocess.PIPE,
                                 text=True)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        for _ in range(3):
            self.deny(1)
            self.assertIn("keyctl(KEYCTL_GET_KEYRING_ID", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(), 0)

    def test_counts_go_on_in_place(self):
        terminal = Terminal(CALLGATE, "watch", str(self.log))
        self.deny(1)
        terminal.read_until(r"keyctl\(KEYCTL_GET_KEYRING_ID.*#1\r\n")
        self.assertNotIn("\x1b[K", terminal.text)
        self.deny(2)
        terminal.read_until(r"\x1b\[1A\r\x1b\[K[^\n]*×3  #1\r\n")
        terminal.press("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("1 kind, 3 calls", terminal.text)

    def test_table_with_keys(self):
        terminal = Terminal(CALLGATE, "watch", "--top", str(self.log))
        terminal.read_until("by rate")
        self.deny(5)
        terminal.read_until(r"\n +\d+\.\d +5 [^\n]*keyctl")
        terminal.press("s")
        terminal.read_until("by total")
        terminal.press("q")
        self.assertEqual(terminal.wait(), 0)


if __name__ == "__main__":
    support.main()
