/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profiles/plan_rows.h"
#include "profiles/row_points.h"
#include "profiles/syscalls.h"
#include "supervisor/events/render_argument.h"

bool explanation_allows(const struct explanation *explanation)
{
	return action_allows(explanation->decision.action);
}

const char *explanation_policy(const struct explanation *explanation)
{
	const struct event_record *event = explanation->subject->event;
	const char *why;

	if (!event || !event->by_policy)
		return NULL;
	why = cJSON_GetStringValue(json_member(event->json, "rule.why"));
	return why ? why : "a rule of a policy";
}

bool explanation_contradicts_event(const struct explanation *explanation)
{
	const struct event_record *event = explanation->subject->event;

	if (!event || event->verdict < 0 || explanation_policy(explanation))
		return false;
	if (event->error > 0 && explanation->error > 0 && event->error != explanation->error)
		return true;
	return (event->verdict == VERDICT_ALLOW) != explanation_allows(explanation);
}

/* ---- the call */

struct seeker {
	const struct ruleset *ruleset;
};

static int stop_at_denial(void *context, const struct seccomp_data *call)
{
	const struct seeker *seeker = context;
	struct decision decision;

	ruleset_evaluate(seeker->ruleset, call, &decision);
	return !action_allows(decision.action);
}

/* A fold tells the number only: its calls were denied, so one that is denied speaks for them. */
static int find_denied(const struct ruleset *ruleset, struct seccomp_data *call)
{
	const struct abi *abi = ruleset_abi(ruleset, call);
	const struct syscall_rules *rules = abi ? abi_syscall(abi, call->nr) : NULL;
	struct seeker seeker = { ruleset };
	int r = rules ? row_points(rules, call, stop_at_denial, &seeker) : 0;

	return r < 0 ? r : 0;
}

static void name_call(struct explanation *explanation)
{
	const struct seccomp_data *call = &explanation->call;
	char buf[SYSCALL_NAME_MAX];

	explanation->arch = syscall_arch(call->arch, call->nr);
	snprintf(explanation->name, sizeof(explanation->name), "%s",
	         syscall_name(explanation->arch, call->nr, buf, sizeof(buf)));
	if (explanation->arch)
		explanation->signature = signature_find(explanation->arch, explanation->name);
}

/* ---- the decision */

/* A call that nobody decides is denied as such: EPERM. */
static int error_of(struct action action)
{
	if (action.kind == ACTION_ERRNO)
		return action.number;
	return action.kind == ACTION_NOTIFY ? EPERM : 0;
}

static enum plan_place place_without_row(const struct plan *plan, const struct decision *decision)
{
	if (decision->by == DECIDED_BY_DEFAULT)
		return plan->rest;
	/* What is newer than the profile, or of a foreign ABI, is answered before the rows. */
	return plan_action(&plan->options, decision->action).kind == ACTION_NOTIFY ? PLAN_NOTIFY
	                                                                           : PLAN_KERNEL;
}

static int find_place(struct explanation *explanation)
{
	const struct event_record *event = explanation->subject->event;
	const struct plan_options options = { .complain = event && event->mode != MODE_ENFORCE };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	const struct plan_row *row;
	int r = plan_build(explanation->ruleset, &options, &plan);

	if (r < 0)
		return r;
	row = plan_row_of(plan, &explanation->call);
	if (row && explanation->decision.by != DECIDED_BY_NEWER) {
		explanation->place = row->place;
		explanation->place_why = row->why;
	} else {
		explanation->place = place_without_row(plan, &explanation->decision);
	}
	return 0;
}

static void find_reasons(struct explanation *explanation)
{
	ruleset_evaluate(explanation->ruleset, &explanation->call, &explanation->decision);
	explanation->error = explanation_policy(explanation)
	                             ? explanation->subject->event->error
	                             : error_of(explanation->decision.action);
	if (explanation->decision.by == DECIDED_BY_DEFAULT && !explanation_allows(explanation))
		explanation->n_near = ruleset_near_misses(explanation->ruleset, &explanation->call,
		                                          explanation->near, REASON_NEAR_MAX);
	explanation->fallback =
		change_fallback(explanation->ruleset, explanation->name, &explanation->call);
	explanation->knowledge = knowledge_find(explanation->name);
}

int explanation_build(const struct ruleset *ruleset, const struct explain_subject *subject,
                      struct explanation *ret_explanation)
{
	struct explanation explanation = {
		.subject = subject,
		.ruleset = ruleset,
		.call = subject->call,
	};
	int r = subject->args_known ? 0 : find_denied(ruleset, &explanation.call);

	if (r < 0)
		return r;
	name_call(&explanation);
	find_reasons(&explanation);
	r = find_place(&explanation);
	if (r == 0 && !explanation_policy(&explanation))
		r = candidates_find(ruleset, &explanation.call, &explanation.candidates);
	if (r < 0)
		return r;
	if (!subject->args_known)
		candidates_drop_conditions(&explanation.candidates);
	alone_find(&explanation, &explanation.alone);
	*ret_explanation = explanation;
	return 0;
}

void explanation_deinit(struct explanation *explanation)
{
	candidates_deinit(&explanation->candidates);
}

/* ---- words that text and JSON share */

void explanation_got(struct text *text, const struct explanation *explanation,
                     const struct comparison *comparison)
{
	const struct argument *argument = NULL;
	uint64_t value = explanation->call.args[comparison->index];
	char bytes[1024];
	struct text name = TEXT_OVER(bytes);

	text_printf(text, value < 256 ? "got %" PRIu64 : "got %#" PRIx64, value);
	if (explanation->signature)
		argument = signature_argument(explanation->signature, &explanation->call,
		                              comparison->index);
	if (!argument)
		return;
	render_value(&name, argument, value);
	if (isalpha((unsigned char)bytes[0]))
		text_printf(text, " (%s)", bytes);
}

static void condition_text(struct text *text, const struct comparison *comparison)
{
	text_printf(text, "{ \"index\": %u, \"value\": %" PRIu64, comparison->index,
	            comparison->value);
	if (comparison->op == COMPARE_MASKED_EQ)
		text_printf(text, ", \"valueTwo\": %" PRIu64, comparison->value_two);
	text_printf(text, ", \"op\": \"%s\" }", compare_name(comparison->op));
}

void change_rule_text(struct text *text, const struct change *change)
{
	text_printf(text, "{ \"names\": [\"%s\"], \"action\": \"%s\"", change->name,
	            action_name(change->action.kind));
	if (change->action.kind == ACTION_ERRNO)
		text_printf(text, ", \"errnoRet\": %u", change->action.number);
	for (unsigned i = 0; i < change->n_args; i++) {
		text_string(text, i == 0 ? ", \"args\": [" : ", ");
		condition_text(text, &change->args[i]);
	}
	text_string(text, change->n_args > 0 ? "] }" : " }");
}
