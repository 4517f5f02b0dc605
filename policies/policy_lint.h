/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy says that its author may not have meant: ways around a rule, rules that nothing
 * reaches, and conditions on what a caller can change or choose.
 */
#pragma once

#include "policies/policy.h"

/*
 * Adds a warning for each finding. ruleset is that of the profile which the policy is meant for:
 * what it denies needs no rule. It may be NULL: then everything else is taken for allowed. Pure.
 */
void policy_lint(const struct policy *policy, const struct ruleset *ruleset, struct diags *diags);

struct policy_lint;

/* One kind of finding. */
struct policy_lint_row {
	const char *id;    /* stable */
	const char *finds; /* what it looks for, for a list of all of them */
	void (*look)(const struct policy_lint *lint);
};

extern const struct policy_lint_row policy_lint_rows[];
extern const size_t policy_lint_rows_count;
