#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""constants.py OUTPUT FILE: writes data/constants.tsv as the sets that profiles/arguments/constants.h names.

A line is a set, a name and a value, between tabs; constants_headers.py makes them."""

import pathlib
import sys

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by profiles/constants.py. */
#include "profiles/arguments/constants_rows.h"
"""


def main(output, path):
    sets = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, name, value = line.split("\t")
            sets.setdefault(kind, []).append(f'\tVALUE("{name}", UINT64_C({value})),\n')
    text = HEAD
    for kind, rows in sets.items():
        text += f"\nconst struct constant constants_{kind}[] = {{\n{''.join(rows)}\tEND,\n}};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
