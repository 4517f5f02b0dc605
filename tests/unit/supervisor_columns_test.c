/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/err.h"

static const char *const names[] = { "accept", "bind", "connect", "dup", "execve" };

static const struct {
	unsigned width, indent;
	size_t n;
	const char *expected;
} column_rows[] = {
	{ 80, 2, 5, "  accept   bind     connect  dup      execve\n" },
	{ 80, 0, 1, "accept\n" },
	{ 80, 0, 0, "" },
	{ 27, 2, 5, "  accept   connect  execve\n  bind     dup\n" },
	{ 25, 2, 3, "  accept   connect\n  bind\n" },
	/* exactly wide enough: the last column needs no gap */
	{ 25, 0, 3, "accept   bind     connect\n" },
	{ 24, 0, 3, "accept   connect\nbind\n" },
	/* too narrow for any: one each, whole */
	{ 3, 2, 2, "  accept\n  bind\n" },
	{ 0, 0, 2, "accept\nbind\n" },
};

static const struct {
	unsigned width, at, indent;
	const char *words, *expected;
} wrap_rows[] = {
	{ 80, 0, 0, "one two", "one two\n" },
	{ 80, 0, 0, "", "\n" },
	{ 80, 5, 5, "  one   two ", "one two\n" },
	{ 7, 0, 0, "one two", "one two\n" },
	{ 6, 0, 0, "one two", "one\ntwo\n" },
	{ 10, 4, 2, "one two three", "one\n  two\n  three\n" },
	{ 3, 0, 1, "unbreakable word", "unbreakable\n word\n" },
};

static void test_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(column_rows); i++) {
		char *bytes;
		size_t len;
		FILE *out = open_memstream(&bytes, &len);

		columns_print(out, column_rows[i].width, column_rows[i].indent, names,
		              column_rows[i].n);
		fclose(out);
		assert_string_equal(bytes, column_rows[i].expected);
		free(bytes);
	}
}

static void test_wrap(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrap_rows); i++) {
		char *bytes;
		size_t len;
		FILE *out = open_memstream(&bytes, &len);

		columns_wrap(out, wrap_rows[i].width, wrap_rows[i].at, wrap_rows[i].indent,
		             wrap_rows[i].words);
		fclose(out);
		assert_string_equal(bytes, wrap_rows[i].expected);
		free(bytes);
	}
}

static void test_no_terminal(void **state)
{
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	assert_int_equal(columns_of(out), COLUMNS_DEFAULT);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
