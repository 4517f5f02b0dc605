#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sizes.py ROOT: fails on a file or a function that a reader cannot hold in mind at once.

Functions are found by their braces in column 0, where clang-format puts them and nothing else but
initialisers, which end with "};" and are not counted."""

import pathlib
import sys

from sources import sources

MAX_FILE = 500
MAX_FUNCTION = 80


def signature_start(lines, brace):
    """The first line of the signature whose body opens at index brace."""
    start = brace
    while start > 0 and lines[start - 1] and not lines[start - 1].endswith((";", "}", "*/", "\\")):
        start -= 1
    return start


def functions(lines):
    """Yields (index of the first line, index of the last) of each function."""
    opened = None
    for index, line in enumerate(lines):
        if line == "{":
            opened = signature_start(lines, index)
        elif line == "}" and opened is not None:
            yield opened, index
            opened = None


def check(path, lines):
    """Yields complaints about one file."""
    if len(lines) > MAX_FILE:
        yield f"{path}: {len(lines)} lines, over {MAX_FILE}"
    for first, last in functions(lines):
        length = last - first + 1
        if length > MAX_FUNCTION:
            yield f"{path}:{first + 1}: a function of {length} lines, over {MAX_FUNCTION}"


def main(root):
    failed = False
    for path in sources(root):
        lines = (pathlib.Path(root) / path).read_text(encoding="utf-8").splitlines()
        for complaint in check(path, lines):
            print(complaint)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
