/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/suggest.h"

#include <string.h>

/* ---- picking */

static bool is_included(const struct suggest_wishes *wishes, const char *name)
{
	for (size_t i = 0; i < wishes->n_include; i++)
		if (strcmp(wishes->include[i], name) == 0)
			return true;
	return false;
}

/*
 * The rule that allows: with conditions, unless the whole syscall is a program's own business, for
 * then the next call with another flag need not fail.
 */
static const struct choice *allowing_choice(const struct suggestion *suggestion,
                                            const struct suggest_wishes *wishes)
{
	const struct choice *narrow = suggestion_choice(suggestion, CHANGE_ALLOW_ARGS);
	const struct choice *wide = suggestion_choice(suggestion, CHANGE_ALLOW);

	if (!narrow || !wide)
		return narrow ? narrow : wide;
	if (wishes->narrow || wishes->wide)
		return wishes->narrow ? narrow : wide;
	return wide->severity == SEVERITY_LOW ? wide : narrow;
}

static void set_fate(struct suggest_item *item, enum suggest_fate fate, const struct choice *choice)
{
	item->fate = fate;
	item->choice = choice;
}

static bool are_together(const char *name, const char *other)
{
	const char *const *names = fallback_together(name);

	return names && fallback_together(other) == names;
}

/* Whether what programs use together with a call is asked for: then they shall not miss it. */
static bool goes_with_included(const char *name, const struct suggest_wishes *wishes)
{
	for (size_t i = 0; i < wishes->n_include; i++)
		if (are_together(name, wishes->include[i]))
			return true;
	return false;
}

static void pick_open(struct suggest_item *item, const struct suggest_wishes *wishes)
{
	const struct suggestion *suggestion = item->suggestion;
	const struct choice *allowing = allowing_choice(suggestion, wishes);
	const struct choice *gentle = suggestion_choice(suggestion, CHANGE_ERRNO);
	bool included = is_included(wishes, suggestion->name);

	if (gentle && !included && !wishes->allow &&
	    !goes_with_included(suggestion->name, wishes) &&
	    (!allowing || allowing->severity > SEVERITY_LOW))
		set_fate(item, FATE_CHANGED, gentle);
	else if (!allowing)
		set_fate(item, FATE_HOPELESS, NULL);
	else if (allowing->severity == SEVERITY_HIGH && !included)
		set_fate(item, FATE_LEFT_OUT, allowing);
	else
		set_fate(item, FATE_CHANGED, allowing);
}

static int pick(const struct ruleset *ruleset, struct suggest_item *item,
                const struct suggest_wishes *wishes)
{
	const struct suggestion *suggestion = item->suggestion;
	int r;

	if (suggestion->state == SUGGESTION_ALLOWED ||
	    (suggestion->state == SUGGESTION_FALLBACK && !wishes->error &&
	     !is_included(wishes, suggestion->name))) {
		set_fate(item, FATE_FINE, NULL);
		return 0;
	}
	set_fate(item, FATE_HOPELESS, NULL);
	if (!wishes->error) {
		pick_open(item, wishes);
		return 0;
	}
	r = suggest_item_errno(ruleset, item, wishes->error);
	return r == -ENOENT ? 0 : r;
}

int suggest_pick(const struct ruleset *ruleset, const struct suggestions *suggestions,
                 const struct suggest_wishes *wishes, struct suggest_items *ret_items)
{
	_cleanup_(suggest_items_deinit) struct suggest_items items = { 0 };

	items.list = calloc(suggestions->n + 1, sizeof(*items.list));
	if (!items.list)
		return -ENOMEM;
	for (; items.n < suggestions->n; items.n++) {
		struct suggest_item *item = &items.list[items.n];
		int r;

		item->suggestion = &suggestions->list[items.n];
		r = pick(ruleset, item, wishes);
		if (r < 0)
			return r;
	}
	*ret_items = items;
	items = (struct suggest_items){ 0 };
	return 0;
}

