#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that only the target can make, under rules on what they name: raced, among neighbours in
every state, and with processes of ours dying in the middle. RACE_SECONDS makes the races longer."""

import os
import pathlib
import re
import shutil
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support  # pylint: disable=wrong-import-position

PERFORM_ALL = os.environ["PERFORM_ALL"]
TARGET = os.environ["LIVE_TARGET"]
LOOK_THEN_CONTINUE = os.environ["LOOK_THEN_CONTINUE"]

POLICY = """{"name": "race", "rules": [
  {"names": ["execve", "chdir", "openat"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EACCES",
   "args": [{"arg": "path", "op": "path", "value": "/**/evil"}]},
  {"names": ["connect"], "action": "SCMP_ACT_ERRNO", "errnoRet": "EACCES",
   "args": [{"arg": "addr", "op": "net", "value": "unix:/**/evil"}]}]}"""


class Frozen(support.TestCase):
    def setUp(self):
        super().setUp()
        self.before = support.left_cgroups()
        shutil.copy("/bin/true", self.scratch / "good")
        shutil.copy("/bin/false", self.scratch / "evil")

    def tearDown(self):
        self.assertLessEqual(support.left_cgroups(), self.before)
        super().tearDown()

    def under(self, supervisor, what, status=0):
        result = support.run(*supervisor, TARGET, what, cwd=self.scratch, timeout=60,
                             env=dict(os.environ, PERFORM_COUNT="1"))
        if result.status == 125:
            raise unittest.SkipTest("this host gives us no cgroup of our own")
        self.assertEqual(result.status, status, result)
        return result

    def frozen(self, what, *options, status=0):
        return self.under([PERFORM_ALL, "--freeze", POLICY, *options], what, status)

    def race(self, supervisor, what):
        """How many calls led where."""
        result = self.under(supervisor, what)
        return {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", result.stdout)}

    def check_race(self, what, prepare=lambda: None):
        for _ in range(20):  # on a busy machine it may win a few times
            prepare()
            lost = self.race([LOOK_THEN_CONTINUE], what)
            if lost["evil"] > 0:
                break
        self.assertGreater(lost["evil"], 0, "CONTINUE won the race: this test shows nothing")
        prepare()
        won = self.race([PERFORM_ALL, "--freeze", POLICY], what)
        print(f"# {what}: CONTINUE {lost} frozen {won}")
        self.assertEqual(won["evil"] + won["killed"] + won["other"], 0, won)
        self.assertGreater(min(won["good"], won["denied"]), 0, won)

    def empty_scratch(self):
        for name in ("good", "evil"):
            (self.scratch / name).unlink(missing_ok=True)

    def test_race_of_execve(self):
        self.check_race("race-of-execve")

    def test_race_of_chdir(self):
        def directories():
            for name in ("good", "evil"):
                path = self.scratch / name
                if path.is_file():
                    path.unlink()
                path.mkdir(exist_ok=True)
        self.check_race("race-of-chdir", directories)

    def test_race_of_connect(self):
        self.check_race("race-of-connect", self.empty_scratch)

    def test_race_of_outsider(self):
        """Who is not frozen renames a link: what runs is then not what was decided on, and dies
        before its first instruction."""
        over = threading.Event()
        link, spare = self.scratch / "link", self.scratch / "spare"
        link.symlink_to("good")

        def swap():
            names = ["evil", "good"]
            while not over.is_set():
                spare.symlink_to(names[0])
                spare.rename(link)
                names.reverse()

        thread = threading.Thread(target=swap)
        thread.start()
        try:
            count = self.race([PERFORM_ALL, "--freeze", POLICY], "race-of-outsider")
        finally:
            over.set()
            thread.join()
        print(f"# race-of-outsider: {count}")
        self.assertEqual(count["evil"], 0, count)
        self.assertGreater(count["good"], 0, count)
        self.assertGreater(count["denied"] + count["killed"], 0, count)

    def test_shared_memory(self):
        self.frozen("shared-path")

    def test_neighbours(self):
        for what in ("beside-spinners", "beside-stopped", "beside-traced", "beside-waiting"):
            with self.subTest(what):
                self.frozen(what)

    def test_callers(self):
        for what in ("traced", "vforked", "from-thread"):
            with self.subTest(what):
                self.frozen(what)

    def test_failing(self):
        text = self.scratch / "text"
        text.write_text("no program\n", encoding="ascii")
        text.chmod(0o755)
        self.frozen("failing")

    def test_storm(self):
        self.assertIn("good 240 ", self.frozen("storm").stdout)

    def test_deaths_while_frozen(self):
        """The target is thawed, and each call is answered: a few with EIO, where nobody knows."""
        result = self.frozen("storm", "--kill-frozen")
        replaced = int(re.search(r"replaced (\d+)", result.stderr).group(1))
        good = int(re.search(r"good (\d+)", result.stdout).group(1))
        print(f"# replaced {replaced} good {good}")
        self.assertGreater(replaced, 3)
        self.assertGreater(good, 120)


if __name__ == "__main__":
    support.main()
