/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <string.h>

#include "profiles/resolve.h"

/* Smaller is nearer: what a person would try first. */
static const unsigned distances[] = {
	[MISS_ARGS] = 0, [MISS_CAPS] = 1, [MISS_EXCLUDED] = 2, [MISS_KERNEL] = 3, [MISS_ARCH] = 4,
};

static unsigned distance(const struct near_miss *miss)
{
	return distances[miss->why] * 64 + (unsigned)__builtin_popcountll(miss->missing_caps);
}

/* At the same distance the rule that opens less is nearer: CAP_SYSLOG before CAP_SYS_ADMIN. */
static bool is_nearer(const struct near_miss *miss, const struct near_miss *than)
{
	if (distance(miss) != distance(than))
		return distance(miss) < distance(than);
	return miss->rule->n_names < than->rule->n_names;
}

/* Whether a name is this call's, by its own number or through socketcall or ipc. */
static bool name_is_of_call(const struct abi *abi, const char *name,
                            const struct seccomp_data *call)
{
	struct numbers numbers;

	if (numbers_resolve(abi->scmp_arch, name, &numbers) < 0)
		return false;
	if (numbers.direct == call->nr)
		return true;
	return numbers.mux == call->nr && (uint32_t)call->args[0] == numbers.mux_call;
}

static bool rule_names_call(const struct abi *abi, const struct rule *rule,
                            const struct seccomp_data *call)
{
	if (call->nr < 0)
		return false;
	for (size_t i = 0; i < rule->n_names; i++)
		if (name_is_of_call(abi, rule->names[i], call))
			return true;
	return false;
}

/* The first condition that does not hold, or NULL where the rule's conditions are met. */
static const struct comparison *first_failing(const struct rule *rule, bool abi_is_32_bit,
                                              const struct seccomp_data *call)
{
	bool alternatives = comparisons_are_alternatives(rule->args, rule->n_args);
	const struct comparison *failing = NULL;

	for (size_t i = 0; i < rule->n_args; i++) {
		if (comparison_holds(&rule->args[i], abi_is_32_bit, call)) {
			if (alternatives)
				return NULL;
		} else if (!failing) {
			failing = &rule->args[i];
		}
	}
	return failing;
}

static bool rule_misses(const struct ruleset *ruleset, const struct abi *abi,
                        const struct rule *rule, const struct seccomp_data *call,
                        struct near_miss *ret_miss)
{
	bool is_32_bit = scmp_arch_is_32_bit(abi->scmp_arch);
	const struct comparison *failing;
	struct gate_result gate;

	if (!action_allows(rule->action) || !rule_names_call(abi, rule, call))
		return false;
	*ret_miss = (struct near_miss){ .rule = rule };
	if (!rule_counts(ruleset->profile, rule, &ruleset->host, &gate)) {
		ret_miss->why = gate.why;
		ret_miss->missing_caps = gate.missing_caps;
		return true;
	}
	failing = first_failing(rule, is_32_bit, call);
	ret_miss->why = MISS_ARGS;
	ret_miss->comparison = failing;
	return failing != NULL;
}

/* Keeps misses sorted, nearest first; one that is too far for the room falls out. */
static size_t insert_miss(struct near_miss *misses, size_t n, size_t max,
                          const struct near_miss *miss)
{
	size_t at = n;

	while (at > 0 && is_nearer(miss, &misses[at - 1]))
		at--;
	if (at == max)
		return n;
	if (n < max)
		n++;
	memmove(&misses[at + 1], &misses[at], (n - at - 1) * sizeof(*misses));
	misses[at] = *miss;
	return n;
}

size_t ruleset_near_misses(const struct ruleset *ruleset, const struct seccomp_data *call,
                           struct near_miss *ret_misses, size_t max)
{
	const struct abi *abi = ruleset_abi(ruleset, call);
	const struct profile *profile = ruleset->profile;
	size_t n = 0;

	for (size_t i = 0; abi && i < profile->n_rules; i++) {
		struct near_miss miss;

		if (rule_misses(ruleset, abi, &profile->rules[i], call, &miss))
			n = insert_miss(ret_misses, n, max, &miss);
	}
	return n;
}
