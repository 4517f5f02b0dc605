/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_read.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "supervisor/events/event_json.h"
#include "supervisor/events/render.h"
#include "supervisor/events/writer.h"
#include "tests/support/notification.h"

/* A line of schema 1, of event name, and with members after it. */
#define LINE(name, members)                                                                        \
	"{\"schema\":\"callgate.event/1\",\"event.name\":\"" name "\"" members "}"
#define CALL(members) LINE("syscall", ",\"syscall.name\":\"mount\"" members)

static int parse(const char *line, struct event_record *ret_record)
{
	return event_record_parse(line, strlen(line), ret_record);
}

/* Puts bytes into a file of their own, and gives its path. */
static const char *file_of(const char *bytes, size_t len)
{
	static char path[64];
	static int fd = -EBADF;

	fd_close(fd);
	fd = memfd_create("events", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* ---- our own lines */

static void test_a_line_of_ours(void **state)
{
	static struct notification notification;
	char bytes[WRITER_LINE_MAX + 1], call_bytes[1024];
	struct text line = TEXT_OVER(bytes), call = TEXT_OVER(call_bytes);
	struct test_session test;
	struct event event;
	struct event_record record;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_COMPLAIN);
	test_call(&notification, &test, "unshare", (uint64_t[6]){ 0x10000000 });
	event = test_event(&test, &notification, 7);
	render_call(&call, &notification);
	event.call = &call;
	event_json(&line, &event, 0);
	assert_int_equal(event_record_parse(line.bytes, line.len, &record), 0);
	assert_int_equal(record.kind, EVENT_RECORD_SYSCALL);
	assert_string_equal(record.event_name, "syscall");
	assert_string_equal(record.id, "0badcafe-7");
	assert_int_equal(record.sequence, 7);
	assert_string_equal(record.time, "2026-11-23T16:39:10.622143Z");
	assert_int_equal(record.verdict, VERDICT_WOULD);
	assert_int_equal(record.mode, MODE_COMPLAIN);
	assert_int_equal(record.error, EPERM);
	assert_int_equal(record.count, 1);
	assert_int_equal(record.arch, SCMP_ARCH_X86_64);
	assert_string_equal(record.syscall_name, "unshare");
	assert_int_equal(record.call.nr, 272);
	assert_int_equal(record.call.arch, AUDIT_ARCH_X86_64);
	assert_int_equal(record.call.instruction_pointer, UINT64_C(0x7fd1f0ba7e5a));
	assert_int_equal(record.n_args, 1);
	assert_int_equal(record.call.args[0], 0x10000000);
	assert_string_equal(record.text, "unshare(CLONE_NEWUSER)");
	assert_string_equal(record.profile_name, "my.json");
	assert_string_equal(record.rule_file, "my.json");
	assert_string_equal(record.comm, "sh");
	assert_string_equal(record.exe, "/bin/sh");
	assert_int_equal(record.pid, 4242);
	assert_int_equal(record.tid, 4243);
	assert_int_equal(record.uid, 1000);
	assert_true(record.has_caps);
	assert_int_equal(record.caps, 0x2000);
	assert_non_null(json_member(record.json, "rule.near"));
	event_record_deinit(&record);
	test_session_close(&test);
}

/* What a target put into its strings is read as it was logged. */
static void test_strings_of_the_target(void **state)
{
	static struct notification notification;
	static const char path[] = "/a\0\x1b[2J\xff\\u0000\"\n\xe2\x80\xae";
	char bytes[WRITER_LINE_MAX + 1], call_bytes[1024];
	struct text line = TEXT_OVER(bytes), call = TEXT_OVER(call_bytes);
	struct test_session test;
	struct event event;
	struct event_record record;
	const cJSON *value;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	test_call(&notification, &test, "mount", NULL);
	test_memory(&notification, 0, path, sizeof(path) - 1);
	notification.request.data.args[0] = 4096;
	memcpy(notification.caller.comm, "\x1b]0;x\x07", 7);
	event = test_event(&test, &notification, 1);
	render_call(&call, &notification);
	event.call = &call;
	event_json(&line, &event, 0);
	assert_int_equal(event_record_parse(line.bytes, line.len, &record), 0);
	assert_string_equal(record.comm, "\x1b]0;x\x07");
	value = json_member(json_member(record.json, "syscall.args")->child, "value");
	assert_string_equal(value->valuestring,
	                    "/a\xef\xbf\xbd\x1b[2J\xef\xbf\xbd\\u0000\"\n\xe2\x80\xae");
	assert_null(strchr(record.text, '\x1b'));
	event_record_deinit(&record);
	test_session_close(&test);
}

/* ---- what is no event */

static void test_what_is_no_event(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"\xef\xbb\xbf{}",
		"null",
		"[]",
		"\"callgate.event/1\"",
		"{}",
		"{\"schema\":\"callgate.event/1\"}",
		"{\"schema\":\"callgate.event/1\",\"event.name\":1}",
		"{\"schema\":1,\"event.name\":\"syscall\"}",
		"{\"schema\":\"callgate.event/\",\"event.name\":\"a\"}",
		"{\"schema\":\"callgate.event/0\",\"event.name\":\"a\"}",
		"{\"schema\":\"callgate.event/1x\",\"event.name\":\"a\"}",
		"{\"schema\":\"callgate.event/-1\",\"event.name\":\"a\"}",
		"{\"schema\":\"callgate.event/2\",\"event.name\":\"a\"}",
		"{\"schema\":\"callgate.diff/1\",\"event.name\":\"a\"}",
		LINE("syscall", ""), /* of no syscall */
		LINE("syscall", ",\"syscall.name\":165"),
		LINE("a", ",\"b\":\"\xff\""),         /* not UTF-8 */
		LINE("a", ",\"b\":\"\xed\xa0\x80\""), /* a surrogate */
		LINE("a", ",\"b\":\"\x1b\""),         /* a control character */
		LINE("a", ",\"b\":01"),
		LINE("a", "") LINE("a", ""),                              /* two */
		"{\"schema\":\"callgate.event/1\",\"event.name\":\"sysc", /* cut */
	};
	struct event_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(parse(rows[i], &record), -EBADMSG);
}

