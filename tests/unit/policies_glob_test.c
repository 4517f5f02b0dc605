/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/glob.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

static const struct {
	enum glob_kind kind;
	const char *pattern;
	const char *text;
	bool matches;
} rows[] = {
	{ GLOB_PATH, "/etc/passwd", "/etc/passwd", true },
	{ GLOB_PATH, "/etc/passwd", "/etc/passwd2", false },
	{ GLOB_PATH, "/etc/passwd", "/etc/passw", false },
	{ GLOB_PATH, "", "", true },
	{ GLOB_PATH, "", "x", false },
	/* one star stays within a component */
	{ GLOB_PATH, "/etc/*", "/etc/passwd", true },
	{ GLOB_PATH, "/etc/*", "/etc/", true },
	{ GLOB_PATH, "/etc/*", "/etc", false },
	{ GLOB_PATH, "/etc/*", "/etc/ssl/private", false },
	{ GLOB_PATH, "/*/passwd", "/etc/passwd", true },
	{ GLOB_PATH, "/*/passwd", "/a/b/passwd", false },
	{ GLOB_PATH, "/a*b*c", "/axbxbxc", true },
	{ GLOB_PATH, "/a*b*c", "/axbxbx", false },
	{ GLOB_PATH, "/home/*/.ssh/id_*", "/home/u/.ssh/id_rsa", true },
	/* two cross them */
	{ GLOB_PATH, "/etc/**", "/etc/ssl/private/key", true },
	{ GLOB_PATH, "/etc/**", "/etc/", true },
	{ GLOB_PATH, "/etc/**", "/etc", false },
	{ GLOB_PATH, "/etc/**", "/etcetera", false },
	{ GLOB_PATH, "**", "/anything/at/all", true },
	{ GLOB_PATH, "/a**z", "/a/b/z", true },
	{ GLOB_PATH, "/a**z", "/a/b/y", false },
	{ GLOB_PATH, "/***", "/a/b", true },
	/* and a slash after them makes whole components, also none */
	{ GLOB_PATH, "/a/**/b", "/a/b", true },
	{ GLOB_PATH, "/a/**/b", "/a/x/b", true },
	{ GLOB_PATH, "/a/**/b", "/a/x/y/b", true },
	{ GLOB_PATH, "/a/**/b", "/a/xb", false },
	{ GLOB_PATH, "/a/**/b", "/ab", false },
	{ GLOB_PATH, "**/.ssh/**", "/root/.ssh/id_rsa", true },
	{ GLOB_PATH, "**/.ssh/**", "/.ssh/id_rsa", true },
	{ GLOB_PATH, "**/.ssh/**", "/root/x.ssh/id_rsa", false },
	{ GLOB_PATH, "/**/*.pem", "/a/b/c.pem", true },
	{ GLOB_PATH, "/**/*.pem", "/c.pem", true },
	{ GLOB_PATH, "/**/*.pem", "/a.pem/b", false },
	{ GLOB_PATH, "/**/*.pem", "/a.pem/b.pem", true },
	{ GLOB_PATH, "/**/a/*b/c", "/a/xc/a/xb/c", true },
	{ GLOB_PATH, "/**/a/**/b*c", "/a/a/bb/bxc/bc", true },
	/* one byte */
	{ GLOB_PATH, "/a?c", "/abc", true },
	{ GLOB_PATH, "/a?c", "/a/c", false },
	{ GLOB_PATH, "/a?", "/a", false },
	{ GLOB_PATH, "/tty[0-9]", "/tty3", true },
	{ GLOB_PATH, "/tty[0-9]", "/ttyx", false },
	{ GLOB_PATH, "/tty[!0-9]", "/ttyx", true },
	{ GLOB_PATH, "/tty[^0-9]", "/tty3", false },
	{ GLOB_PATH, "/a[!b]c", "/a/c", false },
	{ GLOB_PATH, "/a[.-0]c", "/a/c", false }, /* '/' is between '.' and '0' */
	{ GLOB_PATH, "/[]x]", "/]", true },
	{ GLOB_PATH, "/[a-]", "/-", true },
	{ GLOB_PATH, "/[\\]x]", "/]", true },
	{ GLOB_PATH, "/\\*", "/*", true },
	{ GLOB_PATH, "/\\*", "/x", false },
	{ GLOB_PATH, "/\\[a]", "/[a]", true },
	{ GLOB_PATH, "/\xc3\xa4?", "/\xc3\xa4\xc3", true }, /* bytes, not characters */
	/* texts have no components */
	{ GLOB_TEXT, "*", "a/b", true },
	{ GLOB_TEXT, "a?b", "a/b", true },
	{ GLOB_TEXT, "*b*d", "a/b/c/d", true },
	{ GLOB_TEXT, "tmpfs", "tmpfs", true },
	{ GLOB_TEXT, "tmpfs", "tmpfs2", false },
	{ GLOB_TEXT, "[.-0]", "/", true },
	{ GLOB_TEXT, "", "", true },
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(glob_check(GLOB_TEXT, rows[i].pattern));
		if (glob_match(rows[i].kind, rows[i].pattern, rows[i].text, strlen(rows[i].text)) !=
		    rows[i].matches)
			fail_msg("%s: %s", rows[i].pattern, rows[i].text);
	}
}

static void test_check(void **state)
{
	(void)state;
	assert_non_null(glob_check(GLOB_PATH, "/a["));
	assert_non_null(glob_check(GLOB_PATH, "/a[]"));
	assert_non_null(glob_check(GLOB_PATH, "/a[!]"));
	assert_non_null(glob_check(GLOB_PATH, "/a\\"));
	assert_null(glob_check(GLOB_PATH, "/a\\["));
	assert_null(glob_check(GLOB_PATH, "/a[]]"));
}

/* A target's longest path against a pattern made to be retried. */
static void test_bounded(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_false(glob_match(GLOB_PATH, "/**a*a*a*a*a*a*a*b", text, sizeof(text)));
	for (size_t i = 0; i < sizeof(text); i += 2)
		text[i] = '/';
	assert_false(glob_match(GLOB_PATH, "/**/a/**/a/**/a/**/a/**/b", text, sizeof(text)));
}

/* A pattern that matches no resolved path would be a rule that is never asked. */
static void test_check_path(void **state)
{
	static const char *const wrong[] = { "",       "a",    "*/a", "/a/",   "/**/",
		                             "/a//b",  "/a/.", "/..", "/a/..", "/a/../b",
		                             "/a/./b", "//",   "./a" };
	static const char *const right[] = { "/",  "/a",    "/**",    "**/a",
		                             "**", "/a/.b", "/a/b..", "/a/..b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (!glob_check(GLOB_PATH, wrong[i]))
			fail_msg("%s was taken", wrong[i]);
	for (size_t i = 0; i < ARRAY_SIZE(right); i++)
		if (glob_check(GLOB_PATH, right[i]))
			fail_msg("%s: expected %s", right[i], glob_check(GLOB_PATH, right[i]));
	assert_null(glob_check(GLOB_TEXT, "a/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_path),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
