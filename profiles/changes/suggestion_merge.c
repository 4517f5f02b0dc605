/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/suggestion_merge.h"

#include <string.h>

#include "profiles/resolve.h"
#include "profiles/syscalls.h"

enum {
	VARIANTS_MAX = 64, /* calls that are told apart before they are merged */
	CAPS_MAX = 4,      /* sets of capabilities that are compared */
};

/* What is gathered of one kind, each change once. */
struct gathered {
	struct change list[VARIANTS_MAX];
	size_t n;
	bool over; /* there were more */
	enum severity severity;
	const char *severity_why;
	bool unsafe;
};

struct merge {
	const struct ruleset *ruleset;
	struct suggestion *suggestion;
	struct gathered kinds[CHANGE_KIND_COUNT];
	bool looked; /* at a call whose arguments are known */
};

/* ---- gathering */

static bool same_conditions(const struct change *a, const struct change *b)
{
	if (a->n_args != b->n_args)
		return false;
	for (unsigned i = 0; i < a->n_args; i++)
		if (!comparison_equal(&a->args[i], &b->args[i]))
			return false;
	return true;
}

static bool same_change(const struct change *a, const struct change *b)
{
	return a->caps == b->caps && a->instead == b->instead &&
	       action_equal(a->action, b->action) && same_conditions(a, b);
}

static void gather(struct gathered *gathered, const struct candidate *candidate)
{
	gathered->unsafe |= candidate->unsafe;
	if (gathered->n == 0 || candidate->severity > gathered->severity) {
		gathered->severity = candidate->severity;
		gathered->severity_why = candidate->severity_why;
	}
	for (size_t i = 0; i < gathered->n; i++)
		if (same_change(&gathered->list[i], &candidate->change))
			return;
	if (gathered->n == VARIANTS_MAX)
		gathered->over = true;
	else
		gathered->list[gathered->n++] = candidate->change;
}

/* Whether a call like this one was looked at: then it has nothing new to say. */
static bool is_covered(const struct merge *merge, const struct observed *one)
{
	const struct gathered *narrow = &merge->kinds[CHANGE_ALLOW_ARGS];

	for (size_t i = 0; i < narrow->n; i++)
		if (change_covers(&narrow->list[i], &one->call))
			return true;
	/* Where no arguments tell calls apart, one of them speaks for all. */
	return narrow->n == 0 && merge->kinds[CHANGE_ALLOW].n > 0 &&
	       (merge->looked || !one->has_args);
}

static int gather_call(struct merge *merge, const struct observed *one)
{
	_cleanup_(candidates_deinit) struct candidates candidates = { 0 };
	int r;

	if (is_covered(merge, one))
		return 0;
	if (merge->kinds[CHANGE_ALLOW_ARGS].n == VARIANTS_MAX) {
		merge->kinds[CHANGE_ALLOW_ARGS].over = true;
		return 0;
	}
	merge->looked |= one->has_args;
	r = candidates_find(merge->ruleset, &one->call, &candidates);
	for (size_t i = 0; i < candidates.n && r == 0; i++) {
		const struct candidate *candidate = &candidates.list[i];

		/* Of a folded call the arguments are not known, so no rule may ask for them. */
		if (one->has_args || candidate->change.n_args == 0)
			gather(&merge->kinds[candidate->change.kind], candidate);
	}
	return r;
}

/* ---- merging conditions */

static bool is_flags(const struct suggestion *suggestion, unsigned index)
{
	const struct signature *signature = signature_find(suggestion->arch, suggestion->name);

	return signature && index < signature_length(signature) &&
	       (signature->args[index].type == ARGUMENT_FLAGS ||
	        signature->args[index].type == ARGUMENT_FLAGS64);
}

/* The value that a condition made by argument_equals() asks for. */
static uint64_t wanted_value(const struct comparison *comparison)
{
	return comparison->op == COMPARE_MASKED_EQ ? comparison->value_two : comparison->value;
}

/*
 * What all variants say of the argument that the first one's condition number at is on: the
 * condition itself where it is the same in all; of flags that none has a bit that none had; else
 * nothing, and the result is false.
 */