/* ---- what is odd, but an event */

/* Of a line that says nothing of these. */
#define NO_VERDICT .verdict = -1, .mode = -1, .count = 1
#define NOTHING NO_VERDICT, .call.nr = -1

static const struct record_row {
	const char *line;
	struct event_record expected; /* without document and json; the names are literals */
} record_rows[] = {
	/* Nothing but what makes it an event. */
	{ CALL(""), { NOTHING, .pid = -1 } },
	/* A later minor version, with members that we do not know. */
	{ "{\"schema\":\"callgate.event/"
	  "1.7\",\"event.name\":\"syscall\",\"syscall.name\":\"mount\","
	  "\"seccomp.verdict\":\"emulate\",\"seccomp.mode\":\"trace\",\"new\":{\"a\":[1]}}",
	  { NOTHING, .pid = -1 } },
	/* The wrong type everywhere. */
	{ CALL(",\"event.id\":7,\"time\":[],\"seccomp.verdict\":0,\"seccomp.mode\":null,"
	       "\"seccomp.errno\":\"1\",\"seccomp.repeat\":\"9\",\"syscall.arch\":3,"
	       "\"syscall.number\":\"165\",\"syscall.ip\":4096,\"syscall.args\":\"a\","
	       "\"syscall.call\":{},\"profile.name\":1,\"rule.file\":2,"
	       "\"process.executable.name\":3,\"process.executable.path\":4,"
	       "\"process.pid\":\"5\",\"process.tid\":{},\"process.user.id\":true,"
	       "\"process.linux.cap_eff\":8192"),
	  { NOTHING, .pid = -1 } },
	/* Numbers that are none of theirs. */
	{ CALL(",\"event.id\":\"a-18446744073709551616\",\"seccomp.errno\":65536,"
	       "\"seccomp.repeat\":-1,\"syscall.number\":2147483648,\"process.pid\":1.5,"
	       "\"syscall.ip\":\"0x10000000000000000\",\"process.tid\":0,"
	       "\"process.user.id\":4294967296,\"process.linux.cap_eff\":\"0x1g\""),
	  { NOTHING, .pid = -1 } },
	{ CALL(",\"seccomp.errno\":-1,\"seccomp.repeat\":1e3,\"syscall.number\":1e300,"
	       "\"process.pid\":-5,\"syscall.ip\":\"0x\",\"process.user.id\":-1,"
	       "\"event.id\":\"a-+7\""),
	  { NOTHING, .pid = -1 } },
	/* The last numbers that are. */
	{ CALL(",\"event.id\":\"a-b-18446744073709551615\",\"seccomp.errno\":65535,"
	       "\"seccomp.repeat\":18446744073709551615,\"syscall.number\":-2147483648,"
	       "\"syscall.ip\":\"0xffffffffffffffff\",\"process.pid\":2147483647"),
	  { .sequence = UINT64_MAX,
	    .verdict = -1,
	    .mode = -1,
	    .error = UINT16_MAX,
	    .count = UINT64_MAX,
	    .call = { .nr = INT32_MIN, .instruction_pointer = UINT64_MAX },
	    .pid = INT32_MAX } },
	/* Arguments end at the first that is none, and after six. */
	{ CALL(",\"syscall.args\":[{\"raw\":\"0x1\"},{\"raw\":\"0xA\"},{\"raw\":\"0x3\"}]"),
	  { NO_VERDICT, .call = { .nr = -1, .args = { 1 } }, .n_args = 1, .pid = -1 } },
	{ CALL(",\"syscall.args\":[{\"raw\":\"0x1\"},{\"raw\":\"0x2\"},{\"raw\":\"0x3\"},"
	       "{\"raw\":\"0x4\"},{\"raw\":\"0x5\"},{\"raw\":\"0x6\"},{\"raw\":\"0x7\"}]"),
	  { NO_VERDICT, .call = { .nr = -1, .args = { 1, 2, 3, 4, 5, 6 } }, .n_args = 6,
	    .pid = -1 } },
	{ CALL(",\"syscall.args\":[7,{\"raw\":\"0x2\"}]"), { NOTHING, .pid = -1 } },
	/* Architectures: x32 is x86-64 to the kernel's filter. */
	{ CALL(",\"syscall.arch\":\"SCMP_ARCH_X32\",\"syscall.number\":1073741989"),
	  { NO_VERDICT, .arch = SCMP_ARCH_X32,
	    .call = { .nr = 1073741989, .arch = AUDIT_ARCH_X86_64 }, .pid = -1 } },
	{ CALL(",\"syscall.arch\":\"0xc0de\",\"syscall.number\":5"),
	  { NO_VERDICT, .call.nr = 5, .pid = -1 } },
	/* A policy's rule decided, or could not see. */
	{ CALL(",\"rule.reason\":\"policy_doubt\""), { NOTHING, .by_policy = true, .pid = -1 } },
	{ CALL(",\"rule.reason\":\"matched\",\"rule.id\":\"policy#1\""), { NOTHING, .pid = -1 } },
	/* The last of two. */
	{ CALL(",\"process.pid\":3,\"process.pid\":4"), { NOTHING, .pid = 4 } },
};

