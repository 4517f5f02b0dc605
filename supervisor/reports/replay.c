/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- what was decided, and what would be */

/* The clock of the limits: the present event's. A decider's clock knows nothing of whose it is. */
static uint64_t present_ms;

static uint64_t replayed_ms(void)
{
	return present_ms;
}

/* To the second, which is what limits count in. */
static void set_clock(const struct event_record *event)
{
	struct tm time = { 0 };

	if (event->time && strptime(event->time, "%Y-%m-%dT%H:%M:%S", &time))
		present_ms = (uint64_t)timegm(&time) * 1000;
}

static struct replay_verdict logged(const struct event_record *event)
{
	const char *reason = cJSON_GetStringValue(json_member(event->json, "rule.reason"));
	const char *value = cJSON_GetStringValue(json_member(event->json, "seccomp.return"));
	bool returned = value && event->verdict == VERDICT_RETURN;

	return (struct replay_verdict){
		.kind = event->verdict,
		.error = event->error,
		.value = returned ? (int64_t)strtoull(value, NULL, 16) : 0,
		.asks = reason && strcmp(reason, "policy_ask") == 0,
	};
}

static struct replay_verdict seen_of(const struct verdict *verdict)
{
	bool refused = verdict->kind != VERDICT_ALLOW && verdict->kind != VERDICT_RETURN;

	return (struct replay_verdict){
		.kind = (int)verdict->kind,
		.error = refused ? verdict->error : 0,
		.value = verdict->kind == VERDICT_RETURN ? verdict->value : 0,
		.asks = verdict->ask_seconds > 0,
	};
}

static void decide_again(const struct replay *replay, struct replay_side *side,
                         const struct event_record *event, struct replay_view *view,
                         struct verdict *ret_verdict)
{
	struct decider decider = side->decider;

	decider.mode = event->mode == MODE_COMPLAIN ? MODE_COMPLAIN : MODE_ENFORCE;
	decider.limits = side->limits;
	decider.now_ms = replayed_ms;
	replay_view_init(view, event, replay->init);
	decide(&decider, &view->view, ret_verdict);
}

static bool same(const struct replay_verdict *a, const struct replay_verdict *b)
{
	return a->kind == b->kind && a->error == b->error && a->value == b->value &&
	       a->asks == b->asks;
}

/* ---- changes, like with like */

static const char *call_of(const struct event_record *event)
{
	return event->text ? event->text : event->syscall_name;
}

static bool same_words(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static struct replay_change *find_change(struct replay *replay, const struct event_record *event,
                                         const struct replay_change *wanted)
{
	for (size_t i = 0; i < replay->n_changes; i++) {
		struct replay_change *change = &replay->changes[i];

		if (change->rule == wanted->rule && same(&change->before, &wanted->before) &&
		    same(&change->after, &wanted->after) && same_words(change->comm, event->comm) &&
		    same_words(change->call, call_of(event)))
			return change;
	}
	return NULL;
}

static void change_deinit(struct replay_change *change)
{
	free(change->id);
	free(change->call);
	free(change->comm);
}

static int copy_words(char **ret_copy, const char *words)
{
	*ret_copy = words ? strdup(words) : NULL;
	return words && !*ret_copy ? -ENOMEM : 0;
}

/* One that finds no room is in replay->changed alone. */
static int add_change(struct replay *replay, const struct event_record *event,
                      const struct replay_change *wanted)
{
	struct replay_change *change = find_change(replay, event, wanted);
	struct replay_change added = *wanted;
	int r;

	replay->changed += event->count;
	if (change)
		change->count += event->count;
	if (change || replay->n_changes == REPLAY_CHANGES_MAX)
		return 0;
	r = copy_words(&added.call, call_of(event));
	if (r == 0)
		r = copy_words(&added.id, event->id);
	if (r == 0)
		r = copy_words(&added.comm, event->comm);
	if (r < 0) {
		change_deinit(&added);
		return r;
	}
	replay->changes[replay->n_changes++] = added;
	return 0;
}

/* ---- events */

static const struct policy_rule *rule_of(const struct replay_side *side,
                                         const struct verdict *verdict)
{
	const struct policy *policy = side->decider.policy;

	return policy && verdict->policy_rule >= 0 ? &policy->rules[verdict->policy_rule] : NULL;
}

/* The arguments in hand; else why they are not. */
static enum replay_gap gap_of(const struct event_record *event)
{
	if (event->kind == EVENT_RECORD_FOLD || event->call.nr < 0 || event->arch == 0)
		return REPLAY_NO_ARGUMENTS;
	return event->verdict < 0 ? REPLAY_UNREADABLE : REPLAY_NO_GAP;
}

static enum replay_gap compare(struct replay *replay, const struct event_record *event,
                               struct replay_change *ret_change)
{
	struct verdict before, after;
	struct replay_view view;

	ret_change->before = logged(event);
	if (replay->old) {
		decide_again(replay, replay->old, event, &view, &before);
		ret_change->before = seen_of(&before);
		if (view.gap != REPLAY_NO_GAP)
			return view.gap;
	}
	decide_again(replay, replay->new, event, &view, &after);
	ret_change->after = seen_of(&after);
	ret_change->rule = rule_of(replay->new, &after);
	if (view.gap == REPLAY_NO_GAP)
		replay->as_written += view.as_written ? event->count : 0;
	return view.gap;
}

static void note_start(struct replay *replay, const struct event_record *event)
{
	if (strcmp(event->event_name, "target.start") == 0)
		replay->init = (pid_t)(event->pid < 0 ? 0 : event->pid);
}

int replay_event(struct replay *replay, const struct event_record *event)
{
	struct replay_change change = { .count = event->count };
	enum replay_gap gap = gap_of(event);

	if (event->kind == EVENT_RECORD_OTHER) {
		note_start(replay, event);
		return 0;
	}
	set_clock(event);
	if (gap == REPLAY_NO_GAP)
		gap = compare(replay, event, &change);
	if (gap != REPLAY_NO_GAP) {
		replay->gaps[gap] += event->count;
		return 0;
	}
	if (same(&change.before, &change.after)) {
		replay->same += event->count;
		return 0;
	}
	return add_change(replay, event, &change);
}

void replay_deinit(struct replay *replay)
{
	for (size_t i = 0; i < replay->n_changes; i++)
		change_deinit(&replay->changes[i]);
	replay->n_changes = 0;
}

void replay_verdict_text(struct text *text, const struct replay_verdict *verdict)
{
	char name[24];

	if (verdict->asks && verdict->kind == VERDICT_DENY) {
		text_string(text, "ASK");
		return;
	}
	text_string(text, verdict_name((enum verdict_kind)verdict->kind));
	if (verdict->kind == VERDICT_RETURN)
		text_printf(text, " %" PRId64, verdict->value);
	else if (verdict->kind != VERDICT_ALLOW && verdict->error > 0)
		text_printf(text, " %s", err_name(verdict->error, name, sizeof(name)));
}
