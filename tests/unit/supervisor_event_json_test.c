/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_json.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "supervisor/events/render.h"
#include "supervisor/events/writer.h"
#include "tests/support/json_line.h"
#include "tests/support/notification.h"

enum { FIELDS_MAX = 48 }; /* more than any row has: an empty one ends it */

static struct notification notification;
static char bytes[WRITER_LINE_MAX + 1];

#define PROFILE_SHA256                                                                             \
	"c702868be15ed64272bca72fe37875b1831aeee0d2a4e0e113f9fce488798760" /* of test_profile, by  \
	                                                                      sha256sum */

/* Fields that many events have alike, as initialisers of struct test_field. */
#define STRING(key, value)                                                                         \
	{                                                                                          \
		key, "\"" value "\""                                                               \
	}
#define COMMON(id, name)                                                                           \
	STRING("schema", "callgate.event/1"), STRING("event.id", "0badcafe-" id),                  \
		STRING("event.name", name), STRING("time", "2026-11-23T16:39:10.622143Z")
#define VERDICT(outcome, verdict, mode, action)                                                    \
	STRING("event.outcome", outcome), STRING("seccomp.verdict", verdict),                      \
		STRING("seccomp.mode", mode), STRING("seccomp.action", action)
#define ERRNO(number, name) { "seccomp.errno", #number }, STRING("seccomp.errno_name", name)
#define NOTIF(continued)                                                                           \
	STRING("seccomp.source", "notify"), { "seccomp.continue", #continued },                    \
		{ "seccomp.racy", "false" }, STRING("seccomp.notif.id", "0xfedcba9876543210"),     \
	{                                                                                          \
		"seccomp.latency_us", "12.345"                                                     \
	}
#define SYSCALL(name, number)                                                                      \
	STRING("syscall.name", name), { "syscall.number", #number },                               \
		STRING("syscall.arch", "SCMP_ARCH_X86_64")
#define CALL(shown) STRING("syscall.ip", "0x7fd1f0ba7e5a"), STRING("syscall.call", shown)
#define RULE(reason, id, line)                                                                     \
	STRING("rule.reason", reason), STRING("rule.id", "my.json#" id),                           \
		STRING("rule.file", "my.json"),                                                    \
	{                                                                                          \
		"rule.line", #line                                                                 \
	}
#define WHY(words) STRING("rule.why", words)
#define PROFILE STRING("profile.name", "my.json"), STRING("profile.sha256", PROFILE_SHA256)
#define KNOWN(why) STRING("seccomp.knowledge", why)
#define CALLER                                                                                     \
	{ "process.tid", "4243" }, STRING("process.executable.name", "sh"),                        \
		STRING("process.executable.path", "/bin/sh"), { "process.pid", "4242" },           \
		{ "process.vpid", "42" }, { "process.parent_pid", "4000" },                        \
		{ "process.user.id", "1000" }, { "process.real_user.id", "1001" },                 \
		{ "process.group.id", "0" }, STRING("process.linux.cap_eff", "0x2000")
#define DOCKER_CAPS                                                                                \
	"[\"CAP_CHOWN\",\"CAP_DAC_OVERRIDE\",\"CAP_FOWNER\",\"CAP_FSETID\",\"CAP_KILL\","          \
	"\"CAP_SETGID\",\"CAP_SETUID\",\"CAP_SETPCAP\",\"CAP_NET_BIND_SERVICE\","                  \
	"\"CAP_NET_RAW\",\"CAP_SYS_CHROOT\",\"CAP_MKNOD\",\"CAP_AUDIT_WRITE\",\"CAP_SETFCAP\"]"
#define ARGUMENT(name, raw, type, value)                                                           \
	{                                                                                          \
		"syscall.args", "[{\"name\":\"" name "\",\"raw\":\"" raw "\",\"type\":\"" type     \
				"\",\"value\":\"" value "\"}]"                                     \
	}
#define UNSHARE ARGUMENT("flags", "0x10000000", "flags", "CLONE_NEWUSER")

static const struct call_row {
	enum mode mode;
	const char *syscall;
	uint64_t args[6];
	struct test_field fields[FIELDS_MAX];
} call_rows[] = {
	{ MODE_ENFORCE,
	  "unshare",
	  { 0x10000000 },
	  { COMMON("7", "syscall"),
	    VERDICT("failure", "deny", "enforce", "SCMP_ACT_ERRNO"),
	    ERRNO(1, "EPERM"),
	    NOTIF(false),
	    SYSCALL("unshare", 272),
	    CALL("unshare(CLONE_NEWUSER)"),
	    UNSHARE,
	    RULE("caps_missing", "default", 2),
	    WHY("default (my.json:8 needs CAP_SYS_ADMIN)"),
	    { "rule.near", "[{\"index\":2,\"line\":8,\"why\":\"needs CAP_SYS_ADMIN\"}]" },
	    PROFILE,
	    KNOWN("makes new namespaces, in which a process holds every capability"),
	    CALLER } },
	{ MODE_COMPLAIN,
	  "unshare",
	  { 0x10000000 },
	  { COMMON("7", "syscall"),
	    VERDICT("success", "would_deny", "complain", "SCMP_ACT_ERRNO"),
	    ERRNO(1, "EPERM"),
	    NOTIF(true),
	    SYSCALL("unshare", 272),
	    CALL("unshare(CLONE_NEWUSER)"),
	    UNSHARE,
	    RULE("caps_missing", "default", 2),
	    WHY("default (my.json:8 needs CAP_SYS_ADMIN)"),
	    { "rule.near", "[{\"index\":2,\"line\":8,\"why\":\"needs CAP_SYS_ADMIN\"}]" },
	    PROFILE,
	    KNOWN("makes new namespaces, in which a process holds every capability"),
	    CALLER } },
	{ MODE_ENFORCE,
	  "umask",
	  { 18 },
	  { COMMON("7", "syscall"),
	    VERDICT("failure", "deny", "enforce", "SCMP_ACT_ERRNO"),
	    STRING("seccomp.return", "0x0"),
	    { "seccomp.errno", "0" },
	    NOTIF(false),
	    SYSCALL("umask", 95),
	    CALL("umask(022)"),
	    ARGUMENT("mask", "0x12", "mode", "022"),
	    RULE("matched", "7", 17),
	    { "rule.index", "7" },
	    WHY("rule my.json:17"),
	    PROFILE,
	    CALLER } },
	{ MODE_ENFORCE,
	  "vhangup",
	  { 0 },
	  { COMMON("7", "syscall"),
	    VERDICT("failure", "deny", "enforce", "SCMP_ACT_ERRNO"),
	    ERRNO(1, "EPERM"),
	    NOTIF(false),
	    SYSCALL("vhangup", 153),
	    CALL("vhangup()"),
	    { "syscall.args", "[]" },
	    RULE("no_match", "default", 2),
	    WHY("default (no rule)"),
	    PROFILE,
	    KNOWN("hangs up the terminal for everybody on it"),
	    CALLER } },
	{ MODE_ENFORCE,
	  "personality",
	  { 0 },
	  { COMMON("7", "syscall"),
	    VERDICT("failure", "deny", "enforce", "SCMP_ACT_NOTIFY"),
	    ERRNO(1, "EPERM"),
	    NOTIF(false),
	    SYSCALL("personality", 135),
	    CALL("personality(PER_LINUX)"),
	    ARGUMENT("persona", "0x0", "flags", "PER_LINUX"),
	    RULE("notify_no_match", "5", 14),
	    { "rule.index", "5" },
	    WHY("no rule for SCMP_ACT_NOTIFY (my.json:14)"),
	    PROFILE,
	    KNOWN("switches on rarely tested paths of the kernel; the common values are allowed"),
	    CALLER } },
};

static struct text render(const struct event *told, uint64_t note)
{
	static char call_bytes[TALLY_CALL_MAX + 1];
	struct text line = TEXT_OVER(bytes), call = TEXT_OVER(call_bytes);
	struct event event = *told;

	if (event.kind == EVENT_SYSCALL && !event.call) {
		render_call(&call, event.notification);
		event.call = &call;
	}
	event_json(&line, &event, note);
	return line;
}

static void test_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(call_rows); i++) {
		struct test_session test;
		struct event event;
		struct text line;

		test_session_open(&test, "my.json", test_profile, call_rows[i].mode);
		test_call(&notification, &test, call_rows[i].syscall, call_rows[i].args);
		event = test_event(&test, &notification, 7);
		line = render(&event, 0);
		test_assert_line(&line, call_rows[i].fields);
		test_session_close(&test);
	}
}

