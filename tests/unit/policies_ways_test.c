/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <seccomp.h>
#include <string.h>
#include <cmocka.h>

/* The table is searched by halves, and every row is about a call whose arguments are known. */
static void test_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; way_at(i); i++) {
		const struct way_row *row = way_at(i);
		const struct signature *signature = signature_find(SCMP_ARCH_X86_64, row->syscall);

		if (i > 0)
			assert_true(strcmp(way_at(i - 1)->syscall, row->syscall) < 0);
		assert_ptr_equal(way_find(row->syscall), row);
		assert_int_not_equal(row->way, WAY_NONE);
		assert_non_null(signature);
		if (row->address.length > 0) {
			assert_int_equal(signature->args[row->address.index].type,
			                 ARGUMENT_SOCKADDR);
			assert_int_equal(signature->args[row->address.index].length,
			                 row->address.length);
		}
	}
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(way_find("openat")->way, WAY_PERFORM);
	assert_int_equal(way_find("execve")->way, WAY_FREEZE);
	assert_null(way_find("clone3"));
	assert_null(way_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
