/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/decide.h"

/* ---- the profile's part */

/* What enforce answers to each action that the profile can decide. */
struct answer {
	enum verdict_kind kind;
	uint16_t error; /* unless the action brings its own */
	bool own_error;
};

static const struct answer answers[ACTION_KIND_COUNT] = {
	[ACTION_ALLOW] = { VERDICT_ALLOW, 0, false },
	[ACTION_LOG] = { VERDICT_ALLOW, 0, false },
	[ACTION_ERRNO] = { VERDICT_DENY, 0, true },
	/* The profile asks its listener, and no rule of a policy has an answer. */
	[ACTION_NOTIFY] = { VERDICT_DENY, EPERM, false },
	/* As the kernel answers where no tracer is attached (seccomp(2)). */
	[ACTION_TRACE] = { VERDICT_DENY, ENOSYS, false },
	[ACTION_TRAP] = { VERDICT_KILL, EPERM, false },
	[ACTION_KILL_THREAD] = { VERDICT_KILL, EPERM, false },
	[ACTION_KILL_PROCESS] = { VERDICT_KILL, EPERM, false },
};

static int32_t rule_index(const struct ruleset *ruleset, const struct decision *decision)
{
	return decision->rule ? (int32_t)(decision->rule - ruleset->profile->rules) : -1;
}

static void by_profile(const struct decider *decider, const struct seccomp_data *call,
                       struct verdict *ret_verdict)
{
	struct decision decision;
	const struct answer *answer;

	ruleset_evaluate(decider->ruleset, call, &decision);
	answer = &answers[decision.action.kind];
	*ret_verdict = (struct verdict){
		.kind = answer->kind,
		.error = answer->own_error ? decision.action.number : answer->error,
		.by = (uint8_t)decision.by,
		.action = decision.action,
		.rule = rule_index(decider->ruleset, &decision),
		.policy_rule = -1,
	};
	if (decision.action.kind == ACTION_NOTIFY && decider->policy &&
	    decider->policy->allow_unmatched) {
		ret_verdict->kind = VERDICT_ALLOW;
		ret_verdict->error = 0;
	}
}

/* ---- the policy's part */

/* What each action of a rule comes to; ret_verdict has the rule's errno already. */
static const struct {
	enum verdict_kind kind;
	enum action_kind action; /* what it would be called in a profile */
} policy_answers[POLICY_ACTION_COUNT] = {
	[POLICY_ALLOW] = { VERDICT_ALLOW, ACTION_ALLOW },
	[POLICY_ERRNO] = { VERDICT_DENY, ACTION_ERRNO },
	[POLICY_RETURN] = { VERDICT_RETURN, ACTION_ERRNO },
	[POLICY_KILL] = { VERDICT_KILL, ACTION_KILL_PROCESS },
	[POLICY_ASK] = { VERDICT_DENY, ACTION_NOTIFY },
};

/* The conditions that read memory, or those that do not. 1 where all of them hold. */
static int conditions_hold(const struct policy_match *match, bool memory, struct view *view)
{
	int r = 1;

	for (size_t i = 0; i < match->n_conditions && r == 1; i++)
		if (condition_reads_memory(&match->conditions[i]) == memory)
			r = condition_holds(&match->conditions[i], view);
	return r;
}

/*
 * 1 where the rule matches, 0 where not; -errno where it could not see. What costs least is looked
 * at first, and memory only where nothing else rules the call out.
 */
static int match_holds(const struct policy_match *match, struct view *view)
{
	bool opaque = match->opaque && match->n_conditions > 0;
	int r = opaque ? 1 : conditions_hold(match, false, view);

	if (r == 1 && match->rule->when)
		r = who_holds(match->rule->when, view);
	if (r == 1 && opaque)
		return -EOPNOTSUPP;
	return r == 1 ? conditions_hold(match, true, view) : r;
}

static bool within_limit(const struct decider *decider, const struct policy_rule *rule)
{
	if (rule->limit.count == 0)
		return true;
	return limit_take(&rule->limit, &decider->limits[rule->limit_index], decider->now_ms());
}