static const struct reason_row {
	const char *syscall;
	uint64_t args[6];
	const char *reason;
	const char *near; /* why of the first, or NULL */
} reason_rows[] = {
	{ "socket", { 38 }, "args_mismatch", "domain < 38" },
	{ "clone", { 0x10000011 }, "args_mismatch", "flags & 0x7e020000 == 0" },
	{ "ptrace", { 0 }, "kernel_older", "needs Linux 99.1" },
	{ "mount", { 0 }, "caps_missing", "needs CAP_SYS_ADMIN" },
	{ "chroot", { 0 }, "caps_missing", "needs CAP_SYS_PTRACE and CAP_SYS_ADMIN" },
	{ "swapon", { 0 }, "excluded", "is excluded here" },
	{ "acct", { 0 }, "arch_mismatch", "is for another architecture" },
	{ "keyctl", { 0 }, "matched", NULL },
	{ "cachestat", { 0 }, "newer", NULL },
};

static void test_reasons(void **state)
{
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(reason_rows); i++) {
		struct event event;
		struct text line;
		cJSON *object;
		const cJSON *near;

		test_call(&notification, &test, reason_rows[i].syscall, reason_rows[i].args);
		event = test_event(&test, &notification, 1);
		line = render(&event, 0);
		object = test_parse_line(&line);
		assert_string_equal(cJSON_GetObjectItem(object, "rule.reason")->valuestring,
		                    reason_rows[i].reason);
		near = cJSON_GetObjectItem(object, "rule.near");
		if (reason_rows[i].near)
			assert_string_equal(cJSON_GetObjectItem(near->child, "why")->valuestring,
			                    reason_rows[i].near);
		else
			assert_null(near);
		cJSON_Delete(object);
	}
	test_session_close(&test);
}

