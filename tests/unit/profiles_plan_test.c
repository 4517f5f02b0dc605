/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define PROFILE(default_action, rules)                                                             \
	"{'defaultAction':'SCMP_ACT_" default_action "','syscalls':[" rules "]}"
#define READ(action, args) "{'names':['read'],'action':'SCMP_ACT_" action "','args':[" args "]}"
#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" #op "','value':" #value "}"

enum { OBSERVED, DENY, COMPLAIN, MODES };

static const struct plan_options modes[MODES] = {
	[OBSERVED] = { 0 },
	[DENY] = { .deny_in_kernel = true },
	[COMPLAIN] = { .complain = true },
};

struct expected {
	enum plan_place place;
	enum plan_why why;
	uint32_t returns; /* of read(0, 0, 0) */
	enum plan_place rest;
};

#define ALLOWED PLAN_KERNEL_ALLOW, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW
#define NOTIFIED PLAN_NOTIFY, PLAN_BY_PROFILE, SECCOMP_RET_USER_NOTIF
#define UNSAFE PLAN_NOTIFY, PLAN_UNSAFE_RULES, SECCOMP_RET_USER_NOTIF

static const struct {
	const char *profile;
	struct expected modes[MODES]; /* observed, deny in kernel, complain */
} rows[] = {
	{ PROFILE("ERRNO", READ("ALLOW", "")),
	  { { ALLOWED, PLAN_NOTIFY }, { ALLOWED, PLAN_KERNEL_DENY }, { ALLOWED, PLAN_NOTIFY } } },
	{ PROFILE("ERRNO", READ("NOTIFY", "")),
	  { { NOTIFIED, PLAN_NOTIFY },
	    { NOTIFIED, PLAN_KERNEL_DENY },
	    { NOTIFIED, PLAN_NOTIFY } } },
	/* errno 13 */
	{ PROFILE("ALLOW", "{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':13}"),
	  { { NOTIFIED, PLAN_KERNEL_ALLOW },
	    { PLAN_KERNEL_DENY, PLAN_BY_PROFILE, SECCOMP_RET_ERRNO | 13, PLAN_KERNEL_ALLOW },
	    { NOTIFIED, PLAN_KERNEL_ALLOW } } },
	/* allowed under arguments: the rest is notified, or denied */
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, EQ, 5))),
	  { { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_USER_NOTIF, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ERRNO | EPERM, PLAN_KERNEL_DENY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_USER_NOTIF, PLAN_NOTIFY } } },
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, EQ, 0) "," ARG(1, EQ, 0))),
	  { { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_KERNEL_DENY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY } } },
	/* two errnos under arguments: notified either way */
	{ PROFILE("ERRNO", "{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':13,'args':[" ARG(
				   0, EQ, 0) "]}"),
	  { { NOTIFIED, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ERRNO | 13, PLAN_KERNEL_DENY },
	    { NOTIFIED, PLAN_NOTIFY } } },
	/* kill, trap, trace, log: as written, but complain refuses nothing */
	{ PROFILE("ERRNO", READ("KILL", "")),
	  { { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_KILL_THREAD, PLAN_NOTIFY },
	    { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_KILL_THREAD, PLAN_KERNEL_DENY },
	    { NOTIFIED, PLAN_NOTIFY } } },
	{ PROFILE("KILL_PROCESS", READ("TRAP", "")),
	  { { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_TRAP, PLAN_KERNEL },
	    { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_TRAP, PLAN_KERNEL },
	    { NOTIFIED, PLAN_NOTIFY } } },
	{ PROFILE("LOG", "{'names':['read'],'action':'SCMP_ACT_TRACE','errnoRet':7}"),
	  { { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_TRACE | 7, PLAN_KERNEL },
	    { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_TRACE | 7, PLAN_KERNEL },
	    { PLAN_KERNEL, PLAN_BY_PROFILE, SECCOMP_RET_TRACE | 7, PLAN_KERNEL } } },
	/* shapes that libseccomp gets wrong: several arguments with a range, large ranges */
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, GE, 0) "," ARG(1, EQ, 0))),
	  { { UNSAFE, PLAN_NOTIFY }, { UNSAFE, PLAN_KERNEL_DENY }, { UNSAFE, PLAN_NOTIFY } } },
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, LT, 4294967296))),
	  { { UNSAFE, PLAN_NOTIFY }, { UNSAFE, PLAN_KERNEL_DENY }, { UNSAFE, PLAN_NOTIFY } } },
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, LE, 4294967295))),
	  { { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_KERNEL_DENY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY } } },
	{ PROFILE("ERRNO", READ("ALLOW", ARG(0, EQ, 18446744073709551615))),
	  { { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_USER_NOTIF, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ERRNO | EPERM, PLAN_KERNEL_DENY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_USER_NOTIF, PLAN_NOTIFY } } },
	/* a rule that becomes the filter's default hides another one */
	{ PROFILE("ERRNO", "{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':13,'args':[" ARG(
				   1, EQ, 0) "]}," READ("ALLOW", ARG(0, EQ, 0))),
	  { { UNSAFE, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ERRNO | 13, PLAN_KERNEL_DENY },
	    { UNSAFE, PLAN_NOTIFY } } },
	/* and one that cannot: no argument is 9 and 0 */
	{ PROFILE("ERRNO", "{'names':['read'],'action':'SCMP_ACT_ERRNO','errnoRet':13,'args':[" ARG(
				   0, EQ, 9) "]}," READ("ALLOW", ARG(0, EQ, 0))),
	  { { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_KERNEL_DENY },
	    { PLAN_KERNEL_ARGS, PLAN_BY_PROFILE, SECCOMP_RET_ALLOW, PLAN_NOTIFY } } },
};

