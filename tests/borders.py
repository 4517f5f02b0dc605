#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""borders.py ROOT: reads the #include lines and fails on an arrow that the house does not have."""

import pathlib
import re
import sys

from sources import sources

# Which folders, or single headers, the files of a folder may include.
MAY_INCLUDE = {
    "common": ("common",),
    "profiles": ("common", "profiles"),
    "policies": ("common", "profiles", "policies"),
    "agent": ("common", "agent", "profiles/filter.h"),
    "supervisor": ("common", "profiles", "policies", "agent", "supervisor"),
    "supervisor/commands": ("common", "profiles", "policies", "agent", "supervisor",
                            "supervisor/commands"),
}

# The files that own a libuv handle, or name one in their interface.
MAY_USE_UV = {
    "supervisor/commands/main.c",  # says its version
    "supervisor/containers/intake.h",
    "supervisor/keeper.h",
    "supervisor/events/log.h",
    "supervisor/pump.h",
    "supervisor/reload.h",
    "supervisor/containers/serve_keeper.h",
    "supervisor/containers/serve_target.h",
    "supervisor/worker.c",
    "supervisor/events/writer.h",
}

# The one file that speaks to the listener.
IOCTL_FILE = "supervisor/listener.c"

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
NOTIFICATION_IOCTL = re.compile(r"\bSECCOMP_IOCTL_NOTIF\w*|\bSECCOMP_IOW?R?\b")


def without_comments(code):
    return COMMENT.sub(lambda match: "\n" * match.group().count("\n"), code)


def folder_of(path):
    """The folder whose rules hold for a file: the longest that has rules."""
    for parent in pathlib.PurePath(path).parents:
        if str(parent) in MAY_INCLUDE:
            return str(parent)
    return None


def include_allowed(path, header):
    allowed = MAY_INCLUDE[folder_of(path)]
    return header in allowed or folder_of(header) in allowed


def check_include(path, bracket, header):
    """What is wrong with one #include line, or None."""
    if header == "uv.h" and path not in MAY_USE_UV:
        return "uv.h is for the files in MAY_USE_UV"
    if bracket == "<":
        return None
    if "/" not in header:
        return f'"{header}" is not rooted at the project'
    if not include_allowed(path, header):
        return f'"{header}" is over a border'
    return None


def check_file(path, code):
    """Yields (line, complaint)."""
    for number, line in enumerate(without_comments(code).splitlines(), start=1):
        include = INCLUDE.match(line)
        complaint = include and check_include(path, *include.groups())
        if complaint:
            yield number, complaint
        ioctl = NOTIFICATION_IOCTL.search(line)
        if ioctl and path != IOCTL_FILE:
            yield number, f"{ioctl.group()} stands in {IOCTL_FILE} alone"


def main(root):
    failed = False
    for path in sources(root, sorted(folder for folder in MAY_INCLUDE if "/" not in folder)):
        code = (pathlib.Path(root) / path).read_text(encoding="utf-8")
        for line, complaint in check_file(str(path), code):
            print(f"{path}:{line}: {complaint}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
