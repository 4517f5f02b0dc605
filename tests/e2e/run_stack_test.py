#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate run --stack: whose code made the call that was denied."""

import json
import os
import re
import shutil
import signal
import subprocess
import textwrap
import time
import unittest

import support
from support import CALLGATE, events, program, run

C = """
    #include <sys/mount.h>
    __attribute__((noinline)) int deny_me(const char *path)
    {
        return mount("none", path, "tmpfs", 0, 0) + 2;
    }
    __attribute__((noinline)) int middle(const char *path)
    {
        volatile char room[300] = { 1 };
        return deny_me(path) + room[0];
    }
    int main(void) { return middle("/nonexistent") == 2 ? 0 : 1; }
"""

CPP = """
    #include <sys/mount.h>
    #include <stdexcept>
    #include <thread>
    struct Widget {
        __attribute__((noinline)) int remount()
        {
            return mount("none", "/nonexistent", "tmpfs", 0, nullptr) ? 1 : 2;
        }
    };
    int main()
    {
        Widget widget;
        int result = 0;
        std::thread thread([&] { result = widget.remount(); });
        thread.join();
        return result - 1;
    }
"""

GO = """
    package main

    import ("os"; "syscall")

    //go:noinline
    func denyMe() error { return syscall.Mount("none", "/nonexistent", "tmpfs", 0, "") }

    func main() {
        if denyMe() == syscall.EPERM { os.Exit(0) }
        os.Exit(1)
    }
"""

# The stack pointer points nowhere when the call is made.
NOWHERE = """
    int main(void)
    {
        long result;
        __asm__ volatile("mov %%rsp, %%rbx\\n mov $64, %%rsp\\n syscall\\n mov %%rbx, %%rsp"
                         : "=a"(result)
                         : "a"(165), "D"(0), "S"(0), "d"(0)
                         : "rcx", "r11", "rbx", "memory");
        return result == -1 ? 0 : 1;
    }
"""

# The stack is in a file of a FUSE server that answers no more: who reads it waits for ever.
STUCK = """
    #include <fcntl.h>
    #include <signal.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    int main(int argc, char **argv)
    {
        int server = atoi(argv[2]);
        char *room = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, open(argv[1], O_RDWR), 0);
        long result;
        if (argc != 3 || room == MAP_FAILED || kill(server, SIGSTOP) != 0)
            return 2;
        __asm__ volatile("mov %%rsp, %%rbx\\n mov %2, %%rsp\\n syscall\\n mov %%rbx, %%rsp"
                         : "=a"(result)
                         : "a"(165), "r"(room + 32768), "D"(0), "S"(0), "d"(0)
                         : "rcx", "r11", "rbx", "memory");
        kill(server, SIGCONT);
        return result == -1 ? 0 : 1;
    }
"""

# Makes the call from many threads at once, each time with the result that it must have.
STORM = """
    #include <errno.h>
    #include <pthread.h>
    #include <stddef.h>
    #include <sys/mount.h>
    static int wrong;
    static int again(int depth)
    {
        volatile char room[64] = { (char)depth };
        if (depth > 0)
            return again(depth - 1) + room[1];
        return mount("none", "/nonexistent", "tmpfs", 0, NULL) == -1 && errno == EPERM;
    }
    static void *storm(void *unused)
    {
        for (int i = 0; i < 500; i++)
            if (!again(i % 50))
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        return unused;
    }
    int main(void)
    {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, storm, NULL);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        return wrong != 0;
    }
"""

FRAME_LINE = re.compile(r"callgate:     #(\d+) (.+)$")


def symbols(event):
    """The names in an event's stack, innermost first; "" for a frame without one."""
    return [frame.get("symbol", "") for frame in event["stack"]]


def frame_lines(stderr):
    return [match.group(2) for match in map(FRAME_LINE.match, stderr.splitlines()) if match]


def setUpModule():
    done = support.callgate("--version")
    if "without libdw" in done.stdout:
        raise unittest.SkipTest("this callgate was built without libdw")
    if os.uname().machine != "x86_64":
        raise unittest.SkipTest("only x86-64 is unwound")


