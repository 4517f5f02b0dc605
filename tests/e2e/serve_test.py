#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate serve: which container is decided how, what peers may send, and how it ends."""

import array
import errno
import json
import os
import select
import signal
import socket
import time

import jsonschema

import events_test
import support
from serving import Peer, Server, message, needs_x86_64

NAME = "io.kubernetes.cri.container-name"


class TestCase(support.TestCase):
    def setUp(self):
        needs_x86_64()
        super().setUp()

    def serve(self, *arguments):
        return Server(self, *arguments)

    def peer(self, server, text, **options):
        return Peer(self, server, text, **options)

    def json_file(self, name, content):
        return self.file(name, json.dumps(content))

    def until(self, condition):
        deadline = time.monotonic() + support.TIMEOUT
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)


class Decisions(TestCase):
    def test_without_a_profile_all_is_refused_and_said(self):
        server = self.serve()
        peer = self.peer(server, message("c1"))
        self.assertEqual(peer.mkdir(), "EPERM")
        warning = server.wait("supervisor.warning", container_id="c1")
        self.assertIn("no profile is known", warning["message"])
        event = server.wait("syscall", container_id="c1")
        self.assertEqual(event["rule.reason"], "notify_no_match")
        self.assertEqual(event["syscall.name"], "mkdir")

    def test_the_profile_that_the_metadata_names(self):
        profile = self.json_file("p.json", {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EROFS}]})
        server = self.serve()
        text = message("c1", {NAME: "web"}, json.dumps({"profile": profile, "metadata": "tier"}))
        self.assertEqual(self.peer(server, text).mkdir(), "EROFS")
        event = server.wait("syscall")
        self.assertEqual(event["container.name"], "web")
        self.assertEqual(event["oci.metadata"], "tier")
        self.assertEqual(event["rule.id"], "p.json#0")
        self.assertEqual(event["rule.line"], 1)
        self.assertIn("web:", server.said())

    def test_a_name_is_looked_for_in_profiles_first(self):
        self.json_file("docker-default.json", {"defaultAction": "SCMP_ACT_ERRNO",
                                               "defaultErrnoRet": errno.ENOTTY})
        server = self.serve("--profiles", str(self.scratch))
        text = message("c1", metadata='{"profile":"docker-default"}')
        self.assertEqual(self.peer(server, text).mkdir(), "ENOTTY")

    def test_policies_see_the_container(self):
        self.json_file("by-container.json", {"rules": [
            {"names": ["mkdir"], "when": {"containerName": "web"}, "action": "errno",
             "errnoRet": "EACCES"},
            {"names": ["mkdir"], "when": {"containerId": "c2"}, "action": "errno",
             "errnoRet": "ENOSPC"},
            {"names": ["mkdir"], "when": {"metadata": "m"}, "action": "errno", "errnoRet": "EIO"},
            {"names": ["mkdir"], "when": {"annotations": {"tier": "db"}}, "action": "errno",
             "errnoRet": "EXDEV"},
            {"names": ["mkdir"], "when": {"process": "init"}, "action": "errno",
             "errnoRet": "EDOM"},
            {"names": ["mkdir"], "action": "errno", "errnoRet": "ERANGE"}]})
        config = self.json_file("serve.json", {"default": {"policy": "by-container"}})
        server = self.serve("--config", config, "--policies", str(self.scratch))
        rows = [
            (message("c1", {NAME: "web"}), "EACCES"),
            (message("c2"), "ENOSPC"),
            (message("c3", metadata="m"), "EIO"),
            (message("c4", {"tier": "db"}), "EXDEV"),
            (message("c5"), "EDOM"),
            (message("c6", status="running").replace('"pid": $PID', '"pid": 0'), "ERANGE"),
        ]
        for text, expected in rows:
            self.assertEqual(self.peer(server, text).mkdir(), expected, text)

    def test_rules_of_the_configuration(self):
        config = self.json_file("serve.json", {
            "default": {"profile": self.json_file("default.json", {
                "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": errno.ELOOP})},
            "rules": [
                {"when": {"containerName": "test-*"}, "mode": "complain"},
                {"when": {"process": "exec"}, "profile": self.json_file("exec.json", {
                    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": errno.EMLINK})}]})
        server = self.serve("--config", config)
        self.assertEqual(self.peer(server, message("c1")).mkdir(), "ELOOP")
        self.assertEqual(self.peer(server, message("c1", status="running")).mkdir(), "EMLINK")
        self.assertEqual(self.peer(server, message("c2", {NAME: "test-1"})).mkdir(), "0")
        event = server.wait("syscall", container_id="c2")
        self.assertEqual(event["seccomp.verdict"], "would_deny")

    def test_the_capabilities_of_a_rule_choose(self):
        profile = self.json_file("caps.json", {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
            {"names": ["mkdir"], "action": "SCMP_ACT_ALLOW",
             "includes": {"caps": ["CAP_SYS_TIME"]}}]})
        config = self.json_file("serve.json", {"rules": [
            {"when": {"containerId": "c1"}, "profile": profile, "capabilities": ["CAP_SYS_TIME"]},
            {"profile": profile}]})
        server = self.serve("--config", config)
        self.assertEqual(self.peer(server, message("c1")).mkdir(), "0")
        self.assertEqual(self.peer(server, message("c2")).mkdir("other"), "EPERM")


class Reloads(TestCase):
    def profile(self, number):
        return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": number}

    def test_containers_that_come_later_get_the_new_one(self):
        profile = self.json_file("p.json", self.profile(errno.ELOOP))
        config = self.json_file("serve.json", {"default": {"profile": profile}})
        server = self.serve("--config", config)
        first = self.peer(server, message("c1"))
        self.assertEqual(first.mkdir(), "ELOOP")
        self.json_file("p.json", self.profile(errno.EMLINK))
        server.reload()
        server.wait_warning("reloaded")
        self.assertEqual(self.peer(server, message("c2")).mkdir(), "EMLINK")
        self.assertEqual(first.mkdir(), "ELOOP")

    def test_garbage_changes_nothing(self):
        profile = self.json_file("p.json", self.profile(errno.ELOOP))
        config = self.json_file("serve.json", {"default": {"profile": profile}})
        server = self.serve("--config", config)
        for path, content in ((config, "{"), (config, '{"rules":[{"mode":"of"}]}'),
                              (profile, "garbage")):
            self.json_file("p.json", self.profile(errno.ELOOP))
            self.json_file("serve.json", {"default": {"profile": profile}})
            self.file(os.path.basename(path), content)
            server.reload()
            warning = server.wait_warning("reload refused")
            self.assertIn(path + ":1:", warning["message"])
            self.assertEqual(self.peer(server, message("c1")).mkdir(), "ELOOP")

    def test_garbage_does_not_start(self):
        config = self.file("serve.json", '{"default": {"profil": "x"}}')
        done = support.callgate("serve", "--config", config, "--socket",
                                str(self.scratch / "no.sock"))
        self.assertEqual(done.status, 125)
        self.assertIn('serve.json:1:24: /default/profil: unknown key "profil"', done.stderr)
        self.assertFalse((self.scratch / "no.sock").exists())


def with_fds(*fds):
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]


class BadPeers(TestCase):
    """Whatever a peer sends, a container that is there is decided meanwhile, and nothing stays."""

    def setUp(self):
        super().setUp()
        support.needs_root()  # to see what another process has open
        self.server = self.serve()
        self.good = self.peer(self.server, message("good"))
        self.server.wait("target.start", container_id="good")
        self.assertEqual(self.good.mkdir(), "EPERM")
        self.before = self.server.descriptors()

    def refused(self, reason):
        warning = self.server.wait_warning(reason)
        self.assertIn("refused a message of", warning["message"])
        self.assertEqual(self.good.mkdir(), "EPERM")

    def send(self, *parts, fds=()):
        """Sends until the server closes; the end of it all was its doing."""
        with self.server.connect() as peer:
            try:
                for number, part in enumerate(parts):
                    peer.sendmsg([part], with_fds(*fds) if fds and number == 0 else [])
                self.assertEqual(peer.recv(1), b"")
            except (BrokenPipeError, ConnectionResetError):
                pass

    def tearDown(self):
        self.until(lambda: self.server.descriptors() == self.before)
        super().tearDown()

    def test_what_is_no_message(self):
        text = message("bad").replace("$PID", "1").encode()
        rows = [
            ([b"x"], (), "it is not JSON"),
            ([b"[1]"], (), "it is not JSON"),
            ([b"{x}"], (), "message:1:2"),
            ([b"{}"], (2,), "expected fds"),
            ([b'{"fds":["seccompFd"],"state":[]}'], (2,), "expected state, an object"),
            ([text], (), "no descriptor came with it"),
            ([text], (2,) * 10, "not as many descriptors as it names in fds"),
            ([text], (2,) * 200, "more descriptors than 16"),
            ([text], (2,), "its seccompFd is no seccomp listener"),
            ([b"{", b" " * (1 << 20)], (2,), "longer than 1 MiB"),
            ([b'{"a":"', *[b"x" * (1 << 20)] * 64], (2,), "longer than 1 MiB"),
        ]
        for parts, fds, reason in rows:
            with self.subTest(reason=reason, fds=len(fds)):
                self.send(*parts, fds=fds)
                self.refused(reason)

    def test_one_that_stops_halfway(self):
        with self.server.connect() as peer:
            peer.sendmsg([b'{"fds":'], with_fds(2))
        self.refused("it stopped after 7 bytes")

    def test_one_byte_a_second(self):
        with self.server.connect() as peer:
            peer.send(b"{")
            while not select.select([peer], [], [], 1)[0]:
                peer.send(b" ")
                self.assertEqual(self.good.mkdir(), "EPERM")
        self.refused("in 10 seconds, and no end")

    def test_a_thousand_at_once(self):
        peers = [self.server.connect() for _ in range(1000)]
        another = self.peer(self.server, message("another"))
        self.assertEqual(another.mkdir(), "EPERM")
        for peer in peers:
            peer.close()
        another.close()
        self.assertEqual(self.good.mkdir(), "EPERM")

    def test_a_message_in_parts_and_a_large_one(self):
        """No bad ones at all: one byte by byte, one with blanks as crun's, one of 200 KB."""
        pretty = message("pretty").replace(",", ", ").replace("{", "{ ")
        for text, part in ((message("parts"), 1), (pretty, 7),
                           (message("large", {"a": "x" * 200000}), 5000)):
            peer = self.peer(self.server, text, part=part)
            self.assertEqual(peer.mkdir(), "EPERM")
            peer.close()

    def test_a_listener_whose_processes_are_dead(self):
        peer = self.peer(self.server, message("dead"))
        self.server.wait("target.start", container_id="dead")
        peer.close()
        self.assertEqual(self.server.wait("summary")["container.id"], "dead")


class Ends(TestCase):
    def test_what_targets_see(self):
        server = self.serve()
        peer = self.peer(server, message("c1"))
        self.assertEqual(peer.mkdir(), "EPERM")
        workers = server.workers()
        self.assertEqual(len(workers), 1)
        status, rest = server.stop()
        self.assertEqual(status, 0)
        self.assertEqual([event["container.id"] for event in rest
                          if event["event.name"] == "summary"], ["c1"])
        self.assertEqual(peer.mkdir(), "ENOSYS")
        self.assertFalse(os.path.exists(server.path))
        self.assertFalse(os.path.exists(f"/proc/{workers[0]}"))

    def test_200_containers_leave_nothing(self):
        support.needs_root()
        server = self.serve()
        before = server.descriptors()
        first = self.peer(server, message("first"))
        self.assertEqual(first.mkdir(), "EPERM")
        first.close()
        server.wait("summary", container_id="first")
        self.until(lambda: server.workers() == [] and server.descriptors() == before)
        maps = self.mappings(server)
        for number in range(200):
            peer = self.peer(server, message(f"c{number}"))
            if number % 2:
                self.assertEqual(peer.mkdir(), "EPERM")
            peer.close()
            server.wait("summary", container_id=f"c{number}")
        self.until(lambda: server.workers() == [])
        self.until(lambda: server.descriptors() == before)
        self.assertLessEqual(self.mappings(server), maps + 4)

    def mappings(self, server):
        """Shared ones: the journals."""
        with open(f"/proc/{server.process.pid}/maps", encoding="utf-8") as file:
            return sum("/dev/zero" in line for line in file)

    def test_a_stuck_worker_delays_nobody_else(self):
        server = self.serve()
        stuck = self.peer(server, message("stuck"))
        self.assertEqual(stuck.mkdir(), "EPERM")
        [worker] = server.workers()
        os.kill(worker, signal.SIGSTOP)
        stuck.ask()
        other = self.peer(server, message("other"))
        for _ in range(100):
            self.assertEqual(other.mkdir(), "EPERM")
        self.assertEqual(stuck.answer(), "EPERM")
        self.assertNotIn(worker, server.workers())

    def test_a_killed_worker_is_replaced(self):
        server = self.serve()
        peer = self.peer(server, message("c1"))
        server.wait("target.start")
        for _ in range(20):
            [worker] = server.workers()
            os.kill(worker, signal.SIGKILL)
            self.assertEqual(peer.mkdir(), "EPERM")
            self.until(lambda old=worker: self.replaced(server, old))

    @staticmethod
    def replaced(server, worker):
        workers = server.workers()
        return len(workers) == 1 and worker not in workers

    def test_two_at_one_socket(self):
        server = self.serve()
        done = support.callgate("serve", "--socket", server.path)
        self.assertEqual(done.status, 125)
        self.assertIn("somebody listens there", done.stderr)
        self.assertEqual(self.peer(server, message("c1")).mkdir(), "EPERM")

    def test_events_are_as_they_are_written_down(self):
        server = self.serve()
        text = message("c1", {NAME: "web"}, "m").replace('"bundle": "."', '"bundle": "/nowhere"')
        peer = self.peer(server, text)
        peer.mkdir()
        server.wait("syscall")
        server.stop()
        validator = jsonschema.Draft202012Validator(events_test.SCHEMA)
        tables = events_test.page_tables()
        for event in server.seen:
            errors = [error.message for error in validator.iter_errors(event)]
            self.assertEqual(errors, [], event)
            known = {**tables[events_test.COMMON], **tables[event["event.name"]]}
            self.assertEqual(set(events_test.paths(event)) - set(known), set(), event)
        written = {"container.id", "container.name", "oci.metadata"}
        for event in server.seen:
            self.assertLessEqual(written, set(event), event)
        self.assertEqual(server.seen[0]["oci.process"], "init")
        self.assertEqual(server.seen[0]["oci.bundle"], "/nowhere")


if __name__ == "__main__":
    support.main()
