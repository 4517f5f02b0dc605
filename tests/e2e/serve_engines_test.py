#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate serve with podman, dockerd and containerd, each started for the test alone."""

import os
import pathlib
import signal
import subprocess
import tarfile
import time
import unittest

import oci
import support
from serving import Server

# Without CAP_SYS_RESOURCE podman cannot raise these to what it wants.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
CGROUPS = pathlib.Path("/sys/fs/cgroup")
DENIED = ["sh", "-c", "unshare -U true; echo ended"]


def parents():
    """The cgroups that the engines make for all of their containers, and leave."""
    return {path for name in ("docker", "default", "libpod_parent")
            for pattern in (name, f"*/{name}") for path in CGROUPS.glob(pattern)}


def remove_cgroups(before):
    """Until they are gone, for conmon outlives its container; or not, where others are in them."""
    deadline = time.monotonic() + 5
    while (left := parents() - before) and time.monotonic() < deadline:
        for path in (path for parent in left for path, _, _ in os.walk(parent, topdown=False)):
            try:
                os.rmdir(path)
            except OSError:
                time.sleep(0.01)


class Engine(support.TestCase):
    config = "{}"

    def setUp(self):
        super().setUp()
        support.needs_root()
        self.addCleanup(remove_cgroups, parents())
        self.server = Server(self, "--config", self.file("serve.json", self.config))
        self.profile = str(self.scratch / "notify.json")
        done = support.callgate("compile", "docker-default", "--to", "notify", "--listener",
                                self.server.path, "-o", self.profile)
        self.assertEqual(done.status, 0, done.stderr)

    def root(self):
        path = self.scratch / "rootfs"
        oci.make_root(path)
        return path

    def image(self):
        """The root as a tar file."""
        path = self.scratch / "image.tar"
        with tarfile.open(path, "w") as tar:
            tar.add(self.root(), arcname=".")
        return str(path)

    def denied(self, **fields):
        event = self.server.wait("syscall", **fields)
        self.assertEqual(event["syscall.call"], "unshare(CLONE_NEWUSER)")
        self.assertEqual(event["rule.file"], "docker-default")
        return event

    def start(self, command, ready, **options):
        """A daemon, until the test's end; skips the test where it does not come up."""
        log = open(self.scratch / "daemon.log", "w+", encoding="utf-8", errors="replace")
        self.addCleanup(log.close)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   **options)
        self.addCleanup(self.end, process)
        deadline = time.monotonic() + support.TIMEOUT / 2
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise unittest.SkipTest(f"{command[0]} does not start here: {log.read()[-300:]}")
            time.sleep(0.05)

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=support.TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Podman(Engine):
    runtime = "runc"

    def setUp(self):
        super().setUp()
        support.program(self.runtime)
        self.store = self.scratch / "podman"
        self.base = [support.program("podman"), "--root", str(self.store / "root"), "--runroot",
                     str(self.store / "run"), "--tmpdir", str(self.store / "tmp"),
                     "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
                     "--events-backend", "file", "--runtime", self.runtime]
        done = self.podman("import", self.image(), "box:1")
        if done.status != 0:
            raise unittest.SkipTest(f"podman import fails here: {done.stderr.strip()[-300:]}")
        if self.container("run", "--rm", command=["true"]).status != 0:
            raise unittest.SkipTest("podman runs no container here even without callgate")

    def podman(self, *words):
        command = [*self.base, *words]
        if self.runtime == "crun":
            command = oci.cgroups_as_crun_wants_them(command)
        return support.run(*command)

    def container(self, *words, command):
        return self.podman(*words, "--network=none", *LIMITS, "box:1", *command)

    def test_run(self):
        done = self.container("run", "--rm", "--security-opt", f"seccomp={self.profile}",
                              "--annotation", "io.container.name=web", command=DENIED)
        self.assertIn("Operation not permitted", done.stderr)
        event = self.denied(container_name="web")
        self.assertEqual(event["container.runtime.name"], self.runtime)
        self.assertEqual(len(event["container.id"]), 64)
        self.server.wait("summary", container_id=event["container.id"])

    def test_exec(self):
        done = self.container("run", "--detach", "--name", "sleeper", "--security-opt",
                              f"seccomp={self.profile}", command=["sleep", "1000"])
        self.assertEqual(done.status, 0, done.stderr)
        self.addCleanup(self.podman, "rm", "-t", "0", "-f", "sleeper")
        identity = done.stdout.strip()
        self.podman("exec", "sleeper", *DENIED)
        event = self.denied(container_id=identity)
        self.assertEqual(event["profile.name"], "docker-default")
        self.podman("kill", "sleeper")
        self.server.wait("summary", container_id=identity)


