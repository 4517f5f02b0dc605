/* SPDX-License-Identifier: Apache-2.0 */
#include "common/near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

static const char *const known[] = { "read",   "readv",  "openat",         "unlinkat",
	                             "socket", "rename", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO" };

static const struct {
	const char *wrong;
	const char *best;
} rows[] = {
	{ "raed", "read" },                    /* a swap is one edit */
	{ "READ", "read" },                    /* case is none */
	{ "reed", "read" },                    /* replaced */
	{ "rea", "read" },                     /* left out */
	{ "openatt", "openat" },               /* put in */
	{ "unlinka", "unlinkat" },             /* 1 of 7 */
	{ "SCMP_ACT_ALOW", "SCMP_ACT_ALLOW" }, /* the nearer of two */
	{ "SCMP_ACT_DENY", NULL },             /* the long prefix makes no near miss */
	{ "SCMP_ACT_XYZ", NULL },
	{ "ra", NULL },         /* a short name may have one edit */
	{ "sokcte", "socket" }, /* two swaps of six letters */
	{ "frobnicate", NULL },
	{ "", NULL },
	{ "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr", NULL },
};

static void test_finds_what_was_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct near near = near_to(rows[i].wrong);

		for (size_t k = 0; k < ARRAY_SIZE(known); k++)
			near_offer(&near, known[k]);
		if (rows[i].best)
			assert_string_equal(near.best, rows[i].best);
		else
			assert_null(near.best);
	}
}

static void test_takes_the_longest_names(void **state)
{
	/* 63 and 64 letters */
	const char *longest = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk";
	const char *longer = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl";
	struct near near = near_to(longest);

	(void)state;
	near_offer(&near, longer);
	assert_null(near.best);
	near_offer(&near, longest);
	assert_ptr_equal(near.best, longest);
	assert_int_equal(near_to(longer).distance, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_what_was_meant),
		cmocka_unit_test(test_takes_the_longest_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
