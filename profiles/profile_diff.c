/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile_diff.h"

#include <stdio.h>
#include <string.h>

#include "profiles/row_points.h"
#include "profiles/syscalls.h"

/* The two rulesets, and the ABI that is looked at. */
struct pair {
	const struct ruleset *from, *to;
	const struct abi *from_abi, *to_abi; /* one of them may be NULL */
	uint32_t scmp_arch, audit_arch;
	struct profile_diff *diff;
};

/* What was found among the calls of one number. */
struct found {
	const struct pair *pair;
	unsigned args_mask; /* the arguments that the rules of either look at */
	bool some_alike;
	size_t n;
	struct difference list[DIFF_EXAMPLES_MAX];
};

static int append(struct profile_diff *diff, const struct difference *difference)
{
	if (diff->n == diff->size) {
		size_t size = diff->size ? 2 * diff->size : 64;
		struct difference *list = reallocarray(diff->list, size, sizeof(*list));

		if (!list)
			return -ENOMEM;
		diff->list = list;
		diff->size = size;
	}
	assert(diff->list);
	diff->list[diff->n++] = *difference;
	return 0;
}

/* ---- one call */

static bool decide(const struct pair *pair, const struct seccomp_data *call,
                   struct difference *ret_difference)
{
	struct decision from, to;

	ruleset_evaluate(pair->from, call, &from);
	ruleset_evaluate(pair->to, call, &to);
	*ret_difference = (struct difference){
		.arch = pair->scmp_arch,
		.nr = call->nr,
		.last_nr = call->nr,
		.from = from.action,
		.to = to.action,
		.from_by = from.by,
		.to_by = to.by,
		.from_rule = from.rule,
		.to_rule = to.rule,
	};
	memcpy(ret_difference->args, call->args, sizeof(ret_difference->args));
	return !action_equal(from.action, to.action);
}

static bool same_change(const struct difference *a, const struct difference *b)
{
	return action_equal(a->from, b->from) && action_equal(a->to, b->to);
}

/* The example that is easier on the eye: smaller numbers. */
static bool simpler(const struct difference *a, const struct difference *b, unsigned args_mask)
{
	uint64_t largest_a = 0, largest_b = 0, sum_a = 0, sum_b = 0;

	for (unsigned i = 0; i < 6; i++) {
		if (!(args_mask >> i & 1))
			continue;
		largest_a = a->args[i] > largest_a ? a->args[i] : largest_a;
		largest_b = b->args[i] > largest_b ? b->args[i] : largest_b;
		sum_a += a->args[i];
		sum_b += b->args[i];
	}
	return largest_a != largest_b ? largest_a < largest_b : sum_a < sum_b;
}

/* ---- the calls of one number */

static int look_at(void *context, const struct seccomp_data *call)
{
	struct found *found = context;
	struct difference difference;

	if (!decide(found->pair, call, &difference)) {
		found->some_alike = true;
		return 0;
	}
	for (size_t i = 0; i < found->n; i++) {
		if (!same_change(&found->list[i], &difference))
			continue;
		if (simpler(&difference, &found->list[i], found->args_mask))
			found->list[i] = difference;
		return 0;
	}
	if (found->n < DIFF_EXAMPLES_MAX)
		found->list[found->n++] = difference;
	return 0;
}

static const struct syscall_rules *rules_of(const struct abi *abi, int nr)
{
	return abi ? abi_syscall(abi, nr) : NULL;
}

static unsigned mask_of(const struct syscall_rules *rules)
{
	unsigned mask = 0;

	for (size_t i = 0; i < rules->n_matches; i++)
		for (unsigned j = 0; j < rules->matches[i].n_args; j++)
			mask |= 1U << rules->matches[i].args[j].index;
	return mask;
}

/* The rules of both profiles for one number as one list, for its boundary values. */
static int rules_of_both(const struct pair *pair, int nr, struct syscall_rules *ret_rules)
{
	const struct syscall_rules *from = rules_of(pair->from_abi, nr);
	const struct syscall_rules *to = rules_of(pair->to_abi, nr);
	size_t n_from = from ? from->n_matches : 0, n_to = to ? to->n_matches : 0;
	struct match *matches = calloc(n_from + n_to + 1, sizeof(*matches));

	if (!matches)
		return -ENOMEM;
	if (n_from > 0)
		memcpy(matches, from->matches, n_from * sizeof(*matches));
	if (n_to > 0)
		memcpy(matches + n_from, to->matches, n_to * sizeof(*matches));
	*ret_rules = (struct syscall_rules){
		.nr = nr,
		.matches = matches,
		.n_matches = n_from + n_to,
	};
	return 0;
}

/* Clears every bit of an example that does not matter to the change, the high ones first. */
static void simplify(const struct found *found, struct difference *example)
{
	struct seccomp_data call = { .nr = example->nr, .arch = found->pair->audit_arch };
	struct difference tried;

	for (unsigned i = 0; i < 6; i++)
		call.args[i] = found->args_mask >> i & 1 ? example->args[i] : 0;
	for (unsigned bit = 6 * 64; bit-- > 0;) {
		unsigned i = bit / 64;
		uint64_t with = call.args[i];

		call.args[i] = with & ~(UINT64_C(1) << bit % 64);
		if (call.args[i] != with &&
		    (!decide(found->pair, &call, &tried) || !same_change(&tried, example)))
			call.args[i] = with;
	}
	if (decide(found->pair, &call, &tried) && same_change(&tried, example))
		*example = tried;
}

/* So that the examples come in one order, whichever profile's values were tried first. */
static void sort_found(struct found *found)
{
	for (size_t i = 1; i < found->n; i++)
		for (size_t j = i;
		     j > 0 && simpler(&found->list[j], &found->list[j - 1], found->args_mask);
		     j--) {
			struct difference swapped = found->list[j];

			found->list[j] = found->list[j - 1];
			found->list[j - 1] = swapped;
		}
}

