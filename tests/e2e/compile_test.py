#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate compile: what it makes works where it is said to work."""

import errno
import json
import os
import pty
import re
import stat

import oci
import support
from support import callgate

# Denied by Docker's default profile, and possible for anyone without it.
DENIED = ("unshare", "-U", "true")


def rule(action, *names, **more):
    return {"names": list(names), "action": "SCMP_ACT_" + action, **more}


def profile(default, *rules, **more):
    return json.dumps({"defaultAction": "SCMP_ACT_" + default, "syscalls": list(rules), **more})


class Bpf(support.TestCase):
    """A program for bwrap --seccomp."""

    @staticmethod
    def bwrap(program, *command):
        script = 'program=$1; shift; exec bwrap --ro-bind / / --seccomp 9 "$@" 9<"$program"'
        return support.run("bash", "-c", script, "bash", program, *command)

    def test_bwrap_denies_what_the_profile_denies(self):
        support.program("bwrap")
        program = str(self.scratch / "f.bpf")
        self.assertEqual(callgate("compile", "docker-default", "--to", "bpf", "-o", program),
                         (0, "", ""))
        allowed = self.bwrap(program, "true")
        if allowed.status != 0:
            self.skipTest(f"bwrap does not work here: {allowed.stderr.strip()}")
        denied = self.bwrap(program, *DENIED)
        self.assertEqual(denied.status, 1)
        self.assertIn("Operation not permitted", denied.stderr)

    def test_standard_output_has_the_same_bytes(self):
        program = self.scratch / "f.bpf"
        callgate("compile", "docker-default", "--to", "bpf", "--output", str(program))
        support.shell(f'"$callgate" compile --to bpf docker-default > {self.scratch}/g.bpf')
        self.assertEqual((self.scratch / "g.bpf").read_bytes(), program.read_bytes())
        self.assertEqual(len(program.read_bytes()) % 8, 0)
        self.assertGreater(len(program.read_bytes()), 8 * 100)

    def test_a_terminal_is_refused(self):
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.close, end)
        script = f'"$callgate" compile docker-default --to bpf >{os.ttyname(end)}'
        result = support.shell(script)
        self.assertEqual(result.status, 2)
        self.assertEqual(result.stderr,
                         "callgate: compile: a program is no text for a terminal; expected "
                         "--output FILE or a redirection, or --to asm to read it\n")

    def test_what_only_a_supervisor_can_decide_is_refused(self):
        unsafe = [{"index": 0, "op": "SCMP_CMP_GE", "value": 5},
                  {"index": 1, "op": "SCMP_CMP_EQ", "value": 9}]
        path = self.file("p.json", profile(
            "ALLOW", rule("NOTIFY", "mkdir"), rule("ERRNO", "openat", args=unsafe),
            rule("ERRNO", "unlink")))
        output = self.scratch / "f.bpf"
        result = callgate("compile", path, "--to", "bpf", "-o", str(output))
        self.assertEqual(result.status, 125)
        self.assertEqual(result.stderr, "".join(line.replace("FILE", path) for line in (
            "callgate: FILE: a program without a supervisor cannot decide all of it:\n",
            "callgate:   x86_64 mkdir: SCMP_ACT_NOTIFY in line 1\n",
            "callgate:   x86_64 openat: argument rules that libseccomp compiles wrongly\n")))
        self.assertFalse(output.exists())


class Output(support.TestCase):
    """The file is there as a whole, or not at all."""

    def compile(self, path):
        return callgate("compile", "docker-default", "--to", "asm", "-o", str(path))

    def test_a_file_keeps_its_mode_and_its_link(self):
        real, link = self.scratch / "real", self.scratch / "link"
        real.write_text("before")
        real.chmod(0o640)
        link.symlink_to(real)
        self.assertEqual(self.compile(link), (0, "", ""))
        self.assertTrue(link.is_symlink())
        self.assertEqual(stat.S_IMODE(real.stat().st_mode), 0o640)
        self.assertTrue(real.read_text().endswith("\n"))

    def test_a_failure_leaves_the_file_alone(self):
        real = self.scratch / "real"
        real.write_text("before")
        bad = self.file("bad.json", "{")
        self.assertEqual(callgate("compile", bad, "--to", "oci", "-o", str(real)).status, 125)
        self.assertEqual(real.read_text(), "before")
        self.assertEqual(sorted(path.name for path in self.scratch.iterdir()), ["bad.json", "real"])

    def test_no_such_directory(self):
        result = self.compile(self.scratch / "none" / "f")
        self.assertEqual(result.status, 125)
        self.assertIn("No such file or directory", result.stderr)

    def test_a_device_is_written_to(self):
        self.assertEqual(self.compile("/dev/null"), (0, "", ""))
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))

    def test_a_full_standard_output_is_no_success(self):
        result = support.shell('"$callgate" compile docker-default --to asm >/dev/full')
        self.assertEqual(result.status, 125)
        self.assertIn("No space left on device", result.stderr)


