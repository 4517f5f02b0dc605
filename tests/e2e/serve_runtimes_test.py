#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate serve with runc and crun: run, exec, detached, create and start, killed."""

import json
import subprocess

import oci
import support
from serving import Server

NAME = "io.kubernetes.cri.container-name"
ASLEEP = ["sh", "-c", "unshare -U true; sleep 1000"]


class WithRuntime:
    """The tests, once for each runtime."""

    runtime_name = None

    def setUp(self):
        super().setUp()
        support.needs_root()
        self.runtime = oci.Runtime(self.runtime_name, self.scratch)
        self.runtime.needs_to_work("true")
        self.server = Server(self)

    def profile(self, name="docker-default", *options):
        """Its notifying variant."""
        done = support.callgate("compile", name, "--to", "notify", "--listener",
                                self.server.path, "--metadata", "m", *options)
        self.assertEqual(done.status, 0, done.stderr)
        return json.loads(done.stdout)

    def start(self, *command, seccomp=None, **others):
        """A container that runs on; its id."""
        bundle = self.runtime.bundle(seccomp or self.profile(), list(command), **others)
        identity = self.runtime.identity()
        self.addCleanup(self.delete, identity)
        done = subprocess.run(
            self.runtime.command("run", "--detach", "--bundle", str(bundle), identity),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=support.TIMEOUT, check=False)
        self.assertEqual(done.returncode, 0)
        return identity

    def delete(self, identity):
        support.run(*self.runtime.command("delete", "--force", identity))

    def test_run(self):
        done = self.runtime.run(self.profile(), "unshare", "-U", "true")
        self.assertIn("Operation not permitted", done.stderr)
        start = self.server.wait("target.start", container_id=self.runtime.identity())
        self.assertEqual(start["profile.name"], "docker-default")
        self.assertEqual(start["oci.process"], "init")
        event = self.server.wait("syscall", container_id=self.runtime.identity())
        self.assertEqual(event["syscall.call"], "unshare(CLONE_NEWUSER)")
        self.assertEqual(event["container.runtime.name"], self.runtime_name)
        self.assertEqual(event["oci.metadata"], "m")
        self.assertEqual(event["rule.file"], "docker-default")
        self.assertEqual(event["rule.reason"], "caps_missing")
        summary = self.server.wait("summary", container_id=self.runtime.identity())
        self.assertEqual(summary["summary.denied"], 1)

    def test_detached_executed_in_and_killed(self):
        identity = self.start(*ASLEEP, annotations={NAME: "web"})
        event = self.server.wait("syscall", container_id=identity)
        self.assertEqual(event["container.name"], "web")
        done = support.run(*self.runtime.command("exec", identity, "mount", "-t", "tmpfs", "none",
                                                 "/tmp"))
        self.assertNotEqual(done.status, 0)
        start = self.server.wait("target.start", container_id=identity, container_name="web")
        self.assertEqual(start["oci.process"], "exec")
        self.assertEqual(start["profile.name"], "docker-default")
        event = self.server.wait("syscall", container_id=identity)
        self.assertEqual(event["syscall.name"], "mount")
        self.server.wait("summary", container_id=identity)
        support.run(*self.runtime.command("kill", identity, "KILL"))
        self.server.wait("summary", container_id=identity)
        self.assertIn("web:mount[", self.server.said())

    def test_created_and_started_later(self):
        bundle = self.runtime.bundle(self.profile(), ["unshare", "-U", "true"])
        identity = self.runtime.identity()
        self.addCleanup(self.delete, identity)
        for words in (["create", "--bundle", str(bundle), identity], ["start", identity]):
            done = subprocess.run(self.runtime.command(*words), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  timeout=support.TIMEOUT, check=False)
            self.assertEqual(done.returncode, 0, words)
        event = self.server.wait("syscall", container_id=identity)
        self.assertEqual(event["syscall.call"], "unshare(CLONE_NEWUSER)")

    def test_the_bundle_has_the_profile(self):
        """And the container's capabilities: no metadata says anything."""
        seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": self.server.path,
                   "architectures": ["SCMP_ARCH_X86_64"],
                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
        done = self.runtime.run(seccomp, "mkdir", "/tmp/x")
        self.assertIn("Operation not permitted", done.stderr)
        start = self.server.wait("target.start")
        self.assertTrue(start["profile.name"].endswith("/config.json"))
        self.assertIn("CAP_NET_BIND_SERVICE", start["profile.capabilities"])
        event = self.server.wait("syscall")
        self.assertEqual(event["rule.reason"], "notify_no_match")
        self.assertTrue(event["rule.file"].endswith("/config.json"))

    def test_the_capabilities_of_the_container(self):
        """mount(2) is denied by the variant that was made without CAP_SYS_ADMIN; the profile allows
        it to this container, and so it is allowed."""
        bundle = self.runtime.bundle(self.profile(), ["mount", "-t", "tmpfs", "none", "/tmp"])
        config = json.loads((bundle / "config.json").read_text())
        for caps in config["process"]["capabilities"].values():
            caps.append("CAP_SYS_ADMIN")
        (bundle / "config.json").write_text(json.dumps(config))
        done = support.run(*self.runtime.command("run", "--bundle", str(bundle),
                                                 self.runtime.identity()))
        self.assertEqual(done.status, 0, done.stderr)

    def test_paths_of_a_policy_are_the_container_s(self):
        """The calls are made for the caller, in its own root."""
        policy = self.file("policy.json", json.dumps({"rules": [
            {"names": ["mkdir", "mkdirat"], "args": [{"arg": "path", "op": "path",
                                                      "value": "/tmp/**"}], "action": "allow"}]}))
        self.server.close()
        self.server = Server(self, "--config", self.file("serve.json", json.dumps(
            {"default": {"policy": policy}})))
        seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": self.server.path,
                   "architectures": ["SCMP_ARCH_X86_64"],
                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
        done = self.runtime.run(seccomp, "sh", "-c", "mkdir /tmp/x && echo made; mkdir /etc/x")
        self.assertIn("made", done.stdout)
        self.assertIn("Operation not permitted", done.stderr)

    def test_a_container_goes_on_after_the_end(self):
        identity = self.start(*ASLEEP)
        self.server.wait("syscall", container_id=identity)
        self.server.stop()
        done = support.run(*self.runtime.command("state", identity))
        self.assertEqual(json.loads(done.stdout)["status"], "running")


class Runc(WithRuntime, support.TestCase):
    runtime_name = "runc"


class Crun(WithRuntime, support.TestCase):
    runtime_name = "crun"

    def test_asked_for_by_an_annotation(self):
        seccomp = self.profile()
        del seccomp["listenerPath"]
        identity = self.start(*ASLEEP, seccomp=seccomp,
                              annotations={"run.oci.seccomp.receiver": self.server.path})
        self.server.wait("syscall", container_id=identity)

    def test_a_creation_that_fails_is_no_matter(self):
        """crun has connected by then, and goes without a word."""
        bundle = self.runtime.bundle(self.profile(), ["/nowhere"])
        done = support.run(*self.runtime.command("run", "--bundle", str(bundle),
                                                 self.runtime.identity()))
        self.assertNotEqual(done.status, 0)
        _, rest = self.server.stop()
        self.assertEqual([event for event in rest
                          if event["event.name"] == "supervisor.warning"], [])


if __name__ == "__main__":
    support.main()
