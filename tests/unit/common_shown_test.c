/* SPDX-License-Identifier: Apache-2.0 */
#include "common/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_shown(void **state)
{
	struct shown buf;
	char long_name[100];

	(void)state;
	assert_string_equal(shown(&buf, "a\"b\n"), "\"a\\\"b\\n\"");
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_non_null(strstr(shown(&buf, long_name), "…\""));
}

static void test_meant(void **state)
{
	struct shown buf;

	(void)state;
	assert_string_equal(meant(&buf, NULL), "");
	assert_string_equal(meant(&buf, "openat"), "; did you mean \"openat\"?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
