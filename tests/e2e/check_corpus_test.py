# SPDX-License-Identifier: Apache-2.0
"""callgate check on profiles found in the wild, against what the real engines make of them.

The profiles are not part of the source: CALLGATE_CORPUS names their directory, else ../shared/corpus
beside it is taken. INDEX.tsv there has a row for each file; its column `oracle` says "both=ok", or
"docker=ok; podman=REFUSED why"."""

import csv
import json
import os
import pathlib
import unittest

import support
from support import callgate

CORPUS = pathlib.Path(os.environ.get("CALLGATE_CORPUS", support.ROOT.parent / "shared/corpus"))
INDEX = CORPUS / "INDEX.tsv"
ACCEPTED = ("ok", "unconfined")


def verdicts(oracle):
    """{engine: whether it accepts the file}"""
    found = dict(part.strip().split("=", 1) for part in oracle.split(";"))
    if "both" in found:
        found = {"docker": found["both"], "podman": found["both"]}
    return {engine: verdict.startswith(ACCEPTED) for engine, verdict in found.items()}


@unittest.skipUnless(INDEX.exists(), f"no corpus of profiles (CALLGATE_CORPUS, {INDEX})")
class Corpus(support.TestCase):
    def rows(self):
        with INDEX.open(encoding="utf-8") as index:
            for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["oracle"] != "n/a":
                    yield CORPUS / row["file"], verdicts(row["oracle"])

    def test_accepted_and_refused_as_by_the_engines(self):
        compared = 0
        for path, engines in self.rows():
            for engine, accepted in engines.items():
                with self.subTest(path=str(path), engine=engine):
                    result = callgate("check", "--json", "--as", engine, str(path))
                    self.assertEqual(result.status, 0 if accepted else 1, result.stdout)
                    self.assertEqual(result.stderr, "")
                    levels = [json.loads(line)["level"] for line in result.stdout.splitlines()]
                    self.assertEqual("error" in levels, not accepted)
                compared += 1
        self.assertGreater(compared, 0)


if __name__ == "__main__":
    support.main()
