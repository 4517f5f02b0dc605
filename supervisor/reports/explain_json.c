/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/err.h"
#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/explain.h"
#include "supervisor/reports/explain_stack.h"
#include "supervisor/reports/json_out.h"
#include "supervisor/reports/profile_text.h"

enum { WORDS_MAX = 4096 };

static void errno_members(struct json_out *json, int error)
{
	char name[24];

	json_out_int(json, "errno", error);
	json_out_string(json, "errnoName", err_name(error, name, sizeof(name)));
}

/* ---- what */

static void event_member(struct json_out *json, const struct event_record *event)
{
	json_out_object(json, "event");
	json_out_string(json, "id", event->id);
	json_out_string(json, "time", event->time);
	json_out_string(json, "verdict",
	                event->verdict >= 0 ? verdict_json_name((enum verdict_kind)event->verdict)
	                                    : NULL);
	json_out_string(json, "mode", event->mode >= 0 ? mode_name((enum mode)event->mode) : NULL);
	json_out_int(json, "count", (int64_t)event->count);
	json_out_string(json, "comm", event->comm);
	json_out_string(json, "exe", event->exe);
	json_out_int(json, "pid", event->pid);
	json_out_int(json, "tid", event->tid);
	json_out_int(json, "uid", event->uid);
	json_out_close(json, '}');
}

static void what_member(struct json_out *json, const struct explanation *explanation)
{
	const struct explain_subject *subject = explanation->subject;
	char buf[32];

	json_out_object(json, "what");
	json_out_string(json, "call", subject->text);
	json_out_string(json, "syscall", explanation->name);
	json_out_int(json, "number", explanation->call.nr);
	json_out_string(json, "arch", syscall_arch_name(explanation->arch, buf, sizeof(buf)));
	if (subject->args_known) {
		json_out_array(json, "args");
		for (unsigned i = 0; i < 6; i++)
			json_out_hex(json, NULL, explanation->call.args[i]);
		json_out_close(json, ']');
	}
	if (subject->note)
		json_out_string(json, "note", subject->note);
	if (subject->event)
		event_member(json, subject->event);
	json_out_close(json, '}');
}

/* ---- why */

static void near_element(struct json_out *json, const struct explanation *explanation,
                         const struct near_miss *near)
{
	char bytes[WORDS_MAX];
	struct text words = TEXT_OVER(bytes);

	json_out_object(json, NULL);
	json_out_int(json, "index", (int64_t)near->rule->index);
	json_out_int(json, "line", near->rule->place.line);
	reason_near_text(&words, &explanation->call, near);
	json_out_string(json, "why", bytes);
	if (near->missing_caps)
		json_out_capabilities(json, "missingCapabilities", near->missing_caps);
	if (near->comparison) {
		text_clear(&words);
		explanation_got(&words, explanation, near->comparison);
		json_out_string(json, "got", bytes);
	}
	json_out_close(json, '}');
}

static void why_member(struct json_out *json, const struct explanation *explanation)
{
	const struct profile *profile = explanation->ruleset->profile;
	const struct decision *decision = &explanation->decision;

	json_out_object(json, "why");
	if (explanation->subject->policy)
		json_out_string(json, "policy", explanation->subject->policy);
	json_out_string(json, "profile", profile->name);
	json_out_string(json, "file", profile->file);
	json_out_string(json, "decidedBy", decided_by_name(decision->by));
	json_out_action(json, decision->action);
	if (decision->rule) {
		json_out_int(json, "index", (int64_t)decision->rule->index);
		json_out_int(json, "line", decision->rule->place.line);
		json_out_string(json, "comment", decision->rule->comment);
	}
	json_out_string(json, "place", plan_place_name(explanation->place));
	json_out_string(json, "placeWhy", plan_why_name(explanation->place_why));
	json_out_array(json, "near");
	for (size_t i = 0; i < explanation->n_near; i++)
		near_element(json, explanation, &explanation->near[i]);
	json_out_close(json, ']');
	json_out_string(json, "policyRule", explanation_policy(explanation));
	json_out_bool(json, "contradictsEvent", explanation_contradicts_event(explanation));
	json_out_close(json, '}');
}

/* ---- where, alone, errno, known */

/* Each frame in words: the event itself has them in parts. */
static void where_member(struct json_out *json, const struct explanation *explanation)
{
	const struct event_record *event = explanation->subject->event;
	char bytes[WORDS_MAX];
	struct text words = TEXT_OVER(bytes);

	if (!event || !stack_frame(event->json, 0))
		return;
	json_out_array(json, "where");
	for (unsigned i = 0; stack_frame_text(&words, event->json, i); i++) {
		json_out_string(json, NULL, bytes);
		text_clear(&words);
	}
	json_out_close(json, ']');
}

static void alone_member(struct json_out *json, const struct alone *alone)
{
	json_out_object(json, "alone");
	json_out_string(json, "works", alone_answer_name(alone->answer));
	json_out_string(json, "why", alone->words);
	json_out_capabilities(json, "capabilities", alone->caps);
	json_out_close(json, '}');
}

static void errno_member(struct json_out *json, const struct explanation *explanation)
{
	const struct fallback *fallback = explanation->fallback;

	json_out_object(json, "errno");
	if (explanation->error > 0) {
		errno_members(json, explanation->error);
		json_out_string(json, "meaning", errno_meaning(explanation->error));
	}
	if (fallback) {
		json_out_object(json, "fallback");
		errno_members(json, fallback->error);
		json_out_string(json, "reader", fallback->reader);
		json_out_close(json, '}');
	}
	json_out_close(json, '}');
}

/* ---- changes */

static void opens_member(struct json_out *json, const struct profile_diff *diff)
{
	json_out_array(json, "opens");
	for (size_t i = 0; i < diff->n; i++)
		if (difference_opens(diff, i))
			json_out_string(json, NULL, diff->list[i].name);
	json_out_close(json, ']');
}

static void candidate_element(struct json_out *json, const struct candidate *candidate)
{
	const struct change *change = &candidate->change;
	char bytes[WORDS_MAX];
	struct text rule = TEXT_OVER(bytes);

	json_out_object(json, NULL);
	json_out_string(json, "kind", change_kind_name(change->kind));
	if (change->kind == CHANGE_CAPABILITY) {
		json_out_capabilities(json, "capabilities", change->caps);
	} else {
		change_rule_text(&rule, change);
		json_out_string(json, "rule", bytes);
	}
	if (change->instead)
		json_out_int(json, "insteadOfLine", change->instead->place.line);
	json_out_string(json, "severity", severity_name(candidate->severity));
	json_out_string(json, "severityWhy", candidate->severity_why);
	json_out_bool(json, "unsafe", candidate->unsafe);
	opens_member(json, candidate->diff);
	json_out_int(json, "closes", (int64_t)candidate->effect.closed);
	json_out_int(json, "alters", (int64_t)candidate->effect.altered);
	json_out_close(json, '}');
}

void explain_json(FILE *out, const struct explanation *explanation)
{
	struct json_out json = { .out = out };

	json_out_object(&json, NULL);
	what_member(&json, explanation);
	why_member(&json, explanation);
	where_member(&json, explanation);
	alone_member(&json, &explanation->alone);
	errno_member(&json, explanation);
	json_out_knowledge(&json, "known", explanation->knowledge);
	json_out_array(&json, "changes");
	for (size_t i = 0; i < explanation->candidates.n; i++)
		candidate_element(&json, &explanation->candidates.list[i]);
	json_out_close(&json, ']');
	json_out_close(&json, '}');
}