/*
 * The first rule that matches, or the first that could not see: *ret_doubt is the errno then, else
 * 0. NULL where no rule matches.
 */
static const struct policy_rule *find_rule(const struct decider *decider,
                                           const struct policy_syscall *syscall, struct view *view,
                                           int *ret_doubt)
{
	*ret_doubt = 0;
	for (size_t i = 0; i < syscall->n_matches; i++) {
		const struct policy_match *match = &syscall->matches[i];
		int r = match_holds(match, view);

		if (r < 0)
			*ret_doubt = -r;
		if (r < 0 || (r == 1 && within_limit(decider, match->rule)))
			return match->rule;
	}
	return NULL;
}

static void by_rule(const struct policy_rule *rule, struct verdict *ret_verdict)
{
	*ret_verdict = (struct verdict){
		.kind = policy_answers[rule->action].kind,
		.error = rule->error,
		.action = { .kind = policy_answers[rule->action].action },
		.rule = -1,
		.value = rule->value,
		.ask_seconds = rule->ask_seconds,
	};
	if (rule->action == POLICY_ERRNO)
		ret_verdict->action.number = rule->error;
}

/* Doubts that the kernel would not have had. */
static bool is_ours(int doubt)
{
	return doubt == ESRCH || doubt == ENOSYS || doubt == EOPNOTSUPP;
}

/*
 * Doubt denies. Where the call would have been performed or frozen, it fails as it would have
 * failed then (a search of PATH goes on after ENOENT, and not after EPERM);
 * elsewhere as the profile denies. The verdict is the profile's so far.
 */
static void by_doubt(const struct decider *decider, const struct policy_syscall *syscall, int doubt,
                     struct verdict *verdict)
{
	const struct action *fallback = &decider->ruleset->default_action;
	bool seen = syscall->class == CLASS_PERFORMED || syscall->class == CLASS_FROZEN;
	bool natural = seen && !is_ours(doubt);

	verdict->doubt = (uint16_t)doubt;
	verdict->ask_seconds = 0;
	if (verdict->kind == VERDICT_KILL || (verdict->kind == VERDICT_DENY && !natural))
		return;
	verdict->kind = VERDICT_DENY;
	verdict->error = EPERM;
	if (natural)
		verdict->error = (uint16_t)doubt;
	else if (fallback->kind == ACTION_ERRNO && fallback->number != 0)
		verdict->error = fallback->number;
}

static enum allow_by unix_or_perform(const struct way_row *way, struct view *view)
{
	struct net_address address;
	int r;

	if (!way || (way->address.length == 0 && !way->address.message))
		return ALLOW_BY_PERFORM;
	r = operand_address(&way->address, view, &address);
	if (r == -ENOSYS) /* nobody looks, so it may be any */
		return ALLOW_BY_FREEZE;
	if (r < 0) /* fails as the call would */
		return ALLOW_BY_PERFORM;
	return net_family(&address) == AF_UNIX ? ALLOW_BY_FREEZE : ALLOW_BY_PERFORM;
}

static enum allow_by allow_by(const struct policy_syscall *syscall, struct view *view)
{
	switch (syscall->class) {
	case CLASS_PERFORMED:
		return unix_or_perform(syscall->way, view);
	case CLASS_FROZEN:
		return ALLOW_BY_FREEZE;
	case CLASS_REGISTERS:
	case CLASS_ADVISORY:
	case CLASS_COUNT:
		break;
	}
	return ALLOW_BY_CONTINUE;
}

static bool may_be_allowed(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_ALLOW || verdict->ask_seconds > 0;
}

/*
 * Mode ask is about the profile: what a rule of the policy says, somebody has said already. ENOSYS
 * is no question either: programs take it for an older kernel and do without (glibc's clone3).
 */
static void ask_of_profile(struct verdict *verdict)
{
	if (verdict->kind != VERDICT_ALLOW && verdict->error != ENOSYS)
		verdict->ask_seconds = ASK_SECONDS_DEFAULT;
}

