#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real breakages, from the program that fails to the profile that lets it work: for each row of
breakages.py what run tells of it."""

import pathlib
import tempfile
import unittest

import support
from breakages import BREAKAGES
from support import CALLGATE, denials, events, program, run


class Outcome:
    """What came of one run of a row's command."""

    def __init__(self, row, result, log):
        self.status, self.stdout, self.stderr = result
        self.calls = events(log.read_text(), "syscall") if log.exists() else []
        output = self.stdout + support.without_own_lines(self.stderr)
        said = row.says != "" and row.says in output
        self.works = self.status == 0 and row.works in output and not said
        self.broken_as_told = not self.works and said == (row.says != "")

    def shown(self, call):
        """(verdict, call, error) of each line on the terminal whose call begins so."""
        return [(denial.verdict, call, denial.error) for denial in denials(self.stderr)
                if denial.call.startswith(call)]

    def logged(self, call):
        """(verdict, error, reason) of each logged event of that call's name."""
        return [(event["seccomp.verdict"], event["seccomp.errno_name"], event["rule.reason"])
                for event in self.calls if event["syscall.name"] == call.partition("(")[0]]

    def __str__(self):
        return f"status {self.status}\n{self.stdout}{self.stderr}"


class Stages:
    """What is tested of one row, which the subclass has. Each outcome is had once."""

    row = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="callgate-e2e-")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        (cls.scratch / "mnt").mkdir()
        cls.outcomes = {}

    def setUp(self):
        """Skips what breaks without callgate too: the environment lacks something."""
        if isinstance(self.row.profile, pathlib.Path) and not self.row.profile.exists():
            self.skipTest(f"no corpus of profiles (CALLGATE_CORPUS, {self.row.profile})")
        for words in (self.row.command, self.row.around):
            if words:
                program(words[0])
        bare = self.outcome()
        if not bare.works:
            said = (bare.stderr.strip().splitlines() or ["it says nothing"])[0]
            self.skipTest(f"fails without callgate too: status {bare.status}, {said}")

    @classmethod
    def filled(cls, words):
        return [word.replace("{scratch}", str(cls.scratch)) for word in words]

    @classmethod
    def outcome(cls, *options):
        """What the row's command does under callgate run with these options, or without it."""
        if options not in cls.outcomes:
            log = cls.scratch / f"log{len(cls.outcomes)}.jsonl"
            under = [CALLGATE, "run", *cls.row.options, *options, "--log", f"json:{log}", "--"]
            result = run(*cls.filled(cls.row.around), *(under if options else ()),
                         *cls.filled(cls.row.command))
            cls.outcomes[options] = Outcome(cls.row, result, log)
        return cls.outcomes[options]

    @classmethod
    def enforced(cls):
        return cls.outcome("--profile", str(cls.row.profile))

    @classmethod
    def complained(cls):
        return cls.outcome("--profile", str(cls.row.profile), "--mode", "complain")

    def test_run_names_what_breaks_it(self):
        broken = self.enforced()
        self.assertTrue(broken.broken_as_told, broken)
        for call, error, reason in self.row.denied:
            [call] = self.filled([call])
            self.assertIn(("DENY", call, error), broken.shown(call), broken)
            self.assertIn(("deny", error, reason), broken.logged(call), broken)

    def test_complain_mode_lets_it_work(self):
        complained = self.complained()
        self.assertTrue(complained.works, complained)
        for call, _, _ in self.row.denied:
            [call] = self.filled([call])
            self.assertIn(("WOULD", call, None), complained.shown(call), complained)


for breakage in BREAKAGES:
    globals()[breakage.title] = type(breakage.title, (Stages, unittest.TestCase),
                                     {"row": breakage})


if __name__ == "__main__":
    support.main()
