/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/freezing_look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	const char *head;
	int result;
	const char *interpreter;
} rows[] = {
	{ "#!/bin/sh\n", 1, "/bin/sh" },
	{ "#!/bin/sh", 1, "/bin/sh" },
	{ "#! \t/usr/bin/env python3\nimport os\n", 1, "/usr/bin/env" },
	{ "#!/bin/awk -f\n", 1, "/bin/awk" },
	{ "#!sh\n", 1, "sh" },
	{ "#!/a\tb\n", 1, "/a" },
	{ "#!\n/bin/sh\n", -ENOEXEC, "" },
	{ "#!", -ENOEXEC, "" },
	{ "#! ", -ENOEXEC, "" },
	{ "#/bin/sh\n", 0, "" },
	{ "\177ELF", 0, "" },
	{ "#", 0, "" },
	{ "", 0, "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[64] = "";

		assert_int_equal(
			freezing_interpreter(rows[i].head, strlen(rows[i].head), buf, sizeof(buf)),
			rows[i].result);
		assert_string_equal(buf, rows[i].interpreter);
	}
}

/* The kernel looks at 256 bytes, and takes no name that it cannot see the end of. */
static void test_long(void **state)
{
	char head[256], buf[256];

	(void)state;
	memset(head, 'a', sizeof(head));
	memcpy(head, "#!/", 3);
	assert_int_equal(freezing_interpreter(head, sizeof(head), buf, sizeof(buf)), -ENOEXEC);
	head[255] = '\n';
	assert_int_equal(freezing_interpreter(head, sizeof(head), buf, sizeof(buf)), 1);
	assert_int_equal(strlen(buf), 253);
	assert_int_equal(freezing_interpreter(head, sizeof(head), buf, 253), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
