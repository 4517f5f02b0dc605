#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py BUILD [ROUNDS]: what Callgate costs, as ratios to a floor measured in the same rounds.

Each round runs every candidate of a case once, one after the other, so that what else the machine
does meets them alike. Shown are the medians, with the quartiles, and the ratio of the medians."""

import atexit
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(sys.argv[1]).resolve()
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 9
CALLGATE = str(BUILD / "supervisor/callgate")
CALLER = str(BUILD / "tests/bench/caller")
FLOOR = str(BUILD / "tests/bench/floor")
OPENER = [str(BUILD / "tests/bench/opener"), "/etc/passwd", "20000"]
LOOK = str(BUILD / "tests/support/look_then_continue")
RUN = [CALLGATE, "run", "--quiet"]
POLICY = BUILD / "bench-policy.json"

GETPPID, PERSONALITY, KEYCTL = "110", "135", "250"


def caller_ns(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return float(done.stdout)


def wall_ns(*command):
    start = time.monotonic_ns()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic_ns() - start


def calls(number, argument, count, think, **prefixes):
    """Candidates that make the same calls behind different commands."""
    words = [CALLER, number, argument, str(count), str(think)]
    return {name: (caller_ns, prefix + words) for name, prefix in prefixes.items()}


def under_rule(**condition):
    """Callgate with one rule on execve, which nothing that is run here meets."""
    rule = {"names": ["execve"], "action": "errno", **condition}
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump({"rules": [rule]}, file)
    atexit.register(os.unlink, file.name)
    return RUN + ["--profile", "none", "--policy", file.name, "--"]


EXECVES = ["sh", "-c", "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done"]

# The first candidate of a case is its floor.
CASES = {
    "an allowed call": calls(
        GETPPID, "0", 300000, 0,
        bare=[], one_filter=[FLOOR, "kernel", KEYCTL], callgate=RUN + ["--"]),
    "a call allowed by its argument": calls(
        PERSONALITY, "0xffffffff", 300000, 0,
        bare=[], callgate=RUN + ["--"]),
    "a denied call, tight": calls(
        KEYCTL, "0x7fff", 20000, 0,
        recv_send=[FLOOR, "errno", KEYCTL], callgate=RUN + ["--"],
        in_kernel=RUN + ["--deny-in-kernel", "--"]),
    "a denied call, 20 us of work between": calls(
        KEYCTL, "0x7fff", 5000, 20000,
        recv_send=[FLOOR, "errno", KEYCTL], callgate=RUN + ["--"]),
    # The first few calls at a place are taken, the rest are looked at and found known; each
    # place of "new places" is taken.
    "a denied call with --stack, 20 us of work between": calls(
        KEYCTL, "0x7fff", 5000, 20000,
        callgate=RUN + ["--"], stack=RUN + ["--stack", "--"]),
    "a denied call with --stack, a new place each time": {
        name: (caller_ns, prefix + [CALLER, KEYCTL, "0x7fff", "200", "200000", "places"])
        for name, prefix in {"callgate": RUN + ["--"], "stack": RUN + ["--stack", "--"]}.items()
    },
    "an openat whose path a policy looks at": {
        "bare": (caller_ns, OPENER),
        "look_continue": (caller_ns, [LOOK] + OPENER),
        "performed": (caller_ns, RUN + ["--profile", "none", "--policy", str(POLICY), "--"] + OPENER),
    },
    "start and end of /bin/true": {
        "bare": (wall_ns, ["/bin/true"]),
        "callgate": (wall_ns, RUN + ["--", "/bin/true"]),
        "stack": (wall_ns, RUN + ["--stack", "--", "/bin/true"]),
        "in_kernel": (wall_ns, RUN + ["--deny-in-kernel", "--", "/bin/true"]),
    },
    "200 times fork, execve and end of /bin/true": {
        "bare": (wall_ns, EXECVES),
        "by_caller": (wall_ns, under_rule(when={"comm": "none"}) + EXECVES),
        "frozen": (wall_ns, under_rule(args=[{"arg": "path", "op": "path", "value": "/none"}])
                   + EXECVES),
    },
}


def measure(case):
    figures = {name: [] for name in case}
    for _ in range(ROUNDS):
        for name, (how, command) in case.items():
            figures[name].append(how(*command))
    return figures


def show(title, figures):
    print(f"\n{title}")
    floor = statistics.median(next(iter(figures.values())))
    for name, values in figures.items():
        low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
        print(f"  {name:12} {middle:12.1f} ns  [{low:.1f} .. {high:.1f}]  x {middle / floor:.2f}")


def main():
    os.environ.setdefault("XDG_CACHE_HOME", str(BUILD / "bench-cache"))
    print(f"{ROUNDS} interleaved rounds on {os.cpu_count()} CPUs, {os.uname().release}; "
          "x is the ratio to the first line")
    POLICY.write_text("""{"name": "bench", "rules": [{"names": ["openat"], "action": "errno",
        "args": [{"arg": "pathname", "op": "path", "value": "/nowhere/**"}]}]}""")
    for title, case in CASES.items():
        show(title, measure(case))


if __name__ == "__main__":
    main()