void suggest_items_deinit(struct suggest_items *items)
{
	for (size_t i = 0; i < items->n; i++)
		choice_deinit(&items->list[i].own);
	free(items->list);
	*items = (struct suggest_items){ 0 };
}

int suggest_item_errno(const struct ruleset *ruleset, struct suggest_item *item, unsigned error)
{
	struct choice choice;
	int r = suggestion_errno(ruleset, item->suggestion, error, &choice);

	if (r < 0)
		return r;
	if (choice.n_changes == 0)
		return -ENOENT;
	choice_deinit(&item->own);
	item->own = choice;
	set_fate(item, FATE_CHANGED, &item->own);
	return 0;
}

/* Whether the answer to a call is still the one at which programs go another way. */
static bool is_still_fine(const struct ruleset *amended, const struct suggestion *suggestion,
                          const struct observed *one)
{
	struct decision decision;

	ruleset_evaluate(amended, &one->call, &decision);
	return action_allows(decision.action) ||
	       (decision.action.kind == ACTION_ERRNO &&
	        decision.action.number == suggestion->fallback->error);
}

static bool item_is_still_fine(const struct ruleset *amended, const struct suggest_item *item)
{
	for (size_t i = 0; i < item->suggestion->n_calls; i++)
		if (!is_still_fine(amended, item->suggestion, item->suggestion->calls[i]))
			return false;
	return true;
}

int suggest_keep(const struct ruleset *ruleset, const struct ruleset *amended,
                 struct suggest_items *items)
{
	int result = 0;

	for (size_t i = 0; i < items->n; i++) {
		struct suggest_item *item = &items->list[i];
		int r;

		if (item->fate != FATE_FINE || item_is_still_fine(amended, item))
			continue;
		r = suggest_item_errno(ruleset, item, (unsigned)item->suggestion->fallback->error);
		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0)
			result = SUGGEST_KEPT;
	}
	return result;
}

int suggest_chosen(const struct suggest_items *items, struct chosen **ret_chosen, size_t *ret_n)
{
	struct chosen *chosen = calloc(items->n + 1, sizeof(*chosen));
	size_t n = 0;

	if (!chosen)
		return -ENOMEM;
	for (size_t i = 0; i < items->n; i++)
		if (items->list[i].fate == FATE_CHANGED)
			chosen[n++] =
				(struct chosen){ items->list[i].suggestion, items->list[i].choice };
	*ret_chosen = chosen;
	*ret_n = n;
	return 0;
}

/* ---- the replay */

/* Where a call is counted that the amended profile denies. */
static uint64_t *denied_count(struct suggest_replay *replay, const struct ruleset *amended,
                              const struct suggest_item *item, const struct observed *one)
{
	if (item->fate == FATE_FINE && is_still_fine(amended, item->suggestion, one))
		return &replay->fine;
	if (item->fate == FATE_IGNORED)
		return &replay->ignored;
	if (item->fate == FATE_CHANGED &&
	    change_mends(&item->choice->changes[0], amended, &one->call))
		return &replay->answered;
	return &replay->denied;
}

static uint64_t *call_count(struct suggest_replay *replay, const struct ruleset *amended,
                            const struct suggest_item *item, const struct observed *one)
{
	struct decision decision;

	if (item->fate == FATE_CHANGED && !one->has_args && item->choice->changes[0].n_args > 0)
		return &replay->unknown;
	ruleset_evaluate(amended, &one->call, &decision);
	return action_allows(decision.action) ? &replay->allowed
	                                      : denied_count(replay, amended, item, one);
}

void suggest_replay(const struct ruleset *amended, const struct suggest_items *items,
                    struct suggest_replay *ret_replay)
{
	*ret_replay = (struct suggest_replay){ 0 };
	for (size_t i = 0; i < items->n; i++) {
		const struct suggest_item *item = &items->list[i];

		ret_replay->allowed += item->suggestion->allowed_count;
		for (size_t j = 0; j < item->suggestion->n_calls; j++) {
			const struct observed *one = item->suggestion->calls[j];

			*call_count(ret_replay, amended, item, one) += one->count;
		}
	}
}