static void check_mode(size_t row, const struct ruleset *ruleset, unsigned mode)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 0 };
	const struct expected *expected = &rows[row].modes[mode];
	const struct plan_row *found;
	struct plan *plan;

	assert_int_equal(plan_build(ruleset, &modes[mode], &plan), 0);
	assert_int_equal(plan->abis[0].n_rows, 1);
	found = &plan->abis[0].rows[0];
	if (found->place != expected->place || found->why != expected->why ||
	    plan->rest != expected->rest || plan_expect(plan, &call) != expected->returns)
		fail_msg("row %zu mode %u: place %u why %u rest %u, %#x", row, mode, found->place,
		         found->why, plan->rest, plan_expect(plan, &call));
	plan_free(plan);
}

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture fixture;

		if (fixture_parse(&fixture, rows[i].profile, fixture_host()) < 0)
			fail_msg("row %zu: refused", i);
		for (unsigned mode = 0; mode < MODES; mode++)
			check_mode(i, fixture.ruleset, mode);
		fixture_free(&fixture);
	}
}

/* Newer numbers and foreign ABIs have no row. */
static const struct {
	uint32_t arch;
	int nr;
	uint32_t returns[MODES];
} rowless[] = {
	{ AUDIT_ARCH_X86_64,
	  68,
	  { SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_USER_NOTIF } },
	{ AUDIT_ARCH_X86_64,
	  66,
	  { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_USER_NOTIF } },
	{ AUDIT_ARCH_I386,
	  3,
	  { SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_USER_NOTIF } },
};

static void test_without_rows(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture,
	                               "{'defaultAction':'SCMP_ACT_KILL_PROCESS','syscalls':["
	                               "{'names':['shmdt'],'action':'SCMP_ACT_ALLOW'}]}",
	                               fixture_host()),
	                 0);
	for (unsigned mode = 0; mode < MODES; mode++)
		for (size_t i = 0; i < ARRAY_SIZE(rowless); i++) {
			const struct seccomp_data call = { .arch = rowless[i].arch,
				                           .nr = rowless[i].nr };
			struct plan *plan;

			assert_int_equal(plan_build(fixture.ruleset, &modes[mode], &plan), 0);
			assert_int_equal(plan_expect(plan, &call), rowless[i].returns[mode]);
			plan_free(plan);
		}
	fixture_free(&fixture);
}

