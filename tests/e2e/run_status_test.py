#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate run: the statuses it ends with, and what it says of its own errors."""

import json
import os
import signal

import support
from support import CALLGATE, callgate, callgate_run

ALLOW_ALL = {"defaultAction": "SCMP_ACT_ALLOW"}


class CommandStatus(support.TestCase):
    """The command's own status comes through, and callgate is silent."""

    def test_exit_statuses(self):
        for status in (0, 1, 7, 124, 125, 126, 127, 128, 255):
            with self.subTest(status=status):
                result = callgate_run("sh", "-c", f"exit {status}")
                self.assertEqual(result, (status, "", ""))

    def test_died_of_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT,
                       signal.SIGABRT, signal.SIGPIPE, signal.SIGUSR1, signal.SIGRTMIN):
            with self.subTest(signal=number):
                result = callgate_run("sh", "-c", f"ulimit -c 0; kill -{int(number)} $$")
                self.assertEqual(result.status, -number)
                self.assertEqual(result.stdout + result.stderr, "")

    def test_the_shell_sees_128_plus_the_signal(self):
        result = support.shell('"$callgate" run -- sh -c \'kill -TERM $$\'; echo $?')
        self.assertEqual(result.stdout, "143\n")

    def test_no_core_of_callgate_itself(self):
        """Dying as the command died must not leave a second core."""
        result = support.shell(
            'ulimit -c unlimited; cd "$1"; "$callgate" run -- sh -c "ulimit -c 0; kill -SEGV \\$\\$"; '
            'ls "$1"'.replace("$1", str(self.scratch)))
        self.assertEqual(result.stdout, "")

    def test_script_without_interpreter_line(self):
        """As env(1) does it, by execvp: the shell runs it."""
        script = self.file("script", "exit 9\n", 0o755)
        self.assertEqual(support.run("env", script).status, 9)
        self.assertEqual(callgate_run(script).status, 9)

    def test_double_dash_is_not_needed_before_a_plain_command(self):
        self.assertEqual(callgate("run", "sh", "-c", "exit 3").status, 3)

    def test_options_of_the_command_are_its_own(self):
        result = callgate("run", "sh", "-c", "echo $0 $@", "--mode", "nonsense", "--quiet")
        self.assertEqual(result, (0, "--mode nonsense --quiet\n", ""))


class NotStarted(support.TestCase):
    """Commands that cannot be run."""

    def refused(self, status, name):
        result = callgate_run(name)
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("callgate: "), result.stderr)
        self.assertEqual(result.status, support.run("env", name).status)
        return result.stderr

    def test_not_found(self):
        self.assertIn("no-such-command", self.refused(127, "no-such-command"))

    def test_path_not_found(self):
        self.assertIn("/no/such/path", self.refused(127, "/no/such/path"))

    def test_not_executable(self):
        self.assertIn("Permission denied", self.refused(126, self.file("plain", "x\n")))

    def test_directory(self):
        self.refused(126, str(self.scratch))

    def test_interpreter_not_found(self):
        self.refused(127, self.file("script", "#!/no/such/interpreter\n", 0o755))

    def test_empty_name(self):
        self.refused(127, "")

    def test_control_characters_are_escaped(self):
        stderr = self.refused(127, "/no/\x1b[31mred")
        self.assertNotIn("\x1b", stderr)


