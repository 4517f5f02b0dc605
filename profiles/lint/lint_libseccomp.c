/* SPDX-License-Identifier: Apache-2.0 */
/* Rule sets on which libseccomp, and with it every runtime, never ends or goes wrong. */
#include "profiles/lint/lint_rows.h"

#include "profiles/plan.h"
#include "profiles/syscalls.h"

enum { NAME_MAX_LENGTH = 64 };

static bool same(const struct comparison *a, const struct comparison *b)
{
	return a->index == b->index && a->op == b->op && a->value == b->value &&
	       a->value_two == b->value_two;
}

/*
 * libseccomp's defect (seen in 2.5.4 and 2.6.1): two rules begin with the same conditions, the last
 * that they share is no equality, and they go on with different arguments. Then
 * seccomp_rule_add() never returns.
 */
static bool never_ends(const struct match *a, const struct match *b)
{
	unsigned shared = 0;
	enum compare op;

	while (shared < a->n_args && shared < b->n_args && same(&a->args[shared], &b->args[shared]))
		shared++;
	if (shared == 0 || shared == a->n_args || shared == b->n_args)
		return false;
	op = a->args[shared - 1].op;
	return op != COMPARE_EQ && op != COMPARE_MASKED_EQ &&
	       a->args[shared].index != b->args[shared].index;
}

/* The first pair that never ends, or false. */
static bool find_endless(const struct syscall_rules *rules, const struct match **ret_a,
                         const struct match **ret_b)
{
	for (size_t i = 0; i < rules->n_matches; i++)
		for (size_t j = i + 1; j < rules->n_matches; j++) {
			if (!never_ends(&rules->matches[i], &rules->matches[j]))
				continue;
			*ret_a = &rules->matches[i];
			*ret_b = &rules->matches[j];
			return true;
		}
	return false;
}

int lint_libseccomp_hang(struct lint *lint)
{
	const struct abi *abi = &lint->ruleset->abis[0];

	for (size_t i = 0; i < abi->n_syscalls; i++) {
		const struct syscall_rules *rules = &abi->syscalls[i];
		const struct match *a, *b;
		char name[NAME_MAX_LENGTH];

		if (!find_endless(rules, &a, &b))
			continue;
		lint_rule(lint, a->rule,
		          "%s: libseccomp never ends on this rule with the one in line %u, so "
		          "containers do not start (callgate run decides such calls itself)",
		          syscall_name(abi->scmp_arch, rules->nr, name, sizeof(name)),
		          b->rule->place.line);
	}
	return 0;
}

/* The planner knows which rules libseccomp can be trusted with; native, for there all are told. */
int lint_libseccomp_wrong(struct lint *lint)
{
	static const struct plan_options as_runtimes = { .deny_in_kernel = true };
	const struct abi *abi = &lint->ruleset->abis[0];
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r = plan_build(lint->ruleset, &as_runtimes, &plan);

	if (r < 0)
		return r;
	for (size_t i = 0; i < plan->abis[0].n_rows; i++) {
		const struct plan_row *row = &plan->abis[0].rows[i];
		const struct match *a, *b;
		char name[NAME_MAX_LENGTH];

		if (row->why != PLAN_UNSAFE_RULES || find_endless(row->rules, &a, &b))
			continue;
		lint_rule(lint, row->rules->matches[0].rule,
		          "%s: libseccomp 2.5 and 2.6 compile some rules of this shape wrong "
		          "(callgate run decides such calls itself)",
		          syscall_name(abi->scmp_arch, row->nr, name, sizeof(name)));
	}
	return 0;
}