class TestCase(support.TestCase):
    def compile(self, source, *arguments, compiler="gcc", name="program"):
        """A program from C or C++ text; its path."""
        suffix = ".cc" if compiler == "g++" else ".c"
        path = self.file(name + suffix, textwrap.dedent(source))
        output = str(self.scratch / name)
        done = run(program(compiler), "-o", output, path, "-pthread", *arguments)
        self.assertEqual(done.status, 0, done.stderr)
        return output

    def stacks(self, *command, syscall="mount", status=0, prefix=(), **options):
        """Runs a command with --stack; the events of the syscall, and standard error."""
        log = self.scratch / "events.jsonl"
        done = run(*prefix, CALLGATE, "run", "--stack", "--log", f"json:{log}", "--", *command,
                   **options)
        self.assertEqual(done.status, status, done.stderr)
        found = [event for event in events(log.read_text(), "syscall")
                 if event["syscall.name"] == syscall]
        self.assertTrue(found, done.stderr)
        return found, done.stderr

    def stack(self, *command, **options):
        """The first of them."""
        return self.stacks(*command, **options)[0][0]

    def assert_path(self, event, *names):
        """The names are in the stack, in this order, others between them."""
        rest = iter(symbols(event))
        for name in names:
            self.assertTrue(any(name in symbol for symbol in rest), (name, event["stack"]))


class Languages(TestCase):
    def test_c(self):
        for flags in (["-O0"], ["-O2"], ["-O2", "-fomit-frame-pointer"],
                      ["-O2", "-fno-omit-frame-pointer"], ["-O2", "-static"],
                      ["-O0", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]):
            with self.subTest(flags=flags):
                event = self.stack(self.compile(C, *flags))
                self.assert_path(event, "mount", "deny_me", "middle", "main", "_start")
                self.assertNotIn("scan", [frame["how"] for frame in event["stack"]])

    def test_c_without_frames(self):
        """Neither information nor frame pointers: what is left says that it was scanned."""
        event = self.stack(self.compile(C, "-O2", "-fno-asynchronous-unwind-tables",
                                        "-fno-unwind-tables", "-fomit-frame-pointer"))
        self.assert_path(event, "mount", "deny_me", "middle", "main")
        found = {frame.get("symbol"): frame["how"] for frame in event["stack"]}
        self.assertEqual(found["middle"], "scan")

    def test_stripped(self):
        """Without symbols the offset leads to the function all the same."""
        path = self.compile(C, "-O2", "-g")
        names = run(program("nm"), path)
        start = int(re.search(r"(\w+) T deny_me", names.stdout).group(1), 16)
        self.assertEqual(run(program("strip"), path).status, 0)
        event = self.stack(path)
        frame = event["stack"][1]
        self.assertEqual(frame["module"], path)
        self.assertNotIn("symbol", frame)
        self.assertTrue(start < int(frame["offset"], 16) < start + 64, frame)

    def test_build_id(self):
        path = self.compile(C, "-O2", "-Wl,--build-id=0x0123456789abcdef")
        self.assertEqual(self.stack(path)["stack"][1]["build_id"], "0123456789abcdef")

    def test_cpp_thread(self):
        event = self.stack(self.compile(CPP, "-O2", compiler="g++"))
        self.assert_path(event, "mount", "Widget7remount", "clone")
        self.assertNotEqual(event["process.tid"], event["process.pid"])

    def test_go(self):
        go = program("go")
        source = self.file("main.go", textwrap.dedent(GO))
        output = str(self.scratch / "program")
        environment = dict(os.environ, GOCACHE=str(self.scratch / "cache"), GO111MODULE="off",
                           HOME=str(self.scratch))
        for flags in ([], ["-ldflags=-s -w"]):
            with self.subTest(flags=flags):
                done = run(go, "build", *flags, "-o", output, source, env=environment)
                self.assertEqual(done.status, 0, done.stderr)
                event = self.stack(output)
                if not flags:
                    self.assert_path(event, "syscall.Mount", "main.denyMe", "main.main",
                                     "runtime.goexit")
                self.assertNotIn("scan", [frame["how"] for frame in event["stack"][:8]])

    def test_python(self):
        code = "import ctypes; ctypes.CDLL(None).mount(b'none', b'/nonexistent', b'tmpfs', 0, None)"
        event = self.stack("/usr/bin/python3", "-c", code)
        self.assert_path(event, "mount", "ffi_call", "_PyEval_EvalFrameDefault", "Py_BytesMain",
                         "_start")

    def test_perl(self):
        code = 'my ($a, $b, $c) = ("none", "/nonexistent", "tmpfs"); syscall(165, $a, $b, $c, 0, 0)'
        event = self.stack(program("perl"), "-e", code)
        self.assert_path(event, "syscall", "Perl_pp_syscall", "perl_run", "main", "_start")

    def test_node(self):
        event = self.stack(program("node"), "-e", "process.exit(0)", syscall="clone3")
        self.assert_path(event, "pthread_create", "node5Start", "_start")

    def test_java(self):
        event = self.stack(program("java"), "-version", syscall="clone3")
        self.assert_path(event, "pthread_create")


