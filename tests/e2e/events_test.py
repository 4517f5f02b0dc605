#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Events: what callgate writes, docs/events.schema.json and docs/events.md say the same."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import jsonschema

import support

DOCS = support.ROOT / "docs"
LINE_MAX = 16 << 10

# Makes one call by number, COUNT times, with its words as numbers or, after "s", as strings; with
# "stop" the keeper, which is the parent, is stopped meanwhile and gets no event.
CALLS = """
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
count, stop, words = int(sys.argv[1]), sys.argv[2] == "stop", sys.argv[3:]
values = [word[1:].encode("utf-8", "surrogateescape") if word[0] == "s" else
          ctypes.c_long(int(word, 0)) for word in words]
if stop:
    os.kill(os.getppid(), signal.SIGSTOP)
for _ in range(count):
    libc.syscall(*values)
if stop:
    os.kill(os.getppid(), signal.SIGCONT)
print("done", flush=True)
"""

KEYCTL, MOUNT, PERSONALITY, SOCKET, UMASK, UNSHARE = "250", "165", "135", "41", "95", "272"
NEWER = "700"


def calls(*words, count=1, stop=False):
    return [sys.executable, "-c", CALLS, str(count), "stop" if stop else "", *words]


def rule(name, action="SCMP_ACT_ALLOW", **others):
    return dict({"names": [name], "action": action}, **others)


# A rule for each way in which a call is decided; programs run under it.
PROFILE = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
        rule("umask", "SCMP_ACT_ERRNO", errnoRet=0),
        rule("personality", "SCMP_ACT_NOTIFY"),
        rule("mount", "SCMP_ACT_ERRNO", errnoRet=13),
        # Ranges of this shape are not left to libseccomp: callgate decides them, and kills.
        rule("keyctl", "SCMP_ACT_KILL_PROCESS",
             args=[{"index": 0, "op": "SCMP_CMP_GT", "value": 0x7000}]),
        rule("keyctl", "SCMP_ACT_KILL_PROCESS",
             args=[{"index": 0, "op": "SCMP_CMP_LT", "value": 3},
                   {"index": 1, "op": "SCMP_CMP_GT", "value": 7}]),
    ],
}


# A rule for each way in which a policy decides.
POLICY = {
    "name": "ways",
    "rules": [
        {"names": ["umask"], "action": "return", "value": 7},
        {"names": ["keyctl"], "action": "allow", "log": True},
        {"names": ["personality"], "action": "ask"},
    ],
}