/* A multiplexed call cannot be performed, for its arguments are not where the table has them. */
static bool can_allow(const struct policy_syscall *syscall)
{
	return !syscall->muxed || syscall->class == CLASS_REGISTERS ||
	       syscall->class == CLASS_ADVISORY;
}

static void by_policy(const struct decider *decider, const struct policy_syscall *syscall,
                      struct view *view, struct verdict *ret_verdict)
{
	int doubt;
	const struct policy_rule *rule = find_rule(decider, syscall, view, &doubt);

	if (rule && !doubt)
		by_rule(rule, ret_verdict);
	else
		by_profile(decider, view->call, ret_verdict);
	if (!doubt && may_be_allowed(ret_verdict) && !can_allow(syscall))
		doubt = EOPNOTSUPP;
	if (doubt)
		by_doubt(decider, syscall, doubt, ret_verdict);
	ret_verdict->generation = decider->policy->generation;
	ret_verdict->policy_rule = rule ? (int32_t)rule->index : -1;
	ret_verdict->silent = ret_verdict->kind == VERDICT_ALLOW;
	if (rule && !doubt && rule->log != POLICY_LOG_DEFAULT)
		ret_verdict->silent = rule->log == POLICY_LOG_NEVER;
	if (decider->mode == MODE_ASK && !rule && can_allow(syscall))
		ask_of_profile(ret_verdict);
	if (may_be_allowed(ret_verdict))
		ret_verdict->allow_by = (uint8_t)allow_by(syscall, view);
}

/* ---- both */

/* The policy has no say about an ABI that the profile does not cover. */
static const struct policy_syscall *named_by_policy(const struct decider *decider,
                                                    const struct seccomp_data *call)
{
	if (!decider->policy || !ruleset_abi(decider->ruleset, call))
		return NULL;
	return policy_find(decider->policy, call);
}

void decide(const struct decider *decider, struct view *view, struct verdict *ret_verdict)
{
	const struct policy_syscall *syscall = named_by_policy(decider, view->call);

	if (syscall) {
		by_policy(decider, syscall, view, ret_verdict);
	} else {
		by_profile(decider, view->call, ret_verdict);
		ret_verdict->silent = ret_verdict->kind == VERDICT_ALLOW;
		if (decider->mode == MODE_ASK)
			ask_of_profile(ret_verdict);
	}
	if (decider->mode != MODE_COMPLAIN)
		return;
	ret_verdict->allow_by = ALLOW_BY_CONTINUE;
	ret_verdict->ask_seconds = 0;
	if (ret_verdict->kind != VERDICT_ALLOW)
		ret_verdict->kind = VERDICT_WOULD;
}

/* ---- names */

const char *mode_name(enum mode mode)
{
	static const char *const names[MODE_COUNT] = {
		[MODE_ENFORCE] = "enforce",
		[MODE_COMPLAIN] = "complain",
		[MODE_ASK] = "ask",
	};

	return names[mode];
}

struct verdict_names {
	const char *shown;
	const char *json;
};

static const struct verdict_names verdict_names[VERDICT_KIND_COUNT] = {
	[VERDICT_DENY] = { "DENY", "deny" },         [VERDICT_ALLOW] = { "ALLOW", "allow" },
	[VERDICT_WOULD] = { "WOULD", "would_deny" }, [VERDICT_KILL] = { "KILL", "kill" },
	[VERDICT_RETURN] = { "FAKE", "return" },
};

const char *verdict_name(enum verdict_kind kind)
{
	return verdict_names[kind].shown;
}

const char *verdict_json_name(enum verdict_kind kind)
{
	return verdict_names[kind].json;
}

const char *asked_by_name(enum asked_by by)
{
	static const char *const names[ASKED_BY_COUNT] = {
		[ASKED_USER] = "user",       [ASKED_REMEMBERED] = "remembered",
		[ASKED_TIMEOUT] = "timeout", [ASKED_NOBODY] = "nobody",
		[ASKED_CHANGED] = "changed",
	};

	return names[by];
}
