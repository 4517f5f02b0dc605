/* SPDX-License-Identifier: Apache-2.0 */
/* Which calls of a name a row of a table is about: told by the low 32 bits of one argument. */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

enum call_test_kind {
	TEST_NONE,   /* every call of the name */
	TEST_EQUALS, /* the argument is value */
	TEST_ANY_OF, /* it has one of value's bits */
};

struct call_test {
	enum call_test_kind kind;
	unsigned index;
	uint32_t value;
};

static inline bool call_test_holds(const struct call_test *test, const struct seccomp_data *call)
{
	uint32_t argument;

	if (test->kind == TEST_NONE)
		return true;
	argument = (uint32_t)call->args[test->index];
	return test->kind == TEST_EQUALS ? argument == test->value : (argument & test->value) != 0;
}
