/* SPDX-License-Identifier: Apache-2.0 */
/* What the counts of limits come to when another policy takes a policy's place. */
#include "policies/policy.h"

/* The first rule with this text whose count nobody has yet; NULL where there is none. */
static const struct policy_rule *find_again(const struct policy *from,
                                            const struct policy_rule *wanted,
                                            const bool taken[POLICY_LIMITS_MAX])
{
	for (size_t i = 0; i < from->n_rules; i++) {
		const struct policy_rule *rule = &from->rules[i];

		if (rule->limit.count > 0 && rule->identity == wanted->identity &&
		    !taken[rule->limit_index])
			return rule;
	}
	return NULL;
}

void policy_carry_limits(const struct policy *from, const struct policy *to,
                         _Atomic uint64_t *limits)
{
	uint64_t counts[POLICY_LIMITS_MAX];
	bool taken[POLICY_LIMITS_MAX] = { false };

	for (size_t i = 0; i < POLICY_LIMITS_MAX; i++)
		counts[i] = atomic_exchange(&limits[i], 0);
	for (size_t i = 0; i < to->n_rules; i++) {
		const struct policy_rule *rule = &to->rules[i];
		const struct policy_rule *before =
			rule->limit.count > 0 ? find_again(from, rule, taken) : NULL;

		if (!before)
			continue;
		taken[before->limit_index] = true;
		atomic_store(&limits[rule->limit_index], counts[before->limit_index]);
	}
}
