/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/profile_fuzz.h"

#include <seccomp.h>

#include "profiles/plan.h"
#include "profiles/ruleset.h"
#include "tests/fuzz/fuzz.h"

enum {
	ROWS_MAX = 16,   /* syscalls of an ABI that are asked for, */
	MATCHES_MAX = 8, /* and rules of each */
};

static const struct plan_options modes[] = {
	{ 0 },
	{ .deny_in_kernel = true },
	{ .complain = true },
};

static void check_call(const struct plan *plan, const struct seccomp_data *call)
{
	struct near_miss misses[4];
	struct decision decision;
	uint32_t expected = plan_expect(plan, call);

	ruleset_evaluate(plan->ruleset, call, &decision);
	must(decision.action.kind < ACTION_KIND_COUNT);
	must(!decision.rule == (decision.by != DECIDED_BY_RULE));
	must(ruleset_near_misses(plan->ruleset, call, misses, 4) <= 4);
	/* What is allowed is never refused: it is allowed here or asked about. */
	if (decision.action.kind == ACTION_ALLOW)
		must(expected == SECCOMP_RET_ALLOW || expected == SECCOMP_RET_USER_NOTIF);
	else
		must(expected != SECCOMP_RET_ALLOW);
}

/* The values that one rule compares with, then the same with one bit over. */
static void check_match(const struct plan *plan, const struct match *match,
                        struct seccomp_data *call)
{
	must(match->n_args <= 6);
	for (unsigned i = 0; i < match->n_args; i++) {
		const struct comparison *arg = &match->args[i];

		must(arg->index < 6 && arg->op < COMPARE_COUNT);
		call->args[arg->index] = arg->op == COMPARE_MASKED_EQ ? arg->value_two : arg->value;
	}
	check_call(plan, call);
	for (unsigned i = 0; i < match->n_args; i++)
		call->args[match->args[i].index]++;
	check_call(plan, call);
}

static void check_abi(const struct plan *plan, const struct plan_abi *abi)
{
	struct seccomp_data call = { .arch = abi->abi->audit_arch };

	for (size_t i = 0; i < abi->n_rows && i < ROWS_MAX; i++) {
		const struct syscall_rules *rules = abi->rows[i].rules;

		must(i == 0 || abi->rows[i - 1].nr < abi->rows[i].nr);
		call.nr = abi->rows[i].nr;
		for (size_t k = 0; k < rules->n_matches && k < MATCHES_MAX; k++)
			check_match(plan, &rules->matches[k], &call);
	}
	call.nr = (int)abi->abi->newest + 1;
	check_call(plan, &call);
	call.nr = -1;
	check_call(plan, &call);
}

static void check_plans(const struct ruleset *ruleset)
{
	for (size_t k = 0; k < ARRAY_SIZE(modes); k++) {
		struct plan *plan;

		must(plan_build(ruleset, &modes[k], &plan) == 0);
		for (size_t i = 0; i < plan->n_abis; i++)
			check_abi(plan, &plan->abis[i]);
		plan_free(plan);
	}
}

static void check_profile(const struct profile *profile, struct diags *diags)
{
	const struct host hosts[] = {
		{ .arch = SCMP_ARCH_X86_64, .caps = host_docker_caps(), .kernel = { 6, 1 } },
		{ .arch = SCMP_ARCH_AARCH64, .caps = UINT64_MAX, .kernel = { 4, 4 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		size_t errors = diags->errors;
		struct ruleset *ruleset = NULL;
		int r = ruleset_build(profile, &hosts[i], diags, &ruleset);

		must(r == 0 || (r == -EBADMSG && diags->errors > errors));
		must(!ruleset == (r < 0));
		if (r == 0)
			check_plans(ruleset);
		ruleset_free(ruleset);
	}
}

void fuzz_profile(const uint8_t *bytes, size_t len, const enum dialect *engine)
{
	const struct profile_source source = { "fuzz", "fuzz", (const char *)bytes, len };
	struct profile *profile = NULL;
	struct diags diags;
	int r;

	diags_init(&diags, "fuzz");
	r = profile_parse_as(&source, engine, &diags, &profile);
	must(r == 0 || (r == -EBADMSG && diags.errors > 0) || r == -EFBIG);
	must(!profile == (r < 0));
	if (r == 0) {
		must(diags.errors == 0);
		check_profile(profile, &diags);
	}
	profile_free(profile);
	diags_deinit(&diags);
}
