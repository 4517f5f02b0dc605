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


class Programs(unittest.TestCase):
    """Programs that people run, which must not notice."""
    maxDiff = 4000

    def compare(self, *command, prepare=None, without=()):
        """Twice in a directory of the same name, for programs write that down."""
        trees = []
        for driver in ([], [PERFORM_ALL]):
            with tempfile.TemporaryDirectory(prefix="callgate-perform-") as scratch:
                work = pathlib.Path(scratch) / "work"
                work.mkdir()
                if prepare:
                    prepare(work)
                done = subprocess.run([*driver, *command], cwd=work, check=False, timeout=250,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
                self.assertEqual(done.returncode, 0, done.stdout)
                found = tree(work)
                trees.append({name: [scratch.encode() not in part and part
                                     if isinstance(part, bytes) else part for part in entry]
                              for name, entry in found.items()
                              if not any(word in name for word in without)})
        self.assertGreater(len(trees[0]), 3)
        self.assertEqual(trees[0], trees[1])

    @staticmethod
    def repository(work):
        script = ("git init -q a && cd a && mkdir -p d/e && echo 1 >f && echo 2 >d/e/g && "
                  "ln -s f l && git add . && "
                  "GIT_COMMITTER_DATE=2000-01-01T00:00:00Z git -c user.name=n -c user.email=e "
                  "commit -qm m --date=2000-01-01T00:00:00Z")
        subprocess.run(["sh", "-ec", script], cwd=work, check=True)

    def test_git_clone(self):
        support.program("git")
        self.compare("git", "clone", "-q", "--no-hardlinks", "a", "b", prepare=self.repository,
                     without=(".git/index", ".git/logs"))

    def test_tar(self):
        def archive(work):
            self.repository(work)
            (work / "a/f").chmod(0o4751)
            subprocess.run(["tar", "-cf", "x.tar", "--sort=name", "--mtime=@1", "a/d", "a/f", "a/l"],
                           cwd=work, check=True)
            shutil.rmtree(work / "a")
        self.compare("tar", "-xpf", "x.tar", prepare=archive)

    def test_python_venv(self):
        self.compare(sys.executable, "-m", "venv", "--without-pip", "v", without=("__pycache__",))

    def test_npm_install(self):
        support.program("npm")

        def packages(work):
            (work / "dep").mkdir()
            (work / "dep/package.json").write_text('{"name":"dep","version":"1.0.0"}')
            (work / "dep/index.js").write_text("module.exports = 1\n")
            (work / "package.json").write_text('{"name":"top","version":"1.0.0"}')
        self.compare("npm", "install", "--offline", "--no-audit", "--no-fund", "--cache",
                     "./cache", "./dep", prepare=packages, without=("cache",))


if __name__ == "__main__":
    support.main()
