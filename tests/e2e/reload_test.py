# SPDX-License-Identifier: Apache-2.0
"""`run --policy`: another policy takes over while the target runs, and no call is lost by it."""

import json
import os
import signal
import subprocess
import sys

import support


# Threads that make two calls in turn, of which the policy denies each with the errno that stands for
# its generation. Prints, for each thread, the errnos in their order: equal ones as [errno, count].
STORM = r"""
import ctypes, json, os, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
pairs, threads, rounds, done = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), []
KEYCTL, UMOUNT2 = 250, 166
def storm(go):
    runs = []
    for i in range(pairs):
        if i % (pairs // rounds) == 0:
            go.acquire()
        for number in (KEYCTL, UMOUNT2):
            result = libc.syscall(number, 0x7fff, 0x7fff, 0)
            error = ctypes.get_errno() if result == -1 else 0
            if runs and runs[-1][0] == error:
                runs[-1][1] += 1
            else:
                runs.append([error, 1])
        if (i + 1) % (pairs // rounds) == 0:
            over.release()
    done.append(runs)
print("ready", flush=True)
starts, over = [threading.Semaphore(0) for _ in range(threads)], threading.Semaphore(0)
workers = [threading.Thread(target=storm, args=(go,)) for go in starts]
for worker in workers:
    worker.start()
for _ in range(rounds):
    sys.stdin.readline()
    for go in starts:
        go.release()
    for go in starts:
        over.acquire()
    print("over", flush=True)
for worker in workers:
    worker.join()
print(json.dumps(done), flush=True)
"""

# Makes a call for each line on its standard input, and says what it came to.
ON_DEMAND = r"""
import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
print("ready", flush=True)
for line in sys.stdin:
    number = int(line)
    ctypes.set_errno(0)
    result = libc.syscall(number, 0x7fff, 0x7fff, 0)
    print(errno.errorcode[ctypes.get_errno()] if result == -1 else result, flush=True)
"""

KEYCTL, UMOUNT2, UMASK = 250, 166, 95

# The same, while another thread opens a FIFO that nobody writes to; what it came to is said last.
OPENING = r"""
import errno, os, sys, threading
def read():
    try:
        outcome.append(open(sys.argv[1], "rb", 0).read())
    except OSError as error:
        outcome.append(errno.errorcode[error.errno])
outcome = []
reader = threading.Thread(target=read)
reader.start()
""" + ON_DEMAND + r"""
reader.join()
print(*outcome)
"""


def deny(error, *names, **others):
    return dict({"names": list(names or ("keyctl",)), "action": "errno", "errnoRet": error}, **others)


def policy_text(*rules, **root):
    return json.dumps(dict(root, rules=list(rules)))


