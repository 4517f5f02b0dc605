/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "common/err.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(stack_how_name(STACK_CFI), "cfi");
	assert_string_equal(stack_how_name(STACK_FP), "fp");
	assert_string_equal(stack_how_name(STACK_SCAN), "scan");
	assert_string_equal(stack_how_name(STACK_HOW_COUNT), "?");
}

/* Whatever keeps a stack away says what it was. */
static void test_missing(void **state)
{
	(void)state;
	for (unsigned status = 0; status < STACK_STATUS_COUNT; status++) {
		if (status == STACK_NONE || status == STACK_UNWOUND)
			assert_null(stack_missing(status));
		else
			assert_non_null(stack_missing(status));
	}
	assert_string_equal(stack_missing(STACK_STATUS_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
