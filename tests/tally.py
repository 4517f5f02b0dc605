#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tally.py FILE...: adds up the results of many runs.

A FILE that ends with .json is meson's testlog.json; any other has one line a step,
"passed|failed|skipped<TAB>name<TAB>reason". A test program that prints TAP counts once a test
point, any other once. Prints why tests were skipped, what failed, and last the sum; exits 0 only
if nothing failed."""

import collections
import json
import pathlib
import re
import sys

POINT = re.compile(r"^(not )?ok (\d+)(?:\s*-?\s*)(.*?)(?:\s*# (SKIP)\b\s*(.*))?$", re.IGNORECASE)
NONE_RUN = re.compile(r"^1\.\.0\s*# SKIP\s*(.*)$", re.IGNORECASE)
PASSED = ("OK", "EXPECTEDFAIL")

Result = collections.namedtuple("Result", "outcome name reason")


def points(name, output):
    """Yields a result for each TAP line of one program's output."""
    for line in output.splitlines():
        none = NONE_RUN.match(line)
        if none:
            yield Result("skipped", name, none.group(1))
        point = POINT.match(line)
        if not point:
            continue
        failed, number, title, directive, reason = point.groups()
        outcome = "skipped" if directive else "failed" if failed else "passed"
        yield Result(outcome, f"{name}: {title or number}", reason or "")


def program(entry):
    """The results of one test program, from one line of testlog.json."""
    name, result = entry["name"], entry["result"]
    found = list(points(name, entry.get("stdout", "")))
    if result == "SKIP" and not found:
        return [Result("skipped", name, last_line(entry))]
    failed = any(point.outcome == "failed" for point in found)
    if not failed and result not in PASSED + ("SKIP",):
        found.append(Result("failed", name, result.lower()))
    return found or [Result("passed", name, "")]


def last_line(entry):
    lines = (entry.get("stdout", "") + entry.get("stderr", "")).strip().splitlines()
    return lines[-1] if lines else "it says no reason"


def results(path):
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines():
        if path.endswith(".json"):
            yield from program(json.loads(line))
        else:
            yield Result(*line.split("\t"))


def main(*paths):
    count = collections.Counter()
    for path in paths:
        for result in results(path):
            count[result.outcome] += 1
            if result.outcome != "passed":
                print(f"{result.outcome}: {result.name}" + (f": {result.reason}" if result.reason else ""))
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"{count['passed']} passed, {count['failed']} failed{skipped}")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
