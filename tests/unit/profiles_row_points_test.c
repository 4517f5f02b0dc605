/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/row_points.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

/* Looks for calls with these arguments, and counts the visits. */
struct search {
	const uint64_t *wanted; /* of argument 0 */
	size_t n_wanted;
	unsigned found; /* a bit for each */
	unsigned visits;
	unsigned end_at; /* 0: never */
};

static int visit(void *context, const struct seccomp_data *call)
{
	struct search *search = context;

	assert_int_equal(call->nr, 41);
	assert_int_equal(call->arch, AUDIT_ARCH_X86_64);
	for (size_t i = 0; i < search->n_wanted; i++)
		if (call->args[0] == search->wanted[i])
			search->found |= 1U << i;
	return ++search->visits == search->end_at ? 7 : 0;
}

static int walk(const struct match *matches, size_t n_matches, struct search *search,
                struct seccomp_data *call)
{
	struct match copy[4];
	const struct syscall_rules rules = { .nr = 41, .matches = copy, .n_matches = n_matches };

	for (size_t i = 0; i < n_matches; i++)
		copy[i] = matches[i];
	*call = (struct seccomp_data){ .arch = AUDIT_ARCH_X86_64 };
	return row_points(&rules, call, visit, search);
}

#define ON(op_, value_, two_)                                                                      \
	{                                                                                          \
		.n_args = 1, .args = {                                                             \
			{ .op = COMPARE_##op_, .value = value_, .value_two = two_ }                \
		}                                                                                  \
	}

static const struct {
	struct match match;
	uint64_t wanted[6];
} rows[] = {
	{ ON(EQ, 40, 0), { 39, 40, 41, (UINT64_C(1) << 32) + 40, 0, UINT64_MAX } },
	{ ON(LT, UINT64_C(1) << 32, 0),
	  { UINT32_MAX, UINT64_C(1) << 32, (UINT64_C(1) << 32) + 1, UINT64_C(2) << 32, 0,
	    UINT64_MAX } },
	{ ON(MASKED_EQ, 0xf0, 0x50),
	  { 0x50, 0x40, 0xd0, 0xa0, UINT64_MAX - 0xa0, UINT64_C(0xffffffff00000050) } },
};

static void test_edges(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct search search = { .wanted = rows[i].wanted, .n_wanted = 6 };
		struct seccomp_data call;

		assert_int_equal(walk(&rows[i].match, 1, &search, &call), 0);
		assert_int_equal(search.found, (1U << 6) - 1);
	}
}

static void test_ends_where_told(void **state)
{
	const struct match match = ON(EQ, 40, 0);
	struct search search = { .end_at = 1 };
	struct seccomp_data call;
	(void)state;

	assert_int_equal(walk(&match, 1, &search, &call), 7);
	assert_int_equal(search.visits, 1);
	assert_int_equal(call.args[0], 40);
}

/* Six arguments with ten values each would be a million: the walk stays bounded. */
static void test_bounded(void **state)
{
	struct match match = { .n_args = 6 };
	struct search search = { 0 };
	struct seccomp_data call;
	(void)state;

	for (unsigned i = 0; i < 6; i++)
		match.args[i] = (struct comparison){ .index = i, .op = COMPARE_EQ, .value = 5 };
	assert_int_equal(walk(&match, 1, &search, &call), 0);
	assert_in_range(search.visits, 1000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_ends_where_told),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
