/* SPDX-License-Identifier: Apache-2.0 */
#include "common/unified_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* What is written for two texts; malloc'ed. */
static char *diff_of(const char *from, const char *to)
{
	const struct diff_side old = { "a", from, strlen(from) }, new = { "b", to, strlen(to) };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(unified_diff(&old, &new, out), 0);
	fclose(out);
	return text;
}

#define HEAD "--- a\n+++ b\n"

static const struct {
	const char *from, *to, *diff;
} rows[] = {
	{ "", "", "" },
	{ "1\n2\n", "1\n2\n", "" },
	{ "", "1\n", HEAD "@@ -0,0 +1 @@\n+1\n" },
	{ "1\n", "", HEAD "@@ -1 +0,0 @@\n-1\n" },
	{ "1\n2\n", "1\n3\n", HEAD "@@ -1,2 +1,2 @@\n 1\n-2\n+3\n" },
	{ "1", "1\n", HEAD "@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n" },
	{ "1\n2", "0\n1\n2", HEAD "@@ -1,2 +1,3 @@\n+0\n 1\n 2\n\\ No newline at end of file\n" },
	{ "a\r\n", "a\r\nb\r\n", HEAD "@@ -1 +1,2 @@\n a\r\n+b\r\n" },
	/* three lines of context, and what is nearer than seven lines is one hunk */
	{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	  HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
	{ "1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n",
	  HEAD "@@ -1,8 +1,8 @@\n-1\n+x\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+y\n" },
	{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
	  HEAD "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n" },
	/* the fewest lines, not the first that fit */
	{ "a\nb\nc\na\nb\n", "c\na\nb\n", HEAD "@@ -1,5 +1,3 @@\n-a\n-b\n c\n a\n b\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = diff_of(rows[i].from, rows[i].to);

		assert_string_equal(text, rows[i].diff);
		free(text);
	}
}

static void test_the_label_is_escaped(void **state)
{
	const struct diff_side from = { "a\x1b[1m", "1", 1 }, to = { "b\n", "2", 1 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(unified_diff(&from, &to, out), 0);
	fclose(out);
	assert_memory_equal(text, "--- a\\x1b[1m\n+++ b\\n\n", 21);
	free(text);
}

/* A text of n lines, a few kinds of them; malloc'ed. */
static char *random_lines(size_t n)
{
	char *text = calloc(n + 1, 3);

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = (char)('a' + rand() % 4);
		text[2 * i + 1] = '\n';
	}
	if (n > 0 && rand() % 2)
		text[2 * n - 1] = '\0';
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* patch(1), an implementation that is not ours, makes the one text of the other. */
static void check_with_patch(const char *from, const char *to)
{
	char *diff = diff_of(from, to);

	write_file("a", from);
	write_file("wanted", to);
	write_file("diff", diff);
	if (diff[0] == '\0')
		assert_string_equal(from, to);
	else
		assert_int_equal(system("patch -s -p0 --fuzz=0 --binary -o got a <diff && cmp -s "
		                        "got wanted"),
		                 0);
	free(diff);
}

static void test_patch_takes_it(void **state)
{
	char directory[] = "/tmp/callgate-diff-XXXXXX";

	(void)state;
	if (system("patch --version >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	srand(4);
	for (int round = 0; round < 60; round++) {
		char *from = random_lines((size_t)rand() % 40);
		char *to = random_lines((size_t)rand() % 40);

		check_with_patch(from, to);
		free(from);
		free(to);
	}
	assert_int_equal(chdir("/"), 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = { "a", "wanted", "diff", "got" };
		char path[64];

		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		(void)remove(path);
	}
	assert_int_equal(rmdir(directory), 0);
}

/* Too many lines for the table: all that lies between is replaced, and that is still right. */
static void test_of_very_much_all_is_replaced(void **state)
{
	enum { LINES = 3000 };
	char *from = calloc(LINES, 4), *to = calloc(LINES, 4), *diff;
	size_t minus = 0, plus = 0;

	(void)state;
	for (int i = 0; i < LINES; i++) {
		strcat(from + (size_t)i * 2, i % 2 ? "a\n" : "b\n");
		strcat(to + (size_t)i * 2, i % 2 ? "b\n" : "a\n");
	}
	diff = diff_of(from, to);
	for (const char *at = diff + strlen(HEAD); (at = strchr(at, '\n')); at++) {
		minus += at[1] == '-';
		plus += at[1] == '+';
	}
	assert_int_equal(minus, LINES);
	assert_int_equal(plus, LINES);
	free(from);
	free(to);
	free(diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_the_label_is_escaped),
		cmocka_unit_test(test_patch_takes_it),
		cmocka_unit_test(test_of_very_much_all_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