class OwnErrors(support.TestCase):
    """125, one line, and nothing was started."""

    def refused(self, *arguments, lines=1):
        marker = self.scratch / "started"
        result = callgate("run", *arguments, "--", "touch", str(marker))
        self.assertEqual(result.status, 125, result)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), lines, result.stderr)
        self.assertTrue(result.stderr.startswith("callgate: "), result.stderr)
        self.assertFalse(marker.exists(), "the command was started")
        return result.stderr

    def profile(self, content):
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        return self.file("profile.json", text + "\n")

    def refused_profile(self, content, line, column, *words):
        path = self.profile(content)
        stderr = self.refused("--profile", path)
        self.assertIn(f"{path}:{line}:{column}: ", stderr)
        for word in words:
            self.assertIn(word, stderr)

    def test_no_such_profile(self):
        stderr = self.refused("--profile", str(self.scratch / "absent.json"))
        self.assertIn("absent.json", stderr)
        self.assertIn("No such file", stderr)

    def test_no_such_shipped_profile(self):
        self.assertIn("docker-defualt", self.refused("--profile", "docker-defualt"))

    def test_profile_is_a_directory(self):
        self.refused("--profile", str(self.scratch))

    def test_profile_is_empty(self):
        self.refused("--profile", self.file("empty.json", ""))

    def test_profile_never_ends(self):
        self.refused("--profile", "/dev/zero")

    def test_not_json(self):
        self.refused_profile('{\n  "defaultAction": nonsense\n}', 2, 20)

    def test_truncated(self):
        path = self.profile('{ "defaultAction": "SCMP_ACT_ALLOW"')
        self.assertIn(f"{path}:", self.refused("--profile", path))

    def test_unknown_action(self):
        self.refused_profile('{\n  "defaultAction": "SCMP_ACT_ALOW"\n}', 2, 20,
                             "SCMP_ACT_ALOW", "SCMP_ACT_ALLOW")

    def test_other_architecture(self):
        content = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"]}
        path = self.profile(content)
        stderr = self.refused("--profile", path)
        self.assertIn(f"{path}:", stderr)
        self.assertIn("architecture", stderr)

    def test_unknown_architecture(self):
        content = '{\n "defaultAction": "SCMP_ACT_ALLOW",\n "architectures": ["SCMP_ARCH_Z80"]\n}'
        self.refused_profile(content, 3, 20, "SCMP_ARCH_Z80")

    def test_every_error_of_a_file_is_reported(self):
        path = self.profile('{\n"defaultAction": "SCMP_ACT_ALOW",\n'
                            '"syscalls": [{"names": ["read"], "action": "SCMP_ACT_NO"}]\n}')
        stderr = self.refused("--profile", path, lines=2)
        self.assertIn(f"{path}:2:", stderr)
        self.assertIn(f"{path}:3:", stderr)

    def test_unknown_option(self):
        self.assertIn("--no-such-option", self.refused("--no-such-option"))

    def test_unknown_mode(self):
        self.assertIn("nonsense", self.refused("--mode", "nonsense"))

    def test_bad_log(self):
        for sink in ("", "nonsense", "json", "json:", "json:fd:", "json:fd:x", "json:fd:-1",
                     "json:fd:99999999999", "json:fd:1000", "json:/no/such/directory/file"):
            with self.subTest(sink=sink):
                self.refused("--log", sink)

    def test_complain_and_deny_in_kernel_exclude_each_other(self):
        self.refused("--mode", "complain", "--deny-in-kernel")

    def test_no_command(self):
        for arguments in (("run",), ("run", "--")):
            with self.subTest(arguments=arguments):
                result = callgate(*arguments)
                self.assertEqual(result.status, 125)
                self.assertEqual(result.stdout, "")

    def test_unknown_subcommand(self):
        result = callgate("no-such-command")
        self.assertEqual(result.status, 125)
        self.assertIn("no-such-command", result.stderr)


class Kernel(support.TestCase):
    """What the kernel cannot do, or not here: one line, and nothing started."""

    def inner(self, *options, outer=()):
        """callgate run under callgate run: what the inner one says."""
        return callgate("run", *outer, "--", CALLGATE, "run", *options, "--", "echo", "started")

    def test_a_listener_is_already_there(self):
        result = self.inner()
        self.assertEqual((result.status, result.stdout), (125, ""))
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("already", result.stderr)
        self.assertIn("--deny-in-kernel", result.stderr)

    def test_what_needs_no_listener_can_be_nested(self):
        self.assertEqual(self.inner("--deny-in-kernel"), (0, "started\n", ""))
        self.assertEqual(self.inner(outer=["--deny-in-kernel"]), (0, "started\n", ""))

    def test_no_notifications(self):
        content = dict(ALLOW_ALL, syscalls=[{"names": ["seccomp"], "errnoRet": 38,
                                             "action": "SCMP_ACT_ERRNO"}])
        outer = ["--deny-in-kernel", "--profile", self.file("profile.json", json.dumps(content))]
        result = self.inner(outer=outer)
        self.assertEqual((result.status, result.stdout), (125, ""))
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("no seccomp notifications", result.stderr)


