/* SPDX-License-Identifier: Apache-2.0 */
/* The candidates for one call: each is tried, and those that work are kept. */
#include "profiles/changes/change.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "profiles/changes/fallback.h"
#include "profiles/plan_rows.h"
#include "profiles/resolve.h"
#include "profiles/syscalls.h"

enum { NEAR_MAX = 5 };

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[CHANGE_KIND_COUNT] = {
		[CHANGE_ERRNO] = "errno",
		[CHANGE_ALLOW_ARGS] = "allow-args",
		[CHANGE_ALLOW] = "allow",
		[CHANGE_CAPABILITY] = "capability",
	};

	return names[kind];
}

/* ---- conditions on arguments */

bool argument_tells(const struct argument *argument)
{
	static const bool telling[ARGUMENT_TYPE_COUNT] = {
		[ARGUMENT_ENUM] = true,      [ARGUMENT_ENUM64] = true,
		[ARGUMENT_FLAGS] = true,     [ARGUMENT_FLAGS64] = true,
		[ARGUMENT_SOCK_TYPE] = true, [ARGUMENT_CLONE_FLAGS] = true,
		[ARGUMENT_PROTOCOL] = true,  [ARGUMENT_SIGNAL] = true,
	};

	return telling[argument->type];
}

struct comparison argument_equals(const struct argument *argument, unsigned index, uint64_t value)
{
	if (argument_is_32_bit(argument->type))
		return (struct comparison){
			.index = index,
			.op = COMPARE_MASKED_EQ,
			.value = UINT32_MAX,
			.value_two = (uint32_t)value,
		};
	return (struct comparison){ .index = index, .op = COMPARE_EQ, .value = value };
}

/* What the trials of one call have in common. */
struct trial {
	const struct ruleset *ruleset;
	const struct abi *abi;
	const struct seccomp_data *call;
	const struct signature *signature; /* or NULL */
	struct decision decision;          /* at present */
	char name[SYSCALL_NAME_MAX];
	struct comparison args[6]; /* what tells this call from others of its name */
	unsigned n_args;
	bool args_ruled; /* the profile's own rules look at these */
};

/* The arguments that the profile's rules for this number look at. */
static unsigned ruled_mask(const struct trial *trial)
{
	const struct syscall_rules *rules = abi_syscall(trial->abi, trial->call->nr);
	unsigned mask = 0;

	for (size_t i = 0; rules && i < rules->n_matches; i++)
		for (unsigned j = 0; j < rules->matches[i].n_args; j++)
			mask |= 1U << rules->matches[i].args[j].index;
	return mask;
}

static unsigned telling_mask(const struct trial *trial)
{
	const struct argument *args;
	unsigned mask = 0, used;

	if (!trial->signature)
		return 0;
	args = signature_arguments(trial->signature, trial->call);
	used = signature_used(trial->signature, trial->call);
	for (unsigned i = 0; i < used; i++)
		if (argument_tells(&args[i]))
			mask |= 1U << i;
	return mask;
}

static struct comparison condition_on(const struct trial *trial, unsigned index)
{
	static const struct argument whole = { .name = "", .type = ARGUMENT_HEX };
	const struct argument *known = NULL;

	if (trial->signature)
		known = signature_argument(trial->signature, trial->call, index);
	return argument_equals(known ? known : &whole, index, trial->call->args[index]);
}

/* Where the profile tells calls apart itself, by the same arguments; else by all that tell. */
static void find_conditions(struct trial *trial)
{
	unsigned mask = ruled_mask(trial);

	trial->args_ruled = mask != 0;
	if (mask == 0)
		mask = telling_mask(trial);
	for (unsigned i = 0; i < 6; i++)
		if (mask >> i & 1)
			trial->args[trial->n_args++] = condition_on(trial, i);
}

/* ---- trying */

static bool works(const struct trial *trial, const struct change *change,
                  const struct changed *changed)
{
	struct decision decision;

	ruleset_evaluate(changed->ruleset, trial->call, &decision);
	return change->kind == CHANGE_ERRNO ? action_equal(decision.action, change->action)
	                                    : action_allows(decision.action);
}

/* Whether libseccomp may make wrong code of the call's rules after the change, and not before. */
static int is_unsafe(const struct ruleset *ruleset, const struct seccomp_data *call,
                     bool *ret_unsafe)
{
	const struct plan_options options = { .deny_in_kernel = true };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	const struct plan_row *row;
	int r = plan_build(ruleset, &options, &plan);

	if (r < 0)
		return r;
	row = plan_row_of(plan, call);
	*ret_unsafe = row && row->why == PLAN_UNSAFE_RULES;
	return 0;
}