/* What continues was read from memory that may have been another when the kernel read it. */
static void test_racy(void **state)
{
	static const struct {
		enum verdict_kind kind;
		enum allow_by allow_by;
		bool continued, racy;
	} rows[] = {
		{ VERDICT_DENY, ALLOW_BY_CONTINUE, false, false },
		{ VERDICT_KILL, ALLOW_BY_CONTINUE, false, false },
		{ VERDICT_RETURN, ALLOW_BY_CONTINUE, false, false },
		{ VERDICT_WOULD, ALLOW_BY_CONTINUE, true, true },
		{ VERDICT_ALLOW, ALLOW_BY_CONTINUE, true, true },
		{ VERDICT_ALLOW, ALLOW_BY_PERFORM, false, false },
		{ VERDICT_ALLOW, ALLOW_BY_FREEZE, true, false },
	};
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event event;
		struct text line;
		cJSON *object;

		test_call(&notification, &test, "chroot", (uint64_t[6]){ 4096 });
		test_memory(&notification, 0, "/a", 2);
		notification.verdict.kind = rows[i].kind;
		notification.verdict.allow_by = (uint8_t)rows[i].allow_by;
		notification.verdict.value = -5;
		event = test_event(&test, &notification, 1);
		line = render(&event, 0);
		object = test_parse_line(&line);
		assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(object, "seccomp.continue")),
		                 rows[i].continued);
		assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(object, "seccomp.racy")),
		                 rows[i].racy);
		if (rows[i].kind == VERDICT_RETURN)
			assert_string_equal(
				cJSON_GetObjectItem(object, "seccomp.return")->valuestring,
				"0xfffffffffffffffb");
		else
			assert_null(cJSON_GetObjectItem(object, "seccomp.return"));
		cJSON_Delete(object);
	}
	test_session_close(&test);
}

static void test_strings_of_the_target(void **state)
{
	struct test_session test;
	struct event event;
	struct text line;
	cJSON *object;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "umask", NULL);
	memcpy(notification.caller.comm, "\"\n\x1b\xff\xe2\x80\xae", 8);
	memcpy(notification.caller.exe, "/\0x", 3);
	notification.caller.exe_length = 3;
	event = test_event(&test, &notification, 1);
	line = render(&event, 0);
	assert_null(strchr(line.bytes, '\x1b'));
	object = test_parse_line(&line);
	assert_string_equal(cJSON_GetObjectItem(object, "process.executable.name")->valuestring,
	                    "\"\n\x1b\xef\xbf\xbd\xe2\x80\xae");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(object, "lossy")));
	cJSON_Delete(object);
	test_session_close(&test);
}

static void test_a_caller_that_was_not_read(void **state)
{
	struct test_session test;
	struct event event;
	struct text line;
	cJSON *object;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "umask", NULL);
	memset(&notification.caller, 0, sizeof(notification.caller));
	event = test_event(&test, &notification, 1);
	line = render(&event, 0);
	object = test_parse_line(&line);
	assert_int_equal(cJSON_GetObjectItem(object, "process.tid")->valueint, 4243);
	assert_null(cJSON_GetObjectItem(object, "process.pid"));
	assert_null(cJSON_GetObjectItem(object, "process.user.id"));
	assert_null(cJSON_GetObjectItem(object, "process.executable.path"));
	cJSON_Delete(object);
	test_session_close(&test);
}