class Running:
    """A `callgate run --policy` whose events are read as they come."""

    def __init__(self, test, policy, *command, options=()):
        read, write = os.pipe()
        arguments = [support.CALLGATE, "run", "--quiet", "--profile", "none", "--policy", policy,
                     "--log", f"json:fd:{write}", *options, "--", *command]
        self.process = subprocess.Popen(arguments, pass_fds=[write], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(write)
        self.log = os.fdopen(read, encoding="utf-8")
        self.seen = []
        test.addCleanup(self.close)
        assert self.process.stdout.readline() == "ready\n", self.process.stderr.read()

    def close(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr, self.log):
            stream.close()

    def event(self, name):
        """The next event of that name; those before it are in self.seen."""
        for line in self.log:
            event = json.loads(line)
            if event["event.name"] == name:
                return event
            self.seen.append(event)
        raise AssertionError(f"no {name}: {self.process.stderr.read()}")

    def rest(self):
        """Every event but policy.reload, to the end of the run."""
        return self.seen + [json.loads(line) for line in self.log]

    def reloaded(self):
        return self.event("policy.reload")

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def call(self, number):
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def worker(self):
        """The pid of the worker; None while one takes over from another."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(children, encoding="ascii") as pids:
            for pid in pids.read().split():
                try:
                    with open(f"/proc/{pid}/comm", encoding="ascii") as comm:
                        if comm.read() == "callgate-worker\n":
                            return int(pid)
                except (FileNotFoundError, ProcessLookupError):
                    pass
        return None

    def finish(self):
        """Ends the target; what it wrote, and all events that are left."""
        out, err = self.process.communicate(timeout=support.TIMEOUT)
        return self.process.returncode, out, err


class ReloadTestCase(support.TestCase):
    def policy(self, *rules, **root):
        return self.file("policy.json", policy_text(*rules, **root))

    def replace(self, path, text):
        """Another file takes the place, as editors and configuration tools do it."""
        fresh = f"{path}.new"
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(fresh, path)

    def on_demand(self, policy, **options):
        return Running(self, policy, sys.executable, "-c", ON_DEMAND, **options)


class Triggers(ReloadTestCase):
    def test_written_in_place(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        self.assertEqual(running.call(KEYCTL), "EIO")
        with open(path, "w", encoding="utf-8") as file:
            file.write(policy_text(deny("EACCES"), deny("EBUSY", "umount2")))
        event = running.reloaded()
        self.assertEqual(event["event.outcome"], "success")
        self.assertEqual((event["policy.trigger"], event["policy.generation"]), ("file", 2))
        self.assertEqual((event["policy.file"], event["policy.rules"]), (path, 2))
        self.assertEqual(running.call(KEYCTL), "EACCES")

    def test_replaced(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        self.replace(path, policy_text(deny("EACCES")))
        self.assertEqual(running.reloaded()["policy.generation"], 2)
        self.assertEqual(running.call(KEYCTL), "EACCES")
        self.replace(path, policy_text(deny("EXDEV")))
        self.assertEqual(running.reloaded()["policy.generation"], 3)
        self.assertEqual(running.call(KEYCTL), "EXDEV")

    def test_kubernetes_swaps_a_link(self):
        """A ConfigMap: policy.json -> ..data/policy.json, ..data -> ..N; and ..data is replaced."""
        def version(number, error):
            directory = self.scratch / f"..{number}"
            directory.mkdir()
            (directory / "policy.json").write_text(policy_text(deny(error)), encoding="utf-8")
            link = self.scratch / "..data_tmp"
            link.symlink_to(directory.name)
            link.rename(self.scratch / "..data")
        version(1, "EIO")
        path = self.scratch / "policy.json"
        path.symlink_to("..data/policy.json")
        running = self.on_demand(path)
        self.assertEqual(running.call(KEYCTL), "EIO")
        version(2, "EACCES")
        self.assertEqual(running.reloaded()["event.outcome"], "success")
        self.assertEqual(running.call(KEYCTL), "EACCES")
        version(3, "EXDEV")
        self.assertEqual(running.reloaded()["policy.generation"], 3)
        self.assertEqual(running.call(KEYCTL), "EXDEV")

    def test_written_where_a_link_leads(self):
        (self.scratch / "elsewhere").mkdir()
        real = self.file("elsewhere/real.json", policy_text(deny("EIO")))
        path = self.scratch / "policy.json"
        path.symlink_to(real)
        running = self.on_demand(path)
        self.replace(real, policy_text(deny("EACCES")))
        self.assertEqual(running.reloaded()["event.outcome"], "success")
        self.assertEqual(running.call(KEYCTL), "EACCES")

    def test_hang_up_reloads_and_is_not_passed_on(self):
        """By a process; also where the file has not changed, for somebody wants an answer."""
        running = self.on_demand(self.policy(deny("EIO")))
        running.hang_up()
        event = running.reloaded()
        self.assertEqual((event["policy.trigger"], event["policy.generation"]), ("signal", 2))
        self.assertEqual(running.call(KEYCTL), "EIO")

    def test_no_reload(self):
        """Then a hang-up is the target's."""
        path = self.policy(deny("EIO"))
        running = self.on_demand(path, options=("--no-reload",))
        self.replace(path, policy_text(deny("EACCES")))
        self.assertEqual(running.call(KEYCTL), "EIO")
        running.hang_up()
        self.assertEqual(running.finish()[0], -signal.SIGHUP)

    def test_hang_up_without_a_policy_is_passed_on(self):
        process = subprocess.Popen([support.CALLGATE, "run", "--quiet", "--", "sh", "-c",
                                    "trap 'echo hup; exit 3' HUP; echo ready; while :; do sleep 0.01; done"],
                                   stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.communicate(timeout=support.TIMEOUT)[0], "hup\n")
        self.assertEqual(process.returncode, 3)


class Refusals(ReloadTestCase):
    def refuse(self, text, *expected):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        self.replace(path, text)
        event = running.reloaded()
        self.assertEqual(event["event.outcome"], "failure")
        self.assertEqual(event["policy.generation"], 1)
        for words in expected:
            self.assertIn(words, event["policy.errors"][0])
        self.assertEqual(running.call(KEYCTL), "EIO")
        self.replace(path, policy_text(deny("EACCES")))
        self.assertEqual(running.reloaded()["policy.generation"], 2)
        self.assertEqual(running.call(KEYCTL), "EACCES")

    def test_garbage(self):
        self.refuse("\0\1\2 garbage" * 1000, "policy.json:1:1:")

    def test_a_mistake(self):
        self.refuse('{ "rules": [\n  { "names": ["keyctl"], "action": "alow" } ] }',
                    "policy.json:2:", "/rules/0/action", "alow", 'did you mean "allow"')

    def test_a_class_that_takes_a_cgroup(self):
        """A target is in one from its start, or never."""
        moved = deny("EIO", "chdir", args=[{"arg": "path", "op": "path", "value": "/x"}])
        self.refuse(policy_text(moved), "the rules on chdir are of class frozen")

    def test_half_a_file(self):
        self.refuse(policy_text(deny("EACCES"))[:-10], "policy.json:1:")

    def test_a_file_that_is_gone(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        os.unlink(path)
        event = running.reloaded()
        self.assertEqual(event["event.outcome"], "failure")
        self.assertIn("cannot open it", event["policy.errors"][0])
        self.assertEqual(running.call(KEYCTL), "EIO")

    def test_the_terminal_says_it(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path, options=("--log", "text:-"))
        self.replace(path, "{")
        running.reloaded()
        self.replace(path, policy_text(deny("EACCES"), deny("EACCES", "umask")))
        running.reloaded()
        err = running.finish()[2]
        self.assertRegex(err, r"callgate: \S+policy.json:1:2: ")
        self.assertIn("callgate: policy not reloaded: 1 error; keeping generation 1\n", err)
        self.assertRegex(err, r"callgate: policy reloaded: generation 2, 2 rules \(\+1\), sha256:[0-9a-f]{12}\n")
        self.assertIn("callgate: warning: the policy cannot reach umask: ", err)


class Scope(ReloadTestCase):
    def test_what_the_filter_does_not_notify_is_named(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        self.replace(path, policy_text(deny("EACCES"), deny("EACCES", "umask", "umount2")))
        self.assertEqual(running.reloaded()["policy.unreached"], ["umask", "umount2"])
        self.assertEqual(running.call(KEYCTL), "EACCES")
        self.assertNotEqual(running.call(UMASK), "EACCES")

    def test_notify_keeps_a_call_within_reach(self):
        path = self.policy(deny("EIO"), notify=["umount2"])
        running = self.on_demand(path)
        self.assertNotEqual(running.call(UMOUNT2), "EACCES")
        self.replace(path, policy_text(deny("EACCES", "umount2")))
        self.assertEqual(running.reloaded()["policy.unreached"], [])
        self.assertEqual(running.call(UMOUNT2), "EACCES")

    def test_a_limit_goes_on_where_its_rule_stays(self):
        """Three calls for each rule; the reload changes one, and the comment of the other."""
        def limited(name, error, **others):
            return deny(error, name, limit={"count": 3, "seconds": 3600}, **others)
        path = self.policy(limited("keyctl", "EIO"), limited("umount2", "EIO"),
                           deny("EXDEV", "keyctl", "umount2"))
        running = self.on_demand(path)
        for number in (KEYCTL, UMOUNT2):
            self.assertEqual([running.call(number) for _ in range(2)], ["EIO", "EIO"])
        self.replace(path, policy_text(limited("umount2", "EBUSY"),
                                       limited("keyctl", "EIO", comment="the same"),
                                       deny("EXDEV", "keyctl", "umount2")))
        running.reloaded()
        self.assertEqual([running.call(KEYCTL) for _ in range(3)], ["EIO", "EXDEV", "EXDEV"])
        self.assertEqual([running.call(UMOUNT2) for _ in range(4)],
                         ["EBUSY", "EBUSY", "EBUSY", "EXDEV"])

    def test_a_call_that_is_being_made_for_the_target(self):
        """An open of a FIFO may take for ever: it is not waited for, and fails as where the one who
        makes it dies; no other call does."""
        support.needs_root()
        fifo = self.scratch / "fifo"
        os.mkfifo(fifo)
        looks_at_paths = {"names": ["open", "openat"], "action": "errno", "errnoRet": "EXDEV",
                          "args": [{"arg": "pathname", "op": "path", "value": "/nonexistent/**"}]}
        path = self.policy(deny("EIO"), looks_at_paths)
        running = Running(self, path, sys.executable, "-c", OPENING, str(fifo))
        self.assertEqual(running.call(KEYCTL), "EIO")
        self.replace(path, policy_text(deny("EACCES"), looks_at_paths))
        running.hang_up()
        self.assertEqual(running.reloaded()["event.outcome"], "success")
        self.assertEqual(running.call(KEYCTL), "EACCES")
        running.process.stdin.close()
        self.assertEqual(running.process.stdout.readline(), "EIO\n")

    def test_events_name_the_rule_that_decided(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        running.call(KEYCTL)
        self.replace(path, "\n\n" + policy_text(deny("EACCES")))
        running.reloaded()
        running.call(KEYCTL)
        (before,) = [event for event in running.seen if event["event.name"] == "syscall"]
        after = running.event("syscall")
        self.assertEqual((before["policy.generation"], before["rule.line"]), (1, 1))
        self.assertEqual((after["policy.generation"], after["rule.line"]), (2, 3))

    def test_another_profile_takes_another_start(self):
        path = self.policy(deny("EIO"))
        running = self.on_demand(path)
        self.replace(path, policy_text(deny("EACCES"), profile="docker-default"))
        running.reloaded()
        self.assertIn("names profile docker-default", running.event("supervisor.warning")["message"])


class Storms(ReloadTestCase):
    # The calls come in as many rounds as there are reloads, each while a policy is read, for they
    # would else be over before the events of the first reloads are.
    RELOADS = 100
    THREADS, PAIRS = 4, 12500

    def policy_of(self, number):
        """Each denies both calls, with an errno that no other has."""
        return policy_text(deny(number, "keyctl", "umount2"), name=str(number))

    def storm(self, meddle=None):
        """Reloads all through a storm of calls; what each thread got, and the events."""
        path = self.policy()
        self.replace(path, self.policy_of(1))
        running = Running(self, path, sys.executable, "-c", STORM, str(self.PAIRS),
                          str(self.THREADS), str(self.RELOADS))
        for number in range(2, self.RELOADS + 2):
            self.replace(path, self.policy_of(number))
            running.go_on()
            running.hang_up()
            if meddle:
                meddle(running)
            while running.reloaded()["policy.name"] != str(number):
                pass
            self.assertEqual(running.process.stdout.readline(), "over\n")
        threads = json.loads(running.process.stdout.readline())
        events = running.rest()
        status, _, err = running.finish()
        self.assertEqual(status, 0, err)
        return threads, events

    def check(self, threads, events):
        """Each call was denied by one policy, and never by an older one than the call before it;
        and each was told or counted, as what it was."""
        for runs in threads:
            self.assertEqual(sum(count for _, count in runs), 2 * self.PAIRS)
            errors = [error for error, _ in runs]
            self.assertEqual(errors, sorted(errors))
            self.assertTrue(set(errors) <= set(range(1, self.RELOADS + 2)), errors)
        self.assertGreater(max(len(runs) for runs in threads), self.RELOADS // 4)
        told = 0
        for event in events:
            told += event.get("seccomp.repeat", 1) if event["event.name"] in ("syscall", "fold") else 0
            if event["event.name"] == "syscall":
                self.assertEqual(str(event["seccomp.errno"]), event["policy.name"])
        self.assertEqual(told, self.THREADS * self.PAIRS * 2)

    def test_no_call_is_lost_in_a_hundred_reloads(self):
        self.check(*self.storm())

    def test_nor_where_workers_are_killed_meanwhile(self):
        killed = set()

        def kill_worker(running):
            worker = running.worker()
            if worker:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
        self.check(*self.storm(kill_worker))
        self.assertGreater(len(killed), self.RELOADS // 2)


if __name__ == "__main__":
    support.main()
