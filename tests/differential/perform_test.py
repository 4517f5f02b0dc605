#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls made by the target itself, and the same calls made for it by performers: what they return
and what they leave behind must be the same, whoever the target is. PERFORM_ALL and PERFORM_CASES
name the programs."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import support  # pylint: disable=wrong-import-position

PERFORM_ALL = os.environ["PERFORM_ALL"]
PERFORM_CASES = os.environ["PERFORM_CASES"]
USER = 1234


def tree(root):
    """What a directory holds: every name with all that a program could see of it but times."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = pathlib.Path(folder) / name
            status = path.lstat()
            content = None
            if path.is_symlink():
                content = os.readlink(path).replace(str(root), "ROOT")
            elif path.is_file():
                content = path.read_bytes()
            attributes = {} if path.is_symlink() else {
                key: os.getxattr(path, key) for key in os.listxattr(path)}
            found[str(path.relative_to(root))] = (
                status.st_mode, status.st_uid, status.st_gid, status.st_nlink, content, attributes)
    return found


class Scratch:
    """Two fresh directories that whoever the target is may write to."""

    def __init__(self, owner=0):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="callgate-perform-"))
        self.root.chmod(0o755)
        for name in ("alone", "performed"):
            (self.root / name).mkdir()
            os.chown(self.root / name, owner, owner)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)


@unittest.skipUnless(os.geteuid() == 0, "becomes other users")
class Cases(unittest.TestCase):
    maxDiff = 4000

    def run_in(self, folder, command, **options):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, cwd=folder, check=False, timeout=250,
                              **options)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        return done.stdout.decode(errors="replace").replace(str(folder), "ROOT").splitlines()

    def same(self, scratch, alone, performed, where="."):
        self.assertGreater(len(alone), 2000)
        self.assertEqual("\n".join(f"{pair[0]}\n   performed: {pair[1]}"
                                   for pair in zip(alone, performed) if pair[0] != pair[1]), "")
        self.assertEqual(len(alone), len(performed))
        self.assertEqual(tree(scratch.root / "alone" / where),
                         tree(scratch.root / "performed" / where))

    def compare(self, prefix=(), owner=0, **options):
        """The cases behind a command that makes the target who it shall be."""
        with Scratch(owner) as scratch:
            cases = [*prefix, PERFORM_CASES, "."]
            alone = self.run_in(scratch.root / "alone", cases, **options)
            performed = self.run_in(scratch.root / "performed", [PERFORM_ALL, *cases], **options)
            self.same(scratch, alone, performed)

    def test_root(self):
        self.compare()

    def test_ordinary_user(self):
        """Worker and target are the same user."""
        self.compare(owner=USER, user=USER, group=USER, extra_groups=[])

    def test_user_with_groups_and_umask(self):
        self.compare(owner=USER, user=USER, group=USER, extra_groups=[4, 5, 60000], umask=0o137)

    def test_root_becomes_user(self):
        """A root worker, and a target that has dropped what it had: not even dumpable."""
        self.compare(["setpriv", "--reuid", str(USER), "--regid", str(USER), "--groups", "4,70"],
                     owner=USER)

    def test_root_without_capabilities(self):
        self.compare(["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"])

    def test_user_namespace_of_root(self):
        self.compare(["unshare", "-Ur"])

    def test_user_namespace_of_user(self):
        self.compare(["unshare", "-Ur"], owner=USER, user=USER, group=USER, extra_groups=[])

    def test_mount_and_pid_namespace(self):
        self.compare(["unshare", "-mpf", "--mount-proc"])


    def test_chroot(self):
        """The target's / is not ours, nor are its mounts."""
        with Scratch() as scratch:
            results = []
            for name, driver in (("alone", []), ("performed", [PERFORM_ALL])):
                root = scratch.root / name
                for folder in ("work", "proc", "dev", "bin"):
                    (root / folder).mkdir()
                shutil.copy(PERFORM_CASES, root / "cases")
                for tool in ("sh", "rm", "chmod"):
                    shutil.copy(support.program("busybox"), root / "bin" / tool)
                script = (f"mount -t proc proc {root}/proc && mount --bind /dev {root}/dev && "
                          f"exec chroot {root} /cases /work")
                results.append(self.run_in(root, [*driver, "unshare", "-m", "sh", "-ec", script]))
            self.same(scratch, *results, where="work")


if __name__ == "__main__":
    support.main()