static int append_found(const struct pair *pair, struct found *found, const char *name)
{
	bool all = found->n == 1 && !found->some_alike;
	int r = 0;

	for (size_t i = 0; i < found->n; i++)
		simplify(found, &found->list[i]);
	sort_found(found);
	for (size_t i = 0; i < found->n && r == 0; i++) {
		found->list[i].args_mask = all ? 0 : found->args_mask;
		snprintf(found->list[i].name, SYSCALL_NAME_MAX, "%s", name);
		r = append(pair->diff, &found->list[i]);
	}
	return r;
}

static int compare_named(const struct pair *pair, int nr)
{
	struct found found = { .pair = pair };
	struct seccomp_data call = { .nr = nr, .arch = pair->audit_arch };
	struct syscall_rules rules;
	char buf[SYSCALL_NAME_MAX];
	int r = rules_of_both(pair, nr, &rules);

	if (r < 0)
		return r;
	found.args_mask = mask_of(&rules);
	if (found.args_mask)
		r = row_points(&rules, &call, look_at, &found);
	else
		r = look_at(&found, &call);
	free(rules.matches);
	return r < 0 ? r
	             : append_found(pair, &found,
	                            syscall_name(pair->scmp_arch, nr, buf, sizeof(buf)));
}

/* Neighbours that change alike become one range; nothing but the last entry can be a neighbour. */
static int compare_nameless(const struct pair *pair, int nr)
{
	const struct seccomp_data call = { .nr = nr, .arch = pair->audit_arch };
	struct profile_diff *diff = pair->diff;
	struct difference difference, *last = diff->n > 0 ? &diff->list[diff->n - 1] : NULL;

	if (!decide(pair, &call, &difference))
		return 0;
	if (last && last->arch == pair->scmp_arch && last->name[0] == '\0' && !last->whole_abi &&
	    last->last_nr == nr - 1 && same_change(last, &difference)) {
		last->last_nr = nr;
		return 0;
	}
	return append(diff, &difference);
}

/* ---- ABIs */

static int compare_abi(const struct pair *pair)
{
	int r = 0;

	for (int nr = -1; r == 0 && (nr = syscall_next(pair->scmp_arch, nr)) >= 0;) {
		bool ruled = rules_of(pair->from_abi, nr) || rules_of(pair->to_abi, nr);

		r = ruled || syscall_named(pair->scmp_arch, nr) ? compare_named(pair, nr)
		                                                : compare_nameless(pair, nr);
	}
	return r;
}

/* One profile covers the ABI: its calls are decided there, and refused wholesale by the other. */
static int append_abi(const struct pair *pair)
{
	const struct difference difference = {
		.arch = pair->scmp_arch,
		.whole_abi = true,
		.from = pair->from_abi ? pair->from->default_action : pair->from->bad_arch_action,
		.to = pair->to_abi ? pair->to->default_action : pair->to->bad_arch_action,
		.from_by = pair->from_abi ? DECIDED_BY_DEFAULT : DECIDED_BY_BAD_ARCH,
		.to_by = pair->to_abi ? DECIDED_BY_DEFAULT : DECIDED_BY_BAD_ARCH,
	};

	return append(pair->diff, &difference);
}

static const struct abi *abi_of(const struct ruleset *ruleset, uint32_t scmp_arch)
{
	for (size_t i = 0; i < ruleset->n_abis; i++)
		if (ruleset->abis[i].scmp_arch == scmp_arch)
			return &ruleset->abis[i];
	return NULL;
}

static int compare_in(struct pair *pair, const struct abi *abi)
{
	size_t before = pair->diff->n;
	int r;

	pair->scmp_arch = abi->scmp_arch;
	pair->audit_arch = abi->audit_arch;
	pair->from_abi = abi_of(pair->from, abi->scmp_arch);
	pair->to_abi = abi_of(pair->to, abi->scmp_arch);
	r = compare_abi(pair);
	if (r < 0 || (pair->from_abi && pair->to_abi) || pair->diff->n == before)
		return r;
	pair->diff->n = before; /* one word for them all */
	return append_abi(pair);
}

/* Of the ABIs that neither covers. */
static int compare_elsewhere(const struct pair *pair)
{
	const struct difference difference = {
		.whole_abi = true,
		.from = pair->from->bad_arch_action,
		.to = pair->to->bad_arch_action,
		.from_by = DECIDED_BY_BAD_ARCH,
		.to_by = DECIDED_BY_BAD_ARCH,
	};

	return action_equal(difference.from, difference.to) ? 0 : append(pair->diff, &difference);
}

int profile_diff_build(const struct ruleset *from, const struct ruleset *to,
                       struct profile_diff **ret_diff)
{
	_cleanup_(profile_diff_freep) struct profile_diff *diff = calloc(1, sizeof(*diff));
	struct pair pair = { .from = from, .to = to, .diff = diff };
	int r = diff ? 0 : -ENOMEM;

	for (size_t i = 0; i < from->n_abis && r == 0; i++)
		r = compare_in(&pair, &from->abis[i]);
	for (size_t i = 0; i < to->n_abis && r == 0; i++)
		if (!abi_of(from, to->abis[i].scmp_arch))
			r = compare_in(&pair, &to->abis[i]);
	if (r == 0)
		r = compare_elsewhere(&pair);
	if (r == 0)
		*ret_diff = TAKE_PTR(diff);
	return r;
}

void profile_diff_free(struct profile_diff *diff)
{
	if (!diff)
		return;
	free(diff->list);
	free(diff);
}
