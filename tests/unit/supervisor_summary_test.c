/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/summary.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/events/render.h"
#include "supervisor/events/writer.h"
#include "tests/support/json_line.h"
#include "tests/support/notification.h"

static const struct text_style plain = { 0 };

static struct notification notification;
static char bytes[WRITER_LINE_MAX + 1];
static struct text line;

static const struct summary_row {
	const char *profile;
	enum mode mode;
	bool remembered;
	const char *calls[12]; /* in order */
	const char *text;
} summary_rows[] = {
	{ "docker-default", MODE_ENFORCE, false, { NULL }, "" },
	{ "docker-default",
	  MODE_ENFORCE,
	  false,
	  { "mount" },
	  "1 call denied, 1 kind: mount ×1\n"
	  "next: callgate run --mode complain --log json:denials.jsonl -- COMMAND\n" },
	{ "my.json",
	  MODE_ENFORCE,
	  false,
	  { "keyctl", "mount", "unshare", "mount", "unshare", "mount", "mount" },
	  "7 calls denied, 3 kinds: mount ×4, unshare ×2, keyctl ×1\n"
	  "next: callgate run --profile my.json --mode complain --log json:denials.jsonl -- "
	  "COMMAND\n" },
	{ "my profile.json",
	  MODE_ENFORCE,
	  false,
	  { "acct", "bpf", "chroot", "reboot", "keyctl", "mount", "swapon", "umount2", "unshare",
	    "vhangup" },
	  "10 calls denied, 10 kinds: acct ×1, bpf ×1, chroot ×1, keyctl ×1, mount ×1, reboot ×1, "
	  "swapon ×1, umount2 ×1 and 2 more\n"
	  "next: callgate run --profile FILE --mode complain --log json:denials.jsonl -- "
	  "COMMAND\n" },
	{ "docker-default",
	  MODE_COMPLAIN,
	  false,
	  { "mount", "mount" },
	  "2 calls would be denied, 1 kind: mount ×2\n"
	  "next: allow them in a copy of profile docker-default, then: callgate run --profile FILE "
	  "-- COMMAND\n" },
	{ "my.json",
	  MODE_ENFORCE,
	  true,
	  { "mount", "mount", "keyctl" },
	  "3 calls denied, 2 kinds: mount ×2, keyctl ×1\n"
	  "next: callgate explain 1; callgate suggest\n" },
	{ "docker-default",
	  MODE_COMPLAIN,
	  true,
	  { "mount" },
	  "1 call would be denied, 1 kind: mount ×1\n"
	  "next: callgate explain 1; callgate suggest\n" },
	{ "my.json",
	  MODE_ENFORCE,
	  true,
	  { "clone3", "clone3", "mount" },
	  "1 call denied, 1 kind: mount ×1\n"
	  "2 more calls denied that programs fall back from: clone3 ×2\n"
	  "next: callgate explain 3; callgate suggest\n" },
	{ "my.json",
	  MODE_ENFORCE,
	  true,
	  { "clone3" },
	  "1 call denied that programs fall back from: clone3 ×1\n" },
	{ "my.json",
	  MODE_COMPLAIN,
	  false,
	  { "clone3", "cachestat", "clone3" },
	  "3 calls would be denied that programs fall back from: clone3 ×2, cachestat ×1\n" },
	{ "dir/my.json",
	  MODE_COMPLAIN,
	  false,
	  { "mount" },
	  "1 call would be denied, 1 kind: mount ×1\n"
	  "next: allow them in dir/my.json, then: callgate run --profile dir/my.json -- "
	  "COMMAND\n" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(summary_rows); i++) {
		struct test_session test;
		struct tally tally;

		test_session_open(&test, summary_rows[i].profile, test_profile,
		                  summary_rows[i].mode);
		tally_init(&tally);
		for (size_t j = 0; summary_rows[i].calls[j]; j++) {
			char call_bytes[256];
			struct text call = TEXT_OVER(call_bytes);
			struct event event = test_event(&test, &notification, j + 1);
			const struct kind *kind;

			test_call(&notification, &test, summary_rows[i].calls[j], NULL);
			render_call(&call, &notification);
			(void)tally_add(&tally, &event, &call, &kind);
		}
		line = TEXT_OVER(bytes);
		summary_text(&line, &plain, &test.session, &tally, summary_rows[i].remembered);
		assert_string_equal(line.bytes, summary_rows[i].text);
		tally_deinit(&tally);
		test_session_close(&test);
	}
}

