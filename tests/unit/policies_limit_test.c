/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_window(void **state)
{
	const struct limit limit = { .count = 2, .seconds = 10 };
	_Atomic uint64_t word = 0;

	(void)state;
	assert_true(limit_take(&limit, &word, 5000));
	assert_true(limit_take(&limit, &word, 14999));
	assert_false(limit_take(&limit, &word, 14999));
	assert_true(limit_take(&limit, &word, 15000)); /* the window began at 5000 */
	assert_true(limit_take(&limit, &word, 15001));
	assert_false(limit_take(&limit, &word, 24999));
	assert_true(limit_take(&limit, &word, 100000));
}

/* A clock that starts at 0, and the largest numbers. */
static void test_edges(void **state)
{
	const struct limit one = { .count = 1, .seconds = 1 };
	const struct limit most = { .count = LIMIT_COUNT_MAX, .seconds = LIMIT_SECONDS_MAX };
	_Atomic uint64_t word = 0;

	(void)state;
	assert_true(limit_take(&one, &word, 0));
	assert_false(limit_take(&one, &word, 999));
	assert_true(limit_take(&one, &word, 1000));
	word = 0;
	for (unsigned i = 0; i < LIMIT_COUNT_MAX; i++)
		if (!limit_take(&most, &word, 7))
			fail_msg("only %u", i);
	assert_false(limit_take(&most, &word, 7));
	assert_false(limit_take(&most, &word, 7 + LIMIT_SECONDS_MAX * 1000ULL - 1));
	assert_true(limit_take(&most, &word, 7 + LIMIT_SECONDS_MAX * 1000ULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
