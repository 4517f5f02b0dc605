/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/severity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"
#include "profiles/knowledge.h"

static const struct {
	const char *name;
	bool any; /* arguments */
	struct seccomp_data call;
	enum severity severity;
	bool said; /* why */
} rows[] = {
	{ "read", true, { 0 }, SEVERITY_LOW, false },
	{ "statx", true, { 0 }, SEVERITY_LOW, false },
	{ "mount", false, { 0 }, SEVERITY_HIGH, true },
	{ "syscall_470", true, { 0 }, SEVERITY_MEDIUM, true },
	{ "personality", true, { 0 }, SEVERITY_MEDIUM, true },
	{ "clone", true, { 0 }, SEVERITY_HIGH, true },
	{ "clone", false, { .args = { 0x11 } }, SEVERITY_LOW, false },
	{ "clone", false, { .args = { 0x10000011 } }, SEVERITY_HIGH, true },
	{ "clone", false, { .args = { UINT64_C(0x1000000000000011) } }, SEVERITY_LOW, false },
	{ "unshare", false, { .args = { 0x80 } }, SEVERITY_HIGH, true },
	{ "unshare", false, { .args = { 0x400 } }, SEVERITY_LOW, false },
	{ "socket", true, { 0 }, SEVERITY_HIGH, true },
	{ "socket", false, { .args = { 38 } }, SEVERITY_HIGH, true },
	{ "socket", false, { .args = { UINT64_C(0x100000026) } }, SEVERITY_HIGH, true },
	{ "socket", false, { .args = { 40 } }, SEVERITY_MEDIUM, true },
	{ "socket", false, { .args = { 2 } }, SEVERITY_LOW, false },
	{ "ioctl", false, { .args = { 0, 0x5412 } }, SEVERITY_HIGH, true },
	{ "ioctl", false, { .args = { 0x5412, 0 } }, SEVERITY_LOW, false },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct seccomp_data *call = rows[i].any ? NULL : &rows[i].call;
		const char *why;

		assert_int_equal(severity_of(rows[i].name, call, &why), rows[i].severity);
		assert_int_equal(why != NULL, rows[i].said);
		assert_int_equal(severity_of(rows[i].name, call, NULL), rows[i].severity);
	}
}

/* What is blocked on purpose is never the program's own business alone. */
static void test_known_calls_are_not_low(void **state)
{
	const struct knowledge *knowledge;

	(void)state;
	for (size_t i = 0; (knowledge = knowledge_at(i)); i++) {
		const char *why = NULL;

		assert_int_not_equal(severity_of(knowledge->syscall, NULL, &why), SEVERITY_LOW);
		assert_non_null(why);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_LOW), "low");
	assert_string_equal(severity_name(SEVERITY_MEDIUM), "medium");
	assert_string_equal(severity_name(SEVERITY_HIGH), "high");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_known_calls_are_not_low),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
