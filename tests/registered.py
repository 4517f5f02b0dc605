#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""registered.py FOLDER PATTERN NAME...: fails when a file of FOLDER that matches PATTERN is not
among the names. A test that no list names would never run, and nobody would notice."""

import pathlib
import sys


def main(folder, pattern, *names):
    on_disk = {path.name for path in pathlib.Path(folder).glob(pattern)}
    missing = sorted(on_disk - set(names))
    for name in missing:
        print(f"{folder}/{name} is in no list of {folder}/meson.build", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
