#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What callgate run remembers of its last run, and that it does not matter where it cannot."""

import os

import support

NEXT = "callgate: next: callgate explain 1; callgate suggest"


class Remembered(support.TestCase):
    def setUp(self):
        super().setUp()
        self.state = self.scratch / "state"
        self.file_path = self.state / "callgate/last.jsonl"

    def run_keyctl(self, *options, state=None, **others):
        """A run with three denials of one kind and one of another."""
        environment = dict(os.environ, XDG_STATE_HOME=str(state or self.state))
        script = "for i in 1 2 3; do keyctl show; done; mount -t tmpfs none /mnt; true"
        return support.callgate("run", *options, "--", "sh", "-c", script, env=environment,
                                **others)

    def test_first_of_each_kind_and_exact_counts(self):
        result = self.run_keyctl()
        self.assertIn(NEXT, support.own_lines(result.stderr))
        self.assertEqual(self.file_path.stat().st_mode & 0o7777, 0o600)
        self.assertEqual(self.file_path.parent.stat().st_mode & 0o7777, 0o700)
        events = support.events(self.file_path.read_text(encoding="utf-8"))
        self.assertEqual([event["event.name"] for event in events],
                         ["target.start", "syscall", "syscall", "summary"])
        self.assertEqual([event["syscall.name"] for event in events[1:3]], ["keyctl", "mount"])
        counts = {kind["event.id"]: kind["seccomp.repeat"] for kind in events[3]["summary.list"]}
        self.assertEqual(counts, {events[1]["event.id"]: 3, events[2]["event.id"]: 1})
        self.assertTrue(events[3]["summary.remembered"])

    def test_last_run_alone(self):
        self.run_keyctl()
        self.run_keyctl("--quiet", "--mode", "complain")
        events = support.events(self.file_path.read_text(encoding="utf-8"))
        self.assertEqual({event.get("seccomp.mode") for event in events}, {"complain"})
        self.assertEqual([path.name for path in self.file_path.parent.iterdir()], ["last.jsonl"])

    def test_a_command_that_does_not_start_is_no_run(self):
        self.run_keyctl()
        before = self.file_path.read_bytes()
        environment = dict(os.environ, XDG_STATE_HOME=str(self.state))
        result = support.callgate_run("/nonexistent/command", env=environment)
        self.assertEqual(result.status, 127)
        self.assertEqual(self.file_path.read_bytes(), before)

    def test_not_where_it_is_not_wanted(self):
        result = self.run_keyctl("--no-state")
        self.assertFalse(self.state.exists())
        self.assertNotIn("explain", result.stderr)

    def test_a_run_is_the_same_where_it_cannot_be_written(self):
        expected = self.run_keyctl("--no-state")
        for state in ("/proc/nonexistent", "/dev/null"):
            with self.subTest(state=state):
                result = self.run_keyctl(state=state)
                self.assertEqual(result.status, expected.status)
                self.assertEqual(len(support.own_lines(result.stderr)),
                                 len(support.own_lines(expected.stderr)))
                self.assertNotIn("explain", result.stderr)

    def test_a_full_disk(self):
        """RLIMIT_FSIZE of nothing: each write to a file fails, with a signal to its process."""
        self.run_keyctl("--no-state")  # the filter's cache is warm
        script = (f"ulimit -f 0; XDG_STATE_HOME={self.state} $callgate run --log json:fd:1 -- "
                  "sh -c 'mount -t tmpfs none /mnt; exit 3' | cat; exit ${PIPESTATUS[0]}")
        result = support.shell(script)
        self.assertEqual(result.status, 3, result.stderr)
        self.assertEqual(self.file_path.stat().st_size, 0)
        self.assertNotIn("explain", result.stderr)
        [summary] = support.events(result.stdout, "summary")
        self.assertFalse(summary["summary.remembered"])


if __name__ == "__main__":
    support.main()
