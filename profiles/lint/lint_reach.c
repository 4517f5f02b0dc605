/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that decide nothing, and names in a rule that another one decides. */
#include "profiles/lint/lint_rows.h"

#include "profiles/resolve.h"

/* ---- unreachable-rule */

enum { LIST_MAX = 256 };

/* What a name of a rule comes to, on all ABIs together. */
enum reach {
	REACH_NONE, /* no ABI has the call */
	REACH_LIVE,
	REACH_DEAD,
};

/* The first rule that stands where the rule's own code for a name would. */
static const struct rule *decider(const struct abi *abi, const char *name)
{
	const struct syscall_rules *rules;
	struct numbers numbers;

	if (numbers_resolve(abi->scmp_arch, name, &numbers) < 0)
		return NULL;
	/* What only a multiplexer has there is meant for other architectures. */
	rules = numbers.direct >= 0 ? abi_syscall(abi, numbers.direct) : NULL;
	return rules && rules->n_matches > 0 ? rules->matches[0].rule : NULL;
}

static enum reach reach_of(const struct lint *lint, const struct rule *rule, const char *name,
                           const struct rule **ret_by)
{
	enum reach reach = REACH_NONE;

	for (size_t i = 0; i < lint->ruleset->n_abis; i++) {
		const struct abi *abi = &lint->ruleset->abis[i];

		if (abi_has_rule(abi, name, rule))
			return REACH_LIVE;
		if (reach == REACH_NONE)
			*ret_by = decider(abi, name);
		if (*ret_by)
			reach = REACH_DEAD;
	}
	return reach;
}

/* What was found about one rule. */
struct unreached {
	struct text names;     /* that rules with another action decide */
	const struct rule *by; /* the rule that decides the first of them, or of all */
	bool live;             /* some name is the rule's own */
	bool other;            /* names is not empty */
};

static void look_at_names(const struct lint *lint, const struct rule *rule, struct unreached *found)
{
	for (size_t i = 0; i < rule->n_names; i++) {
		const struct rule *by = NULL;
		enum reach reach = reach_of(lint, rule, rule->names[i], &by);

		found->live |= reach == REACH_LIVE;
		if (reach != REACH_DEAD)
			continue;
		if (action_equal(by->action, rule->action)) {
			if (!found->by)
				found->by = by;
			continue;
		}
		if (!found->other)
			found->by = by;
		found->other = true;
		lint_list(&found->names, rule->names[i]);
	}
}

static void check_reach(struct lint *lint, const struct rule *rule)
{
	char names[LIST_MAX], own[32], others[32];
	struct unreached found = { .names = TEXT_OVER(names) };

	look_at_names(lint, rule, &found);
	if (found.other)
		lint_rule(lint, rule,
		          "%s: the rule in line %u decides (%s), so this one (%s) never does",
		          names, found.by->place.line,
		          lint_action(found.by->action, others, sizeof(others)),
		          lint_action(rule->action, own, sizeof(own)));
	else if (found.by && !found.live)
		lint_rule(lint, rule, "the rule adds nothing to the one in line %u",
		          found.by->place.line);
}

int lint_unreachable_rule(struct lint *lint)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++)
		if (lint_in_filter(lint, &lint->profile->rules[i]))
			check_reach(lint, &lint->profile->rules[i]);
	return 0;
}

/* ---- rule-is-default */

/* Names of the rule that other rules allow after all; *ret_rule is one of these. */
static void allowed_anyway(const struct lint *lint, const struct rule *rule, struct text *names,
                           const struct rule **ret_rule)
{
	const struct abi *abi = &lint->ruleset->abis[0];

	for (size_t i = 0; i < rule->n_names; i++) {
		struct call_fate fate = lint_fate(lint, abi, rule->names[i]);

		if (fate.fate != FATE_ALLOWED || !fate.rule)
			continue;
		lint_list(names, rule->names[i]);
		if (!*ret_rule)
			*ret_rule = fate.rule;
	}
}

static void check_default(struct lint *lint, const struct rule *rule)
{
	char names[LIST_MAX], action[32];
	struct text allowed = TEXT_OVER(names);
	const struct rule *by = NULL;
	const char *what = lint_action(rule->action, action, sizeof(action));

	if (!action_allows(rule->action))
		allowed_anyway(lint, rule, &allowed, &by);
	if (by)
		lint_rule(lint, rule,
		          "%s is the default action already, so the runtimes skip the rule; the "
		          "rule in line %u still allows %s",
		          what, by->place.line, names);
	else
		lint_rule(lint, rule,
		          "%s is the default action already, so the runtimes skip the rule", what);
}

int lint_rule_is_default(struct lint *lint)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (rule->n_names > 0 && lint_counts(lint, rule) &&
		    action_equal(rule->action, lint->ruleset->default_action))
			check_default(lint, rule);
	}
	return 0;
}