class PodmanWithCrun(Podman):
    runtime = "crun"


class Docker(Engine):
    """dockerd 20.10 drops listenerPath and listenerMetadata: with crun the environment has the first,
    and the profile stands in the configuration."""

    config = '{"rules": [{"profile": "docker-default"}]}'

    def setUp(self):
        super().setUp()
        support.program("crun")
        self.daemon = support.program("dockerd")
        self.directory = self.scratch / "docker"
        self.directory.mkdir()
        self.base = [support.program("docker"), "--host",
                     f"unix://{self.directory}/docker.sock"]
        environment = dict(os.environ, RUN_OCI_SECCOMP_RECEIVER=self.server.path)
        self.start(oci.cgroups_as_crun_wants_them([
            self.daemon, "--host", f"unix://{self.directory}/docker.sock",
            "--data-root", f"{self.directory}/data", "--exec-root", f"{self.directory}/exec",
            "--pidfile", f"{self.directory}/pid", "--bridge=none", "--iptables=false",
            "--ip-forward=false", "--ip-masq=false", "--storage-driver=vfs",
            "--add-runtime", f"crun={support.program('crun')}", "--default-runtime", "crun"]),
            lambda: self.docker("version").status == 0, env=environment)
        done = self.docker("import", self.image(), "box:1")
        self.assertEqual(done.status, 0, done.stderr)

    def docker(self, *words):
        return support.run(*self.base, *words)

    def container(self, *words, command):
        return self.docker("run", "--network=none", *words, "--security-opt",
                           f"seccomp={self.profile}", "box:1", *command)

    def test_run_and_exec(self):
        done = self.container("--rm", command=DENIED)
        self.assertIn("Operation not permitted", done.stderr)
        event = self.denied(container_runtime_name="crun")
        self.assertEqual(len(event["container.id"]), 64)
        done = self.container("--detach", command=["sleep", "1000"])
        self.assertEqual(done.status, 0, done.stderr)
        identity = done.stdout.strip()
        self.addCleanup(self.docker, "rm", "--force", identity)
        self.docker("exec", identity, *DENIED)
        self.denied(container_id=identity)
        self.docker("kill", identity)
        self.server.wait("summary", container_id=identity)


class Containerd(Engine):
    def setUp(self):
        super().setUp()
        support.program("runc")
        daemon = support.program("containerd")
        directory = self.scratch / "containerd"
        directory.mkdir()
        self.socket = f"{directory}/c.sock"
        config = self.file("config.toml", "\n".join([
            "version = 2", f'root = "{directory}/root"', f'state = "{directory}/state"',
            'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]',
            "[grpc]", f'address = "{self.socket}"',
            "[ttrpc]", f'address = "{directory}/t.sock"', ""]))
        self.start([daemon, "--config", config], lambda: self.ctr("version").status == 0)

    def ctr(self, *words):
        return support.run(support.program("ctr"), "--address", self.socket, *words)

    def container(self, identity, *words, command):
        return self.ctr("run", "--rootfs", "--env", "PATH=/bin", *words, "--seccomp",
                        "--seccomp-profile", self.profile, str(self.root()), identity, *command)

    def test_run_and_exec(self):
        done = self.container("c1", "--rm", "--annotation", "nerdctl/name=web",
                              command=["/bin/sh", *DENIED[1:]])
        self.assertIn("Operation not permitted", done.stderr)
        event = self.denied(container_id="c1")
        self.assertEqual(event["container.name"], "web")
        done = self.container("c2", "--detach", command=["/bin/sleep", "1000"])
        self.assertEqual(done.status, 0, done.stderr)
        self.addCleanup(self.ctr, "task", "delete", "--force", "c2")
        self.ctr("task", "exec", "--exec-id", "e1", "c2", "/bin/sh", *DENIED[1:])
        self.denied(container_id="c2")
        self.ctr("task", "kill", "--signal", "KILL", "c2")
        self.server.wait("summary", container_id="c2")


if __name__ == "__main__":
    support.main()
