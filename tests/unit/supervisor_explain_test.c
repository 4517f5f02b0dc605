/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/syscalls.h"
#include "tests/support/profile_fixture.h"

static struct explain_subject subject_of(uint32_t arch, int nr, uint64_t first)
{
	return (struct explain_subject){
		.call = { .arch = arch, .nr = nr, .args = { first } },
		.text = "call()",
		.args_known = true,
		.elsewhere = true,
	};
}

/* ---- the verdict is the ruleset's, and the place the plan's */

static void check_place(const struct explanation *explanation, const struct plan *plan)
{
	uint32_t expected = plan_expect(plan, &explanation->call);
	bool notified = expected == SECCOMP_RET_USER_NOTIF;

	switch (explanation->place) {
	case PLAN_NOTIFY:
		assert_true(notified);
		break;
	case PLAN_KERNEL_ALLOW:
		assert_int_equal(expected, SECCOMP_RET_ALLOW);
		break;
	case PLAN_KERNEL_ARGS:
		assert_int_equal(notified, !explanation_allows(explanation));
		break;
	case PLAN_KERNEL_DENY:
	case PLAN_KERNEL:
		assert_false(notified);
		break;
	}
}

static void check_call(const struct fixture *fixture, const struct plan *plan,
                       const struct seccomp_data *call)
{
	struct explain_subject subject = subject_of(call->arch, call->nr, call->args[0]);
	struct explanation explanation;
	struct decision decision;

	ruleset_evaluate(fixture->ruleset, call, &decision);
	assert_int_equal(explanation_build(fixture->ruleset, &subject, &explanation), 0);
	assert_true(action_equal(explanation.decision.action, decision.action));
	assert_int_equal(explanation.decision.by, decision.by);
	assert_ptr_equal(explanation.decision.rule, decision.rule);
	check_place(&explanation, plan);
	assert_true(explanation.alone.words[0] != '\0');
	assert_true(!explanation_allows(&explanation) || explanation.candidates.n == 0);
	explanation_deinit(&explanation);
}

static void test_every_syscall(void **state)
{
	static const uint32_t abis[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 };
	static const uint64_t firsts[] = { 0, 38, 0x10000011 };
	static const struct plan_options options = { 0 };
	struct fixture fixture;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	assert_int_equal(plan_build(fixture.ruleset, &options, &plan), 0);
	for (size_t i = 0; i < ARRAY_SIZE(abis); i++)
		for (int nr = -1; (nr = syscall_next(abis[i], nr)) >= 0;) {
			struct seccomp_data call = {
				.nr = nr,
				.arch = abis[i] == SCMP_ARCH_X86 ? AUDIT_ARCH_I386
				                                 : AUDIT_ARCH_X86_64,
			};

			if (!syscall_named(abis[i], nr) && nr % 50 != 0)
				continue;
			call.args[0] = firsts[(size_t)nr % ARRAY_SIZE(firsts)];
			check_call(&fixture, plan, &call);
		}
	plan_free(plan);
	fixture_free(&fixture);
}

/* ---- calls that are not whole */

/* socket(0) would be allowed; the calls that a fold counted were not. */
static void test_a_fold(void **state)
{
	struct explain_subject subject = subject_of(AUDIT_ARCH_X86_64, 41, 0);
	struct explanation explanation;
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	subject.args_known = false;
	assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
	assert_false(explanation_allows(&explanation));
	assert_int_equal(explanation.error, 1);
	assert_int_equal(explanation.candidates.n, 1);
	assert_int_equal(explanation.candidates.list[0].change.kind, CHANGE_ALLOW);
	explanation_deinit(&explanation);
	fixture_free(&fixture);
}

static void test_abi_that_nobody_knows(void **state)
{
	const struct explain_subject subject = subject_of(1, 41, 0);
	struct explanation explanation;
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
	assert_int_equal(explanation.decision.by, DECIDED_BY_BAD_ARCH);
	assert_int_equal(explanation.candidates.n, 0);
	assert_string_equal(explanation.name, "syscall_41");
	explanation_deinit(&explanation);
	fixture_free(&fixture);
}