static bool merge_condition(const struct merge *merge, unsigned at, struct comparison *ret_merged)
{
	const struct gathered *narrow = &merge->kinds[CHANGE_ALLOW_ARGS];
	const struct comparison *first = &narrow->list[0].args[at];
	uint64_t seen = 0, width = first->op == COMPARE_MASKED_EQ ? first->value : UINT64_MAX;
	bool same = true;

	for (size_t i = 0; i < narrow->n; i++) {
		const struct comparison *other = &narrow->list[i].args[at];

		if (at >= narrow->list[i].n_args || other->index != first->index)
			return false;
		seen |= wanted_value(other);
		same &= wanted_value(other) == wanted_value(first);
	}
	*ret_merged = *first;
	if (same)
		return true;
	*ret_merged = (struct comparison){
		.index = first->index,
		.op = COMPARE_MASKED_EQ,
		.value = width & ~seen,
	};
	return is_flags(merge->suggestion, first->index) && ret_merged->value != 0;
}

/* One change for more variants than a profile should have rules; false where nothing is left. */
static bool merge_variants(const struct merge *merge, struct change *ret_change)
{
	const struct change *first = &merge->kinds[CHANGE_ALLOW_ARGS].list[0];

	*ret_change = *first;
	ret_change->n_args = 0;
	for (unsigned at = 0; at < first->n_args; at++)
		if (merge_condition(merge, at, &ret_change->args[ret_change->n_args]))
			ret_change->n_args++;
	return ret_change->n_args > 0;
}

/* ---- choices */

/* Whether the changes do what they say and no more. */
static int is_faultless(const struct ruleset *ruleset, const struct ruleset *changed,
                        const struct change *changes, size_t n_changes, bool *ret_good)
{
	_cleanup_(profile_diff_freep) struct profile_diff *diff = NULL;
	int r = profile_diff_build(ruleset, changed, &diff);

	if (r == 0)
		*ret_good = changes_fault(changes, n_changes, diff) == NULL;
	return r;
}

/*
 * Whether the changes are taken together, mend every call whose arguments are known, and do no
 * more.
 */
static int mends(const struct ruleset *ruleset, const struct suggestion *suggestion,
                 const struct change *changes, size_t n_changes, bool *ret_mends)
{
	_cleanup_(changed_freep) struct changed *changed = NULL;
	int r = changed_build(ruleset, changes, n_changes, &changed);

	*ret_mends = r == 0;
	if (r < 0)
		return r == -EBADMSG ? 0 : r;
	for (size_t i = 0; i < suggestion->n_calls && *ret_mends; i++)
		if (suggestion->calls[i]->has_args || changes[0].n_args == 0)
			*ret_mends = change_mends(&changes[0], changed->ruleset,
			                          &suggestion->calls[i]->call);
	return *ret_mends ? is_faultless(ruleset, changed->ruleset, changes, n_changes, ret_mends)
	                  : 0;
}

static int set_changes(struct choice *choice, const struct change *changes, size_t n_changes)
{
	choice->changes = calloc(n_changes, sizeof(*changes));
	if (!choice->changes)
		return -ENOMEM;
	memcpy(choice->changes, changes, n_changes * sizeof(*changes));
	choice->n_changes = n_changes;
	return 0;
}

/* Adds a choice if its changes mend the calls. */
static int offer(const struct merge *merge, enum change_kind kind, const struct change *changes,
                 size_t n_changes)
{
	const struct gathered *gathered = &merge->kinds[kind];
	struct suggestion *suggestion = merge->suggestion;
	struct choice choice = {
		.kind = kind,
		.severity = gathered->severity,
		.severity_why = gathered->severity_why,
		.unsafe = gathered->unsafe,
	};
	bool good;
	int r = mends(merge->ruleset, suggestion, changes, n_changes, &good);

	if (r < 0 || !good || suggestion->n_choices == CHOICES_MAX)
		return r;
	r = set_changes(&choice, changes, n_changes);
	if (r == 0)
		suggestion->choices[suggestion->n_choices++] = choice;
	return r;
}

static int offer_narrow(const struct merge *merge)
{
	const struct gathered *narrow = &merge->kinds[CHANGE_ALLOW_ARGS];
	struct change merged;

	if (narrow->n == 0 || narrow->over)
		return 0;
	if (narrow->n <= CHOICE_RULES_MAX)
		return offer(merge, CHANGE_ALLOW_ARGS, narrow->list, narrow->n);
	if (merge_variants(merge, &merged))
		return offer(merge, CHANGE_ALLOW_ARGS, &merged, 1);
	return 0;
}

/* A kind whose changes stand side by side as they were found. */
static int offer_all(const struct merge *merge, enum change_kind kind)
{
	const struct gathered *gathered = &merge->kinds[kind];

	if (gathered->n == 0 || gathered->n > CHOICE_RULES_MAX || gathered->over)
		return 0;
	return offer(merge, kind, gathered->list, gathered->n);
}

