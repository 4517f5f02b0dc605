/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/event_lines.h"

static void add(struct watch *watch, unsigned number)
{
	struct event_record record;
	struct watch_kind *kind;
	char call[32];

	snprintf(call, sizeof(call), "unshare(%u)", number);
	assert_int_equal(test_event_record(number, "deny", "sh", call, &record), 0);
	assert_int_equal(watch_add(watch, &record, &kind), 0);
}

/* What one draw writes, whose result is *ret_more. */
static const char *drawn(struct watch_screen *screen, struct watch *watch, bool *ret_more)
{
	static char bytes[1 << 16];

	memset(bytes, 0, sizeof(bytes));
	screen->out = fmemopen(bytes, sizeof(bytes), "w");
	assert_non_null(screen->out);
	*ret_more = watch_screen_draw(screen, watch);
	fclose(screen->out);
	return bytes;
}

static size_t count_of(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void test_counts_go_on_in_place(void **state)
{
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	struct watch_screen screen = { .rows = 10 };
	const char *text;
	bool more;

	(void)state;
	add(&watch, 1);
	add(&watch, 2);
	text = drawn(&screen, &watch, &more);
	assert_false(more);
	assert_int_equal(count_of(text, "unshare("), 2);
	assert_null(strstr(text, "\033[K"));
	assert_int_equal(count_of(drawn(&screen, &watch, &more), "unshare("), 0);
	add(&watch, 1);
	text = drawn(&screen, &watch, &more);
	assert_int_equal(count_of(text, "unshare("), 1);
	assert_non_null(strstr(text, "\033[2A\r\033[K"));
	assert_non_null(strstr(text, "×2"));
	assert_non_null(strstr(text, "\033[1B"));
}

/* A line that has left the screen comes again at its end; a flood comes a few lines at a time. */
static void test_more_than_the_screen_holds(void **state)
{
	_cleanup_(watch_deinit) struct watch watch = { 0 };
	struct watch_screen screen = { .rows = 4 };
	unsigned draws = 0, lines = 0;
	const char *text;
	bool more;

	(void)state;
	for (unsigned i = 1; i <= 10; i++)
		add(&watch, i);
	do {
		text = drawn(&screen, &watch, &more);
		assert_true(count_of(text, "unshare(") <= WATCH_NEW_A_DRAW);
		lines += (unsigned)count_of(text, "unshare(");
		draws++;
	} while (more);
	assert_int_equal(lines, 10);
	assert_int_equal(draws, 3);
	add(&watch, 1);
	text = drawn(&screen, &watch, &more);
	assert_null(strstr(text, "\033[K"));
	assert_non_null(strstr(text, "unshare(1)"));
	add(&watch, 10);
	assert_non_null(strstr(drawn(&screen, &watch, &more), "\033[2A\r\033[K"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_go_on_in_place),
		cmocka_unit_test(test_more_than_the_screen_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