static void test_contradiction(void **state)
{
	static const struct {
		int verdict;
		int nr;
		int error;
		bool contradicts;
	} rows[] = {
		{ VERDICT_DENY, 165, 0, false },     { VERDICT_WOULD, 165, EPERM, false },
		{ VERDICT_DENY, 165, ENOSYS, true }, { VERDICT_WOULD, 165, ENOSYS, true },
		{ VERDICT_ALLOW, 165, 0, true },     { VERDICT_ALLOW, 0, 0, false },
		{ VERDICT_DENY, 0, EPERM, true },    { -1, 0, 0, false },
		{ -1, 165, ENOSYS, false },
	};
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct event_record event = {
			.verdict = rows[i].verdict,
			.error = rows[i].error,
			.uid = -1,
		};
		struct explain_subject subject = subject_of(AUDIT_ARCH_X86_64, rows[i].nr, 0);
		struct explanation explanation;

		subject.event = &event;
		assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
		assert_int_equal(explanation_contradicts_event(&explanation), rows[i].contradicts);
		explanation_deinit(&explanation);
	}
	fixture_free(&fixture);
}

/* ---- the rule that a change adds */

/* What is printed is what a profile's reader reads. */
static void check_rule(const struct change *change)
{
	char rule_bytes[1024], profile[1200];
	struct text text = TEXT_OVER(rule_bytes);
	const struct rule *rule;
	struct fixture fixture;

	change_rule_text(&text, change);
	assert_false(text.overflow);
	snprintf(profile, sizeof(profile),
	         "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [%s]}", rule_bytes);
	assert_int_equal(fixture_parse_as(&fixture, profile, NULL, fixture_host()), 0);
	rule = &fixture.profile->rules[0];
	assert_int_equal(rule->n_names, 1);
	assert_string_equal(rule->names[0], change->name);
	assert_true(action_equal(rule->action, change->action));
	assert_int_equal(rule->n_args, change->n_args);
	for (unsigned i = 0; i < change->n_args; i++)
		assert_true(comparison_equal(&rule->args[i], &change->args[i]));
	fixture_free(&fixture);
}

static void test_rules_read_back(void **state)
{
	static const struct change changes[] = {
		{ .name = "keyctl", .action = { ACTION_ALLOW, 0 } },
		{ .name = "clone3", .action = { ACTION_ERRNO, 38 } },
		{ .name = "socket",
		  .action = { ACTION_ALLOW, 0 },
		  .args = { { 0, COMPARE_MASKED_EQ, UINT32_MAX, 38 },
		            { 5, COMPARE_EQ, UINT64_MAX, 0 } },
		  .n_args = 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		check_rule(&changes[i]);
}

static void test_got(void **state)
{
	static const struct {
		int nr;
		uint64_t first;
		const char *got;
	} rows[] = {
		{ 41, 38, "got 38 (AF_ALG)" },
		{ 41, 200, "got 200" },
		{ 56, 0x10000011, "got 0x10000011 (CLONE_NEWUSER|SIGCHLD)" },
		{ 900, 3, "got 3" },
	};
	const struct comparison first = { 0 };
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_shipped(&fixture, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct explain_subject subject =
			subject_of(AUDIT_ARCH_X86_64, rows[i].nr, rows[i].first);
		struct explanation explanation;
		char bytes[256];
		struct text text = TEXT_OVER(bytes);

		assert_int_equal(explanation_build(fixture.ruleset, &subject, &explanation), 0);
		explanation_got(&text, &explanation, &first);
		assert_string_equal(bytes, rows[i].got);
		explanation_deinit(&explanation);
	}
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_syscall),         cmocka_unit_test(test_a_fold),
		cmocka_unit_test(test_abi_that_nobody_knows), cmocka_unit_test(test_contradiction),
		cmocka_unit_test(test_rules_read_back),       cmocka_unit_test(test_got),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
