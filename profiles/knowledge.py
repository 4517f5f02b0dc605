#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""knowledge.py OUTPUT FILE: writes data/knowledge.json as the C table behind profiles/knowledge.h.

The file is a list of entries: `names` (syscalls), `why`, `fallback`, `source`, and where they are
known `since` and `freedBy` (capabilities, any of which allows the call)."""

import json
import pathlib
import sys

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by profiles/knowledge.py. */
#include <linux/capability.h>

#include "profiles/knowledge_rows.h"

const struct knowledge knowledge_rows[] = {
"""

REQUIRED = {"names", "why", "fallback", "source"}
KNOWN = REQUIRED | {"since", "freedBy"}


def literal(text):
    """A C string of printable ASCII."""
    if not text.isascii() or not text.isprintable():
        raise SystemExit(f"not printable ASCII: {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def row(name, entry):
    caps = " | ".join(f"UINT64_C(1) << {cap}" for cap in entry.get("freedBy", [])) or "0"
    since = literal(entry["since"]) if "since" in entry else "NULL"
    return (f"\t{{ {literal(name)}, {literal(entry['why'])}, {since}, {caps},\n"
            f"\t  {literal(entry['fallback'])}, {literal(entry['source'])} }},\n")


def main(output, path):
    rows = {}
    for entry in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
        if not REQUIRED <= entry.keys() <= KNOWN:
            raise SystemExit(f"{path}: {entry.get('names')}: missing or unknown keys")
        for name in entry["names"]:
            if name in rows:
                raise SystemExit(f"{path}: {name} stands there twice")
            rows[name] = row(name, entry)
    text = HEAD + "".join(rows[name] for name in sorted(rows)) + "};\n\n"
    text += f"const size_t n_knowledge_rows = {len(rows)};\n"
    pathlib.Path(output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
