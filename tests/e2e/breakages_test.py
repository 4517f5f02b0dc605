#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real breakages, from the program that fails to the profile that lets it work: for each row of
breakages.py what run, explain and suggest make of it."""

import json
import pathlib
import re
import tempfile
import unittest

import support
from breakages import BREAKAGES
from support import CALLGATE, callgate, denials, events, program, run


class Outcome:
    """What came of one run of a row's command."""

    def __init__(self, row, result, log):
        self.status, self.stdout, self.stderr = result
        self.log = log
        self.calls = events(log.read_text(), "syscall") if log.exists() else []
        output = self.stdout + support.without_own_lines(self.stderr)
        said = row.says != "" and row.says in output
        self.works = self.status == 0 and row.works in output and not said
        self.broken_as_told = not self.works and said == (row.says != "")

    def shown(self, call):
        """The denials on the terminal whose call begins so."""
        return [denial for denial in denials(self.stderr) if denial.call.startswith(call)]

    def logged(self, call):
        """The events in the log whose call begins so."""
        return [event for event in self.calls if event["syscall.call"].startswith(call)]

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
                         *cls.filled(cls.row.command), cwd=cls.scratch)
            cls.outcomes[options] = Outcome(cls.row, result, log)
        return cls.outcomes[options]

    @classmethod
    def enforced(cls):
        return cls.outcome("--profile", str(cls.row.profile))

    @classmethod
    def complained(cls):
        return cls.outcome("--profile", str(cls.row.profile), "--mode", "complain")

    def expected(self):
        """The calls of the row, as they are in this test."""
        return [denied._replace(call=self.filled([denied.call])[0]) for denied in self.row.denied]

    def test_run_names_what_breaks_it(self):
        broken = self.enforced()
        self.assertTrue(broken.broken_as_told, broken)
        for call, why, error, *_ in self.expected():
            shown, logged = broken.shown(call), broken.logged(call)
            self.assertTrue(shown and logged, f"{call}\n{broken}")
            self.assertEqual((shown[0].verdict, shown[0].error), ("DENY", error), broken)
            self.assertIn(why, shown[0].why, broken)
            self.assertEqual((logged[0]["seccomp.verdict"], logged[0]["seccomp.errno_name"]),
                             ("deny", error))

    def test_complain_mode_lets_it_work(self):
        complained = self.complained()
        self.assertTrue(complained.works, complained)
        for call, why, *_ in self.expected():
            shown = complained.shown(call)
            self.assertTrue(shown, f"{call}\n{complained}")
            self.assertEqual(shown[0].verdict, "WOULD", complained)
            self.assertIn(why, shown[0].why, complained)

    def explanation(self, what, *options):
        """What explain has to say of an event's id or a typed call, as an object."""
        result = callgate("explain", "--json", *options, what)
        self.assertEqual((result.status, result.stderr), (0, ""), what)
        return json.loads(result.stdout)

    def test_explain_says_why_and_what_to_change(self):
        broken = self.enforced()
        for call, why, error, change, _ in self.expected():
            event = broken.logged(call)[0]
            explanation = self.explanation(event["event.id"], "--from", str(broken.log))
            self.assertTrue(explanation["what"]["call"].startswith(call), explanation)
            self.assertEqual(explanation["why"]["errnoName"], error, explanation)
            self.assertTrue(any(why in reason for reason in reasons(explanation["why"])),
                            explanation)
            narrowest = next(candidate for candidate in explanation["changes"]
                             if candidate["kind"] in (change, "allow-args", "allow"))
            opens = [] if change == "errno" else [event["syscall.name"]]
            self.assertEqual((narrowest["kind"], narrowest["opens"]), (change, opens))

    def suggestion(self, *options):
        """suggest's Result, and the profile that it makes of what complain mode has seen."""
        complained = self.complained()
        profile = self.scratch / f"suggested{len(options)}.json"
        result = callgate("suggest", *options, "--output-format", "profile", "--output",
                          str(profile), str(complained.log))
        return result, profile

    def suggested(self):
        """The profile for who takes the errno that suggest would rather give, where that helps,
        and else allows all, also what it leaves out as dangerous."""
        if all(denied.change == "errno" for denied in self.row.denied):
            result, profile = self.suggestion()
        else:
            first, _ = self.suggestion("--allow")
            names = {denied.call.partition("(")[0] for denied in self.row.denied}
            names |= set(re.findall(r"^callgate: not included: (\w+)", first.stderr, re.MULTILINE))
            result, profile = self.suggestion("--allow", *(f"--include={name}" for name in names))
        self.assertEqual(result.status, 0, result)
        return profile

    def test_suggest_mends_it_and_opens_nothing_else(self):
        profile = self.suggested()
        mended = self.outcome("--profile", str(profile))
        self.assertTrue(mended.works, mended)
        self.opens_nothing_else(profile)
        for call in self.row.denied:
            if call.still:
                why = self.explanation(call.still, *self.row.options, "--profile",
                                       str(profile))["why"]
                self.assertEqual(why["action"], "SCMP_ACT_ERRNO", why)

    def opens_nothing_else(self, profile):
        """All that the changed profile decides otherwise are calls that complain mode has seen; but
        that calls newer than a profile get ENOSYS ends where the newest begin that it names."""
        result = callgate("diff", "--json", *self.row.options, str(self.row.profile), str(profile))
        self.assertEqual((result.status, result.stderr), (1, ""))
        seen = {event["syscall.name"] for event in self.complained().calls}
        for difference in json.loads(result.stdout)["differences"]:
            before, after = difference["from"], difference["to"]
            self.assertEqual(before["action"], "SCMP_ACT_ERRNO", difference)
            if after["action"] == "SCMP_ACT_ALLOW" or before["decidedBy"] != "newer":
                self.assertIn(difference["name"], seen, difference)
                self.assertIn(after["action"], ("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"), difference)


def reasons(why):
    """The reasons that explain has for a denial, in run's words."""
    if why["decidedBy"] == "rule":
        return [f"rule {pathlib.Path(why['file']).name}:{why['line']}"]
    if why["decidedBy"] == "newer":
        return ["newer than the profile"]
    return [near["why"] for near in why["near"]] or ["no rule"]


for breakage in BREAKAGES:
    globals()[breakage.title] = type(breakage.title, (Stages, unittest.TestCase),
                                     {"row": breakage})


if __name__ == "__main__":
    support.main()
