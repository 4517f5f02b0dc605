# SPDX-License-Identifier: Apache-2.0
"""Containers for tests: a busybox root, a bundle, runc and crun, and a small seccomp agent."""

import array
import collections
import ctypes
import errno
import fcntl
import json
import os
import pathlib
import select
import shutil
import socket
import struct
import threading
import unittest

import support

# linux/seccomp.h
NOTIF_RECV = 0xC0502100
NOTIF_SEND = 0xC0182101
NOTIF = struct.Struct("=QIIiIQ6Q")
RESPONSE = struct.Struct("=QqiI")

Call = collections.namedtuple("Call", "arch nr args")


def make_root(path):
    """A root directory with busybox, as little as a container needs."""
    busybox = pathlib.Path("/bin/busybox")
    if not busybox.exists():
        raise unittest.SkipTest("busybox-static is not installed")
    for name in ("bin", "dev", "etc", "proc", "sys", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(busybox, path / "bin/busybox")
    for applet in ("sh", "true", "echo", "unshare", "linux32", "mkdir", "mount", "sleep"):
        applet_path = path / "bin" / applet
        if not applet_path.exists():
            applet_path.symlink_to("busybox")


def cgroups_as_crun_wants_them(command):
    """crun refuses the layout with v1 and /sys/fs/cgroup/unified: hide the latter from it."""
    if not os.path.ismount("/sys/fs/cgroup/unified"):
        return command
    return ["unshare", "-m", "sh", "-c", 'umount /sys/fs/cgroup/unified; exec "$@"', "sh", *command]


class Runtime:
    """One container runtime; run() starts a container and waits for its end."""

    def __init__(self, name, scratch):
        self.program = support.program(name)
        self.spec_program = support.program("runc")  # writes the plainest config.json
        self.name = name
        self.scratch = scratch
        self.count = 0

    def bundle(self, seccomp, args, annotations=None):
        self.count += 1
        path = self.scratch / f"{self.name}-{self.count}"
        path.mkdir()
        make_root(path / "rootfs")
        done = support.run(self.spec_program, "spec", cwd=path)
        if done.status != 0:
            raise unittest.SkipTest(f"runc spec failed: {done.stderr.strip()}")
        config = json.loads((path / "config.json").read_text())
        config["process"].update(args=args, terminal=False)
        config["root"].update(readonly=False)
        config["annotations"] = annotations or {}
        config["linux"].pop("seccomp", None)
        if seccomp is not None:
            config["linux"]["seccomp"] = seccomp
        (path / "config.json").write_text(json.dumps(config))
        return path

    def identity(self):
        """The id of the last bundle's container."""
        return f"callgate-test-{os.getpid()}-{self.count}"

    def command(self, *words):
        command = [self.program, "--root", str(self.scratch / "state"), *words]
        return cgroups_as_crun_wants_them(command) if self.name == "crun" else command

    def run(self, seccomp, *args):
        """Result of a container with that linux.seccomp object, or without for None."""
        path = self.bundle(seccomp, list(args))
        return support.run(*self.command("run", "--bundle", str(path), self.identity()))

    def needs_to_work(self, *args):
        """Skips the test where a container without seccomp cannot run args."""
        done = self.run(None, *args)
        if done.status != 0:
            raise unittest.SkipTest(
                f"{self.name} cannot run {' '.join(args)} here even without seccomp: "
                f"{done.stderr.strip()[:300]}")


class Agent:
    """Takes listeners as the OCI runtime-spec has them sent; answers every call with an errno."""

    def __init__(self, path, answer):
        self.path = str(path)
        self.answer = answer  # Call to errno
        self.states = []
        self.calls = []
        self.stopping, self.stop = os.pipe()
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(self.path)
        self.listening.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def close(self):
        os.close(self.stop)
        self.thread.join()
        self.listening.close()
        os.close(self.stopping)

    def wait(self, fd):
        """Waits until fd is readable; False at the end of the agent or of fd."""
        poll = select.poll()
        poll.register(self.stopping, 0)
        poll.register(fd, select.POLLIN)
        ready = dict(poll.poll())
        return self.stopping not in ready and bool(ready.get(fd, 0) & select.POLLIN)

    def serve(self):
        while self.wait(self.listening.fileno()):
            connection, _ = self.listening.accept()
            with connection:
                listener = self.receive(connection)
            if listener is None:
                continue
            try:
                self.answer_all(listener)
            finally:
                os.close(listener)

    def receive(self, connection):
        """The listener of one ContainerProcessState; None if the peer went away."""
        text, fds = b"", array.array("i")
        while self.wait(connection.fileno()):
            part, ancillary, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
            for _level, _type, content in ancillary:
                fds.frombytes(content)
            text += part
            try:
                self.states.append(json.loads(text))
                return fds[0]
            except ValueError:
                if not part:
                    return None
        return None

    def answer_all(self, listener):
        while self.wait(listener):
            buffer = bytearray(NOTIF.size)
            try:
                fcntl.ioctl(listener, NOTIF_RECV, buffer)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.EINTR):
                    continue
                raise
            cookie, _pid, _flags, number, arch, _pointer, *args = NOTIF.unpack(buffer)
            call = Call(arch, number, args)
            self.calls.append(call)
            response = bytearray(RESPONSE.pack(cookie, 0, -self.answer(call), 0))
            try:
                fcntl.ioctl(listener, NOTIF_SEND, response)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    raise


def syscall_number(name):
    """The number on this machine, from the libseccomp that everything here uses."""
    return ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name(name.encode())