/* Where x86's socketcall cannot be planned, none of its calls can. */
static void test_multiplexed_follow(void **state)
{
	static const char profile[] =
		"{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],'syscalls':["
		"{'names':['socket','bind'],'action':'SCMP_ACT_ALLOW','args':[" ARG(
			1, GE,
			3) "]},"
			   "{'names':['accept4','read','userfaultfd'],'action':'SCMP_ACT_ALLOW'}]}";
	static const struct {
		uint32_t arch;
		int nr;
		uint32_t returns;
	} calls[] = {
		{ AUDIT_ARCH_I386, 102, SECCOMP_RET_USER_NOTIF }, /* socketcall */
		{ AUDIT_ARCH_I386, 359, SECCOMP_RET_USER_NOTIF }, /* socket */
		{ AUDIT_ARCH_I386, 361, SECCOMP_RET_USER_NOTIF }, /* bind */
		{ AUDIT_ARCH_I386, 364, SECCOMP_RET_USER_NOTIF }, /* accept4 */
		{ AUDIT_ARCH_I386, 3, SECCOMP_RET_ALLOW },        /* read */
		{ AUDIT_ARCH_X86_64, 288, SECCOMP_RET_ALLOW },    /* accept4 */
		{ AUDIT_ARCH_X86_64, 41, SECCOMP_RET_ALLOW },     /* socket(0, 3) */
	};
	struct fixture fixture;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(plan_build(fixture.ruleset, &modes[OBSERVED], &plan), 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct seccomp_data call = { .arch = calls[i].arch,
			                           .nr = calls[i].nr,
			                           .args = { 0, 3 } };

		if (plan_expect(plan, &call) != calls[i].returns)
			fail_msg("arch %x nr %d: %#x", call.arch, call.nr,
			         plan_expect(plan, &call));
	}
	plan_free(plan);
	fixture_free(&fixture);
}

static void test_options_exclude(void **state)
{
	const struct plan_options both = { .deny_in_kernel = true, .complain = true };
	struct fixture fixture;
	struct plan *plan = NULL;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, rows[0].profile, fixture_host()), 0);
	assert_int_equal(plan_build(fixture.ruleset, &both, &plan), -EINVAL);
	assert_null(plan);
	fixture_free(&fixture);
}

/* What is asked for is notified, whether rules name it or not, and nothing else changes. */
static void test_asked(void **state)
{
	static const char profile[] =
		PROFILE("ALLOW", READ("ALLOW", "") ",{'names':['write'],'action':'SCMP_ACT_KILL'}");
	const struct plan_call asked[] = {
		{ SCMP_ARCH_X86_64, 41 },
		{ SCMP_ARCH_X86_64, 0 },
		{ SCMP_ARCH_X86_64, 1 },
		{ SCMP_ARCH_X86, 0 }, /* not in the profile */
	};
	struct plan_options options = { .asked = asked, .n_asked = ARRAY_SIZE(asked) };
	struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64 };
	struct fixture fixture;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	assert_int_equal(plan_build(fixture.ruleset, &options, &plan), 0);
	assert_null(plan->options.asked);
	assert_int_equal(plan->n_abis, 1);
	assert_int_equal(plan->abis[0].n_rows, 3);
	for (size_t i = 0; i < plan->abis[0].n_rows; i++) {
		const struct plan_row *row = &plan->abis[0].rows[i];

		assert_int_equal(row->nr, ((int[]){ 0, 1, 41 })[i]);
		assert_int_equal(row->place, PLAN_NOTIFY);
		assert_int_equal(row->why, PLAN_ASKED);
		call.nr = row->nr;
		assert_int_equal(plan_expect(plan, &call), SECCOMP_RET_USER_NOTIF);
	}
	call.nr = 2;
	assert_int_equal(plan_expect(plan, &call), SECCOMP_RET_ALLOW);
	plan_free(plan);
	fixture_free(&fixture);
}

/* The default profile's planning: nothing of it is in doubt, and allows are constant. */
static void test_default_profile(void **state)
{
	struct fixture fixture;
	size_t places[PLAN_NOTIFY + 1] = { 0 };
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_load(&fixture, PROFILE_FILE("moby-default.json"), fixture_host()),
	                 0);
	assert_int_equal(plan_build(fixture.ruleset, &modes[OBSERVED], &plan), 0);
	assert_int_equal(plan->n_abis, 3);
	for (size_t i = 0; i < plan->abis[0].n_rows; i++) {
		places[plan->abis[0].rows[i].place]++;
		assert_int_equal(plan->abis[0].rows[i].why, PLAN_BY_PROFILE);
	}
	assert_true(places[PLAN_KERNEL_ALLOW] > 250);
	assert_int_equal(places[PLAN_KERNEL_ARGS], 3); /* socket, personality, clone */
	assert_int_equal(places[PLAN_KERNEL_DENY], 0);
	plan_free(plan);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_without_rows),
		cmocka_unit_test(test_multiplexed_follow),
		cmocka_unit_test(test_options_exclude),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_default_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
