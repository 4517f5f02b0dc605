/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan.h"

#include <seccomp.h>

#include "profiles/plan_rows.h"
#include "profiles/resolve.h"

struct action plan_action(const struct plan_options *options, struct action action)
{
	const struct action notify = { .kind = ACTION_NOTIFY };

	switch (action.kind) {
	case ACTION_ERRNO:
		return options->deny_in_kernel ? action : notify;
	case ACTION_TRAP:
	case ACTION_KILL_THREAD:
	case ACTION_KILL_PROCESS:
		return options->complain ? notify : action;
	default:
		return action;
	}
}

static enum plan_place place_of(struct action planned)
{
	static const enum plan_place places[ACTION_KIND_COUNT] = {
		[ACTION_ALLOW] = PLAN_KERNEL_ALLOW, [ACTION_ERRNO] = PLAN_KERNEL_DENY,
		[ACTION_NOTIFY] = PLAN_NOTIFY,      [ACTION_LOG] = PLAN_KERNEL,
		[ACTION_TRACE] = PLAN_KERNEL,       [ACTION_TRAP] = PLAN_KERNEL,
		[ACTION_KILL_THREAD] = PLAN_KERNEL, [ACTION_KILL_PROCESS] = PLAN_KERNEL,
	};

	return places[planned.kind];
}

bool plan_compiles(const struct plan *plan, const struct match *match)
{
	return !action_equal(plan_action(&plan->options, match->action), plan_default(plan));
}

struct action plan_default(const struct plan *plan)
{
	return plan_action(&plan->options, plan->ruleset->default_action);
}

static bool is_equality(const struct comparison *comparison)
{
	return comparison->op == COMPARE_EQ || comparison->op == COMPARE_MASKED_EQ;
}

/*
 * What libseccomp is known to compile right (2.5.4 and 2.6.1; random rule sets against their
 * meaning): equalities alone, or one condition a rule with values below 2^32. Other shapes give
 * wrong code, and two that share a range and go on with different arguments never end.
 */
static bool shapes_safe(const struct plan *plan, const struct syscall_rules *rules)
{
	bool equalities = true, single = true;

	for (size_t i = 0; i < rules->n_matches; i++) {
		const struct match *match = &rules->matches[i];

		if (!plan_compiles(plan, match))
			continue;
		if (match->n_args > 1)
			single = false;
		for (unsigned j = 0; j < match->n_args; j++) {
			const struct comparison *comparison = &match->args[j];

			if (!is_equality(comparison))
				equalities = false;
			if ((comparison->value | comparison->value_two) > UINT32_MAX)
				single = false;
		}
	}
	return equalities || single;
}

/* Ranges of several actions overlap in a high word that libseccomp decides once for all. */
static bool ranges_agree(const struct plan *plan, const struct syscall_rules *rules)
{
	const struct match *range = NULL;

	for (size_t i = 0; i < rules->n_matches; i++) {
		const struct match *match = &rules->matches[i];

		if (!plan_compiles(plan, match) || match->n_args == 0 ||
		    is_equality(&match->args[0]))
			continue;
		if (range && !action_equal(plan_action(&plan->options, range->action),
		                           plan_action(&plan->options, match->action)))
			return false;
		range = match;
	}
	return true;
}

/* Whether no call meets both, because what one demands of an argument the other forbids. */
static bool matches_exclude(const struct match *a, const struct match *b, bool abi_is_32_bit)
{
	for (unsigned i = 0; i < a->n_args; i++)
		for (unsigned j = 0; j < b->n_args; j++) {
			const struct comparison *exact = &a->args[i], *other = &b->args[j];
			struct seccomp_data call = { 0 };

			if (exact->op != COMPARE_EQ || exact->index != other->index)
				continue;
			call.args[exact->index] = exact->value;
			if (!comparison_holds(other, abi_is_32_bit, &call))
				return true;
		}
	return false;
}

/*
 * A rule with the filter's own default action cannot be added to it. To leave it out is right
 * where no later rule with another action would then decide its calls.
 */
static bool defaults_dispensable(const struct plan *plan, const struct syscall_rules *rules,
                                 bool abi_is_32_bit)
{
	for (size_t i = 0; i < rules->n_matches; i++) {
		const struct match *match = &rules->matches[i];

		for (size_t j = i + 1; j < rules->n_matches; j++) {
			const struct match *later = &rules->matches[j];

			if (!plan_compiles(plan, match) && plan_compiles(plan, later) &&
			    !matches_exclude(match, later, abi_is_32_bit) &&
			    !matches_exclude(later, match, abi_is_32_bit))
				return false;
		}
	}
	return true;
}

