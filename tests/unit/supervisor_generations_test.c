/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/generations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct policy *policy_of(uint32_t generation)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	assert_non_null(policy);
	policy->generation = generation;
	return policy;
}

static void test_none(void **state)
{
	struct generations generations = { 0 };

	(void)state;
	assert_null(generations_present(NULL));
	assert_null(generations_present(&generations));
	assert_null(generations_find(&generations, 0));
	generations_deinit(&generations);
}

/* The last ones are kept, and no more of them. */
static void test_many(void **state)
{
	const uint32_t last = 3 * GENERATIONS_KEPT;
	struct generations generations = { 0 };

	(void)state;
	for (uint32_t generation = 1; generation <= last; generation++) {
		generations_add(&generations, policy_of(generation));
		assert_int_equal(generations_present(&generations)->generation, generation);
	}
	for (uint32_t generation = 0; generation <= last + 1; generation++) {
		const struct policy *found = generations_find(&generations, generation);
		bool kept = generation > last - GENERATIONS_KEPT && generation <= last;

		assert_true(kept == (found != NULL));
		assert_true(!found || found->generation == generation);
	}
	generations_deinit(&generations);
	assert_null(generations_present(&generations));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
