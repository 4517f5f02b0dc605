#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate run as a child of the shell: what env(1) leaves alone, it leaves alone too."""

import fcntl
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import support
from support import CALLGATE, callgate, callgate_run, shell

DEADLINE = 20

# Prints what a process was given, one fact a line.
LIST_DESCRIPTORS = r"""
import fcntl, os
for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except FileNotFoundError:
        continue  # the listing's own
    print(fd, target, oct(fcntl.fcntl(fd, fcntl.F_GETFL)), fcntl.fcntl(fd, fcntl.F_GETFD))
"""


class Streams(support.TestCase):
    def test_pipelines(self):
        result = shell('seq 1000 | "$callgate" run -- sort -rn | "$callgate" run -- head -n 2')
        self.assertEqual(result, (0, "1000\n999\n", ""))

    def test_stdin_is_the_commands_own(self):
        """callgate takes no byte of it: what the command leaves is for the next."""
        result = shell('printf "one\\ntwo\\n" | { "$callgate" run -- head -c 4; cat; }')
        self.assertEqual(result, (0, "one\ntwo\n", ""))

    def test_a_large_stream_arrives_whole(self):
        stream = "head -c 200000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null"
        support.program("openssl")
        bare = shell(f"{stream} | sha256sum")
        through = shell(f'{stream} | "$callgate" run -- cat | sha256sum')
        self.assertEqual(through, bare)

    def test_early_end_of_the_reader(self):
        result = shell('set -o pipefail; "$callgate" run -- yes | head -n 1; echo ${PIPESTATUS[0]}')
        self.assertEqual(result, (0, "y\n141\n", ""))

    def test_closed_standard_descriptors(self):
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            with self.subTest(closed=closed):
                result = shell(f'"$callgate" run -- sh -c "exit 5" {closed}; echo $?')
                self.assertEqual(result.stdout, "5\n")

    def test_set_e(self):
        result = shell('set -e; "$callgate" run -- true; echo on; "$callgate" run -- false; echo no')
        self.assertEqual(result, (1, "on\n", ""))

    def test_command_substitution_and_not(self):
        result = shell('x=$("$callgate" run -- echo hello) && ! "$callgate" run -- false && echo "$x"')
        self.assertEqual(result, (0, "hello\n", ""))


