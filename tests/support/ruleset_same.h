/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two rulesets mean the same, rule for rule. */
#pragma once

#include "profiles/ruleset.h"

static inline bool comparison_is(const struct comparison *a, const struct comparison *b)
{
	return a->index == b->index && a->op == b->op && a->value == b->value &&
	       (a->op != COMPARE_MASKED_EQ || a->value_two == b->value_two);
}

static inline bool match_is(const struct match *a, const struct match *b)
{
	if (!action_equal(a->action, b->action) || a->n_args != b->n_args)
		return false;
	for (unsigned i = 0; i < a->n_args; i++)
		if (!comparison_is(&a->args[i], &b->args[i]))
			return false;
	return true;
}

static inline bool syscall_is(const struct syscall_rules *a, const struct syscall_rules *b)
{
	if (a->nr != b->nr || a->n_matches != b->n_matches)
		return false;
	for (size_t i = 0; i < a->n_matches; i++)
		if (!match_is(&a->matches[i], &b->matches[i]))
			return false;
	return true;
}

static inline bool abi_is(const struct abi *a, const struct abi *b, bool newest)
{
	if (a->scmp_arch != b->scmp_arch || a->n_syscalls != b->n_syscalls ||
	    (newest && a->newest != b->newest))
		return false;
	for (size_t i = 0; i < a->n_syscalls; i++)
		if (!syscall_is(&a->syscalls[i], &b->syscalls[i]))
			return false;
	return true;
}

/* With newest, also which syscalls are newer than the profile. */
static inline bool ruleset_same(const struct ruleset *a, const struct ruleset *b, bool newest)
{
	if (!action_equal(a->default_action, b->default_action) ||
	    !action_equal(a->bad_arch_action, b->bad_arch_action) || a->n_abis != b->n_abis)
		return false;
	for (size_t i = 0; i < a->n_abis; i++)
		if (!abi_is(&a->abis[i], &b->abis[i], newest))
			return false;
	return true;
}
