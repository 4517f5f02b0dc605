#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that are hard to make for another: those that wait, that are raced, that come from odd
callers, and those in whose middle a process of ours dies. RACE_SECONDS makes the races longer."""

import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support  # pylint: disable=wrong-import-position

PERFORM_ALL = os.environ["PERFORM_ALL"]
TARGET = os.environ["LIVE_TARGET"]
LOOK_THEN_CONTINUE = os.environ["LOOK_THEN_CONTINUE"]

# What is read is decided by where it lies, whatever the path says.
POLICY = """{"name": "race", "rules": [
  {"names": ["openat"], "args": [{"arg": "pathname", "op": "path", "value": "/**/evil"}],
   "action": "SCMP_ACT_ERRNO", "errnoRet": "EACCES"}]}"""


class Performed(support.TestCase):
    def under(self, *command, environment=()):
        return support.run(*command, cwd=self.scratch, timeout=60,
                           env=dict(os.environ, PERFORM_COUNT="1", **dict(environment)))

    def passes(self, what, *options):
        result = self.under(PERFORM_ALL, *options, TARGET, what)
        self.assertEqual(result.status, 0, result)
        return result

    def test_both_ends_of_a_fifo(self):
        self.passes("fifo")

    def test_killed_while_waiting(self):
        """And nothing of ours is left waiting for it."""
        self.passes("killed")

    def test_edges_of_memory(self):
        self.passes("edges")

    def test_full_table(self):
        self.passes("full-table")

    def test_size_limit(self):
        self.passes("size-limit")

    def test_thread_with_other_ids(self):
        support.needs_root()
        self.passes("thread-identity")

    def test_thread_with_other_places(self):
        support.needs_root()
        self.passes("thread-places")

    def test_idle_priority(self):
        self.passes("idle-priority")

    def race(self, supervisor, what):
        """How many opens gave which file."""
        self.file("good", "g")
        self.file("evil", "e")
        result = self.under(*supervisor, TARGET, what)
        self.assertEqual(result.status, 0, result)
        return {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", result.stdout)}

    def test_race_of_text(self):
        lost = self.race([LOOK_THEN_CONTINUE], "race-of-text")
        self.assertGreater(lost["evil"], 0, "CONTINUE won the race: this test shows nothing")
        won = self.race([PERFORM_ALL, "--policy", POLICY], "race-of-text")
        self.assertEqual(won["evil"], 0)
        self.assertGreater(min(won["good"], won["denied"]), 0)

    def test_race_of_links(self):
        lost = self.race([LOOK_THEN_CONTINUE], "race-of-links")
        self.assertGreater(lost["evil"], 0)
        (self.scratch / "link").unlink()
        won = self.race([PERFORM_ALL, "--policy", POLICY], "race-of-links")
        self.assertEqual(won["evil"], 0)
        self.assertGreater(min(won["good"], won["denied"]), 0)

    def test_workers_die(self):
        """Each directory is made once; where nobody knows, EIO says so. Nobody makes it twice,
        for that would be EEXIST."""
        result = self.passes("storm", "--kill-workers")
        lost = int(re.search(r"lost (\d+)", result.stdout).group(1))
        replaced = int(re.search(r"replaced (\d+)", result.stderr).group(1))
        made = sum(1 for path in self.scratch.iterdir() if path.name.startswith("d"))
        self.assertGreater(replaced, 10)
        self.assertLessEqual(lost, replaced)
        self.assertGreaterEqual(made, 3000 - lost)


if __name__ == "__main__":
    support.main()