class Inherited(support.TestCase):
    """Facts about the process, under env and under callgate, from the same parent."""

    def compare(self, command, prefix=""):
        words = " ".join(map(shlex.quote, command))
        bare = shell(f"{prefix} exec env {words}")
        supervised = shell(f'{prefix} exec "$callgate" run -- {words}')
        self.assertEqual(supervised, bare)
        self.assertNotEqual(bare.stdout, "")

    def test_descriptors_and_their_flags(self):
        """Extra ones pass, none is added, and no flag is changed. Pipes have numbers of their own."""
        script = self.file("list.py", LIST_DESCRIPTORS + "\n")
        opened = "".join(f" {fd}<>{self.scratch}/file{fd}" for fd in range(3, 10))
        command = ("/usr/bin/python3", "-I", script)
        prefix = f"exec </dev/null 1>{self.scratch}/out {opened};"
        listings = []
        for wrapper in ("env", '"$callgate" run --'):
            self.assertEqual(shell(f"{prefix} exec {wrapper} {' '.join(command)}").status, 0)
            listing = (self.scratch / "out").read_text(encoding="utf-8")
            listings.append(re.sub(r"pipe:\[\d+\]", "pipe", listing))
        self.assertEqual(listings[1], listings[0])
        self.assertEqual(len(listings[0].splitlines()), 10)

    def test_listing_of_proc_self_fd(self):
        bare = support.run("env", "ls", "/proc/self/fd")
        self.assertEqual(callgate_run("ls", "/proc/self/fd"), bare)

    def test_environment(self):
        self.compare(("sh", "-c", "env -0 | tr '\\0' '\\n' | grep -v '^_=' | sort"))

    def test_signal_mask_and_dispositions(self):
        self.compare(("grep", "^Sig[BIC]", "/proc/self/status"))

    def test_ignored_and_blocked_signals_stay_so(self):
        code = ("import os, signal, sys\n"
                "for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):\n"
                "    signal.signal(number, signal.SIG_IGN)\n"
                "signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGCHLD})\n"
                "os.execvp(sys.argv[1], sys.argv[1:])\n")
        inherit = [sys.executable, "-c", code]
        grep = ["grep", "^Sig[BIC]", "/proc/self/status"]
        bare = support.run(*inherit, "env", *grep)
        supervised = support.run(*inherit, CALLGATE, "run", "--", *grep, timeout=DEADLINE)
        self.assertEqual(supervised, bare)

    def test_limits(self):
        self.compare(("sh", "-c", "ulimit -a"))

    def test_umask_directory_and_priority(self):
        self.compare(("sh", "-c", "umask; pwd; nice"), prefix=f"umask 027; cd {self.scratch};")

    def test_credentials(self):
        self.compare(("grep", "-E", "^(Uid|Gid|Groups|Cap)", "/proc/self/status"))

    def test_process_group_and_session(self):
        """The command is in callgate's group, so that the terminal's signals reach both."""
        code = "import os; print(os.getpgrp(), os.getsid(0))"
        with subprocess.Popen([CALLGATE, "run", "--", "/usr/bin/python3", "-c", code],
                              stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
            stdout = child.communicate(timeout=DEADLINE)[0]
        self.assertEqual(stdout, f"{child.pid} {child.pid}\n")

    def test_arguments_byte_for_byte(self):
        arguments = ["", " ", "\n", "--", "-x", "$HOME", "é", "\udcff"]
        command = ["printf", "[%s]"] + arguments
        self.assertEqual(callgate_run(*command), support.run("env", *command))

    def test_callgate_within_callgate(self):
        """The kernel allows one listener for a process tree: said, or done without."""
        inner = callgate_run(CALLGATE, "run", "--", "sh", "-c", "exit 4")
        self.assertEqual(inner.status, 125)
        self.assertIn("--deny-in-kernel", inner.stderr)
        inner = callgate_run(CALLGATE, "run", "--deny-in-kernel", "--", "sh", "-c", "exit 4")
        self.assertEqual(inner, (4, "", ""))


class Signals(support.TestCase):
    """Signals sent to callgate alone, not by a terminal."""

    def start(self, script):
        child = subprocess.Popen([CALLGATE, "run", "--", "bash", "-c", script], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), "ready\n")
        return child

    def test_termination_is_passed_on(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                child = self.start("echo ready; exec sleep 100")
                child.send_signal(number)
                self.assertEqual(child.wait(DEADLINE), -number)

    def test_the_command_may_handle_it(self):
        for name in ("TERM", "HUP", "USR1", "USR2"):
            with self.subTest(signal=name):
                child = self.start(f"trap 'exit 33' {name}; echo ready; "
                                   "while :; do sleep 0.1; done")
                child.send_signal(getattr(signal, "SIG" + name))
                self.assertEqual(child.wait(DEADLINE), 33)

    def test_a_killed_supervisor_allows_nothing(self):
        """The worker goes on, or the kernel answers ENOSYS; never is a denied call allowed."""
        path, feed = self.fifo()
        child = self.start(f"echo ready; read line < {path}; unshare -Ur true && echo allowed")
        child.kill()
        child.wait(DEADLINE)
        os.write(feed, b"go\n")
        stdout, _ = child.communicate(timeout=DEADLINE)
        self.assertNotIn("allowed", stdout)

    def test_no_process_is_left(self):
        mark = f"{self.scratch}/mark"
        callgate_run("sh", "-c", "exit 0", mark)
        self.assertEqual(processes_with(mark), [])


def processes_with(word):
    """The ids of the processes that have word among their arguments."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


class Terminal:
    """An interactive bash on a pseudo-terminal of its own."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(callgate=CALLGATE, PS1="PROMPT> ", TERM="dumb", HISTFILE="")
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.seen = ""
        self.expect("PROMPT> ")

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        """Reads until pattern matches, and returns the match; what follows it is kept."""
        end = time.monotonic() + DEADLINE
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode(errors="replace")

    def close(self):
        os.close(self.fd)  # the terminal hangs up
        os.waitpid(self.pid, 0)


class OnATerminal(support.TestCase):
    def setUp(self):
        super().setUp()
        self.terminal = Terminal()
        self.addCleanup(self.terminal.close)

    def type(self, line):
        self.terminal.send(line + "\n")

    def test_interrupt_ends_both(self):
        """A list ends with a command that died of SIGINT, so the status is asked for after it."""
        self.type('"$callgate" run -- sh -c "echo rea""dy; exec sleep 100"')
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x03")
        self.terminal.expect("PROMPT> ")
        self.type("echo status $?")
        self.assertEqual(self.terminal.expect(r"status (\d+)").group(1), "130")

    def test_interrupt_ends_the_list(self):
        """Dying of SIGINT, and not exiting with 130, is what stops the shell's loop."""
        self.type('for i in 1 2 3; do "$callgate" run -- sh -c "echo rea""dy; exec sleep 100"; done')
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x03")
        self.terminal.expect("PROMPT> ")
        self.assertNotIn("ready\r\n", self.terminal.seen)

    def test_interrupt_that_the_command_handles(self):
        self.type('"$callgate" run -- bash -c \'trap "echo cau""ght; exit 5" INT; echo rea""dy; '
                  'while :; do sleep 0.1; done\'; echo status $?')
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x03")
        self.terminal.expect(r"caught\r\n")
        self.assertEqual(self.terminal.expect(r"status (\d+)").group(1), "5")

    def test_quit(self):
        self.type('ulimit -c 0; "$callgate" run -- sh -c "echo rea""dy; exec sleep 100"; '
                  "echo status $?")
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x1c")
        self.assertEqual(self.terminal.expect(r"status (\d+)").group(1), "131")

    def test_stop_and_continue(self):
        self.type('"$callgate" run -- bash -c "echo rea""dy; read line; echo got \\$line"')
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x1a")
        self.terminal.expect(r"Stopped[^\n]*\n")
        self.terminal.expect("PROMPT> ")
        self.type("fg")
        self.terminal.expect(r"run -- bash[^\n]*\n")
        self.type("word")
        self.terminal.expect(r"got word\r\n")
        self.terminal.expect("PROMPT> ")

    def test_stop_that_the_command_ignores(self):
        self.type('"$callgate" run -- bash -c "trap \'\' TSTP; echo rea""dy; read line; '
                  'echo got \\$line"')
        self.terminal.expect(r"ready\r\n")
        self.terminal.send("\x1a")
        self.type("word")
        self.terminal.expect(r"got word\r\n")

    def test_window_size_reaches_the_command(self):
        self.type('"$callgate" run -- bash -c \'trap "stty size; exit" WINCH; echo rea""dy; '
                  'while :; do sleep 0.1; done\'')
        self.terminal.expect(r"ready\r\n")
        fcntl.ioctl(self.terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        self.terminal.expect(r"33 77\r\n")

    def test_denials_have_whole_lines(self):
        """A raw terminal would need CR LF; a cooked one adds it."""
        self.type('NO_COLOR=1 "$callgate" run -- unshare -Ur true; echo status $?')
        self.terminal.expect(r"\r\ncallgate: [\d:.]+  DENY +unshare\[\d+\][^\n]*#1\r\n")
        self.terminal.expect(r"status 1")


class OrdinaryUser(support.TestCase):
    AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

    def setUp(self):
        super().setUp()
        support.needs_root()
        support.program("setpriv")
        self.binary = self.scratch / "callgate"
        shutil.copy(CALLGATE, self.binary)
        self.binary.chmod(0o755)

    def as_nobody(self, *arguments):
        return support.run(*self.AS_NOBODY, str(self.binary), *arguments, cwd="/",
                           env={"PATH": "/usr/bin:/bin"})

    def test_denials(self):
        result = self.as_nobody("run", "--", "unshare", "-Ur", "true")
        self.assertEqual(result.status, 1)
        found = support.denials(result.stderr)
        self.assertEqual([denial.error for denial in found], ["EPERM"], result.stderr)
        self.assertIn("unshare(CLONE_NEWUSER", found[0].call)

    def test_memory_of_the_target_is_read(self):
        code = "import ctypes; ctypes.CDLL(None).mount(b'none', b'/mnt', b'tmpfs', 0, None)"
        result = self.as_nobody("run", "--", "/usr/bin/python3", "-c", code)
        self.assertIn('mount("none", "/mnt", "tmpfs"', support.denials(result.stderr)[0].call)

    def test_statuses(self):
        self.assertEqual(self.as_nobody("run", "--", "sh", "-c", "exit 7"), (7, "", ""))
        self.assertEqual(self.as_nobody("run", "--", "no-such-command").status, 127)

    def test_complain(self):
        support.needs_user_namespaces()
        result = self.as_nobody("run", "--mode", "complain", "--", "unshare", "-Ur", "id", "-u")
        self.assertEqual((result.status, result.stdout), (0, "0\n"), result)

    def test_privileges_are_not_gained(self):
        """no_new_privs is the price of a filter without CAP_SYS_ADMIN."""
        result = self.as_nobody("run", "--", "grep", "NoNewPrivs", "/proc/self/status")
        self.assertEqual(result.stdout, "NoNewPrivs:\t1\n")


class Background(support.TestCase):
    """What the command leaves running when it ends."""

    # Runs $1 in a session of its own, holding none of our descriptors, and ends.
    LEAVE = 'setsid sh -c "$1" <&- >&- 2>&- & exit 3'

    def test_callgate_ends_with_the_command_and_says_what_is_left(self):
        path, feed = self.fifo()
        result = callgate_run("sh", "-c", self.LEAVE, "sh", f"read line < {path}", timeout=DEADLINE)
        os.write(feed, b"end\n")
        self.assertEqual(result.status, 3)
        said = support.own_lines(result.stderr)
        self.assertEqual(len(said), 1, result.stderr)
        self.assertIn("--wait-all", said[0])

    def test_wait_all_serves_it_to_its_end(self):
        path, feed = self.fifo()
        script = f"read line < {path}; unshare -Ur true; echo $? > {self.scratch}/out"
        with subprocess.Popen([CALLGATE, "run", "--wait-all", "--", "sh", "-c", self.LEAVE, "sh",
                               script], stderr=subprocess.PIPE, text=True) as child:
            os.write(feed, b"go\n")
            _, stderr = child.communicate(timeout=DEADLINE)
        self.assertEqual(child.returncode, 3)
        self.assertEqual((self.scratch / "out").read_text(encoding="ascii"), "1\n")
        self.assertEqual(len(support.denials(stderr)), 1, stderr)

    def test_what_is_left_may_call_without_end(self):
        """Each of its calls is denied and told, and the end does not wait for a last one."""
        storm = ("import ctypes, os, time\n"
                 "libc = ctypes.CDLL(None)\n"
                 "end = time.monotonic() + 12\n"
                 "while time.monotonic() < end:\n"
                 "    libc.syscall(250, 0x7fff, 0, 0, 0, 0)\n")
        start = time.monotonic()
        result = callgate_run("sh", "-c", '"$0" -c "$1" </dev/null >/dev/null 2>&1 & echo $!; '
                              "sleep 0.5; exit 3", support.program("python3"), storm)
        elapsed = time.monotonic() - start
        os.kill(int(result.stdout), signal.SIGKILL)
        self.assertEqual(result.status, 3)
        self.assertLess(elapsed, 10)
        self.assertIn("still running", result.stderr)

    def test_wait_all_without_anything_left(self):
        self.assertEqual(callgate("run", "--wait-all", "--", "sh", "-c", "exit 6"), (6, "", ""))


if __name__ == "__main__":
    support.main()
