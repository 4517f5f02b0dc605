#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""callgate run: real programs under Docker's default profile do what they do without it."""

import contextlib
import http.server
import os
import socket
import subprocess
import textwrap
import threading
import time

import support
from support import CALLGATE, callgate_run, denials, program, run

DEADLINE = 30


# Docker answers ENOSYS to clone3, whose flags a filter cannot see; the C library then takes clone
# to start a thread. Nothing is amiss, but denied it was.
CLONE3 = ("clone3",)


class TestCase(support.TestCase):
    def same(self, *command, denied=(), **options):
        """Runs a command bare and under callgate. Denials are those of the syscalls in denied."""
        bare = run(*command, **options)
        supervised = callgate_run(*command, **options)
        self.assertEqual((supervised.status, supervised.stdout), (bare.status, bare.stdout),
                         supervised.stderr)
        self.assertEqual(support.without_own_lines(supervised.stderr), bare.stderr)
        self.only_denied(supervised.stderr, denied)
        return supervised

    def only_denied(self, stderr, names=()):
        others = [denial for denial in denials(stderr)
                  if denial.call.partition("(")[0] not in names]
        self.assertEqual(others, [])
        if not names:
            self.assertEqual(support.own_lines(stderr), [])


class Languages(TestCase):
    def test_bash(self):
        self.same("bash", "-c", 'for i in {1..50}; do (echo $i | cat); done; wait; exec 9<>/dev/null; '
                                "printf '%s\\n' /usr/bin/*[a-c] | sort | tail -n 3; exit 4")

    def test_python_threads_and_subprocesses(self):
        code = """
            import concurrent.futures, hashlib, multiprocessing, subprocess, tempfile, threading
            total = []
            threads = [threading.Thread(target=lambda i=i: total.append(i)) for i in range(50)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print(sum(total))
            print(subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                print(list(pool.map(lambda n: hashlib.sha256(bytes(n)).hexdigest()[:8], range(9))))
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(abs, range(-5, 5)))
            with tempfile.TemporaryFile() as file:
                file.write(b"x" * 100000); file.seek(0); print(len(file.read()))
        """
        self.same("/usr/bin/python3", "-c", textwrap.dedent(code), denied=CLONE3)

    def test_node(self):
        code = """
            const { Worker, isMainThread } = require("worker_threads");
            const { execFileSync } = require("child_process");
            const fs = require("fs");
            console.log(execFileSync("echo", ["child"]).toString());
            new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true })
                .on("message", (answer) => console.log(answer));
            fs.promises.readFile("/etc/passwd").then((text) => console.log(text.length));
        """
        self.same(program("node"), "-e", code, denied=CLONE3)

    def test_perl(self):
        code = 'my $pid = fork; if (!$pid) { exit 3 } waitpid $pid, 0; print $? >> 8, "\\n"; ' \
               'print `echo back`; opendir my $d, "/"; print join ",", sort readdir $d; exit 2'
        self.same(program("perl"), "-e", code)


class Tools(TestCase):
    def test_gcc(self):
        compiler = program("gcc")
        source = self.file("hello.c", '#include <stdio.h>\nint main(void) { puts("hello"); }\n')
        binary = self.scratch / "hello"
        self.same(compiler, "-O2", "-o", str(binary), source)
        self.assertEqual(self.same(str(binary)).stdout, "hello\n")

    def test_git(self):
        script = """
            set -e
            rm -rf repository; git init -q repository; cd repository
            echo text > file; git add file
            git -c user.name=N -c user.email=E commit -q -m message
            git log --format=%s; git status --short; git clone -q . ../clone; rm -rf ../clone
        """
        program("git")
        environment = dict(os.environ, HOME=str(self.scratch), GIT_CONFIG_NOSYSTEM="1")
        self.same("sh", "-c", script, cwd=self.scratch, env=environment)

    def test_sqlite(self):
        script = "create table t(n); with recursive c(n) as (select 1 union all select n + 1 from c " \
                 "limit 10000) insert into t select n from c; select sum(n) from t; drop table t;"
        result = self.same(program("sqlite3"), str(self.scratch / "base"), script)
        self.assertEqual(result.stdout, "50005000\n")

    def test_find(self):
        self.same("find", "/usr/share", "-xdev", "-type", "f", "-newer", "/etc/hostname", "-size", "+64k")

    def test_tar_and_gzip(self):
        result = self.same("sh", "-c", "tar -C /usr/share/perl5 --sort=name -cf - . | gzip -n | "
                                       "tee /dev/stderr 2>/dev/null | gunzip | sha256sum")
        self.assertEqual(result.status, 0)


