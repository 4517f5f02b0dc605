/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/capability.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/resolve.h"
#include "profiles/syscalls.h"
#include "tests/support/profile_fixture.h"

#define ERRNO "'defaultAction':'SCMP_ACT_ERRNO'"
#define ALLOW "'action':'SCMP_ACT_ALLOW'"
#define X86_AND_X32 "'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86','SCMP_ARCH_X32']"
#define EQ(index, value) "{'index':" #index ",'value':" #value ",'op':'SCMP_CMP_EQ'}"

static void test_near_misses_nearest_first(void **state)
{
	static const char profile[] =
		"{" ERRNO ",'syscalls':["
		"{'names':['read']," ALLOW ",'includes':{'arches':['s390x']}},"
		"{'names':['read']," ALLOW ",'includes':{'caps':['CAP_SYS_ADMIN','CAP_BPF']}},"
		"{'names':['write'],'action':'SCMP_ACT_ALLOW'},"
		"{'names':['read']," ALLOW ",'includes':{'caps':['CAP_SYS_ADMIN']}},"
		"{'names':['read']," ALLOW ",'args':[" EQ(0, 4) "," EQ(
			1,
			5) "]},"
			   "{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':13,'args':[" EQ(
				   0, 8) "]}]}";
	static const size_t order[] = { 4, 3, 1, 0 };
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 0, .args = { 4, 6 } };
	struct near_miss misses[8];
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, misses, 8), ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_int_equal(misses[i].rule->index, order[i]);
	assert_ptr_equal(misses[0].comparison, &fixture.profile->rules[4].args[1]);
	assert_int_equal(misses[1].missing_caps, UINT64_C(1) << CAP_SYS_ADMIN);
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, misses, 2), 2);
	assert_int_equal(misses[1].rule->index, 3);
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, misses, 0), 0);
	fixture_free(&fixture);
}

static void test_of_two_capabilities_the_one_that_opens_less(void **state)
{
	static const char profile[] =
		"{" ERRNO ",'syscalls':["
		"{'names':['syslog','mount']," ALLOW ",'includes':{'caps':['CAP_SYS_ADMIN']}},"
		"{'names':['syslog']," ALLOW ",'includes':{'caps':['CAP_SYSLOG']}}]}";
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 103 };
	struct near_miss misses[2];
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, misses, 2), 2);
	assert_int_equal(misses[0].missing_caps, UINT64_C(1) << CAP_SYSLOG);
	assert_int_equal(misses[1].missing_caps, UINT64_C(1) << CAP_SYS_ADMIN);
	fixture_free(&fixture);
}

static void test_near_miss_through_socketcall(void **state)
{
	static const char profile[] =
		"{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['bind','accept4']," ALLOW
		",'includes':{'caps':['CAP_SYS_ADMIN']}}]}";
	struct seccomp_data call = { .arch = AUDIT_ARCH_I386, .nr = 102, .args = { 2 } };
	struct near_miss miss;
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, &miss, 1), 1);
	call.args[0] = 3; /* connect */
	assert_int_equal(ruleset_near_misses(fixture.ruleset, &call, &miss, 1), 0);
	fixture_free(&fixture);
}

/* What the walk over a profile's names rests on: no two names have one number. */
static void test_a_number_has_one_name(void **state)
{
	static const uint32_t abis[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 };
	static const uint32_t naming[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86,  SCMP_ARCH_ARM,
		                           SCMP_ARCH_PPC64,  SCMP_ARCH_MIPS, SCMP_ARCH_S390X };
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(abis) * ARRAY_SIZE(naming); i++) {
		uint32_t abi = abis[i / ARRAY_SIZE(naming)], from = naming[i % ARRAY_SIZE(naming)];

		for (int nr = syscall_next(from, -1); nr >= 0; nr = syscall_next(from, nr)) {
			_cleanup_free_ char *name = seccomp_syscall_resolve_num_arch(from, nr);
			_cleanup_free_ char *back = NULL;
			struct numbers numbers;

			if (!name || numbers_resolve(abi, name, &numbers) < 0 || numbers.direct < 0)
				continue;
			back = seccomp_syscall_resolve_num_arch(abi, numbers.direct);
			assert_string_equal(back, name);
			named++;
		}
	}
	assert_true(named > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_misses_nearest_first),
		cmocka_unit_test(test_of_two_capabilities_the_one_that_opens_less),
		cmocka_unit_test(test_near_miss_through_socketcall),
		cmocka_unit_test(test_a_number_has_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
