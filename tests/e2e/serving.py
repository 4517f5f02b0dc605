# SPDX-License-Identifier: Apache-2.0
"""callgate serve for tests: a server whose events are read as they come, and processes that hand it
a listener as a runtime does."""

import json
import os
import platform
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import support

# A process that has mkdir(2) notified, sends the listener with a message, in parts of a size, and
# makes the call for each line that it reads: "errno" or 0.
PEER = """
import array, ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte),
                ("k", ctypes.c_uint)]
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.POINTER(Instruction))]
MKDIR, SECCOMP, USER_NOTIF, ALLOW = 83, 317, 0x7fc00000, 0x7fff0000
code = (Instruction * 4)((0x20, 0, 0, 0), (0x15, 0, 1, MKDIR), (0x06, 0, 0, USER_NOTIF),
                         (0x06, 0, 0, ALLOW))
path, size, message = sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip()
peer = socket.socket(socket.AF_UNIX)
peer.connect(path)
libc.prctl(38, 1, 0, 0, 0)
listener = libc.syscall(SECCOMP, 1, 8, ctypes.byref(Program(4, code)))
if listener < 0:
    sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
message = message.replace("$PID", str(os.getpid())).encode()
peer.sendmsg([message[:size]],
             [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
os.close(listener)
for start in range(size, len(message), size):
    peer.send(message[start:start + size])
print("sent", flush=True)
for line in sys.stdin:
    failed = libc.syscall(MKDIR, line.strip().encode(), 0o700) != 0
    print(errno.errorcode[ctypes.get_errno()] if failed else 0, flush=True)
"""


def needs_x86_64():
    if platform.machine() != "x86_64":
        raise unittest.SkipTest("the peer's filter is for x86-64")


def message(identity, annotations=None, metadata=None, status="creating", **others):
    """A containerProcessState; $PID is the peer's own."""
    state = {"ociVersion": "1.0.2", "id": identity, "status": status, "pid": "$PID",
             "bundle": ".", "annotations": annotations or {}}
    whole = {"ociVersion": "1.0.2", "fds": ["seccompFd"], "pid": "$PID", "state": state, **others}
    if metadata is not None:
        whole["metadata"] = metadata
    return json.dumps(whole).replace('"$PID"', "$PID")


class Server:
    """callgate serve, until the test's end."""

    def __init__(self, test, *arguments):
        self.path = str(test.scratch / "seccomp.sock")
        self.seen = []
        self.lines = queue.Queue()
        read, write = os.pipe()
        self.stderr = open(test.scratch / "serve.stderr", "w+", encoding="utf-8")
        command = [support.CALLGATE, "serve", "--socket", self.path, "--log", f"json:fd:{write}",
                   *arguments]
        self.process = subprocess.Popen(command, pass_fds=[write], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.stderr)
        os.close(write)
        self.reader = threading.Thread(target=self.read, args=[os.fdopen(read, "rb")], daemon=True)
        self.reader.start()
        test.addCleanup(self.close)
        self.await_socket()

    def read(self, log):
        with log:
            for line in log:
                self.lines.put(line)
        self.lines.put(None)

    def await_socket(self):
        deadline = time.monotonic() + support.TIMEOUT
        while not os.path.exists(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"callgate serve does not start: {self.said()}")
            time.sleep(0.01)

    def said(self):
        self.stderr.flush()
        self.stderr.seek(0)
        return self.stderr.read()

    def next(self):
        line = self.lines.get(timeout=support.TIMEOUT)
        if line is None:
            raise AssertionError(f"callgate serve has ended: {self.said()}")
        self.seen.append(json.loads(line))
        return self.seen[-1]

    def wait(self, name, **fields):
        """The next event of that name whose fields (container_id for container.id) are these."""
        wanted = {key.replace("_", "."): value for key, value in fields.items()}
        while True:
            event = self.next()
            if event["event.name"] == name and wanted.items() <= event.items():
                return event

    def wait_warning(self, words):
        while True:
            event = self.wait("supervisor.warning")
            if words in event["message"]:
                return event

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def workers(self):
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(children, encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Ends it; the events that had not been read yet."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=support.TIMEOUT)
        self.reader.join(timeout=support.TIMEOUT)
        rest = []
        while (line := self.lines.get_nowait()) is not None:
            rest.append(json.loads(line))
        self.seen += rest
        return status, rest

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=support.TIMEOUT)
        self.reader.join(timeout=support.TIMEOUT)
        self.stderr.close()

    def connect(self):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(self.path)
        return peer


class Peer:
    """A process with a filter of its own, whose listener the server has."""

    def __init__(self, test, server, text, part=1 << 20):
        self.process = subprocess.Popen([sys.executable, "-c", PEER, server.path, str(part)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        cwd=test.scratch)
        test.addCleanup(self.close)
        self.ask(text)
        if self.process.stdout.readline() != "sent\n":
            raise AssertionError("the peer has no filter")

    def ask(self, line="made"):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return self.process.stdout.readline().strip()

    def mkdir(self, path="made"):
        self.ask(path)
        return self.answer()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=support.TIMEOUT)
        self.process.stdin.close()
        self.process.stdout.close()