/* Whether all outcomes are one action; without a rule that always holds the default is one. */
static bool outcome_constant(const struct plan *plan, const struct syscall_rules *rules,
                             struct action *ret_action)
{
	struct action first = plan_default(plan);
	size_t start = 0;

	if (rules->n_matches > 0 && rules->matches[0].n_args == 0) {
		first = plan_action(&plan->options, rules->matches[0].action);
		start = 1;
	}
	for (size_t i = start; i < rules->n_matches; i++)
		if (!action_equal(plan_action(&plan->options, rules->matches[i].action), first))
			return false;
	*ret_action = first;
	return true;
}

static void place_row(const struct plan *plan, bool abi_is_32_bit, struct plan_row *row)
{
	struct action constant;

	row->why = PLAN_BY_PROFILE;
	if (outcome_constant(plan, row->rules, &constant)) {
		row->place = place_of(constant);
	} else if (shapes_safe(plan, row->rules) && ranges_agree(plan, row->rules) &&
	           defaults_dispensable(plan, row->rules, abi_is_32_bit)) {
		row->place = PLAN_KERNEL_ARGS;
	} else {
		row->place = PLAN_NOTIFY;
		row->why = PLAN_UNSAFE_RULES;
	}
}

void plan_distrust(struct plan_row *row)
{
	row->place = PLAN_NOTIFY;
	row->why = PLAN_UNSAFE_RULES;
}

static int by_number(const void *left, const void *right)
{
	int a = ((const struct plan_row *)left)->nr, b = ((const struct plan_row *)right)->nr;

	return (a > b) - (a < b);
}

/* The row of a number among n sorted ones, or NULL. */
static struct plan_row *rows_find(struct plan_row *rows, size_t n, int nr)
{
	const struct plan_row wanted = { .nr = nr };

	return n > 0 ? bsearch(&wanted, rows, n, sizeof(*rows), by_number) : NULL;
}

static struct plan_row *row_find(const struct plan_abi *abi, int nr)
{
	return rows_find(abi->rows, abi->n_rows, nr);
}

static struct plan_abi *plan_abi_of(const struct plan *plan, const struct seccomp_data *call)
{
	const struct abi *abi = ruleset_abi(plan->ruleset, call);

	for (size_t i = 0; abi && i < plan->n_abis; i++)
		if (plan->abis[i].abi == abi)
			return &plan->abis[i];
	return NULL;
}

struct plan_row *plan_row_of(const struct plan *plan, const struct seccomp_data *call)
{
	struct plan_abi *abi = plan_abi_of(plan, call);

	return abi ? row_find(abi, call->nr) : NULL;
}

/* Whether a row's syscall is also a call of the multiplexer with number mux. */
static bool row_is_muxed(const struct plan_abi *abi, const struct plan_row *row, int mux)
{
	struct numbers numbers;
	_cleanup_free_ char *name = seccomp_syscall_resolve_num_arch(abi->abi->scmp_arch, row->nr);

	return name && numbers_resolve(abi->abi->scmp_arch, name, &numbers) == 0 &&
	       numbers.mux == mux;
}

/*
 * libseccomp adds a multiplexed call's rules to socketcall or ipc too. Where that row is notified,
 * none of them may be added; and where the filter's default is not to notify, a call cannot be
 * notified without a companion that collides with the rules that stand there.
 */
static void settle_multiplexed(const struct plan *plan, struct plan_abi *abi, const char *mux_name)
{
	int nr = seccomp_syscall_resolve_name_arch(abi->abi->scmp_arch, mux_name);
	bool rest_notified = plan_default(plan).kind == ACTION_NOTIFY;
	struct plan_row *mux = nr >= 0 ? row_find(abi, nr) : NULL;

	for (size_t i = 0; mux && !rest_notified && i < abi->n_rows; i++)
		if (abi->rows[i].place == PLAN_NOTIFY && abi->rows[i].why != PLAN_BY_PROFILE &&
		    row_is_muxed(abi, &abi->rows[i], nr))
			plan_distrust(mux);
	if (!mux || mux->place != PLAN_NOTIFY)
		return;
	for (size_t i = 0; i < abi->n_rows; i++)
		if (abi->rows[i].place != PLAN_NOTIFY && row_is_muxed(abi, &abi->rows[i], nr))
			plan_distrust(&abi->rows[i]);
}

void plan_settle(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_abis; i++) {
		settle_multiplexed(plan, &plan->abis[i], "socketcall");
		settle_multiplexed(plan, &plan->abis[i], "ipc");
	}
}

