# SPDX-License-Identifier: Apache-2.0
"""The C files of the tree, for the checks that read them."""

import pathlib

FOLDERS = ("common", "profiles", "policies", "agent", "supervisor", "tests")


def sources(root, folders=FOLDERS):
    """Yields the .c and .h files below the given folders of root, as paths relative to it."""
    root = pathlib.Path(root)
    for folder in folders:
        for path in sorted((root / folder).rglob("*.[ch]")):
            yield path.relative_to(root)