class Places(TestCase):
    def test_text(self):
        """Below the line of a kind that is shown first, and not again."""
        path = self.compile(C)
        _events, stderr = self.stacks("sh", "-c", f"{path}; {path}")
        lines = frame_lines(stderr)
        self.assertRegex(lines[0], r"^libc\.so\.6 mount\+0x\w+$")
        self.assertRegex(lines[1], r"^program deny_me\+0x\w+$")
        self.assertRegex(lines[2], r"^program middle\+0x\w+$")
        self.assertEqual(sum("deny_me" in line for line in lines), 1)

    def test_explain(self):
        """Lines of source come late, and only from the file that ran."""
        path = self.compile(C, "-g", "-Wl,--build-id")
        line = json.dumps(self.stack(path))
        text = support.callgate("explain", line).stdout
        self.assertRegex(text, r"#1\s+deny_me\+0x\w+\s+\S+/program\+0x\w+\s+\S*/program\.c:5\s")
        self.assertRegex(text, r"#3\s+main\+0x\w+\s+\S+/program\+0x\w+\s+\S*/program\.c:12\s")
        self.compile(C.replace("deny_me", "other_name"), "-g", "-Wl,--build-id")
        text = support.callgate("explain", line).stdout
        self.assertNotIn("program.c", text)
        self.assertIn("deny_me", text)

    def test_repeats(self):
        source = C.replace("return middle", 'for (int i = 0; i < 9; i++) middle("/x"); return middle')
        found, _stderr = self.stacks(self.compile(source, "-O0"))
        self.assertEqual(len(found), 10)
        self.assertEqual(sum("stack" in event for event in found), 5)  # two places
        self.assertEqual({event["stack.missing"] for event in found if "stack" not in event},
                         {"taken at this place before"})

    def test_without(self):
        """A remembered run has the first stacks in its events, and none in its text."""
        log = self.scratch / "events.jsonl"
        path = self.compile(C, "-g")
        state = dict(os.environ, XDG_STATE_HOME=str(self.scratch))
        done = support.callgate("run", "--log", f"json:{log}", "--", path, env=state)
        self.assertEqual(frame_lines(done.stderr), [])
        self.assertIn('"stack":[', log.read_text())
        self.assertRegex(support.callgate("explain", "--last", env=state).stdout,
                         r"WHERE[^?]*deny_me\+0x\w+")
        support.callgate("run", "--no-state", "--log", f"json:{log}", "--", path)
        self.assertNotIn("stack", log.read_text())

    def test_without_it_ends(self):
        """Only so many calls are looked at; the others pay nothing, and say nothing of stacks."""
        source = C.replace("return middle",
                           'for (int i = 0; i < 99; i++) middle("/x"); return middle')
        log = self.scratch / "events.jsonl"
        support.callgate("run", "--quiet", "--log", f"json:{log}", "--", self.compile(source))
        found = events(log.read_text(), "syscall")
        looked = [event for event in found if "stack" in event or "stack.missing" in event]
        self.assertEqual(len(looked), 64)
        self.assertEqual(looked, found[:64])