static void test_odd_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(record_rows); i++) {
		const struct event_record *expected = &record_rows[i].expected;
		struct event_record record;

		assert_int_equal(parse(record_rows[i].line, &record), 0);
		assert_int_equal(record.kind, EVENT_RECORD_SYSCALL);
		assert_int_equal(record.sequence, expected->sequence);
		assert_int_equal(record.verdict, expected->verdict);
		assert_int_equal(record.mode, expected->mode);
		assert_int_equal(record.error, expected->error);
		assert_int_equal(record.count, expected->count);
		assert_int_equal(record.arch, expected->arch);
		assert_memory_equal(&record.call, &expected->call, sizeof(record.call));
		assert_int_equal(record.n_args, expected->n_args);
		assert_int_equal(record.by_policy, expected->by_policy);
		assert_int_equal(record.pid, expected->pid);
		assert_int_equal(record.tid, -1);
		assert_int_equal(record.uid, -1);
		assert_false(record.has_caps);
		assert_null(record.text);
		assert_null(record.comm);
		event_record_deinit(&record);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		const char *line;
		enum event_record_kind kind;
	} rows[] = {
		{ CALL(""), EVENT_RECORD_SYSCALL },
		{ LINE("fold", ",\"fold.reason\":\"sink_full\""), EVENT_RECORD_FOLD },
		{ LINE("summary", ""), EVENT_RECORD_OTHER },
		{ LINE("of a later version", ""), EVENT_RECORD_OTHER },
	};
	struct event_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(rows[i].line, &record), 0);
		assert_int_equal(record.kind, rows[i].kind);
		event_record_deinit(&record);
	}
}

