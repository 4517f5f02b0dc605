#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate suggest on profiles found in the wild, each in its author's layout: patch(1) takes the
diff, and nothing changes but what was asked for."""

import copy
import csv
import json
import unittest

import support
from check_corpus_test import CORPUS, INDEX, verdicts
from suggest_test import SuggestCase, event

ASKED = {"unshare": (0x10000000,), "keyctl": (5,), "mount": (1, 2, 3, 0), "getpid": (),
         "socket": (38, 5, 0), "personality": (0x40000,), "clone3": (0, 88), "mkdir": (),
         "statx": ()}


def apply_json_patch(content, operations):
    """RFC 6902, as far as it is written: add at the end, and remove."""
    for operation in operations:
        *way, last = operation["path"].split("/")[1:]
        target = content
        for key in way:
            target = target[int(key) if isinstance(target, list) else key]
        if operation["op"] == "remove":
            target.pop(int(last))
        elif last == "-":
            target.append(operation["value"])
        else:
            target[last] = operation["value"]


@unittest.skipUnless(INDEX.exists(), f"no corpus of profiles (CALLGATE_CORPUS, {INDEX})")
class Corpus(SuggestCase):
    def profiles(self):
        with INDEX.open(encoding="utf-8") as index:
            for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["oracle"] != "n/a" and verdicts(row["oracle"])["docker"]:
                    yield CORPUS / row["file"]

    def check_profile(self, path):
        """Whether there was something to change."""
        log = self.log(*(event(name, *args, profile=str(path), number=number)
                         for number, (name, args) in enumerate(ASKED.items(), start=1)))
        arguments = ["suggest", log]
        for name in ASKED:
            arguments += ["--include", name]
        results = {form: support.callgate(*arguments, "--output-format", form)
                   for form in ("diff", "profile", "json-patch")}
        for form, result in results.items():
            self.assertIn(result.status, (0, 1), (form, result))
        new = self.scratch / "new.json"
        new.write_text(results["profile"].stdout, newline="")
        if not results["diff"].stdout:
            self.assertEqual(new.read_bytes(), path.read_bytes())
            return False
        self.assertEqual(self.patched(path, results["diff"].stdout).encode(), new.read_bytes())
        old = json.loads(path.read_text())
        patched = copy.deepcopy(old)
        apply_json_patch(patched, json.loads(results["json-patch"].stdout))
        self.assertEqual(patched, json.loads(new.read_text()))
        opened = {name for _, name, _, to in self.differences(str(path), str(new))
                  if to in ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")}
        self.assertLessEqual(opened, set(ASKED) | {"socketcall"})
        return True

    def test_nothing_else_changes(self):
        changed = 0
        for path in self.profiles():
            with self.subTest(path=str(path)):
                changed += self.check_profile(path)
        self.assertGreater(changed, 50)


if __name__ == "__main__":
    support.main()