class Usage(support.TestCase):
    def test_bad_usage(self):
        rows = (
            (("docker-default",), "no --to; expected --to bpf, asm, oci or notify"),
            (("--to", "elf", "docker-default"), "--to elf: expected bpf, asm, oci or notify"),
            (("--to", "asm"), "no profile (callgate compile --help shows how)"),
            (("--to", "asm", "none", "none"),
             "more than one profile (callgate compile --help shows how)"),
            (("--to", "asm", "none", "--listener", "/s"),
             "--to asm has no listener; expected --to oci or --to notify with --listener and "
             "--metadata"),
            (("--to", "notify", "none", "--listener", "s"),
             "--listener s: expected an absolute path"),
        )
        for arguments, message in rows:
            with self.subTest(arguments=arguments):
                self.assertEqual(callgate("compile", *arguments),
                                 (2, "", f"callgate: compile: {message}\n"))

    def test_help(self):
        result = callgate("compile", "--help")
        self.assertEqual((result.status, result.stderr), (0, ""))
        self.assertIn("usage: callgate compile --to FORMAT", result.stdout)


class Asm(support.TestCase):
    def test_one_line_an_instruction(self):
        lines = callgate("compile", "docker-default", "--to", "asm").stdout.splitlines()
        program = self.scratch / "f.bpf"
        callgate("compile", "docker-default", "--to", "bpf", "-o", str(program))
        self.assertEqual(len(lines), program.stat().st_size // 8)
        self.assertTrue(any(re.search(r"jeq .* ; x86_64 personality$", line) for line in lines))
        self.assertTrue(any(line.endswith("; ERRNO EPERM") for line in lines))


class Container(support.TestCase):
    """What the runtimes of this machine make of it."""

    def setUp(self):
        super().setUp()
        support.needs_root()

    def runtime(self, name):
        runtime = oci.Runtime(name, self.scratch)
        runtime.needs_to_work(*DENIED)
        return runtime

    def compiled(self, *arguments):
        result = callgate("compile", *arguments)
        self.assertEqual((result.status, result.stderr), (0, ""))
        return json.loads(result.stdout)

    def check_oci(self, name):
        runtime = self.runtime(name)
        seccomp = self.compiled("docker-default", "--to", "oci")
        allowed = runtime.run(seccomp, "echo", "started")
        self.assertEqual((allowed.status, allowed.stdout), (0, "started\n"), allowed.stderr)
        denied = runtime.run(seccomp, *DENIED)
        self.assertEqual(denied.status, 1)
        self.assertIn("Operation not permitted", denied.stderr)

    def test_oci_under_runc(self):
        self.check_oci("runc")

    def test_oci_under_crun(self):
        self.check_oci("crun")

    def check_notify(self, name):
        runtime = self.runtime(name)
        path = self.scratch / "agent"
        agent = oci.Agent(path, lambda call: errno.EDQUOT)
        self.addCleanup(agent.close)
        seccomp = self.compiled("docker-default", "--to", "notify", "--listener", str(path),
                                "--metadata", 'a "word"')
        # linux32 sets the personality 8, which is allowed, and -R adds 0x40000, which is not.
        for command in (DENIED, ("linux32", "true"), ("linux32", "-R", "true")):
            result = runtime.run(seccomp, *command)
            # The agent's errno, which nobody else would give.
            self.assertEqual("Disk quota exceeded" in result.stderr, command[1] != "true",
                             result.stderr)
        self.assertEqual([(call.nr, call.args[0]) for call in agent.calls],
                         [(oci.syscall_number("unshare"), 0x10000000),
                          (oci.syscall_number("personality"), 0x40008)])
        for state in agent.states:
            self.assertEqual(json.loads(state["metadata"]),
                             {"profile": "docker-default", "metadata": 'a "word"'})

    def test_notify_under_runc(self):
        self.check_notify("runc")

    def test_notify_under_crun(self):
        self.check_notify("crun")


class Notify(support.TestCase):
    def test_nothing_to_notify(self):
        result = callgate("compile", "none", "--to", "notify", "--listener", "/s")
        self.assertEqual(result, (125, "", "callgate: none: it denies nothing that a listener "
                                           "could be told of\n"))

    def test_no_listener(self):
        result = callgate("compile", "docker-default", "--to", "notify")
        self.assertEqual(result.status, 125)
        self.assertEqual(result.stderr,
                         "callgate: compile: --to notify: no listener; expected --listener PATH, "
                         "the socket on which a supervisor waits\n")

    def test_what_is_left_to_the_kernel_is_said(self):
        path = self.file("p.json", profile("ALLOW", rule("ERRNO", "sendmsg", "mkdir", "write")))
        result = callgate("compile", path, "--to", "notify", "--listener", "/s")
        self.assertEqual(result.status, 0)
        warning = f"callgate: {path}: warning: denials of "
        self.assertEqual(result.stderr, "".join(warning + line for line in (
            "sendmsg are left to the kernel: crun hands the listener over with it and would wait "
            "for itself\n",
            "write are left to the kernel: runc refuses to start with it notified\n")))
        rules = json.loads(result.stdout)["syscalls"]
        self.assertEqual([(entry["names"], entry["action"]) for entry in rules],
                         [(["sendmsg", "write"], "SCMP_ACT_ERRNO"), (["mkdir"], "SCMP_ACT_NOTIFY")])

    def test_metadata_names_a_file_by_its_whole_path(self):
        self.file("p.json", profile("ERRNO", rule("ALLOW", "read")))
        result = callgate("compile", "./p.json", "--to", "notify", "--listener", "/s",
                          cwd=self.scratch)
        metadata = json.loads(json.loads(result.stdout)["listenerMetadata"])
        self.assertEqual(metadata, {"profile": os.path.realpath(self.scratch / "p.json")})


if __name__ == "__main__":
    support.main()
