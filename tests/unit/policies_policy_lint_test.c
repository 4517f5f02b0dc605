/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy_lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/policy_fixture.h"
#include "tests/support/profile_fixture.h"

#define OPEN_FAMILY "'openat','open','openat2','creat','open_by_handle_at'"
#define MEMORY "'args':[{'arg':'path','op':'path','value':'/x'}]"
#define NO_URING "{'names':['io_uring_setup'],'action':'errno'}"

/* Rules, and what is found in them beside a profile that allows everything, in order. */
static const struct {
	const char *rules;
	const char *ids[3];
	const char *says;
} rows[] = {
	{ "{'names':['uname'],'action':'errno'}", { NULL }, NULL },
	/* siblings */
	{ "{'names':['openat','open'],'action':'errno'}," NO_URING,
	  { "policy-sibling-open" },
	  "openat2, creat, open_by_handle_at" },
	{ "{'names':[" OPEN_FAMILY "],'action':'errno'}," NO_URING, { NULL }, NULL },
	{ "{'names':['openat'],'action':'errno'},{'names':['open','openat2','creat',"
	  "'open_by_handle_at'],'action':'allow'}," NO_URING,
	  { NULL },
	  NULL }, /* the others have a rule: its author knows them */
	{ "{'names':['openat'],'action':'allow'}", { NULL }, NULL },
	{ "{'names':['mkdir'],'action':'allow','when':{'uid':0}}," NO_URING,
	  { "policy-sibling-open" },
	  "mkdirat" },
	/* io_uring */
	{ "{'names':[" OPEN_FAMILY "],'action':'errno'}", { "policy-io-uring-open" }, "denies it" },
	{ "{'names':['bind'],'action':'errno'},{'names':['io_uring_setup'],'action':'allow'}",
	  { "policy-io-uring-open" },
	  NULL },
	/* what nothing reaches */
	{ "{'names':['uname'],'action':'errno'},{'names':['uname'],'action':'allow'}",
	  { "policy-unreachable" },
	  "line 1" },
	{ "{'names':['uname'],'action':'errno','limit':{'count':1,'seconds':1}},"
	  "{'names':['uname'],'action':'allow'}",
	  { NULL },
	  NULL },
	{ "{'names':['uname'],'action':'errno','when':{'uid':0}},{'names':['uname'],'action':"
	  "'allow'}",
	  { NULL },
	  NULL },
	{ "{'names':['uname'],'action':'errno'},{'names':['uname','sync'],'action':'allow'}",
	  { NULL },
	  NULL },
	{ "{'names':['uname'],'action':'errno'},{'names':['sync'],'action':'errno'},"
	  "{'names':['sync','uname'],'action':'allow'}",
	  { "policy-unreachable" },
	  NULL },
	/* numbers, names, flags */
	{ "{'names':['fstat'],'action':'errno','args':[{'index':0,'op':'in','value':[3]}]}",
	  { "policy-racy-number" },
	  "descriptor" },
	{ "{'names':['getpgid'],'action':'errno','args':[{'index':0,'op':'SCMP_CMP_EQ','value':"
	  "3}]}",
	  { "policy-racy-number" },
	  "process" },
	{ "{'names':['getpgid'],'action':'errno','args':[{'index':0,'op':'SCMP_CMP_EQ','value':"
	  "0}]}",
	  { NULL },
	  NULL },
	{ "{'names':['socketpair'],'action':'errno','args':[{'arg':'type','op':'SCMP_CMP_EQ',"
	  "'value':'SOCK_STREAM'}]}",
	  { "policy-whole-flags" },
	  "SOCK_CLOEXEC" },
	{ "{'names':['socketpair'],'action':'errno','args':[{'arg':'type','op':'flags','value':"
	  "{'all':'SOCK_STREAM'}}]}",
	  { NULL },
	  NULL },
	{ "{'names':['uname'],'action':'errno','when':{'comm':'x'}}",
	  { "policy-chosen-name" },
	  "exe" },
	{ "{'names':['uname'],'action':'errno','advisory':true}",
	  { "policy-useless-advisory" },
	  NULL },
	{ "{'names':['statfs'],'action':'errno','advisory':true," MEMORY "}", { NULL }, NULL },
};

static void test_rows(void **state)
{
	static const char open_profile[] =
		"{'defaultAction':'SCMP_ACT_ALLOW','architectures':['SCMP_ARCH_X86_64']}";
	struct fixture profile;

	(void)state;
	assert_int_equal(fixture_parse(&profile, open_profile, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy_fixture fixture;
		char text[1024];
		size_t n = 0;

		snprintf(text, sizeof(text), "{'rules':[%s]}", rows[i].rules);
		assert_int_equal(policy_fixture_parse(&fixture, text), 0);
		policy_lint(fixture.policy, profile.ruleset, &fixture.diags);
		while (n < ARRAY_SIZE(rows[i].ids) && rows[i].ids[n])
			n++;
		if (fixture.diags.count != n) {
			policy_fixture_print(&fixture);
			fail_msg("%s", rows[i].rules);
		}
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(fixture.diags.list[k].id, rows[i].ids[k]);
			assert_int_equal(fixture.diags.list[k].level, DIAG_WARNING);
		}
		if (rows[i].says)
			assert_true(policy_fixture_says(&fixture, rows[i].ids[0], rows[i].says));
		policy_fixture_free(&fixture);
	}
	fixture_free(&profile);
}

/* What the profile denies is no way around; without a profile everything is one. */
static void test_profile(void **state)
{
	static const char closed[] =
		"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64'],'syscalls':"
		"[{'names':['openat','open'],'action':'SCMP_ACT_ALLOW'}]}";
	static const char policy[] = "{'rules':[{'names':['openat','open'],'action':'errno'}]}";
	struct policy_fixture fixture;
	struct fixture profile;

	(void)state;
	assert_int_equal(fixture_parse(&profile, closed, fixture_host()), 0);
	assert_int_equal(policy_fixture_parse(&fixture, policy), 0);
	policy_lint(fixture.policy, profile.ruleset, &fixture.diags);
	assert_int_equal(fixture.diags.count, 0);
	policy_lint(fixture.policy, NULL, &fixture.diags);
	assert_int_equal(fixture.diags.count, 2);
	policy_fixture_free(&fixture);
	fixture_free(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