@contextlib.contextmanager
def served(folder):
    """A web server of ours, outside of any profile; its port."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, directory=folder, **options)

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


class Network(TestCase):
    """No proxy of the environment stands between two ends of one machine."""

    ENVIRONMENT = {name: value for name, value in os.environ.items()
                   if not name.lower().endswith("_proxy")}

    def setUp(self):
        super().setUp()
        self.content = "line\n" * 50000
        self.file("page.txt", self.content)

    def test_curl(self):
        curl = program("curl")
        with served(self.scratch) as port:
            result = self.same(curl, "-sS", f"http://127.0.0.1:{port}/page.txt",
                               env=self.ENVIRONMENT)
        self.assertEqual(result.stdout, self.content)

    def test_wget(self):
        wget = program("wget")
        with served(self.scratch) as port:
            result = self.same(wget, "-q", "-O", "-", f"http://127.0.0.1:{port}/page.txt",
                               env=self.ENVIRONMENT)
        self.assertEqual(result.stdout, self.content)

    def test_python_server_in_callgate(self):
        with self.server("/usr/bin/python3", "-u", "-m", "http.server", "--bind", "127.0.0.1",
                         "-d", str(self.scratch), "0") as child:
            line = child.stdout.readline()
            port = int(line.split(" port ")[1].split()[0])
            self.assertEqual(self.fetch(port), self.content)

    def test_nginx(self):
        nginx = program("nginx")
        port = free_port()
        config = self.file("nginx.conf", NGINX.format(folder=self.scratch, port=port,
                                                      user=nginx_user()))
        with self.server(nginx, "-e", "stderr", "-p", str(self.scratch), "-c", config) as child:
            wait_for(port, child)
            for _ in range(20):
                self.assertEqual(self.fetch(port), self.content)

    @contextlib.contextmanager
    def server(self, *command):
        """A server under callgate until the block ends; it must deny nothing and end by SIGTERM."""
        with open(self.scratch / "stderr", "w+", encoding="utf-8") as stderr:
            child = subprocess.Popen([CALLGATE, "run", "--wait-all", "--", *command], text=True,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
            try:
                yield child
            finally:
                child.terminate()
                child.communicate(timeout=DEADLINE)
            stderr.seek(0)
            self.only_denied(stderr.read(), CLONE3)

    def fetch(self, port):
        url = f"http://127.0.0.1:{port}/page.txt"
        result = run(program("curl"), "-sS", "--max-time", str(DEADLINE), url, env=self.ENVIRONMENT)
        return result.stdout or result.stderr


NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
worker_processes 2;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder};
    }}
}}
"""


def nginx_user():
    """As root the workers become nobody, which is a part of the test."""
    return "user nobody nogroup;" if os.geteuid() == 0 else ""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until(condition, child):
    """Waits for a server that has no other way to say it is ready."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if child.poll() is not None or time.monotonic() > end:
            raise AssertionError("the server does not listen")
        time.sleep(0.02)


def wait_for(port, child):
    def listening():
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0
    until(listening, child)


class Redis(TestCase):
    def test_benchmark_over_a_unix_socket(self):
        server, benchmark = program("redis-server"), program("redis-benchmark")
        path = self.scratch / "socket"
        with open(self.scratch / "stderr", "w+", encoding="utf-8") as stderr:
            child = subprocess.Popen(
                [CALLGATE, "run", "--", server, "--port", "0", "--unixsocket", str(path), "--save",
                 "", "--dir", str(self.scratch), "--logfile", str(self.scratch / "log")],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)
            try:
                until(path.exists, child)
                result = callgate_run(benchmark, "-q", "-n", "2000", "-s", str(path),
                                      "-t", "set,get,lpush")
            finally:
                child.terminate()
                child.wait(DEADLINE)
            stderr.seek(0)
            self.only_denied(stderr.read(), CLONE3)
        self.assertEqual((result.status, support.own_lines(result.stderr)), (0, []))
        self.assertEqual(result.stdout.count("requests per second"), 3, result.stdout)
        self.assertEqual(child.returncode, 0)


class Denied(TestCase):
    """Programs that the profile does break: what callgate is for."""

    def test_bubblewrap(self):
        bwrap = program("bwrap")
        result = callgate_run(bwrap, "--ro-bind", "/", "/", "--unshare-pid", "true")
        self.assertNotEqual(result.status, 0)
        self.assertIn("CLONE_NEWNS", denials(result.stderr)[0].call)

    def test_keyctl(self):
        result = callgate_run(program("keyctl"), "show")
        self.assertNotEqual(result.status, 0)
        self.assertTrue(denials(result.stderr)[0].call.startswith("keyctl("), result.stderr)


if __name__ == "__main__":
    support.main()
