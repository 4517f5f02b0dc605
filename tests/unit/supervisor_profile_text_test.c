/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/profile_text.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
	struct action action;
	const char *expected;
} action_rows[] = {
	{ { ACTION_ALLOW, 0 }, "ALLOW" },
	{ { ACTION_ERRNO, 1 }, "ERRNO(EPERM)" },
	{ { ACTION_ERRNO, 38 }, "ERRNO(ENOSYS)" },
	{ { ACTION_ERRNO, 0 }, "ERRNO(0)" },
	{ { ACTION_ERRNO, 4094 }, "ERRNO(errno 4094)" },
	{ { ACTION_TRACE, 7 }, "TRACE(7)" },
	{ { ACTION_KILL_THREAD, 0 }, "KILL_THREAD" },
	{ { ACTION_NOTIFY, 0 }, "NOTIFY" },
};

static const struct {
	const char *syscall;
	struct comparison comparison;
	const char *plain, *named;
} comparison_rows[] = {
	{ "socket", { 0, COMPARE_LT, 38, 0 }, "domain < 38", "domain < 38 (AF_ALG)" },
	{ "socket", { 0, COMPARE_EQ, 0xfffff, 0 }, "domain == 0xfffff", "domain == 0xfffff" },
	{ "unshare",
	  { 0, COMPARE_MASKED_EQ, 0x10020000, 0 },
	  "flags & 0x10020000 == 0",
	  "flags & 0x10020000 == 0 (CLONE_NEWNS | CLONE_NEWUSER)" },
	{ "read",
	  { 2, COMPARE_GE, UINT64_MAX, 0 },
	  "count >= 0xffffffffffffffff",
	  "count >= 0xffffffffffffffff" },
	{ "read", { 5, COMPARE_NE, 1, 0 }, "a5 != 1", "a5 != 1" },
	{ "no such", { 0, COMPARE_GT, 255, 0 }, "a0 > 255", "a0 > 255" },
	{ "no such", { 1, COMPARE_LE, 256, 0 }, "a1 <= 0x100", "a1 <= 0x100" },
};

static void test_actions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++) {
		char bytes[64];
		struct text text = TEXT_OVER(bytes);

		action_text(&text, action_rows[i].action);
		assert_string_equal(bytes, action_rows[i].expected);
	}
}

static void test_comparisons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(comparison_rows); i++) {
		const struct signature *signature =
			signature_find(SCMP_ARCH_X86_64, comparison_rows[i].syscall);
		char bytes[256];
		struct text text = TEXT_OVER(bytes);

		comparison_text(&text, signature, &comparison_rows[i].comparison);
		assert_string_equal(bytes, comparison_rows[i].plain);
		text_clear(&text);
		comparison_named_text(&text, signature, &comparison_rows[i].comparison);
		assert_string_equal(bytes, comparison_rows[i].named);
	}
}

static void test_dialects(void **state)
{
	(void)state;
	assert_string_equal(dialect_name(DIALECT_DOCKER), "docker");
	assert_string_equal(dialect_name(DIALECT_PODMAN), "podman");
	assert_string_equal(dialect_name(DIALECT_OCI), "oci");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
