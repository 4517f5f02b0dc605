/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_inverse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

#define ON(index_, op_, value_)                                                                    \
	{                                                                                          \
		.n_args = 1, .args = { { .index = index_, .op = COMPARE_##op_, .value = value_ } } \
	}
#define BOTH(value_)                                                                               \
	{                                                                                          \
		.n_args = 2, .args = {                                                             \
			{ .op = COMPARE_EQ, .value = value_ },                                     \
			{ .index = 1, .op = COMPARE_EQ, .value = value_ }                          \
		}                                                                                  \
	}

enum { NOT_SO = 99 };

static const struct {
	struct match matches[3];
	size_t n_matches;
	unsigned n_points; /* NOT_SO: it is not a few points */
	uint64_t points[2];
} rows[] = {
	/* Docker's socket(2): all families but 38 and 40 */
	{ { ON(0, LT, 38), ON(0, EQ, 39), ON(0, GT, 40) }, 3, 2, { 38, 40 } },
	{ { ON(2, NE, 7) }, 1, 1, { 7 } },
	{ { ON(0, LE, UINT64_MAX - 1) }, 1, 1, { UINT64_MAX } },
	{ { ON(0, GE, 1) }, 1, 1, { 0 } },
	{ { ON(0, LT, 9), ON(0, GT, 9) }, 2, 1, { 9 } },
	{ { ON(0, LT, 38), ON(0, GT, 39) }, 2, 2, { 38, 39 } },
	/* a range is left over, or nothing */
	{ { ON(0, EQ, 5) }, 1, NOT_SO, { 0 } },
	{ { ON(0, LT, 38), ON(0, GT, 50) }, 2, NOT_SO, { 0 } },
	{ { ON(0, GE, 0) }, 1, NOT_SO, { 0 } },
	{ { ON(0, NE, 3), ON(0, EQ, 3) }, 2, NOT_SO, { 0 } },
	/* two arguments, and masks */
	{ { ON(0, NE, 3), ON(1, NE, 3) }, 2, NOT_SO, { 0 } },
	{ { BOTH(3) }, 1, NOT_SO, { 0 } },
	{ { ON(0, MASKED_EQ, 3) }, 1, NOT_SO, { 0 } },
	{ { { 0 } }, 0, NOT_SO, { 0 } },
};

static struct syscall_rules rules_of(size_t row, struct match copy[3])
{
	for (size_t i = 0; i < rows[row].n_matches; i++)
		copy[i] = rows[row].matches[i];
	return (struct syscall_rules){ .matches = copy, .n_matches = rows[row].n_matches };
}

static void test_points(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct match copy[3];
		struct syscall_rules rules = rules_of(i, copy);
		struct inverse inverse = { 0 };
		bool made = inverse_make(INVERSE_POINTS, &rules, &inverse);

		assert_int_equal(made, rows[i].n_points != NOT_SO);
		assert_int_equal(inverse.n_rules, made ? rows[i].n_points : 0);
		for (unsigned j = 0; j < inverse.n_rules; j++) {
			assert_int_equal(inverse.rules[j].op, COMPARE_EQ);
			assert_int_equal(inverse.rules[j].index, rows[i].matches[0].args[0].index);
			assert_int_equal(inverse.rules[j].value, rows[i].points[j]);
		}
	}
}

static void test_too_many_points(void **state)
{
	struct match matches[INVERSE_MAX + 2];
	struct syscall_rules rules = { .matches = matches };
	struct inverse inverse;
	(void)state;

	/* 1, 3, 5 ... are left over, and all from the last on is not */
	for (unsigned i = 0; i <= INVERSE_MAX; i++)
		matches[i] = (struct match)ON(0, EQ, 2 * i);
	matches[INVERSE_MAX + 1] = (struct match)ON(0, GT, 2 * INVERSE_MAX);
	rules.n_matches = INVERSE_MAX + 2;
	assert_true(inverse_make(INVERSE_POINTS, &rules, &inverse));
	assert_int_equal(inverse.n_rules, INVERSE_MAX);
	matches[0] = (struct match)ON(0, EQ, 2 * INVERSE_MAX);
	assert_false(inverse_make(INVERSE_POINTS, &rules, &inverse));
}

/* The two that always hold: every value meets one of their rules. */
static void test_all(void **state)
{
	static const uint64_t values[] = { 0, 1, 0x7fffffff, 0x80000000, UINT32_MAX, UINT64_MAX };
	struct syscall_rules rules = { 0 };
	(void)state;

	for (enum inverse_kind kind = INVERSE_FLOOR; kind < INVERSE_COUNT; kind++) {
		struct inverse inverse;

		assert_true(inverse_make(kind, &rules, &inverse));
		for (size_t i = 0; i < 2 * ARRAY_SIZE(values); i++) {
			struct seccomp_data call = { .args = { values[i / 2] } };
			bool holds = false;

			for (unsigned j = 0; j < inverse.n_rules; j++)
				holds |= comparison_holds(&inverse.rules[j], i % 2, &call);
			assert_true(holds);
		}
	}
	{
		struct inverse inverse;

		assert_true(inverse_make(INVERSE_NONE, &rules, &inverse));
		assert_int_equal(inverse.n_rules, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_too_many_points),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