/* Room for a row of each number: those that a rule names, and those that are asked for. */
static int plan_abi_allocate(struct plan_abi *plan_abi, size_t n_asked)
{
	plan_abi->rows = calloc(plan_abi->abi->n_syscalls + n_asked + 1, sizeof(*plan_abi->rows));
	plan_abi->unruled = calloc(n_asked + 1, sizeof(*plan_abi->unruled));
	return plan_abi->rows && plan_abi->unruled ? 0 : -ENOMEM;
}

/* What is asked for is notified. A number that no rule names has a row without rules. */
static void plan_abi_ask(struct plan_abi *plan_abi, const struct plan_options *options)
{
	size_t n_ruled = plan_abi->n_rows, n_unruled = 0;

	for (size_t i = 0; i < options->n_asked; i++) {
		const struct plan_call *asked = &options->asked[i];
		struct plan_row *row;

		if (asked->arch != plan_abi->abi->scmp_arch)
			continue;
		row = rows_find(plan_abi->rows, n_ruled, asked->nr);
		if (!row) {
			row = &plan_abi->rows[plan_abi->n_rows++];
			row->nr = asked->nr;
			row->rules = &plan_abi->unruled[n_unruled];
			plan_abi->unruled[n_unruled++].nr = asked->nr;
		}
		row->place = PLAN_NOTIFY;
		row->why = PLAN_ASKED;
	}
	qsort(plan_abi->rows, plan_abi->n_rows, sizeof(*plan_abi->rows), by_number);
}

static int plan_abi_init(struct plan *plan, const struct abi *abi,
                         const struct plan_options *options, struct plan_abi *plan_abi)
{
	int r;

	plan_abi->abi = abi;
	r = plan_abi_allocate(plan_abi, options->n_asked);
	if (r < 0)
		return r;
	plan_abi->n_rows = abi->n_syscalls;
	for (size_t i = 0; i < abi->n_syscalls; i++) {
		plan_abi->rows[i].nr = abi->syscalls[i].nr;
		plan_abi->rows[i].rules = &abi->syscalls[i];
		place_row(plan, scmp_arch_is_32_bit(abi->scmp_arch), &plan_abi->rows[i]);
	}
	plan_abi_ask(plan_abi, options);
	return 0;
}

int plan_build(const struct ruleset *ruleset, const struct plan_options *options,
               struct plan **ret_plan)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r;

	if (options->deny_in_kernel && options->complain)
		return -EINVAL;
	plan = calloc(1, sizeof(*plan));
	if (!plan)
		return -ENOMEM;
	plan->ruleset = ruleset;
	plan->options = *options;
	plan->options.asked = NULL;
	plan->options.n_asked = 0;
	plan->rest = place_of(plan_default(plan));
	plan->abis = calloc(ruleset->n_abis, sizeof(*plan->abis));
	if (!plan->abis)
		return -ENOMEM;
	for (; plan->n_abis < ruleset->n_abis; plan->n_abis++) {
		r = plan_abi_init(plan, &ruleset->abis[plan->n_abis], options,
		                  &plan->abis[plan->n_abis]);
		if (r < 0) {
			plan->n_abis++;
			return r;
		}
	}
	plan_settle(plan);
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_abis; i++) {
		free(plan->abis[i].rows);
		free(plan->abis[i].unruled);
	}
	free(plan->abis);
	free(plan);
}

static const uint32_t returns[ACTION_KIND_COUNT] = {
	[ACTION_ALLOW] = SECCOMP_RET_ALLOW,
	[ACTION_ERRNO] = SECCOMP_RET_ERRNO,
	[ACTION_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	[ACTION_LOG] = SECCOMP_RET_LOG,
	[ACTION_TRACE] = SECCOMP_RET_TRACE,
	[ACTION_TRAP] = SECCOMP_RET_TRAP,
	[ACTION_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
	[ACTION_KILL_PROCESS] = SECCOMP_RET_KILL_PROCESS,
};

uint32_t plan_return(struct action action)
{
	bool numbered = action.kind == ACTION_ERRNO || action.kind == ACTION_TRACE;

	return returns[action.kind] | (numbered ? action.number : 0U);
}

uint32_t plan_expect(const struct plan *plan, const struct seccomp_data *call)
{
	const struct plan_row *row = plan_row_of(plan, call);
	struct decision decision;

	ruleset_evaluate(plan->ruleset, call, &decision);
	/* What stands in front of the rows is not theirs to move. */
	if (row && row->place == PLAN_NOTIFY && decision.by != DECIDED_BY_NEWER)
		return SECCOMP_RET_USER_NOTIF;
	return plan_return(plan_action(&plan->options, decision.action));
}