/* ---- files */

static void check_file(const char *path, size_t events, const struct event_skips *skips)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record;

	assert_int_equal(event_reader_open(path, &reader), 0);
	for (size_t i = 0; i < events; i++) {
		assert_int_equal(event_reader_next(reader, &record), 0);
		event_record_deinit(&record);
	}
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	assert_memory_equal(event_reader_skips(reader), skips, sizeof(*skips));
}

static void test_files(void **state)
{
	static const char later[] = "{\"schema\":\"callgate.event/2\"}\n";
	static const struct {
		const char *bytes;
		size_t events;
		struct event_skips skips;
	} rows[] = {
		{ "", 0, { 0 } },
		{ "\n\n", 0, { 0 } },
		{ LINE("a", ""), 1, { 0 } }, /* no newline at the end */
		{ LINE("a", "") "\r\n" LINE("b", "") "\n\n", 2, { 0 } },
		{ LINE("a", "") "\n{\"schema\":\"call", 1, { .not_json = 1 } },
		{ "x\n{}\n" LINE("a", "") "\n[1]\n\"\xff\"\n",
		  1,
		  { .not_json = 2, .not_event = 2 } },
		{ later, 0, { .later = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_file(file_of(rows[i].bytes, strlen(rows[i].bytes)), rows[i].events,
		           &rows[i].skips);
}

static void check_next(struct event_reader *reader, const char *name)
{
	struct event_record record;

	assert_int_equal(event_reader_next(reader, &record), 0);
	assert_string_equal(record.event_name, name);
	event_record_deinit(&record);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
}

static void write_to(const char *path, int flags, const char *bytes)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
}

/* What is written later, in pieces; then the file cut, then another one in its place. */
static void test_following_a_file(void **state)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	char path[] = "/tmp/callgate-follow-XXXXXX", beside[64];
	struct event_record record;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	fd_close(fd);
	snprintf(beside, sizeof(beside), "%s.new", path);
	assert_int_equal(event_reader_open(path, &reader), 0);
	event_reader_follow(reader);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	write_to(path, O_APPEND, LINE("a", ""));
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	write_to(path, O_APPEND, "\n");
	check_next(reader, "a");
	write_to(path, O_TRUNC, LINE("b", "") "\n");
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	write_to(path, O_APPEND, LINE("c", "") "\n");
	check_next(reader, "c");
	write_to(beside, O_CREAT, LINE("d", "") "\n");
	assert_int_equal(rename(beside, path), 0);
	check_next(reader, "d");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
}

/* A pipe whose writer is there and says nothing does not hold the reader. */
static void test_following_a_pipe(void **state)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record;
	int ends[2];
	char path[32];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_int_equal(event_reader_open(path, &reader), 0);
	event_reader_follow(reader);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	assert_int_equal(write(ends[1], LINE("a", "") "\n{", strlen(LINE("a", "")) + 2),
	                 strlen(LINE("a", "")) + 2);
	check_next(reader, "a");
	fd_close(ends[1]);
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	fd_close(ends[0]);
}

