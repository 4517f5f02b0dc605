/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that programs try first: only ENOSYS sends them to the older one. */
#include "profiles/lint/lint_rows.h"

#include "profiles/changes/fallback.h"
#include "profiles/resolve.h"

enum { LIST_MAX = 1280 };

/* What refuses one of them, if it is a refusal that ends the program's attempt. */
struct refusal {
	bool fatal;
	struct action action;
	const struct rule *rule; /* NULL for the default action */
};

static bool is_fatal(struct action action)
{
	static const bool fatal[ACTION_KIND_COUNT] = {
		[ACTION_ERRNO] = true,
		[ACTION_TRAP] = true,
		[ACTION_KILL_THREAD] = true,
		[ACTION_KILL_PROCESS] = true,
	};

	return fatal[action.kind] && !action_is_enosys(action);
}

static bool falls_back(const struct lint *lint, const struct abi *abi,
                       const struct newer_call *call)
{
	enum fate fate = lint_fate(lint, abi, call->older).fate;

	return fate == FATE_ALLOWED || fate == FATE_PARTLY;
}

static struct refusal refusal_on(const struct lint *lint, const struct abi *abi,
                                 const struct newer_call *call)
{
	struct call_fate fate = lint_fate(lint, abi, call->fallback.name);

	return (struct refusal){
		.fatal = fate.fate == FATE_REFUSED && is_fatal(fate.action) &&
		         falls_back(lint, abi, call),
		.action = fate.action,
		.rule = fate.rule,
	};
}

static struct refusal refusal_of(const struct lint *lint, const struct newer_call *call)
{
	struct refusal refusal = { 0 };

	for (size_t i = 0; i < lint->ruleset->n_abis && !refusal.fatal; i++) {
		const struct abi *abi = &lint->ruleset->abis[i];

		/* What a foreign ABI has in common with the native one is told of that one. */
		if (i == 0 || call->only_32_bit)
			refusal = refusal_on(lint, abi, call);
	}
	return refusal;
}

static void report(struct lint *lint, const struct refusal *refusal, const char *calls)
{
	char action[32];
	const char *what = lint_action(refusal->action, action, sizeof(action));

	if (refusal->rule)
		lint_rule(lint, refusal->rule, "%s, where only ENOSYS leads to a fallback: %s",
		          what, calls);
	else
		lint_default(lint, "%s, where only ENOSYS leads to a fallback: %s", what, calls);
}

/* One message for all the calls that the same rule, or the default action, refuses. */
static void report_with_same(struct lint *lint, struct refusal refusals[NEWER_CALLS], size_t first)
{
	const struct refusal refusal = refusals[first];
	char buf[LIST_MAX], item[96];
	struct text calls = TEXT_OVER(buf);

	for (size_t i = first; i < NEWER_CALLS; i++) {
		if (!refusals[i].fatal || refusals[i].rule != refusal.rule)
			continue;
		refusals[i].fatal = false;
		snprintf(item, sizeof(item), "%s (%s: %s)", newer_calls[i].fallback.name,
		         newer_calls[i].who, newer_calls[i].older);
		lint_list(&calls, item);
	}
	report(lint, &refusal, calls.bytes);
}

int lint_fatal_eperm(struct lint *lint)
{
	struct refusal refusals[NEWER_CALLS];

	for (size_t i = 0; i < NEWER_CALLS; i++)
		refusals[i] = refusal_of(lint, &newer_calls[i]);
	for (size_t i = 0; i < NEWER_CALLS; i++)
		if (refusals[i].fatal)
			report_with_same(lint, refusals, i);
	return 0;
}