/* ---- the capability that would do */

/* The rule that waits for no more than these. */
static const struct rule *rule_waiting_for(const struct ruleset *ruleset, uint64_t caps,
                                           const struct seccomp_data *call)
{
	struct near_miss misses[CAPS_MAX];
	size_t n = ruleset_near_misses(ruleset, call, misses, CAPS_MAX);

	for (size_t i = 0; i < n; i++)
		if (misses[i].why == MISS_CAPS && misses[i].missing_caps == caps)
			return misses[i].rule;
	return NULL;
}

static int try_capability(const struct merge *merge, const struct change *change)
{
	_cleanup_(changed_freep) struct changed *changed = NULL;
	struct suggestion *suggestion = merge->suggestion;
	uint64_t count = 0;
	int r = changed_build(merge->ruleset, change, 1, &changed);

	if (r < 0)
		return r == -EBADMSG ? 0 : r;
	for (size_t i = 0; i < suggestion->n_calls; i++)
		if (change_mends(change, changed->ruleset, &suggestion->calls[i]->call))
			count += suggestion->calls[i]->count;
	if (count <= suggestion->caps_count)
		return 0;
	suggestion->caps = change->caps;
	suggestion->caps_count = count;
	for (size_t i = 0; i < suggestion->n_calls && !suggestion->caps_rule; i++)
		suggestion->caps_rule =
			rule_waiting_for(merge->ruleset, change->caps, &suggestion->calls[i]->call);
	return 0;
}

static int find_capability(const struct merge *merge)
{
	const struct gathered *capabilities = &merge->kinds[CHANGE_CAPABILITY];
	int r = 0;

	for (size_t i = 0; i < capabilities->n && i < CAPS_MAX && r == 0; i++)
		r = try_capability(merge, &capabilities->list[i]);
	return r;
}

/* ---- all of it */

/* Whether programs are known to go another way after each of the calls. */
static bool all_have_fallbacks(const struct ruleset *ruleset, const struct suggestion *suggestion)
{
	for (size_t i = 0; i < suggestion->n_calls; i++)
		if (!change_fallback(ruleset, suggestion->name, &suggestion->calls[i]->call))
			return false;
	return true;
}

int suggestion_merge(const struct ruleset *ruleset, struct suggestion *suggestion)
{
	_cleanup_free_ struct merge *merge = calloc(1, sizeof(*merge));
	int r = 0;

	if (!merge)
		return -ENOMEM;
	merge->ruleset = ruleset;
	merge->suggestion = suggestion;
	for (size_t i = 0; i < suggestion->n_calls && r == 0; i++)
		r = gather_call(merge, suggestion->calls[i]);
	if (r == 0 && all_have_fallbacks(ruleset, suggestion))
		r = offer_all(merge, CHANGE_ERRNO);
	if (r == 0)
		r = offer_narrow(merge);
	if (r == 0)
		r = offer_all(merge, CHANGE_ALLOW);
	return r < 0 ? r : find_capability(merge);
}

/* ---- another errno, on request */

/* The rules of allowing, made to deny; choice has no changes where they do more, or less. */
static int deny_as(const struct ruleset *ruleset, const struct suggestion *suggestion,
                   const struct choice *allowing, struct action action, struct choice *choice)
{
	bool good = false;
	int r = set_changes(choice, allowing->changes, allowing->n_changes);

	for (size_t i = 0; r == 0 && i < choice->n_changes; i++) {
		choice->changes[i].kind = CHANGE_ERRNO;
		choice->changes[i].action = action;
	}
	if (r == 0)
		r = mends(ruleset, suggestion, choice->changes, choice->n_changes, &good);
	if (!good)
		choice_deinit(choice);
	return r;
}

int suggestion_errno(const struct ruleset *ruleset, const struct suggestion *suggestion,
                     unsigned error, struct choice *ret_choice)
{
	static const enum change_kind models[] = { CHANGE_ALLOW, CHANGE_ALLOW_ARGS };
	const struct action action = { .kind = ACTION_ERRNO, .number = (uint16_t)error };

	*ret_choice = (struct choice){ .kind = CHANGE_ERRNO };
	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		const struct choice *allowing = suggestion_choice(suggestion, models[i]);
		int r = 0;

		if (allowing && ret_choice->n_changes == 0)
			r = deny_as(ruleset, suggestion, allowing, action, ret_choice);
		if (r < 0)
			return r;
	}
	ret_choice->kind = CHANGE_ERRNO;
	return 0;
}
