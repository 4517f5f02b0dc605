/* SPDX-License-Identifier: Apache-2.0 */
#include "common/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/diags_text.h"

static void add(struct diags *diags, enum diag_level level, unsigned line, unsigned column,
                const char *message)
{
	diags_add(diags, level, "test", (struct place){ line, column }, line ? "/at" : "", "%s",
	          message);
}

static void add_some(struct diags *diags)
{
	add(diags, DIAG_ERROR, 7, 2, "third");
	add(diags, DIAG_WARNING, 2, 30, "second");
	add(diags, DIAG_ERROR, 7, 2, "fourth");
	add(diags, DIAG_ERROR, 2, 4, "first");
	add(diags, DIAG_ERROR, 0, 0, "of the file");
}

static void test_prints_in_the_order_of_the_file(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct diags diags;

	(void)state;
	diags_init(&diags, "my.json");
	add_some(&diags);
	text = diags_text(&diags);
	assert_string_equal(text, "my.json: of the file\n"
	                          "my.json:2:4: /at: first\n"
	                          "my.json:2:30: warning: /at: second\n"
	                          "my.json:7:2: /at: third\n"
	                          "my.json:7:2: /at: fourth\n");
	assert_int_equal(diags.count, 5);
	assert_int_equal(diags.errors, 4);
	diags_deinit(&diags);
}

static void test_hides_warnings_and_puts_the_prefix(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct diags diags;
	size_t len;
	FILE *out;

	(void)state;
	diags_init(&diags, "typed");
	add(&diags, DIAG_WARNING, 1, 1, "hidden");
	add(&diags, DIAG_ERROR, 3, 1, "shown");
	diags_set_file(&diags, "/opened");
	out = open_memstream(&text, &len);
	diags_print(&diags, out, "callgate: ", false);
	fclose(out);
	assert_string_equal(text, "callgate: /opened:3:1: /at: shown\n");
	diags_deinit(&diags);
}

static void test_warnings_leave_room_for_errors(void **state)
{
	struct diags diags;

	(void)state;
	diags_init(&diags, "f");
	for (unsigned i = 0; i < 3 * DIAGS_MAX; i++)
		add(&diags, DIAG_WARNING, i + 1, 1, "w");
	assert_int_equal(diags.count, DIAGS_MAX / 2);
	assert_false(diags_have_room(&diags, DIAG_WARNING));
	assert_true(diags_have_room(&diags, DIAG_ERROR));
	for (unsigned i = 0; i < 3 * DIAGS_MAX; i++)
		add(&diags, DIAG_ERROR, i + 1, 1, "e");
	assert_false(diags_have_room(&diags, DIAG_ERROR));
	assert_int_equal(diags.count, DIAGS_MAX);
	assert_int_equal(diags.errors, 3 * DIAGS_MAX);
	assert_int_equal(diags.dropped, 5 * DIAGS_MAX);
	diags_deinit(&diags);
}

static void test_says_how_many_are_not_shown(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct diags diags;

	(void)state;
	diags_init(&diags, "f");
	for (unsigned i = 0; i < DIAGS_MAX + 7; i++)
		add(&diags, DIAG_ERROR, 1, 1, "e");
	text = diags_text(&diags);
	assert_non_null(strstr(text, "\nf: 7 more not shown\n"));
	diags_deinit(&diags);
}

static void test_first_error(void **state)
{
	struct diags diags;
	char line[64];

	(void)state;
	diags_init(&diags, "f.json");
	diags_first_error(&diags, line, sizeof(line));
	assert_string_equal(line, "f.json: out of memory");
	diags_add(&diags, DIAG_WARNING, "w", (struct place){ 1, 1 }, "", "warned");
	diags_add(&diags, DIAG_ERROR, "a", (struct place){ 7, 2 }, "/a", "first");
	diags_add(&diags, DIAG_ERROR, "b", (struct place){ 3, 4 }, "", "second");
	diags_first_error(&diags, line, sizeof(line));
	assert_string_equal(line, "f.json:7:2: /a: first");
	diags_deinit(&diags);
	diags_init(&diags, "f.json");
	diags_add(&diags, DIAG_ERROR, "a", (struct place){ 0 }, "", "cannot open it");
	diags_first_error(&diags, line, sizeof(line));
	assert_string_equal(line, "f.json: cannot open it");
	diags_deinit(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints_in_the_order_of_the_file),
		cmocka_unit_test(test_hides_warnings_and_puts_the_prefix),
		cmocka_unit_test(test_warnings_leave_room_for_errors),
		cmocka_unit_test(test_says_how_many_are_not_shown),
		cmocka_unit_test(test_first_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
