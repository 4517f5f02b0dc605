/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/decide.h"

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

void decide(const struct ruleset *ruleset, enum mode mode, const struct seccomp_data *call,
            struct verdict *ret_verdict)
{
	struct decision decision;
	const struct answer *answer;
	enum verdict_kind kind;

	ruleset_evaluate(ruleset, call, &decision);
	answer = &answers[decision.action.kind];
	kind = answer->kind;
	if (mode == MODE_COMPLAIN && kind != VERDICT_ALLOW)
		kind = VERDICT_WOULD;
	*ret_verdict = (struct verdict){
		.kind = kind,
		.error = answer->own_error ? decision.action.number : answer->error,
		.by = (uint8_t)decision.by,
		.action = decision.action,
		.rule = rule_index(ruleset, &decision),
	};
}

const char *mode_name(enum mode mode)
{
	static const char *const names[MODE_COUNT] = {
		[MODE_ENFORCE] = "enforce",
		[MODE_COMPLAIN] = "complain",
	};

	return names[mode];
}

struct verdict_names {
	const char *shown;
	const char *json;
};

static const struct verdict_names verdict_names[VERDICT_KIND_COUNT] = {
	[VERDICT_DENY] = { "DENY", "deny" },
	[VERDICT_ALLOW] = { "ALLOW", "allow" },
	[VERDICT_WOULD] = { "WOULD", "would_deny" },
	[VERDICT_KILL] = { "KILL", "kill" },
};

const char *verdict_name(enum verdict_kind kind)
{
	return verdict_names[kind].shown;
}

const char *verdict_json_name(enum verdict_kind kind)
{
	return verdict_names[kind].json;
}
