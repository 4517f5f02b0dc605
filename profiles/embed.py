#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUTPUT FILE...: writes C that holds the shipped profiles, each under its file's name
without .json, for profile_shipped() of profiles/profile.h."""

import pathlib
import sys

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by profiles/embed.py. */
#include "profiles/profile.h"

#include <string.h>
"""

TAIL = """
const char *profile_shipped(const char *name, size_t *ret_len)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		*ret_len = files[i].len;
		return (const char *)files[i].bytes;
	}
	return NULL;
}
"""


def array(index, content):
    """The bytes of one file; a string literal could be longer than a compiler must take."""
    rows = (", ".join(map(str, content[at : at + 20])) for at in range(0, len(content), 20))
    return f"\nstatic const unsigned char file_{index}[] = {{\n\t" + ",\n\t".join(rows) + ",\n};\n"


def main(output, *paths):
    files = sorted((pathlib.Path(path) for path in paths), key=lambda path: path.stem)
    parts = [HEAD]
    parts += [array(index, path.read_bytes()) for index, path in enumerate(files)]
    parts.append("\nstatic const struct {\n\tconst char *name;\n\tconst unsigned char *bytes;\n")
    parts.append("\tsize_t len;\n} files[] = {\n")
    parts += [
        f'\t{{ "{path.stem}", file_{index}, sizeof(file_{index}) }},\n'
        for index, path in enumerate(files)
    ]
    parts.append("};\n\nconst char *const profile_shipped_names[] = {\n")
    parts += [f'\t"{path.stem}",\n' for path in files]
    parts.append("\tNULL,\n};\n")
    parts.append(TAIL)
    pathlib.Path(output).write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