class BadInput(TestCase):
    def test_stack_pointer_nowhere(self):
        found, stderr = self.stacks(self.compile(NOWHERE, "-O2"))
        self.assertEqual(found[0]["stack.missing"], "the stack pointer points nowhere")
        self.assertIn("callgate:     no stack: the stack pointer points nowhere\n", stderr)

    def test_stuck_stack(self):
        """A worker that cannot read on is replaced, and the call is answered as it should be."""
        support.needs_root()
        below, above = self.scratch / "below", self.scratch / "above"
        below.mkdir()
        above.mkdir()
        (below / "file").write_bytes(bytes(65536))
        server = subprocess.Popen([program("bindfs"), "-f", below, above])
        self.addCleanup(server.wait)
        self.addCleanup(run, "umount", str(above))
        for _ in range(1000):
            if (above / "file").exists() or server.poll() is not None:
                break
            time.sleep(0.01)
        if not (above / "file").exists():
            self.skipTest("no FUSE here")
        self.addCleanup(server.send_signal, signal.SIGCONT)
        path = self.compile(STUCK, "-O1")
        event = self.stack(path, str(above / "file"), str(server.pid))
        self.assertEqual(event["stack.missing"], "the worker was lost while it took it")
        self.assertEqual(event["seccomp.errno_name"], "EPERM")

    def test_dies_at_once(self):
        """The caller is killed by its own parent at any moment; nothing is lost or stuck."""
        path = self.compile(C.replace("return middle", 'for (;;) middle("/x"); return middle'))
        script = f"for i in $(seq 20); do {path} & kill -9 $!; {path} & sleep 0.01; kill -9 $!; done"
        found, _stderr = self.stacks("bash", "-c", script)
        self.assertTrue(any("stack" in event for event in found))

    def test_ends_at_once(self):
        """A stack is unwound when the process and its file are gone."""
        path = self.compile(C)
        for _ in range(5):
            copy = str(self.scratch / "copy")
            shutil.copy(path, copy)
            script = f"rm {copy}; exec 9<&-"
            event = self.stack("sh", "-c", f"exec 9<{copy}; {copy}; {script}")
            self.assert_path(event, "deny_me", "main")

    def test_deleted_and_replaced(self):
        """The file that runs is another than that of its name by now."""
        support.needs_root()
        source = C.replace("return middle", "unlink(argv[0]); symlink(\"/bin/true\", argv[0]);"
                                            "return middle").replace("(void)", "(int c, char **argv)")
        event = self.stack(self.compile("#include <unistd.h>\n" + textwrap.dedent(source)))
        self.assert_path(event, "mount", "deny_me", "middle", "main", "_start")
        self.assertTrue(event["stack"][1]["module"].endswith(" (deleted)"))

    def test_garbage_information(self):
        """Call frame information that is anything at all: the call is told, and the next one."""
        path = self.compile(C)
        sections = run(program("readelf"), "-SW", path).stdout
        where = re.search(r"\.eh_frame +PROGBITS +\w+ (\w+) (\w+)", sections)
        offset, size = (int(number, 16) for number in where.groups())
        for seed in (b"\xff", b"\x00", b"\x7f\x0e\x90"):
            with self.subTest(seed=seed):
                copy = str(self.scratch / "garbage")
                shutil.copy(path, copy)
                with open(copy, "r+b") as file:
                    file.seek(offset)
                    file.write((seed * size)[:size])
                found, _stderr = self.stacks("sh", "-c", f"{copy}; {path}")
                self.assertEqual(len(found), 2)
                self.assertEqual(symbols(found[0])[:2], ["mount", "deny_me"])
                self.assert_path(found[1], "mount", "deny_me", "middle", "main", "_start")

    def test_unwinder_killed(self):
        """Whoever kills the unwinder costs stacks only; another takes its place."""
        support.needs_root()
        path = self.compile(C)
        script = f"""
            {path}
            for unwinder in $(pgrep -P $PPID callgate-unwind); do kill -9 $unwinder; done
            {path} x; exit 0
        """
        found, _stderr = self.stacks("bash", "-c", script)
        self.assertEqual(len(found), 2)
        self.assert_path(found[0], "deny_me")
        self.assertTrue("stack" in found[1] or "stack.missing" in found[1])