def log_of(*arguments):
    """The events of `callgate run ARGUMENT...`, as lines; read only after the command is done, so
    that a sink that is too full says so. A process whose pid the command says is killed."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as log:
        command = [support.CALLGATE, "run", "--quiet", "--log", f"json:fd:{write}", *arguments]
        process = subprocess.Popen(command, pass_fds=[write], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.close(write)
        said = process.stdout.readline()
        if said.strip().isdigit():  # it holds the log open too
            process.wait(timeout=support.TIMEOUT)
            os.kill(int(said), signal.SIGKILL)
        lines = log.read().splitlines(keepends=True)
        process.stdout.close()
        if process.wait(timeout=support.TIMEOUT) == 125:
            raise AssertionError(f"callgate run {arguments} does not start")
    return lines


def unwinds():
    """Not where callgate was built without libdw."""
    return "without libdw" not in support.callgate("--version").stdout


def reloads():
    """The events of a run whose policy is read again, well and badly."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
        def write(text):
            policy.seek(0)
            policy.truncate()
            policy.write(text)
            policy.flush()
        write(json.dumps(POLICY))
        read, write_end = os.pipe()
        command = [support.CALLGATE, "run", "--quiet", "--log", f"json:fd:{write_end}", "--profile",
                   "none", "--policy", policy.name, "--", "sh", "-c", "echo ready; read line"]
        with subprocess.Popen(command, pass_fds=[write_end], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process, \
                os.fdopen(read, "rb") as log:
            os.close(write_end)
            process.stdout.readline()
            lines = [log.readline()]
            for text, outcome in ((json.dumps({"rules": [rule("reboot")]}), b"success"),
                                  ("{", b"failure")):
                write(text)
                process.send_signal(signal.SIGHUP)
                while b'"event.outcome":"' + outcome not in lines[-1]:
                    lines.append(log.readline())
            process.stdin.close()
            return lines + log.readlines()


def without_calls(lines):
    """Of a storm: thousands of calls are alike."""
    return [line for line in lines if b'"event.name":"syscall"' not in line]


@functools.lru_cache(maxsize=None)
def every_kind():
    """Lines of every event, and of every way in which a call can be decided and told."""
    with tempfile.TemporaryDirectory() as directory:
        def file(name, content):
            path = pathlib.Path(directory, name)
            path.write_text(json.dumps(content), encoding="utf-8")
            return str(path)

        ours = ["--profile", file("profile", PROFILE), "--"]
        by_policy = ["--profile", "none", "--policy", file("policy", POLICY), "--"]
        left_running = ["sh", "-c", "sleep 60 >/dev/null & echo $!"]
        return [
            *log_of("--", *calls(KEYCTL, "0x7fff")),
            *log_of("--", *calls(SOCKET, "38", "5", "0")),
            *log_of("--", *calls(UNSHARE, "0x10000000")),
            *log_of("--as", "podman", "--", *calls(NEWER)),
            *log_of("--", *calls(NEWER)),
            *log_of("--mode", "complain", "--", *calls(MOUNT, "snone", "s/nowhere", "stmpfs", "0")),
            *log_of("--", *calls(MOUNT, "s" + "\udcff" * 3000, "1", "s" + "\x01" * 65536, "0", "0")),
            *log_of(*ours, *calls(UMASK, "18")),
            *log_of(*ours, *calls(PERSONALITY, "0")),
            *log_of(*ours, *calls(MOUNT, "0", "0", "0", "0", "0")),
            *log_of(*ours, *calls(KEYCTL, "0x7fff")),
            *log_of(*by_policy, *calls(UMASK, "18")),
            *log_of(*by_policy, *calls(KEYCTL, "0x7fff")),
            *log_of(*by_policy, *calls(PERSONALITY, "0")),
            *without_calls(log_of("--", *calls(KEYCTL, "0x7fff", count=6000, stop=True))),
            *without_calls(log_of("--", *calls(KEYCTL, "0x7fff", count=20000))),
            *log_of("--", *left_running),
            *reloads(),
            *(log_of("--stack", "--", *calls(UNSHARE, "0x10000000", count=9)) if unwinds() else []),
        ]


def paths(value, prefix=""):
    """The keys of an event as the page writes them: "summary.list[].event.id". What is decoded
    from an argument has the keys of its type."""
    for key, inner in value.items():
        yield prefix + key
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for element in inner:
                yield from paths(element, f"{prefix}{key}[].")


def schema_paths(properties, prefix=""):
    """The same of the schema, each with its description."""
    for key, inner in properties.items():
        yield prefix + key, inner["description"]
        items = inner.get("items", {}).get("properties", {})
        yield from schema_paths(items, f"{prefix}{key}[].")


def page_tables():
    """The tables of the page: {heading: {field: meaning}}."""
    tables, heading = {}, None
    for line in (DOCS / "events.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:].strip("`")
        row = re.fullmatch(r"\| `([^`]+)` \| \w+ \| (.+) \|", line)
        if row:
            tables.setdefault(heading, {})[row[1]] = row[2]
    return tables


SCHEMA = json.loads((DOCS / "events.schema.json").read_text(encoding="utf-8"))
EVENTS = {name: definition for name, definition in SCHEMA["$defs"].items()
          if "properties" in definition and name != "asked"}
COMMON = "Every event"


class Documents(support.TestCase):
    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_the_page_says_what_the_schema_says(self):
        expected = {name: dict(schema_paths(definition["properties"]))
                    for name, definition in EVENTS.items()}
        expected[COMMON] = dict(schema_paths(SCHEMA["properties"]))
        self.assertEqual(page_tables(), expected)

    def test_every_event_has_its_condition(self):
        named = [branch["if"]["properties"]["event.name"]["const"] for branch in SCHEMA["allOf"]]
        self.assertEqual(named, list(EVENTS))


class Lines(support.TestCase):
    """What callgate writes."""

    # Told of targets that cannot be made here, by rules that look at memory, or by serve (whose own
    # test has them).
    NOT_SHOWN = {
        "target.start": {"oci.process", "oci.bundle"},
        "syscall": {"rule.doubt", "syscall.call.truncated", "syscall.args.truncated",
                    "syscall.args[].upper_bits", "stack.truncated"},
        "fold": {"seccomp.return", "seccomp.asked", "fold.allow", "fold.would_deny", "fold.kill", "fold.return"},
    }

    def events(self):
        return [json.loads(line) for line in every_kind()]

    def test_lines_are_bounded(self):
        for line in every_kind():
            self.assertLessEqual(len(line), LINE_MAX)
            line.decode("utf-8")

    def test_they_are_as_the_schema_has_them(self):
        validator = jsonschema.Draft202012Validator(SCHEMA)
        for event in self.events():
            errors = [error.message for error in validator.iter_errors(event)]
            self.assertEqual(errors, [], event)

    def test_they_have_no_field_that_is_not_written_down(self):
        tables = page_tables()
        for event in self.events():
            known = {**tables[COMMON], **tables[event["event.name"]]}
            self.assertEqual(set(paths(event)) - set(known), set(), event)

    def test_what_is_written_down_is_there(self):
        seen = {}
        for event in self.events():
            seen.setdefault(event["event.name"], set()).update(paths(event))
        for name, table in page_tables().items():
            if name == COMMON:
                continue
            with self.subTest(event=name):
                missing = set(table) - seen[name] - self.NOT_SHOWN.get(name, set())
                if not unwinds():
                    missing = {field for field in missing if not field.startswith("stack")}
                self.assertEqual(missing, set())

    def test_every_way_to_be_told(self):
        def values(key):
            return {event[key] for event in self.events() if key in event}

        self.assertEqual({"deny", "would_deny", "kill", "return", "allow"},
                         values("seccomp.verdict"))
        self.assertEqual({"journal_full", "sink_full"}, values("fold.reason"))
        self.assertLessEqual({"no_match", "args_mismatch", "caps_missing", "matched", "newer",
                              "notify_no_match", "policy", "policy_ask"},
                             values("rule.reason"))

    def test_later_fields_and_events_are_valid(self):
        """Readers of today, given the schema of today, take the lines of a later minor version."""
        validator = jsonschema.Draft202012Validator(SCHEMA)
        first = self.events()[0]
        for later in (dict(first, **{"later.field": {"a": [1]}}),
                      dict(first, **{"event.name": "later.event", "schema": "callgate.event/1.7"})):
            self.assertTrue(validator.is_valid(later))
        self.assertFalse(validator.is_valid(dict(first, schema="callgate.event/2")))

    def test_long_and_hostile_strings_are_marked(self):
        [event] = [event for event in self.events() if event.get("syscall.name") == "mount" and
                   event["seccomp.mode"] == "enforce" and event["profile.name"] == "docker-default"]
        source, target, kind = event["syscall.args"][:3]
        self.assertTrue(source["truncated"] and source["lossy"])
        self.assertTrue(target["unreadable"])
        self.assertTrue(kind["truncated"])
        self.assertEqual(set(kind["value"]), {"\x01"})
        self.assertNotIn("\x01", event["syscall.call"])


if __name__ == "__main__":
    support.main()