/* Around the longest line: what is longer is skipped, and what follows it is read. */
static void test_long_lines(void **state)
{
	static const struct {
		size_t len;
		struct event_skips skips;
	} rows[] = {
		{ 64 << 10, { 0 } },
		{ EVENT_LINE_MAX, { 0 } },
		{ EVENT_LINE_MAX + 1, { .too_long = 1 } },
		{ 3 * EVENT_LINE_MAX, { .too_long = 1 } },
	};
	static const char head[] = "{\"schema\":\"callgate.event/1\",\"event.name\":\"",
			  tail[] = "\"}\n", next[] = LINE("b", "");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = rows[i].len, total = len + 1 + strlen(next);
		_cleanup_free_ char *bytes = malloc(total);

		assert_non_null(bytes);
		memset(bytes, 'a', total);
		memcpy(bytes, head, strlen(head));
		memcpy(bytes + len + 1 - strlen(tail), tail, strlen(tail));
		memcpy(bytes + len + 1, next, strlen(next));
		check_file(file_of(bytes, total), rows[i].skips.too_long ? 1 : 2, &rows[i].skips);
		check_file(file_of(bytes, len), rows[i].skips.too_long ? 0 : 1, &rows[i].skips);
	}
}

static void test_files_that_cannot_be_read(void **state)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record record;

	(void)state;
	assert_int_equal(event_reader_open("/nonexistent/events", &reader), -ENOENT);
	assert_int_equal(event_reader_open("/", &reader), 0);
	assert_int_equal(event_reader_next(reader, &record), -EISDIR);
	assert_int_equal(event_find("/nonexistent/events", "1", &record), -ENOENT);
	assert_int_equal(event_find("/", "1", &record), -EISDIR);
}

/* ---- one of them */

#define ID(id) ",\"event.id\":\"" id "\""

static void test_find(void **state)
{
	static const char bytes[] = LINE("target.start", ID("aaaaaaaa-n1")) "\n" /* a first run */
		CALL(ID("aaaaaaaa-1") ",\"process.pid\":11") "\n" CALL(ID(
			"aaaaaaaa-2") ",\"process.pid\":12") "\n"
							     "not an event\n" CALL(ID(
								     "bbbbbbbb-1") ",\"process."
	                                                                           "pid\":21") "\n" /* a second */
		LINE("fold", ID("bbbbbbbb-n2") ",\"process.pid\":22") "\n" LINE(
			"summary", ID("bbbbbbbb-3")) "\n";
	static const struct {
		const char *id;
		int result;
		int64_t pid;
	} rows[] = {
		{ "#1", 0, 21 },          { "1", 0, 21 },
		{ "2", 0, 12 },           { "aaaaaaaa-1", 0, 11 },
		{ "#bbbbbbbb-1", 0, 21 }, { "bbbbbbbb-n2", 0, 22 },
		{ "3", -ENOENT, 0 },      { "0", -ENOENT, 0 },
		{ "", -ENOENT, 0 },       { "#", -ENOENT, 0 },
		{ "n2", -ENOENT, 0 },     { "-1", -ENOENT, 0 },
		{ "aaaa", -ENOENT, 0 },   { "99999999999999999999", -ENOENT, 0 },
	};
	const char *path = file_of(bytes, strlen(bytes));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event_record record;

		assert_int_equal(event_find(path, rows[i].id, &record), rows[i].result);
		if (rows[i].result < 0)
			continue;
		assert_int_equal(record.pid, rows[i].pid);
		event_record_deinit(&record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_of_ours),
		cmocka_unit_test(test_strings_of_the_target),
		cmocka_unit_test(test_what_is_no_event),
		cmocka_unit_test(test_odd_events),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_following_a_file),
		cmocka_unit_test(test_following_a_pipe),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