static void test_text_puts_verdicts_and_abis_together(void **state)
{
	struct test_session test;
	struct tally tally;
	struct event folds[] = {
		{ .kind = EVENT_FOLD,
		  .fold = { SCMP_ARCH_X86_64, 165, { .kind = VERDICT_DENY }, 100 } },
		{ .kind = EVENT_FOLD, .fold = { SCMP_ARCH_X86, 21, { .kind = VERDICT_DENY }, 1 } },
		{ .kind = EVENT_FOLD,
		  .fold = { SCMP_ARCH_X86_64, 165, { .kind = VERDICT_KILL }, 2 } },
	};

	(void)state;
	test_session_open(&test, "docker-default", test_profile, MODE_ENFORCE);
	tally_init(&tally);
	for (size_t i = 0; i < ARRAY_SIZE(folds); i++)
		tally_add_fold(&tally, &folds[i]);
	line = TEXT_OVER(bytes);
	/* Without a kind there is none to explain, remembered or not. */
	summary_text(&line, &plain, &test.session, &tally, true);
	assert_string_equal(line.bytes,
	                    "101 calls denied, 2 calls killed their process: mount ×103\n"
	                    "next: callgate run --mode complain --log json:denials.jsonl -- "
	                    "COMMAND\n");
	tally_deinit(&tally);
	test_session_close(&test);
}

