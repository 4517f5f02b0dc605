/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/syscall_near.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/syscalls.h"

static void test_nearest(void **state)
{
	char name[SYSCALL_NAME_SIZE];

	(void)state;
	syscall_nearest("opneat", name);
	assert_string_equal(name, "openat");
	syscall_nearest("qqqqqqqqqqqqqq", name);
	assert_string_equal(name, "");
}

/* What is newer is what libseccomp does not know and our own table does. */
static void test_newer(void **state)
{
	struct newer_syscalls newer = { 0 };

	(void)state;
	assert_false(syscall_is_newer(&newer, "openat"));
	assert_false(syscall_is_newer(&newer, "no_such_call"));
	for (size_t i = 0; i < newer.count; i++) {
		assert_false(syscall_known(newer.names[i]));
		assert_true(syscall_is_newer(&newer, newer.names[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_newer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
