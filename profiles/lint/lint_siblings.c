/* SPDX-License-Identifier: Apache-2.0 */
/* Families of calls of which one does what the other was denied for. */
#include "profiles/families.h"
#include "profiles/lint/lint_rows.h"

enum { LIST_MAX = 192 };

struct family_fate {
	struct text restricted, open;
	const struct rule *rule; /* that restricts the first */
	bool all_denied;         /* and none is only restricted */
};

static void add_member(const struct lint *lint, const struct abi *abi, const char *name,
                       unsigned role, struct family_fate *found)
{
	struct call_fate fate = lint_fate(lint, abi, name);

	if ((role & FAMILY_WAY) && fate.fate == FATE_ALLOWED)
		lint_list(&found->open, name);
	if (!(role & FAMILY_TARGET) || !lint_deliberate(lint, name, &fate))
		return;
	lint_list(&found->restricted, name);
	found->all_denied &= fate.fate == FATE_REFUSED && fate.action.kind != ACTION_NOTIFY;
	if (!found->rule)
		found->rule = fate.rule;
}

/* A rule that refuses a name by repeating the default action is in no filter, but has a place. */
static const struct rule *rule_on(const struct lint *lint, const struct family *family)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (action_allows(rule->action) || !lint_counts(lint, rule))
			continue;
		for (size_t j = 0; j < FAMILY_MEMBERS_MAX && family->members[j].name; j++)
			if (rule_names(rule, family->members[j].name))
				return rule;
	}
	return NULL;
}

/* True where something was found, and so said. */
static bool check_family(struct lint *lint, const struct abi *abi, const struct family *family)
{
	char restricted[LIST_MAX], open[LIST_MAX], on[48];
	struct family_fate found = {
		.restricted = TEXT_OVER(restricted),
		.open = TEXT_OVER(open),
		.all_denied = true,
	};

	for (size_t i = 0; i < FAMILY_MEMBERS_MAX && family->members[i].name; i++)
		add_member(lint, abi, family->members[i].name, family->members[i].role, &found);
	if (found.restricted.len == 0 || found.open.len == 0)
		return false;
	if (!found.rule)
		found.rule = rule_on(lint, family);
	lint_rule(lint, found.rule, "%s: %s%s, but what %s too is allowed: %s", restricted,
	          found.all_denied ? "denied" : "restricted",
	          lint_on_abi(lint, abi, on, sizeof(on)), family->does, open);
	return true;
}

int lint_sibling_open(struct lint *lint)
{
	for (size_t i = 0; family_at(i); i++) {
		bool said = false;

		for (size_t j = 0; j < lint->ruleset->n_abis && !said; j++)
			said = check_family(lint, &lint->ruleset->abis[j], family_at(i));
	}
	return 0;
}