/* What to type next is about what was refused, by the profile before by a policy. */
static void test_next_command(void **state)
{
	static const struct {
		struct verdict verdicts[3];
		size_t n;
		const char *next; /* NULL: none */
	} rows[] = {
		{ { { .kind = VERDICT_RETURN, .value = 7 }, { .kind = VERDICT_ALLOW } }, 2, NULL },
		{ { { .kind = VERDICT_RETURN }, { .kind = VERDICT_DENY, .error = EACCES } },
		  2,
		  "1 call denied, 1 call faked, 2 kinds: mount ×2\nnext: callgate explain 2\n" },
		{ { { .kind = VERDICT_DENY, .error = EACCES },
		    { .kind = VERDICT_ALLOW },
		    { .kind = VERDICT_DENY, .error = EPERM, .policy_rule = -1 } },
		  3,
		  "2 calls denied, 2 kinds: mount ×2\n"
		  "next: callgate explain 3; callgate suggest\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct test_session test;
		struct tally tally;
		char call_bytes[16] = "mount()";
		const struct text call = { .bytes = call_bytes, .len = 7, .size = 16 };
		const struct kind *kind;

		test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
		tally_init(&tally);
		for (size_t j = 0; j < rows[i].n; j++) {
			struct event event = test_event(&test, &notification, j + 1);

			test_call(&notification, &test, "mount", NULL);
			notification.verdict = rows[i].verdicts[j];
			(void)tally_add(&tally, &event, &call, &kind);
		}
		line = TEXT_OVER(bytes);
		summary_text(&line, &plain, &test.session, &tally, true);
		if (rows[i].next)
			assert_string_equal(line.bytes, rows[i].next);
		else
			assert_null(strstr(line.bytes, "next:"));
		tally_deinit(&tally);
		test_session_close(&test);
	}
}

static void add_calls(struct tally *tally, const struct test_session *test, const char *syscall,
                      unsigned kinds, unsigned calls)
{
	static uint64_t sequence;

	for (unsigned i = 0; i < calls; i++) {
		char call_bytes[64];
		struct text call = TEXT_OVER(call_bytes);
		struct event event = test_event(test, &notification, ++sequence);
		const struct kind *kind;

		test_call(&notification, test, syscall, NULL);
		text_printf(&call, "call(%u)", i % kinds);
		(void)tally_add(tally, &event, &call, &kind);
	}
}

static void test_json(void **state)
{
	struct test_session test;
	struct tally tally;
	struct event event;
	const struct test_field fields[] = {
		{ "schema", "\"callgate.event/1\"" },
		{ "event.id", "\"0badcafe-n2\"" },
		{ "event.name", "\"summary\"" },
		{ "time", "\"2026-11-23T16:39:10.622143Z\"" },
		{ "seccomp.mode", "\"enforce\"" },
		{ "profile.name", "\"my.json\"" },
		{ "summary.denied", "4" },
		{ "summary.would_deny", "0" },
		{ "summary.killed", "0" },
		{ "summary.faked", "0" },
		{ "summary.fallbacks", "0" },
		{ "summary.kinds", "2" },
		{ "summary.remembered", "true" },
		{ "summary.syscalls",
		  "[{\"seccomp.repeat\":3,\"seccomp.verdict\":\"deny\","
		  "\"seccomp.falls_back\":false,\"syscall.name\":\"mount\","
		  "\"syscall.number\":165,\"syscall.arch\":\"SCMP_ARCH_X86_64\"},"
		  "{\"seccomp.repeat\":1,\"seccomp.verdict\":\"deny\","
		  "\"seccomp.falls_back\":false,\"syscall.name\":\"umask\","
		  "\"syscall.number\":95,\"syscall.arch\":\"SCMP_ARCH_X86_64\"}]" },
		{ "summary.syscalls.complete", "true" },
		{ "summary.list", "[{\"event.id\":\"0badcafe-1\",\"syscall.name\":\"mount\","
		                  "\"seccomp.verdict\":\"deny\",\"seccomp.errno_name\":\"EPERM\","
		                  "\"process.executable.name\":\"sh\",\"seccomp.repeat\":3},"
		                  "{\"event.id\":\"0badcafe-4\",\"syscall.name\":\"umask\","
		                  "\"seccomp.verdict\":\"deny\",\"process.executable.name\":\"sh\","
		                  "\"seccomp.repeat\":1}]" },
		{ "summary.list.complete", "true" },
		{ NULL, NULL },
	};

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	tally_init(&tally);
	add_calls(&tally, &test, "mount", 1, 3);
	add_calls(&tally, &test, "umask", 1, 1);
	event = (struct event){ .session = &test.session, .time_ns = TEST_TIME_NS };
	line = TEXT_OVER(bytes);
	summary_json(&line, &event, 2, &tally, true);
	test_assert_line(&line, fields);
	tally_deinit(&tally);
	test_session_close(&test);
}

/* Lists that are longer than a line say that they are cut; the totals are exact. */
static void test_long_json(void **state)
{
	struct test_session test;
	struct tally tally;
	struct event event;
	cJSON *object;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	tally_init(&tally);
	add_calls(&tally, &test, "mount", 1500, 5000);
	for (int nr = 0; nr < 100; nr++)
		tally_add_fold(&tally, &(struct event){ .fold = { .arch = SCMP_ARCH_X86_64,
		                                                  .nr = nr,
		                                                  .count = 10 } });
	event = (struct event){ .session = &test.session, .time_ns = TEST_TIME_NS };
	line = TEXT_OVER(bytes);
	summary_json(&line, &event, 2, &tally, false);
	object = test_parse_line(&line);
	assert_int_equal(cJSON_GetObjectItem(object, "summary.denied")->valueint, 6000);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(object, "summary.list.complete")));
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(object, "summary.list")) > 20);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(object, "summary.syscalls.complete")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "summary.syscalls")), 64);
	cJSON_Delete(object);
	tally_deinit(&tally);
	test_session_close(&test);
}

static void test_empty_json(void **state)
{
	struct test_session test;
	struct tally tally;
	struct event event;
	cJSON *object;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ENFORCE);
	tally_init(&tally);
	event = (struct event){ .session = &test.session, .time_ns = TEST_TIME_NS };
	line = TEXT_OVER(bytes);
	summary_json(&line, &event, 2, &tally, false);
	object = test_parse_line(&line);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "summary.list")), 0);
	assert_int_equal(cJSON_GetObjectItem(object, "summary.denied")->valueint, 0);
	cJSON_Delete(object);
	test_session_close(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_text_puts_verdicts_and_abis_together),
		cmocka_unit_test(test_next_command),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_long_json),
		cmocka_unit_test(test_empty_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
