/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain_policy.h"

#include <limits.h>
#include <string.h>

#include "supervisor/reports/replay.h"

static uint64_t no_time(void)
{
	return 0;
}

static void file_text(struct text *text, const char *file)
{
	text_escape_terminal(text, file, strlen(file), PATH_MAX);
}

/* Of a typed call nothing but the registers is known. */
static void decide_call(struct decider *decider, struct replay_view *view,
                        const struct seccomp_data *call, const struct event_record *event,
                        struct verdict *ret_verdict)
{
	struct view registers = { .call = call };

	if (event)
		decide(decider, &view->view, ret_verdict);
	else
		decide(decider, &registers, ret_verdict);
}

static void rule_text(struct text *text, const struct policy_rule *rule,
                      const struct verdict *verdict, const struct replay_view *view)
{
	const struct replay_verdict shown = {
		.kind = (int)verdict->kind,
		.error = verdict->error,
		.value = verdict->value,
		.asks = verdict->ask_seconds > 0,
	};

	text_printf(text, "rule %zu (line %u) ", rule->index, rule->place.line);
	if (view->gap != REPLAY_NO_GAP || verdict->doubt) {
		text_printf(text, "looks at what is not known here%s%s", view->gap ? ": " : "",
		            view->gap ? replay_gap_words(view->gap) : "");
		return;
	}
	text_string(text, "decides: ");
	replay_verdict_text(text, &shown);
	if (rule->comment && rule->comment[0]) {
		text_string(text, " (");
		text_escape_message(text, rule->comment);
		text_string(text, ")");
	}
}

void explain_policy_text(struct text *text, const struct policy *policy,
                         const struct ruleset *ruleset, const struct seccomp_data *call,
                         const struct event_record *event)
{
	_Atomic uint64_t limits[POLICY_LIMITS_MAX] = { 0 };
	struct decider decider = {
		.ruleset = ruleset, .policy = policy, .limits = limits, .now_ms = no_time
	};
	struct replay_view view = { 0 };
	struct verdict verdict;

	if (event)
		replay_view_init(&view, event, 0);
	decide_call(&decider, &view, call, event, &verdict);
	text_string(text, "policy ");
	file_text(text, policy->file);
	text_string(text, ": ");
	if (verdict.policy_rule >= 0)
		rule_text(text, &policy->rules[verdict.policy_rule], &verdict, &view);
	else if (policy_find(policy, call))
		text_string(text, "none of its rules on this call holds, so the profile decides");
	else
		text_string(text, "no rule is on this call, so the profile decides");
}

bool explain_policy_event_text(struct text *text, const struct event_record *event)
{
	const cJSON *line;

	if (!event || !event->by_policy || !event->rule_file)
		return false;
	text_string(text, "decided by a rule of the policy ");
	file_text(text, event->rule_file);
	line = json_member(event->json, "rule.line");
	if (cJSON_IsNumber(line))
		text_printf(text, ", line %d", line->valueint);
	return true;
}
