/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile_prefix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/plan_rows.h"
#include "tests/support/profile_fixture.h"

/* A number of i386 that no table has a name for, now or soon. */
enum { NAMELESS = 999 };

static const char profile[] =
	"{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86']}";

static void test_asked_without_a_name(void **state)
{
	const struct plan_call asked[] = { { SCMP_ARCH_X86, NAMELESS }, { SCMP_ARCH_X86, 1 } };
	const struct plan_options options = { .asked = asked, .n_asked = ARRAY_SIZE(asked) };
	struct seccomp_data call;
	struct fixture fixture;
	struct filter filter;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(plan_build(fixture.ruleset, &options, &plan), 0);
	for (size_t i = 0; i < plan->n_abis; i++)
		for (size_t k = 0; k < plan->abis[i].n_rows; k++)
			assert_int_equal(
				compile_in_front(plan->abis[i].abi, &plan->abis[i].rows[k]),
				plan->abis[i].rows[k].nr == NAMELESS);
	assert_int_equal(filter_compile(plan, &filter), 0);
	assert_int_equal(filter_verify(&filter, plan, &call), 0);
	call = (struct seccomp_data){ .arch = AUDIT_ARCH_I386, .nr = NAMELESS };
	assert_int_equal(plan_expect(plan, &call), SECCOMP_RET_USER_NOTIF);
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

static void test_native_number(void **state)
{
	const struct abi native = { .scmp_arch = seccomp_arch_native() };
	const struct abi x86 = { .scmp_arch = SCMP_ARCH_X86 };

	(void)state;
	assert_int_equal(compile_native_number(&native, NAMELESS), NAMELESS);
	assert_int_equal(compile_native_number(&x86, NAMELESS), __NR_SCMP_ERROR);
	assert_int_equal(compile_native_number(&x86, 5), seccomp_syscall_resolve_name("open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_without_a_name),
		cmocka_unit_test(test_native_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
