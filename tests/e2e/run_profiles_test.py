# SPDX-License-Identifier: Apache-2.0
"""Profiles that we did not write, in each dialect, on real calls: what each denies, and with what."""

import json
import os
import pathlib
import unittest

import support
from support import callgate

DEBIAN = pathlib.Path("/usr/share/containers/seccomp.json")
MOBY = support.ROOT / "tests/data/profiles/moby-default.json"

# Makes calls by number and prints their errno: 0 where the call was let through and succeeded.
PROBE = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
for call in sys.argv[1:]:
    numbers = [int(word, 0) for word in call.split(",")]
    ctypes.set_errno(0)
    libc.syscall(*[ctypes.c_long(number) for number in numbers])
    print(ctypes.get_errno())
"""

EPERM, EFAULT, EINVAL, ENOSYS = 1, 14, 22, 38

# x86-64 numbers; the arguments are such that a call that is let through fails, harmlessly.
CLONE3 = "435,0,0"  # EINVAL: no struct
IOPL = "172,9"  # EINVAL: no such level
KEXEC_LOAD = "246,0,99,0,0"  # EINVAL: too many segments
KEYCTL = "250,0x7fff"  # EOPNOTSUPP: no such operation
MOUNT = "165,0,0,0,0,0"  # EFAULT: no target
REBOOT = "169,0,0,0"  # EINVAL: no magic
UNSHARE = "272,0x80000000"  # EINVAL: no such flag
NEWER = "700"  # ENOSYS: no such call


class Probe(support.TestCase):
    def errnos(self, profile, *calls):
        python = support.program("python3")
        result = callgate("run", "--quiet", "--profile", str(profile), "--", python, "-c", PROBE,
                          *calls)
        self.assertEqual(result.status, 0, result)
        return [int(line) for line in result.stdout.split()]


class Docker(Probe):
    def test_ours_answers_as_mobys(self):
        calls = [CLONE3, KEYCTL, MOUNT, REBOOT, UNSHARE, NEWER]
        expected = [ENOSYS, EPERM, EPERM, EPERM, EPERM, ENOSYS]
        self.assertEqual(self.errnos(MOBY, *calls), expected)
        self.assertEqual(self.errnos("docker-default", *calls), expected)


class Podman(Probe):
    def setUp(self):
        super().setUp()
        if not DEBIAN.exists():
            self.skipTest("golang-github-containers-common is not installed")

    def test_denials_of_debians_profile(self):
        """Its default is ENOSYS, and what it denies by name is EPERM; mount needs no capability."""
        calls = [MOUNT, KEXEC_LOAD, IOPL, NEWER]
        found = self.errnos(DEBIAN, *calls)
        self.assertNotIn(found[0], (EPERM, ENOSYS))
        self.assertEqual(found[1:], [EPERM, EPERM, ENOSYS])

    def test_real_programs_run(self):
        support.needs_user_namespaces()
        result = callgate("run", "--profile", str(DEBIAN), "--", "sh", "-c",
                          "ls / | wc -l; unshare -Ur true && echo namespaced")
        self.assertEqual(result.status, 0, result)
        self.assertEqual(support.denials(result.stderr), [])
        self.assertIn("namespaced", result.stdout)


class Oci(Probe):
    seccomp = {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [
            {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
            {"names": ["unshare"], "action": "SCMP_ACT_ERRNO",
             "args": [{"index": 0, "value": 0x80000000, "op": "SCMP_CMP_EQ"}]},
        ],
    }

    def check(self, content):
        profile = self.file("profile.json", json.dumps(content))
        self.assertEqual(self.errnos(profile, KEYCTL, UNSHARE, "272,0x40000000000"),
                         [28, EPERM, EINVAL])

    def test_bare_object(self):
        self.check(self.seccomp)

    def test_inside_a_configuration(self):
        self.check({"ociVersion": "1.0.2", "process": {"args": ["sh"]},
                    "linux": {"seccomp": self.seccomp}})


class Capabilities(Probe):
    """They choose among the profile's rules."""

    def errno_with(self, *options):
        result = callgate("run", "--quiet", *options, "--", support.program("python3"), "-c",
                          PROBE, UNSHARE)
        self.assertEqual(result.status, 0, result)
        return int(result.stdout)

    def test_one_more(self):
        self.assertEqual(self.errno_with(), EPERM)
        self.assertEqual(self.errno_with("--cap-add", "SYS_ADMIN"), EINVAL)
        self.assertEqual(self.errno_with("--cap", "CAP_SYS_ADMIN"), EINVAL)
        self.assertEqual(self.errno_with("--privileged"), EINVAL)
        self.assertEqual(self.errno_with("--privileged", "--cap-drop", "sys_admin"), EPERM)

    def test_a_misspelt_one(self):
        result = callgate("run", "--cap-add", "SYS_ADMN", "--", "true")
        self.assertEqual(result.status, 125)
        self.assertIn("SYS_ADMIN", result.stderr)


class Search(Probe):
    """By name: the user's directory, then /etc/callgate/profiles, then what is shipped."""

    def test_the_users_profile_goes_before_the_shipped_one(self):
        support.needs_user_namespaces()
        directory = self.scratch / "callgate/profiles"
        directory.mkdir(parents=True)
        (directory / "docker-default.json").write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.scratch))
        own = callgate("run", "--", "unshare", "-Ur", "true", env=environment)
        self.assertEqual((own.status, support.denials(own.stderr)), (0, []))


if __name__ == "__main__":
    support.main()
