/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch_top.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/event_lines.h"

static void add(struct watch *watch, const char *call, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		struct event_record record;
		struct watch_kind *kind;

		assert_int_equal(test_event_record(i + 1, "deny", "sh", call, &record), 0);
		assert_int_equal(watch_add(watch, &record, &kind), 0);
	}
}

static char *table(const struct watch_top *top, const struct watch *watch)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	assert_non_null(out);
	assert_int_equal(watch_top_print(out, top, watch), 0);
	fclose(out);
	return bytes;
}

static void test_order(void **state)
{
	static const struct {
		enum watch_order order;
		const char *first;
	} rows[] = {
		{ WATCH_BY_RATE, "unshare(2)" },
		{ WATCH_BY_COUNT, "unshare(1)" },
	};
	_cleanup_(watch_deinit) struct watch watch = { 0 };

	(void)state;
	add(&watch, "unshare(1)", 5);
	watch_rates(&watch, 1);
	add(&watch, "unshare(2)", 3);
	watch_rates(&watch, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct watch_top top = { .order = rows[i].order, .rows = 1 };
		_cleanup_free_ char *text = table(&top, &watch);

		assert_int_equal(strncmp(text, "RATE/s TOTAL LAST", 17), 0);
		assert_non_null(strstr(text, rows[i].first));
		assert_ptr_equal(strstr(text, "unshare("), strstr(text, rows[i].first));
		assert_null(strstr(strstr(text, "unshare(") + 1, "unshare("));
	}
}

/* On a terminal no line is wider than it is; elsewhere nothing is cut. */
static void test_width(void **state)
{
	static const char call[] = "unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER)";
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	_cleanup_free_ char *narrow = NULL, *whole = NULL;

	(void)state;
	add(&watch, call, 1);
	whole = table(&(struct watch_top){ 0 }, &watch);
	assert_non_null(strstr(whole, call));
	narrow = table(&(struct watch_top){ .width = 80 }, &watch);
	for (char *line = strtok(narrow, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
