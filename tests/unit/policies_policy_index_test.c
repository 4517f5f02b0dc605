/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/policy_fixture.h"
#include "tests/support/profile_fixture.h"

enum {
	I386_SOCKETCALL = 102,
	SOCKETCALL_CONNECT = 3,
	X32_BIT = 0x40000000,
};

static const struct policy_syscall *find(const struct policy_fixture *fixture, uint32_t audit_arch,
                                         int nr, uint64_t first)
{
	const struct seccomp_data call = { .arch = audit_arch, .nr = nr, .args = { first } };

	return policy_find(fixture->policy, &call);
}

static int number(uint32_t arch, const char *name)
{
	return seccomp_syscall_resolve_name_arch(arch, name);
}

#define MEMORY "'args':[{'arg':'path','op':'path','value':'/x'}]"

static const struct {
	const char *rules;
	const char *syscall;
	enum policy_class class;
} classes[] = {
	{ "{'names':['openat'],'action':'errno'}", "openat", CLASS_REGISTERS },
	{ "{'names':['openat'],'action':'errno','when':{'uid':0}}", "openat", CLASS_REGISTERS },
	{ "{'names':['openat'],'action':'errno'," MEMORY "}", "openat", CLASS_PERFORMED },
	{ "{'names':['openat','open'],'action':'errno'," MEMORY "}", "open", CLASS_PERFORMED },
	{ "{'names':['execve'],'action':'errno'," MEMORY "}", "execve", CLASS_FROZEN },
	{ "{'names':['openat'],'action':'errno','advisory':true," MEMORY "}", "openat",
	  CLASS_ADVISORY },
	/* one rule that is not is enough for all of the syscall's allows */
	{ "{'names':['openat'],'action':'errno','advisory':true," MEMORY "},"
	  "{'names':['openat'],'action':'allow'," MEMORY "}",
	  "openat", CLASS_PERFORMED },
	{ "{'names':['openat'],'action':'allow'},{'names':['openat'],'action':'errno'," MEMORY "}",
	  "openat", CLASS_PERFORMED },
	{ "{'names':['statfs'],'action':'errno','advisory':true," MEMORY "}", "statfs",
	  CLASS_ADVISORY },
};

static void test_classes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		int nr = number(SCMP_ARCH_X86_64, classes[i].syscall);
		struct policy_fixture fixture;
		char text[512];

		snprintf(text, sizeof(text), "{'rules':[%s]}", classes[i].rules);
		if (policy_fixture_parse(&fixture, text) < 0) {
			policy_fixture_print(&fixture);
			fail_msg("%s", classes[i].rules);
		}
		if (find(&fixture, AUDIT_ARCH_X86_64, nr, 0)->class != classes[i].class)
			fail_msg("%s", classes[i].rules);
		assert_non_null(policy_of_class(fixture.policy, classes[i].class));
		policy_fixture_free(&fixture);
	}
}

/* A rule holds for every form that a call has: no ABI is a way around. */
static void test_forms(void **state)
{
	static const char text[] = "{'rules':[{'names':['connect'],'action':'errno'},"
				   "{'names':['socketcall'],'action':'allow','args':[{'index':0,'"
				   "op':'in','value':3}]},"
				   "{'names':['socket'],'action':'errno'}]}";
	const struct policy_syscall *found;
	struct policy_fixture fixture;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, text), 0);
	assert_string_equal(find(&fixture, AUDIT_ARCH_X86_64, 42, 0)->name, "connect");
	assert_string_equal(find(&fixture, AUDIT_ARCH_X86_64, X32_BIT | 42, 0)->name, "connect");
	assert_string_equal(find(&fixture, AUDIT_ARCH_I386, 362, 0)->name, "connect");
	assert_null(find(&fixture, AUDIT_ARCH_I386, 42, 0)); /* pipe */
	assert_null(find(&fixture, AUDIT_ARCH_AARCH64, 203, 0));
	assert_null(find(&fixture, AUDIT_ARCH_X86_64, -1, 0));
	/* The multiplexed call meets the rules on it and on the multiplexer, in order. */
	found = find(&fixture, AUDIT_ARCH_I386, I386_SOCKETCALL, SOCKETCALL_CONNECT);
	assert_true(found->muxed);
	assert_int_equal(found->n_matches, 2);
	assert_int_equal(found->matches[0].rule->index, 0);
	assert_true(found->matches[0].opaque);
	assert_int_equal(found->matches[1].rule->index, 1);
	assert_false(found->matches[1].opaque);
	found = find(&fixture, AUDIT_ARCH_I386, I386_SOCKETCALL, 99);
	assert_false(found->muxed);
	assert_int_equal(found->n_matches, 1);
	policy_fixture_free(&fixture);
}

/* Old i386 calls take a block of memory: there a condition can be in doubt, and is no error. */
static void test_opaque(void **state)
{
	static const char text[] =
		"{'rules':[{'names':['mmap'],'action':'errno','args':[{'arg':'prot',"
		"'op':'flags','value':{'all':'PROT_EXEC'}}]}]}";
	struct policy_fixture fixture;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, text), 0);
	assert_false(find(&fixture, AUDIT_ARCH_X86_64, 9, 0)->matches[0].opaque);
	assert_true(find(&fixture, AUDIT_ARCH_I386, 90, 0)->matches[0].opaque);
	policy_fixture_free(&fixture);
}

static void test_newer(void **state)
{
	struct policy_fixture fixture;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, "{'notify':['mseal','openat2']}"), 0);
	assert_int_equal(fixture.policy->n_syscalls, 0);
	assert_int_equal(fixture.policy->n_notified, 6); /* two of three ABIs */
	policy_fixture_free(&fixture);
}

static void test_unreached(void **state)
{
	static const char profile[] =
		"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86_64'],'syscalls':"
		"["
		"{'names':['read','openat','socket'],'action':'SCMP_ACT_ALLOW'}]}";
	const struct plan_call asked = { SCMP_ARCH_X86_64, 41 /* socket */ };
	const struct plan_options options = { .asked = &asked, .n_asked = 1 };
	struct plan_call unreached[2];
	struct policy_fixture fixture;
	struct fixture rules;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_parse(&rules, profile, fixture_host()), 0);
	assert_int_equal(plan_build(rules.ruleset, &options, &plan), 0);
	assert_int_equal(
		policy_fixture_parse(&fixture, "{'notify':['mount','openat','read','socket']}"), 0);
	assert_int_equal(policy_unreached(fixture.policy, plan, unreached, 1), 2);
	assert_int_equal(unreached[0].nr, 0); /* read; mount is denied, and so notified */
	policy_fixture_free(&fixture);
	plan_free(plan);
	fixture_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),   cmocka_unit_test(test_forms),
		cmocka_unit_test(test_opaque),    cmocka_unit_test(test_newer),
		cmocka_unit_test(test_unreached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