/* The worst of what is opened. */
static void weigh(const struct trial *trial, struct candidate *candidate)
{
	const struct profile_diff *diff = candidate->diff;

	candidate->severity = SEVERITY_LOW;
	if (candidate->change.kind == CHANGE_ALLOW_ARGS) {
		candidate->severity =
			severity_of(trial->name, trial->call, &candidate->severity_why);
		return;
	}
	for (size_t i = 0; i < diff->n; i++) {
		const char *why;
		enum severity severity;

		if (!difference_opens(diff, i))
			continue;
		severity = severity_of(diff->list[i].name, NULL, &why);
		if (severity <= candidate->severity && candidate->severity_why)
			continue;
		candidate->severity = severity;
		candidate->severity_why = why;
	}
}

static int judge(const struct trial *trial, struct candidate *candidate)
{
	bool before = false;
	int r = profile_diff_build(trial->ruleset, candidate->changed->ruleset, &candidate->diff);

	if (r == 0)
		r = is_unsafe(trial->ruleset, trial->call, &before);
	if (r == 0)
		r = is_unsafe(candidate->changed->ruleset, trial->call, &candidate->unsafe);
	if (r < 0)
		return r;
	candidate->unsafe &= !before;
	change_effect(candidate->diff, &candidate->effect);
	weigh(trial, candidate);
	return 0;
}

static void candidate_deinit(struct candidate *candidate)
{
	profile_diff_free(candidate->diff);
	changed_free(candidate->changed);
	*candidate = (struct candidate){ 0 };
}

/* 0 and *ret_works; a profile that the runtimes refuse works for nobody. */
static int build(const struct trial *trial, struct candidate *candidate, bool *ret_works)
{
	int r = changed_build(trial->ruleset, &candidate->change, 1, &candidate->changed);

	*ret_works = false;
	if (r < 0)
		return r == -EBADMSG ? 0 : r;
	assert(candidate->changed);
	*ret_works = works(trial, &candidate->change, candidate->changed);
	if (!*ret_works)
		changed_free(TAKE_PTR(candidate->changed));
	return 0;
}

/* Adds the change to the list if it works: beside the rule that denies, or in its place. */
static int try(const struct trial *trial, const struct change *change,
               struct candidates *candidates)
{
	struct candidate *candidate = &candidates->list[candidates->n];
	bool good;
	int r;

	if (candidates->n == CANDIDATES_MAX)
		return 0;
	*candidate = (struct candidate){ .change = *change };
	r = build(trial, candidate, &good);
	if (r == 0 && !good && change->kind != CHANGE_CAPABILITY && trial->decision.rule) {
		candidate->change.instead = trial->decision.rule;
		r = build(trial, candidate, &good);
	}
	if (r < 0 || !good)
		return r;
	r = judge(trial, candidate);
	if (r < 0)
		candidate_deinit(candidate);
	else
		candidates->n++;
	return r;
}

/* ---- the kinds */

static struct change rule_change(const struct trial *trial, enum change_kind kind, int error)
{
	struct change change = {
		.kind = kind,
		.action = { .kind = error ? ACTION_ERRNO : ACTION_ALLOW,
		            .number = (uint16_t)error },
	};

	memcpy(change.name, trial->name, sizeof(change.name));
	return change;
}

static void add_conditions(const struct trial *trial, struct change *change)
{
	memcpy(change->args, trial->args, sizeof(change->args));
	change->n_args = trial->n_args;
}

/*
 * Only where the profile allows other calls of the name does the rule have to tell them apart, and
 * then by whole registers: it shall deny nothing that is allowed now.
 */
static void add_exact_conditions(const struct trial *trial, struct change *change)
{
	for (unsigned i = 0; i < trial->n_args; i++)
		change->args[i] = (struct comparison){
			.index = trial->args[i].index,
			.op = COMPARE_EQ,
			.value = trial->call->args[trial->args[i].index],
		};
	change->n_args = trial->n_args;
}

static bool is_allowed(const struct ruleset *ruleset, const char *name, uint32_t arch)
{
	struct seccomp_data call = { .arch = scmp_arch_audit(arch) };
	struct decision decision;
	struct numbers numbers;

	if (numbers_resolve(arch, name, &numbers) < 0 || numbers.direct < 0)
		return false;
	call.nr = numbers.direct;
	ruleset_evaluate(ruleset, &call, &decision);
	return action_allows(decision.action);
}

/* Whether the profile lets programs begin with what a call is a part of. */
static bool is_begun(const struct ruleset *ruleset, const char *name, uint32_t arch)
{
	const char *const *others = fallback_together(name);
	const char *door = fallback_door(name);

	for (; others && *others; others++)
		if (strcmp(*others, name) != 0 && (!door || strcmp(*others, door) == 0) &&
		    is_allowed(ruleset, *others, arch))
			return true;
	return false;
}

