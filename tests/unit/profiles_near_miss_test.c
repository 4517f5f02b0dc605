/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_misses_nearest_first),
		cmocka_unit_test(test_of_two_capabilities_the_one_that_opens_less),
		cmocka_unit_test(test_near_miss_through_socketcall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