class Help(support.TestCase):
    def test_help_and_version(self):
        for arguments in (("--help",), ("run", "--help"), ("--version",)):
            with self.subTest(arguments=arguments):
                result = callgate(*arguments)
                self.assertEqual((result.status, result.stderr), (0, ""))
                self.assertIn("callgate", result.stdout)

    def test_help_names_every_option(self):
        stdout = callgate("run", "--help").stdout
        for option in ("--profile", "--mode", "--deny-in-kernel", "--log", "--wait-all", "--quiet"):
            self.assertIn(option, stdout)

    def test_full_stdout_is_an_error(self):
        """As coreutils do: help that could not be written is not a success."""
        with open("/dev/full", "w", encoding="ascii") as full:
            done = support.subprocess.run([support.CALLGATE, "--help"], stdout=full,
                                          stderr=support.subprocess.PIPE, check=False)
        self.assertNotEqual(done.returncode, 0)


class Profiles(support.TestCase):
    def test_profile_from_a_file(self):
        content = {"defaultAction": "SCMP_ACT_ALLOW",
                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO",
                                 "errnoRet": 28}]}
        profile = self.file("profile.json", json.dumps(content))
        result = callgate("run", "--profile", profile, "--", "mkdir", str(self.scratch / "new"))
        self.assertEqual(result.status, 1)
        self.assertIn("No space left on device", result.stderr)
        found = support.denials(result.stderr)
        self.assertEqual([denial.error for denial in found], ["ENOSPC"])
        self.assertIn(os.path.basename(profile), found[0].why)
        self.assertFalse((self.scratch / "new").exists())

    def test_profile_that_allows_all(self):
        support.needs_user_namespaces()
        profile = self.file("profile.json", json.dumps(ALLOW_ALL))
        result = callgate("run", "--profile", profile, "--", "unshare", "-Ur", "true")
        self.assertEqual(result, (0, "", ""))

    def test_profile_that_kills(self):
        content = dict(ALLOW_ALL, syscalls=[{"names": ["mkdir", "mkdirat"],
                                             "action": "SCMP_ACT_KILL_PROCESS"}])
        profile = self.file("profile.json", json.dumps(content))
        mkdir = ("--profile", profile, "--", "mkdir", str(self.scratch / "new"))
        result = callgate("run", *mkdir)
        self.assertEqual(result.status, -signal.SIGSYS)
        self.assertIn("callgate: mkdir: killed by SIGSYS (", result.stderr)
        self.assertIn("--mode complain shows it", result.stderr)
        found = support.denials(callgate("run", "--mode", "complain", *mkdir).stderr)
        self.assertTrue(found[0].call.startswith("mkdir("), found)
        self.assertEqual(callgate("run", "--quiet", *mkdir), (-signal.SIGSYS, "", ""))

    def test_a_rule_that_only_the_supervisor_can_decide_kills_and_is_told(self):
        """Ranges of this shape are not left to libseccomp: callgate decides them, and kills."""
        kill = {"names": ["keyctl"], "action": "SCMP_ACT_KILL_PROCESS"}
        content = dict(ALLOW_ALL, syscalls=[
            dict(kill, args=[{"index": 0, "op": "SCMP_CMP_GT", "value": 0x7000}]),
            dict(kill, args=[{"index": 0, "op": "SCMP_CMP_LT", "value": 3},
                             {"index": 1, "op": "SCMP_CMP_GT", "value": 7}])])
        profile = self.file("profile.json", json.dumps(content))
        code = "import ctypes; ctypes.CDLL(None).syscall(250, 0x7fff, 0, 0, 0, 0); print('alive')"
        for _ in range(10):
            result = callgate("run", "--profile", profile, "--", support.program("python3"), "-c",
                              code)
            self.assertEqual((result.status, result.stdout), (-signal.SIGKILL, ""))
            found = support.denials(result.stderr)
            self.assertEqual([denial.verdict for denial in found], ["KILL"], result.stderr)

    def test_calls_that_a_launcher_itself_needs_may_be_denied(self):
        """Nothing hangs, and each denial is told."""
        for name in ("write", "close", "mmap", "exit_group", "execve"):
            content = dict(ALLOW_ALL, syscalls=[{"names": [name], "action": "SCMP_ACT_ERRNO"}])
            profile = self.file("profile.json", json.dumps(content))
            with self.subTest(name=name):
                result = callgate("run", "--profile", profile, "--", "sh", "-c", "echo x",
                                  timeout=20)
                calls = [denial.call for denial in support.denials(result.stderr)]
                self.assertTrue(any(call.startswith(name + "(") for call in calls), result)


if __name__ == "__main__":
    support.main()
