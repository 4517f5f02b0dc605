/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/suggestion.h"

#include <string.h>

#include "profiles/resolve.h"
#include "profiles/changes/suggestion_merge.h"
#include "profiles/syscalls.h"

/* ---- one list a syscall, and how much its calls may do */

static struct suggestion *find(const struct suggestions *suggestions, const char *name,
                               enum severity severity)
{
	for (size_t i = 0; i < suggestions->n; i++)
		if (suggestions->list[i].severity == severity &&
		    strcmp(suggestions->list[i].name, name) == 0)
			return &suggestions->list[i];
	return NULL;
}

static struct suggestion *find_or_add(struct suggestions *suggestions, const struct observed *one)
{
	uint32_t arch = syscall_arch(one->call.arch, one->call.nr);
	char buf[SYSCALL_NAME_MAX];
	const char *name = syscall_name(arch, one->call.nr, buf, sizeof(buf));
	enum severity severity = severity_of(name, one->has_args ? &one->call : NULL, NULL);
	struct suggestion *found = find(suggestions, name, severity), *grown;

	if (found)
		return found;
	grown = reallocarray(suggestions->list, suggestions->n + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	suggestions->list = grown;
	found = &grown[suggestions->n++];
	*found = (struct suggestion){ .arch = arch, .severity = severity };
	snprintf(found->name, sizeof(found->name), "%s", name);
	return found;
}

static int add_call(struct suggestion *suggestion, const struct observed *one)
{
	const struct observed **grown;

	/* Grows at each power of two. */
	if ((suggestion->n_calls & (suggestion->n_calls - 1)) == 0) {
		size_t room = suggestion->n_calls ? 2 * suggestion->n_calls : 1;

		grown = reallocarray(suggestion->calls, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		suggestion->calls = grown;
	}
	suggestion->calls[suggestion->n_calls++] = one;
	suggestion->count += one->count;
	return 0;
}

static int sort_in(struct suggestions *suggestions, const struct ruleset *ruleset,
                   const struct observed *one)
{
	struct suggestion *suggestion = find_or_add(suggestions, one);
	struct decision decision;

	if (!suggestion)
		return -ENOMEM;
	ruleset_evaluate(ruleset, &one->call, &decision);
	if (!action_allows(decision.action))
		return add_call(suggestion, one);
	suggestion->allowed_count += one->count;
	return 0;
}

/* ---- what is to be made of each */

/* Whether the answer at present is the one at which a program goes another way. */
static bool falls_back(const struct ruleset *ruleset, const struct suggestion *suggestion,
                       const struct observed *one)
{
	const struct fallback *fallback = change_fallback(ruleset, suggestion->name, &one->call);
	struct decision decision;

	ruleset_evaluate(ruleset, &one->call, &decision);
	if (decision.action.kind != ACTION_ERRNO)
		return false;
	return fallback && decision.action.number == fallback->error;
}

static enum suggestion_state state_of(const struct ruleset *ruleset,
                                      const struct suggestion *suggestion)
{
	if (suggestion->n_calls == 0)
		return SUGGESTION_ALLOWED;
	for (size_t i = 0; i < suggestion->n_calls; i++)
		if (!falls_back(ruleset, suggestion, suggestion->calls[i]))
			return suggestion->n_choices > 0 ? SUGGESTION_OPEN : SUGGESTION_HOPELESS;
	return SUGGESTION_FALLBACK;
}

static int settle(const struct ruleset *ruleset, struct suggestion *suggestion)
{
	int r = suggestion_merge(ruleset, suggestion);

	if (r < 0)
		return r;
	if (suggestion->n_calls > 0)
		suggestion->fallback =
			change_fallback(ruleset, suggestion->name, &suggestion->calls[0]->call);
	suggestion->state = state_of(ruleset, suggestion);
	return 0;
}

int suggestions_find(const struct ruleset *ruleset, const struct observed *observed,
                     size_t n_observed, struct suggestions *ret_suggestions)
{
	_cleanup_(suggestions_deinit) struct suggestions suggestions = { 0 };
	int r = 0;

	for (size_t i = 0; i < n_observed && r == 0; i++)
		r = sort_in(&suggestions, ruleset, &observed[i]);
	for (size_t i = 0; i < suggestions.n && r == 0; i++)
		r = settle(ruleset, &suggestions.list[i]);
	if (r < 0)
		return r;
	*ret_suggestions = suggestions;
	suggestions = (struct suggestions){ 0 };
	return 0;
}

void choice_deinit(struct choice *choice)
{
	free(choice->changes);
	*choice = (struct choice){ 0 };
}

void suggestions_deinit(struct suggestions *suggestions)
{
	for (size_t i = 0; i < suggestions->n; i++) {
		struct suggestion *suggestion = &suggestions->list[i];

		for (size_t j = 0; j < suggestion->n_choices; j++)
			choice_deinit(&suggestion->choices[j]);
		free(suggestion->calls);
	}
	free(suggestions->list);
	*suggestions = (struct suggestions){ 0 };
}

const struct choice *suggestion_choice(const struct suggestion *suggestion, enum change_kind kind)
{
	for (size_t i = 0; i < suggestion->n_choices; i++)
		if (suggestion->choices[i].kind == kind)
			return &suggestion->choices[i];
	return NULL;
}

bool change_covers(const struct change *change, const struct seccomp_data *call)
{
	bool is_32_bit = scmp_arch_is_32_bit(syscall_arch(call->arch, call->nr));

	for (unsigned i = 0; i < change->n_args; i++)
		if (!comparison_holds(&change->args[i], is_32_bit, call))
			return false;
	return true;
}

bool change_mends(const struct change *change, const struct ruleset *ruleset,
                  const struct seccomp_data *call)
{
	struct decision decision;

	ruleset_evaluate(ruleset, call, &decision);
	return change->kind == CHANGE_ERRNO ? action_equal(decision.action, change->action)
	                                    : action_allows(decision.action);
}

/* Whether a difference is one that a change's rule makes. */
static bool change_makes(const struct change *change, const struct difference *difference)
{
	const struct seccomp_data call = {
		.nr = difference->nr,
		.arch = scmp_arch_audit(difference->arch),
		.args = { difference->args[0], difference->args[1], difference->args[2],
		          difference->args[3], difference->args[4], difference->args[5] },
	};
	struct numbers numbers;

	if (numbers_resolve(difference->arch, change->name, &numbers) < 0)
		return false;
	/* libseccomp cannot look behind the pointer of socketcall(2) and ipc(2). */
	if (numbers.mux == difference->nr && numbers.mux != numbers.direct)
		return (uint32_t)call.args[0] == numbers.mux_call;
	if (numbers.direct != difference->nr)
		return false;
	return change->n_args == 0 || (difference->args_mask && change_covers(change, &call));
}

bool changes_state(const struct change *changes, size_t n, const struct difference *difference)
{
	if (difference->arch == 0 || difference->whole_abi || difference->last_nr > difference->nr)
		return false;
	for (size_t i = 0; i < n; i++)
		if (changes[i].kind != CHANGE_ERRNO && change_makes(&changes[i], difference))
			return true;
	return false;
}

const char *changes_fault(const struct change *changes, size_t n, const struct profile_diff *diff)
{
	for (size_t i = 0; i < diff->n; i++) {
		const struct difference *difference = &diff->list[i];
		bool allowed = action_allows(difference->from);

		if (allowed && !action_allows(difference->to))
			return "the new profile denies what the present one allows";
		if (!allowed && action_allows(difference->to) &&
		    !changes_state(changes, n, difference))
			return "the new profile allows what was not chosen";
	}
	return NULL;
}
