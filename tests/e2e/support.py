# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: running callgate, reading what it says, and printing TAP.

A test file holds unittest.TestCase classes and ends with support.main(). By hand:
CALLGATE=build/supervisor/callgate python3 tests/e2e/run_status_test.py [TestCase[.test]]"""

import collections
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CALLGATE = os.path.abspath(os.environ.get("CALLGATE", ROOT / "build/supervisor/callgate"))

# A test that hangs fails; no test is near this on a slow machine.
TIMEOUT = 120

# What the tests run is not what the developer last ran.
STATE_HOME = tempfile.TemporaryDirectory(prefix="callgate-e2e-state-")
os.environ["XDG_STATE_HOME"] = STATE_HOME.name

Result = collections.namedtuple("Result", "status stdout stderr")

Denial = collections.namedtuple("Denial", "verdict comm tid call error why repeat number")

DENIAL_LINE = re.compile(
    r"callgate: \d\d:\d\d:\d\d\.\d{3}  (?P<verdict>[A-Z]+) +"
    r"(?P<comm>.+?)\[(?P<tid>\d+)\]  +(?P<call>\S.*?)"
    r"(?: = -1 (?P<error>\w+))?  +(?P<why>\S.*?)"
    r"(?:  +×(?P<repeat>\d+))?  +#(?P<number>\d+)$"
)


def run(*command, **options):
    """Runs a command to its end with no stdin; Result with stdout and stderr as text."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("timeout", TIMEOUT)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="surrogateescape", check=False, **options)
    return Result(done.returncode, done.stdout, done.stderr)


def callgate(*arguments, **options):
    return run(CALLGATE, *arguments, **options)


def can_freeze():
    """Whether this host gives us a cgroup that can be frozen."""
    return "host: frozen: yes" in callgate("check", "--host", "docker-default").stdout


def left_cgroups():
    """The cgroups that runs have left behind: those whose keeper lives are not."""
    leaves = pathlib.Path("/sys/fs/cgroup").rglob("callgate-*")
    return {leaf for leaf in leaves if not os.path.exists(f"/proc/{leaf.name.split('-')[1]}")}


def callgate_run(*command, **options):
    """`callgate run -- COMMAND`."""
    return callgate("run", "--", *command, **options)


def shell(script, **options):
    """Runs a shell script in which $callgate is the binary."""
    environment = dict(os.environ, callgate=CALLGATE)
    return run("bash", "-c", script, env=environment, **options)


def denials(stderr):
    """The denial lines of stderr, in order. A program that writes its own line in pieces may have
    begun one when ours comes; ours is written whole."""
    found = []
    for line in stderr.splitlines():
        match = DENIAL_LINE.search(line)
        if match:
            found.append(Denial(*match.groups()))
    return found


def own_lines(stderr):
    """The lines that callgate wrote, whatever they say."""
    return [line for line in stderr.splitlines() if line.startswith("callgate: ")]


def without_own_lines(stderr):
    return "".join(line for line in stderr.splitlines(keepends=True)
                   if not line.startswith("callgate: "))


def events(text, name=None):
    """The JSON lines of text: every line must be one object. With a name, the events so named."""
    found = [json.loads(line) for line in text.splitlines()]
    return [event for event in found if name is None or event["event.name"] == name]


def argument(event, name):
    """The argument called name of a syscall event."""
    return next(entry for entry in event["syscall.args"] if entry["name"] == name)


def program(name):
    """The path of a program; skips the test where it is not installed."""
    path = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise unittest.SkipTest(f"{name} is not installed")
    return path


def needs_user_namespaces():
    """In a chroot, and where an administrator says so, nobody may make one."""
    if run(program("unshare"), "-Ur", "true").status != 0:
        raise unittest.SkipTest("unshare -Ur true fails here without callgate too")


def needs_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest("needs root")


class Terminal:
    """A command on a terminal of its own, 120 columns wide."""

    def __init__(self, *command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe("sh", ["sh", "-c", 'stty cols 120 rows 24; exec "$@"', "sh", *command],
                       dict(os.environ, TERM="xterm"))
        self.text = ""

    def read_until(self, pattern, seconds=20):
        """Reads until what was written matches."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(f"no {pattern!r} in {self.text!r}")
            try:
                self.text += os.read(self.fd, 65536).decode("utf-8", "replace")
            except OSError:
                raise AssertionError(f"ended without {pattern!r}: {self.text!r}") from None

    def press(self, key):
        os.write(self.fd, key.encode())

    def wait(self):
        """The exit status; the terminal is read to its end."""
        while True:
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            self.text += chunk.decode("utf-8", "replace")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class TestCase(unittest.TestCase):
    """A test with a scratch directory that anybody may enter."""

    maxDiff = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="callgate-e2e-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.scratch.chmod(0o755)

    def file(self, name, text, mode=0o644):
        """Writes a file into the scratch directory; its path."""
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)

    def fifo(self):
        """A FIFO that some process will read from: its path, and a descriptor to feed it by."""
        path = self.scratch / "fifo"
        os.mkfifo(path)
        feed = os.open(path, os.O_RDWR)  # opening it to write alone would wait for the reader
        self.addCleanup(os.close, feed)
        return path, feed

    def assert_silent(self, result):
        """Nothing was denied, and callgate said nothing but its summary."""
        self.assertEqual(denials(result.stderr), [], result.stderr)


class TapResult(unittest.TestResult):
    """One TAP line a test, as soon as it has ended; of its failed subtests the first has it."""

    last = 0

    def point(self, test, ok, directive=""):
        self.last = self.testsRun
        title = test.id().replace("__main__.", "", 1)
        print(f"{'ok' if ok else 'not ok'} {self.testsRun} - {title}{directive}", flush=True)

    def failed(self, test, error):
        if self.last != self.testsRun:
            self.point(test, False)
        print(f"{test.id()}\n{self._exc_info_to_string(error, test)}", file=sys.stderr, flush=True)

    def addSuccess(self, test):
        self.point(test, True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.point(test, True, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.failed(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed(subtest, err)


def main():
    print("TAP version 13", flush=True)
    program_run = unittest.main(testRunner=TapRunner, exit=False)
    raise SystemExit(0 if program_run.result.wasSuccessful() else 1)


class TapRunner:
    def __init__(self, **_options):
        pass

    def run(self, suite):
        result = TapResult()
        print(f"1..{suite.countTestCases()}", flush=True)
        suite.run(result)
        return result