/* The longest strings everywhere: the arguments' values go, the line stays. */
static void test_the_longest_event_fits(void **state)
{
	static char name[3000], memory[NOTIFICATION_BYTES / 2];
	struct test_session test;
	struct event event;
	struct text line;
	cJSON *object;

	(void)state;
	memset(name, '\x01', sizeof(name) - 1);
	memset(memory, '\x01', sizeof(memory)); /* six bytes of JSON each */
	test_session_open(&test, name, test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "mount",
	          (uint64_t[6]){ UINT64_MAX, UINT64_MAX, 0, UINT64_MAX, 0, UINT64_MAX });
	test_memory(&notification, 0, memory, sizeof(memory));
	test_memory(&notification, 1, memory, sizeof(memory));
	memset(notification.caller.comm, '\x01', CALLER_COMM_SIZE);
	memset(notification.caller.exe, '\x01', CALLER_EXE_MAX);
	notification.caller.exe_length = UINT16_MAX; /* more than there is */
	event = test_event(&test, &notification, UINT64_MAX);
	line = render(&event, 0);
	object = test_parse_line(&line);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(object, "syscall.args.truncated")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "syscall.args")), 6);
	assert_non_null(cJSON_GetObjectItem(object, "process.user.id"));
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(object, "truncated")));
	cJSON_Delete(object);
	test_session_close(&test);
}

/* The longest that a shown call may be, of characters that are two bytes each, after one of one. */
static void test_a_long_call_is_cut(void **state)
{
	char call_bytes[TALLY_CALL_MAX + 1];
	struct text line, call = TEXT_OVER(call_bytes);
	struct test_session test;
	struct event event;
	cJSON *object;

	(void)state;
	text_string(&call, "x");
	while (!call.overflow)
		text_string(&call, "\xc3\xa9");
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "umask", NULL);
	event = test_event(&test, &notification, 1);
	event.call = &call;
	line = render(&event, 0);
	object = test_parse_line(&line);
	assert_int_equal(strlen(cJSON_GetObjectItem(object, "syscall.call")->valuestring), 1999);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(object, "syscall.call.truncated")));
	assert_null(cJSON_GetObjectItem(object, "lossy"));
	cJSON_Delete(object);
	test_session_close(&test);
}

static void test_notes(void **state)
{
	struct test_session test;
	const struct note_row {
		struct event event;
		struct test_field fields[FIELDS_MAX];
	} rows[] = {
		{ { .kind = EVENT_START, .start = { 77, "0::/a" } },
		  { COMMON("n5", "target.start"),
		    { "seccomp.mode", "\"enforce\"" },
		    { "rule.file", "\"my.json\"" },
		    PROFILE,
		    STRING("profile.arch", "SCMP_ARCH_X86_64"),
		    STRING("profile.kernel", "6.1"),
		    { "profile.capabilities", DOCKER_CAPS },
		    STRING("process.command", "prog"),
		    { "process.pid", "77" },
		    STRING("process.linux.cgroup", "0::/a") } },
		{ { .kind = EVENT_WARNING, .message = "a \"b\"\n" },
		  { COMMON("n5", "supervisor.warning"), { "message", "\"a \\\"b\\\"\\n\"" } } },
		{ { .kind = EVENT_FOLD,
		    .fold = { SCMP_ARCH_X86_64,
		              165,
		              { .kind = VERDICT_DENY, .error = 1, .action = { ACTION_ERRNO, 1 } },
		              120 } },
		  { COMMON("n5", "fold"),
		    VERDICT("failure", "deny", "enforce", "SCMP_ACT_ERRNO"),
		    ERRNO(1, "EPERM"),
		    SYSCALL("mount", 165),
		    { "seccomp.repeat", "120" },
		    { "fold.reason", "\"journal_full\"" } } },
	};

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event event = rows[i].event;
		struct text line;

		event.session = &test.session;
		event.time_ns = TEST_TIME_NS;
		line = render(&event, 5);
		test_assert_line(&line, rows[i].fields);
	}
	test_session_close(&test);
}

static void test_unwritten(void **state)
{
	struct unwritten unwritten = {
		.counts = { [VERDICT_DENY] = 5, [VERDICT_WOULD] = 2, [VERDICT_KIND_COUNT] = 1 },
	};
	const struct test_field fields[] = {
		COMMON("n9", "fold"),
		{ "fold.deny", "5" },
		{ "fold.would_deny", "2" },
		{ "fold.other", "1" },
		{ "seccomp.repeat", "7" },
		{ "fold.reason", "\"sink_full\"" },
		{ NULL, NULL },
	};
	struct text line = TEXT_OVER(bytes);
	struct test_session test;
	struct event event;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	event = (struct event){ .session = &test.session, .time_ns = TEST_TIME_NS };
	event_json_unwritten(&line, &event, 9, &unwritten);
	test_assert_line(&line, fields);
	test_session_close(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_racy),
		cmocka_unit_test(test_strings_of_the_target),
		cmocka_unit_test(test_a_caller_that_was_not_read),
		cmocka_unit_test(test_the_longest_event_fits),
		cmocka_unit_test(test_a_long_call_is_cut),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_unwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
