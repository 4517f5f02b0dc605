/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
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

/*
 * The one name that rules can have for a call, or NULL where any may be it: through a multiplexer
 * come the calls of many names. An allocated string.
 */
static char *only_name(const struct abi *abi, const struct seccomp_data *call)
{
	_cleanup_free_ char *name = seccomp_syscall_resolve_num_arch(abi->scmp_arch, call->nr);

	if (!name || strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0)
		return NULL;
	return TAKE_PTR(name);
}

/*
 * Whether a name is this call's, by its own number or through socketcall or ipc. To resolve all
 * names of a profile takes longer than all else that is told of a call: first they are compared.
 */
static bool name_is_of_call(const struct abi *abi, const char *name, const char *only,
                            const struct seccomp_data *call)
{
	struct numbers numbers;

	if (only && strcmp(name, only) != 0)
		return false;
	if (numbers_resolve(abi->scmp_arch, name, &numbers) < 0)
		return false;
	if (numbers.direct == call->nr)
		return true;
	return numbers.mux == call->nr && (uint32_t)call->args[0] == numbers.mux_call;
}

static bool rule_names_call(const struct abi *abi, const struct rule *rule, const char *only,
                            const struct seccomp_data *call)
{
	for (size_t i = 0; i < rule->n_names; i++)
		if (name_is_of_call(abi, rule->names[i], only, call))
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

/* Of a rule that allows the syscall of the call: what keeps it from doing so, if anything does. */
static bool rule_misses(const struct ruleset *ruleset, const struct abi *abi,
                        const struct rule *rule, const struct seccomp_data *call,
                        struct near_miss *ret_miss)
{
	bool is_32_bit = scmp_arch_is_32_bit(abi->scmp_arch);
	const struct comparison *failing;
	struct gate_result gate;

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
	_cleanup_free_ char *only = NULL;
	size_t n = 0;

	if (!abi || call->nr < 0)
		return 0;
	only = only_name(abi, call);
	for (size_t i = 0; i < profile->n_rules; i++) {
		const struct rule *rule = &profile->rules[i];
		struct near_miss miss;

		if (action_allows(rule->action) && rule_names_call(abi, rule, only, call) &&
		    rule_misses(ruleset, abi, rule, call, &miss))
			n = insert_miss(ret_misses, n, max, &miss);
	}
	return n;
}
