# SPDX-License-Identifier: Apache-2.0
"""`run --policy` with rules on what is executed and where to: shells, make and Python run as
without, and what no rule allows does not run."""

import json
import os
import pathlib
import shutil
import sys
import unittest

import support

ALLOWED = ["/usr/bin/**", "/usr/sbin/**", "/bin/**", "/usr/lib/**", "/usr/libexec/**",
           str(pathlib.Path(sys.executable).resolve())]


class Frozen(support.TestCase):
    def setUp(self):
        super().setUp()
        if not support.can_freeze():
            raise unittest.SkipTest("this host gives us no cgroup of our own")
        rules = [{"names": ["execve", "execveat"], "action": "allow",
                  "args": [{"arg": "path", "op": "path", "value": ALLOWED}]},
                 {"names": ["execve", "execveat"], "action": "errno", "errnoRet": "EACCES"},
                 {"names": ["chdir"], "action": "errno", "errnoRet": "EACCES",
                  "args": [{"arg": "path", "op": "path", "value": f"{self.scratch}/closed"}]}]
        self.policy = self.file("policy.json", json.dumps({"rules": rules}))
        shutil.copy("/bin/true", self.scratch / "copy")

    def frozen(self, *command):
        return support.callgate("run", "--profile", "none", "--policy", self.policy,
                                "--log", f"json:{self.scratch}/log", "--", *command,
                                cwd=self.scratch, env=dict(os.environ, PATH="/usr/bin:/bin"))

    def denied(self):
        log = (self.scratch / "log").read_text(encoding="utf-8")
        return support.events(log, "syscall")

    def test_shell(self):
        script = self.file("script", "#!/bin/bash\nls copy | cat; /usr/bin/id -u; ./copy; echo $?\n"
                                     "for i in 1 2 3 4 5; do /bin/true & done; wait; missing\n")
        result = self.frozen("/bin/bash", script)
        self.assertEqual(result.stdout, f"copy\n{os.geteuid()}\n126\n", result.stderr)
        self.assertEqual(result.status, 127)
        self.assertIn("EACCES", [event["seccomp.errno_name"] for event in self.denied()])

    def test_make(self):
        lines = [f"{name}:\n\t@/bin/true; echo {name}\n" for name in ("a", "b", "c", "d")]
        self.file("Makefile", "all: a b c d\n" + "".join(lines))
        result = self.frozen("make", "-s", "-j4")
        self.assertEqual(sorted(result.stdout.split()), ["a", "b", "c", "d"], result.stderr)
        self.assertEqual(result.status, 0)

    def test_python(self):
        script = ("import subprocess\n"
                  "print(subprocess.run(['/bin/echo', 'x'], capture_output=True).stdout)\n"
                  "try:\n    subprocess.run(['./copy'])\n"
                  "except PermissionError as error:\n    print(error.errno)\n")
        result = self.frozen(str(pathlib.Path(sys.executable).resolve()), "-c", script)
        self.assertEqual(result.stdout, "b'x\\n'\n13\n", result.stderr)

    def test_directories(self):
        (self.scratch / "closed").mkdir()
        (self.scratch / "open").mkdir()
        (self.scratch / "way").symlink_to("closed")
        result = self.frozen("/bin/bash", "-c", "cd open && pwd; cd ../way && pwd; cd ../missing")
        self.assertEqual(result.stdout, f"{self.scratch}/open\n", result.stderr)
        self.assertIn("No such file or directory", result.stderr)

    def test_a_link_to_what_is_not_allowed(self):
        (self.scratch / "link").symlink_to("copy")
        self.assertEqual(self.frozen("/bin/bash", "-c", "./link").status, 126)

    def test_an_interpreter_runs_as_its_script_is_allowed(self):
        """The rules look at the script's path; what then runs is its interpreter."""
        script = self.file("copy", "#!/bin/sh\necho ran\n")
        os.chmod(script, 0o755)
        self.assertEqual(self.frozen("/bin/bash", "-c", "./copy").stdout, "")

    def test_unix_sockets(self):
        """Their peer is told of the target, and of nobody else."""
        rule = {"names": ["connect"], "action": "errno", "errnoRet": "EACCES",
                "args": [{"arg": "addr", "op": "net", "value": f"unix:{self.scratch}/evil"}]}
        self.policy = self.file("policy.json", json.dumps({"rules": [rule]}))
        script = self.file("script.py", """
import os, socket, struct
for name in ("good", "evil"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.abspath(name))
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    result = client.connect_ex(os.path.abspath(name))
    if result == 0:
        peer = server.accept()[0].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        print(name, struct.unpack("3i", peer) == (os.getpid(), os.geteuid(), os.getegid()))
    else:
        print(name, result)
""")
        result = self.frozen(str(pathlib.Path(sys.executable).resolve()), script)
        self.assertEqual(result.stdout, "good True\nevil 13\n", result.stderr)

    def test_nothing_is_left(self):
        before = support.left_cgroups()
        self.assertEqual(self.frozen("/bin/sh", "-c", "kill -9 $$").status, -9)
        self.assertLessEqual(support.left_cgroups(), before)

    def test_a_host_that_cannot(self):
        """Nobody may make a cgroup: run refuses, and check says why."""
        support.needs_root()
        nobody = ["setpriv", "--reuid", "65534", "--clear-groups"]
        os.chmod(self.scratch, 0o755)
        os.chmod(self.policy, 0o644)
        result = support.run(*nobody, support.CALLGATE, "check", "--host", self.policy)
        self.assertIn("host: frozen: no: we may not make a cgroup", result.stdout)
        self.assertIn("/rules/0: error: on this host the class of execve is advisory",
                      result.stdout)
        self.assertEqual(result.status, 1)
        result = support.run(*nobody, support.CALLGATE, "run", "--profile", "none", "--policy",
                             self.policy, "--", "/bin/true")
        self.assertEqual(result.status, 125)
        self.assertIn('expected "advisory": true', result.stderr)


if __name__ == "__main__":
    support.main()