class Notifications(TestCase):
    def test_unharmed(self):
        """The same results, and every call told, with stacks as without."""
        path = self.compile(STORM, "-O1", "-fno-optimize-sibling-calls")
        for arguments in ([], ["--stack"]):
            with self.subTest(arguments=arguments):
                log = self.scratch / "events.jsonl"
                done = support.callgate("run", *arguments, "--quiet", "--log", f"json:{log}", "--",
                                        path)
                self.assertEqual(done.status, 0)
                lines = events(log.read_text())
                told = [event for event in lines if event.get("syscall.name") == "mount"]
                self.assertEqual(sum(event.get("seccomp.repeat", 1) for event in told), 2000)
                self.assertEqual(lines[-1]["summary.denied"] -
                                 sum(event.get("syscall.name") == "clone3" for event in lines), 2000)

    def test_order(self):
        """An event that waits for its stack keeps its place."""
        path = self.compile(C)
        log = self.scratch / "events.jsonl"
        support.callgate("run", "--stack", "--log", f"json:{log}", "--", "sh", "-c",
                         f"unshare -U true; {path}; unshare -U true; {path}")
        numbers = [event["event.id"].partition("-")[2] for event in events(log.read_text(), "syscall")]
        self.assertEqual(numbers, [str(number) for number in range(1, len(numbers) + 1)])

    def test_status_and_signals(self):
        for script, status in (("exit 7", 7), ("kill -TERM $$", -signal.SIGTERM)):
            done = support.callgate("run", "--stack", "sh", "-c", script)
            self.assertEqual(done.status, status)

    def test_nothing_is_left(self):
        """No process of ours outlives us, and --wait-all does not wait for our own."""
        done = support.callgate("run", "--stack", "--wait-all", "sh", "-c",
                                "(sleep 0.2; unshare -U true) & exit 0")
        self.assertEqual(done.status, 0)
        self.assertIn("unshare", done.stderr)
        found = subprocess.run(["pgrep", "-P", "1", "callgate-unwind"], stdout=subprocess.PIPE,
                               check=False)
        self.assertEqual(found.stdout, b"")


class Surroundings(TestCase):
    def test_unmount(self):
        """What was unwound is not held: the target's file systems can be unmounted after it."""
        support.needs_root()
        profile = self.file("profile.json", '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": '
                                            '[{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}]}')
        path = self.compile("#include <unistd.h>\nint main(void) { return acct(0) == 0; }")
        room = self.scratch / "room"
        room.mkdir()
        script = f"mount -t tmpfs none {room} && cp {path} {room}/program && exec {CALLGATE} run " \
                 f"--stack --profile {profile} sh -c '{room}/program; " \
                 f"for i in $(seq 500); do umount {room} && exit 0; sleep 0.01; done; exit 1'"
        done = run("unshare", "-m", "sh", "-c", script)
        self.assertEqual(done.status, 0, done.stderr)
        self.assertTrue(any("program main" in line for line in frame_lines(done.stderr)))

    def test_chroot(self):
        support.needs_root()
        root = self.scratch / "root"
        root.mkdir()
        shutil.copy(self.compile(C, "-static"), root / "inside")
        event = self.stack("chroot", str(root), "/inside")
        self.assert_path(event, "mount", "deny_me", "middle", "main")

    def test_ordinary_user(self):
        """Files are found by name where the kernel's links take a capability."""
        support.needs_root()
        path = self.compile(C)
        self.scratch.chmod(0o777)
        binary = self.scratch / "callgate"
        shutil.copy(CALLGATE, binary)
        log = self.scratch / "user.jsonl"
        done = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", str(binary),
                   "run", "--stack", "--log", f"json:{log}", path,
                   env=dict(os.environ, HOME=str(self.scratch), XDG_CACHE_HOME=str(self.scratch / "cache")))
        self.assertEqual(done.status, 0, done.stderr)
        event = events(log.read_text(), "syscall")[0]
        self.assert_path(event, "mount", "deny_me", "middle", "main", "_start")


if __name__ == "__main__":
    support.main()
