/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/event_lines.h"

static const struct text_style plain = { 0 };

static struct watch_kind *add(struct watch *watch, unsigned sequence, const char *verdict,
                              const char *comm, const char *call)
{
	struct event_record record;
	struct watch_kind *kind;

	assert_int_equal(test_event_record(sequence, verdict, comm, call, &record), 0);
	assert_int_equal(watch_add(watch, &record, &kind), 0);
	assert_null(record.document);
	return kind;
}

static void test_what_is_one_kind(void **state)
{
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	struct watch_kind *first = add(&watch, 1, "deny", "sh", "unshare(CLONE_NEWUSER)");

	(void)state;
	assert_non_null(first);
	assert_ptr_equal(add(&watch, 2, "deny", "sh", "unshare(CLONE_NEWUSER)"), first);
	assert_ptr_not_equal(add(&watch, 3, "deny", "sh", "unshare(CLONE_NEWNS)"), first);
	assert_ptr_not_equal(add(&watch, 4, "deny", "bash", "unshare(CLONE_NEWUSER)"), first);
	assert_ptr_not_equal(add(&watch, 5, "would_deny", "sh", "unshare(CLONE_NEWUSER)"), first);
	assert_int_equal(first->count, 2);
	assert_int_equal(first->id, 1);
	assert_int_equal(watch.n_kinds, 4);
	assert_int_equal(watch.calls, 5);
}

static void test_line(void **state)
{
	static const struct {
		const char *verdict, *comm, *call;
		uint64_t times;
		const char *rest; /* after the time */
	} rows[] = {
		{ "deny", "sh", "unshare(CLONE_NEWUSER)", 1,
		  "  DENY   sh[4242]            unshare(CLONE_NEWUSER) = -1 EPERM                 "
		  "default (no rule)  #7\n" },
		{ "deny", "sh", "unshare(CLONE_NEWUSER)", 12,
		  "  DENY   sh[4242]            unshare(CLONE_NEWUSER) = -1 EPERM                 "
		  "default (no rule)  ×12  #7\n" },
		{ "would_deny", "sh", "unshare(0)", 1,
		  "  WOULD  sh[4242]            unshare(0)                                        "
		  "complain: would be EPERM, default (no rule)  #7\n" },
		{ "deny", "\\u001b[31m", "unshare(\\u001b]0;x\\u0007)", 1,
		  "  DENY   \\x1b[31m[4242]      unshare(\\x1b]0;x\\x07) = -1 EPERM                "
		  "  "
		  "default (no rule)  #7\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(watch_deinit) struct watch watch = { 0 };
		const struct watch_kind *kind =
			add(&watch, 7, rows[i].verdict, rows[i].comm, rows[i].call);
		char bytes[1024];
		struct text text = TEXT_OVER(bytes);

		watch_line(&text, &plain, kind, rows[i].times);
		assert_memory_equal(strchr(text.bytes, '.'), ".622", 4);
		assert_string_equal(strchr(text.bytes, '.') + 4, rows[i].rest);
	}
}

/* As the terminal of run shows it. */
static void test_a_fallback_is_dim(void **state)
{
	static const char clone3[] =
		"{\"schema\":\"callgate.event/1\",\"event.name\":\"syscall\","
		"\"seccomp.verdict\":\"deny\",\"seccomp.errno\":38,\"syscall.name\":\"clone3\","
		"\"rule.why\":\"rule my.json:3\",\"seccomp.fallback\":\"glibc uses clone\"}";
	const struct text_style style = { .colour = true };
	struct event_record record;
	char bytes[1024];
	struct text text = TEXT_OVER(bytes);

	(void)state;
	assert_int_equal(event_record_parse(clone3, strlen(clone3), &record), 0);
	assert_true(watch_event_line(&text, &style, &record));
	assert_memory_equal(text.bytes, "\033[2m", 4);
	assert_non_null(strstr(text.bytes, "rule my.json:3; programs fall back\033[0m\n"));
	event_record_deinit(&record);
}

static void test_what_is_no_call(void **state)
{
	static const char fold[] = "{\"schema\":\"callgate.event/1\",\"event.name\":\"fold\","
				   "\"seccomp.verdict\":\"deny\",\"seccomp.repeat\":40}",
			  start[] = "{\"schema\":\"callgate.event/1\","
				    "\"event.name\":\"target.start\"}";
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	struct watch_kind *kind;
	struct event_record record;
	char bytes[128];
	struct text text = TEXT_OVER(bytes);

	(void)state;
	assert_int_equal(event_record_parse(fold, strlen(fold), &record), 0);
	assert_int_equal(watch_add(&watch, &record, &kind), 0);
	assert_null(kind);
	assert_int_equal(event_record_parse(start, strlen(start), &record), 0);
	assert_int_equal(watch_add(&watch, &record, &kind), 0);
	assert_null(kind);
	watch_totals(&text, &watch);
	assert_string_equal(text.bytes, "0 kinds, 40 calls, 40 of them not told apart");
}

static void test_bounded(void **state)
{
	_cleanup_(watch_deinit) struct watch watch = { 0 };

	(void)state;
	for (unsigned i = 0; i < WATCH_KINDS_MAX + 10; i++) {
		char call[32];

		snprintf(call, sizeof(call), "unshare(%u)", i);
		assert_int_equal(add(&watch, i + 1, "deny", "sh", call) != NULL,
		                 i < WATCH_KINDS_MAX);
	}
	assert_int_equal(watch.n_kinds, WATCH_KINDS_MAX);
	assert_int_equal(watch.calls_without_kind, 10);
}

static void test_rates(void **state)
{
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	const struct watch_kind *kind = NULL;

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		kind = add(&watch, i + 1, "deny", "sh", "unshare(0)");
	watch_rates(&watch, 2);
	assert_true(kind->rate == 3);
	watch_rates(&watch, 1);
	assert_true(kind->rate == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_one_kind),  cmocka_unit_test(test_line),
		cmocka_unit_test(test_a_fallback_is_dim), cmocka_unit_test(test_what_is_no_call),
		cmocka_unit_test(test_bounded),           cmocka_unit_test(test_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