const struct fallback *change_fallback(const struct ruleset *ruleset, const char *name,
                                       const struct seccomp_data *call)
{
	if (is_begun(ruleset, name, syscall_arch(call->arch, call->nr)))
		return NULL;
	return fallback_find(name, call);
}

static int try_errno(const struct trial *trial, struct candidates *candidates)
{
	const struct fallback *fallback = change_fallback(trial->ruleset, trial->name, trial->call);
	struct change change;

	if (!fallback || (trial->decision.action.kind == ACTION_ERRNO &&
	                  trial->decision.action.number == fallback->error))
		return 0;
	change = rule_change(trial, CHANGE_ERRNO, fallback->error);
	if (trial->args_ruled)
		add_exact_conditions(trial, &change);
	return try(trial, &change, candidates);
}

static int try_allow_args(const struct trial *trial, struct candidates *candidates)
{
	struct change change = rule_change(trial, CHANGE_ALLOW_ARGS, 0);

	if (trial->n_args == 0)
		return 0;
	add_conditions(trial, &change);
	return try(trial, &change, candidates);
}

static int try_allow(const struct trial *trial, struct candidates *candidates)
{
	const struct change change = rule_change(trial, CHANGE_ALLOW, 0);

	return try(trial, &change, candidates);
}

/* Among the capabilities the one that opens least comes first. */
static void settle_capability(struct candidates *candidates)
{
	for (size_t i = candidates->n - 1; i > 0; i--) {
		struct candidate *before = &candidates->list[i - 1], *last = before + 1;
		struct candidate swapped = *last;

		if (before->change.kind != CHANGE_CAPABILITY ||
		    before->effect.opened <= last->effect.opened)
			return;
		*last = *before;
		*before = swapped;
	}
}

static bool caps_tried(const struct candidates *candidates, uint64_t caps)
{
	for (size_t i = 0; i < candidates->n; i++)
		if (candidates->list[i].change.kind == CHANGE_CAPABILITY &&
		    candidates->list[i].change.caps == caps)
			return true;
	return false;
}

static int try_capabilities(const struct trial *trial, struct candidates *candidates)
{
	struct near_miss misses[NEAR_MAX];
	size_t n = ruleset_near_misses(trial->ruleset, trial->call, misses, NEAR_MAX);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct change change = { .kind = CHANGE_CAPABILITY };
		size_t before = candidates->n;

		change.caps = misses[i].missing_caps;
		if (misses[i].why != MISS_CAPS || change.caps == 0 ||
		    caps_tried(candidates, change.caps))
			continue;
		r = try(trial, &change, candidates);
		if (candidates->n > before)
			settle_capability(candidates);
	}
	return r;
}

/* False where no rule can be written for the call, or none is needed. */
static bool start(const struct ruleset *ruleset, const struct seccomp_data *call,
                  struct trial *ret_trial)
{
	char buf[SYSCALL_NAME_MAX];
	const char *name;

	*ret_trial = (struct trial){
		.ruleset = ruleset,
		.call = call,
		.abi = ruleset_abi(ruleset, call),
	};
	ruleset_evaluate(ruleset, call, &ret_trial->decision);
	if (!ret_trial->abi || action_allows(ret_trial->decision.action))
		return false;
	name = syscall_name(ret_trial->abi->scmp_arch, call->nr, buf, sizeof(buf));
	snprintf(ret_trial->name, sizeof(ret_trial->name), "%s", name);
	ret_trial->signature = signature_find(ret_trial->abi->scmp_arch, name);
	find_conditions(ret_trial);
	return true;
}

int candidates_find(const struct ruleset *ruleset, const struct seccomp_data *call,
                    struct candidates *ret_candidates)
{
	_cleanup_(candidates_deinit) struct candidates candidates = { 0 };
	struct trial trial;
	int r = 0;

	if (start(ruleset, call, &trial)) {
		candidates.list = calloc(CANDIDATES_MAX, sizeof(*candidates.list));
		if (!candidates.list)
			return -ENOMEM;
		r = try_errno(&trial, &candidates);
		if (r == 0)
			r = try_allow_args(&trial, &candidates);
		if (r == 0)
			r = try_allow(&trial, &candidates);
		if (r == 0)
			r = try_capabilities(&trial, &candidates);
	}
	if (r < 0)
		return r;
	*ret_candidates = candidates;
	candidates.list = NULL;
	candidates.n = 0;
	return 0;
}

void candidates_deinit(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->n; i++)
		candidate_deinit(&candidates->list[i]);
	free(candidates->list);
	*candidates = (struct candidates){ 0 };
}

void candidates_drop_conditions(struct candidates *candidates)
{
	size_t kept = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		struct candidate candidate = candidates->list[i];

		if (candidate.change.n_args == 0)
			candidates->list[kept++] = candidate;
		else
			candidate_deinit(&candidate);
	}
	candidates->n = kept;
}
