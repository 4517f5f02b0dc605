/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/check_replay.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "supervisor/commands/command.h"
#include "supervisor/reports/json_out.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/reports/replay.h"
#include "supervisor/events/state_file.h"

enum {
	STATUS_CHANGES = 1,
	STATUS_TROUBLE = 2,
};

enum { COLUMNS_MAX = 2000 }; /* of a call in a line */

/* ---- what is decided by */

/* A policy beside its profile, or a profile alone. */
struct side {
	struct loaded_policy policy;
	struct loaded_profile profile;
	struct replay_side replayed;
};

static void side_deinit(struct side *side)
{
	loaded_policy_deinit(&side->policy);
	loaded_profile_deinit(&side->profile);
}

static int open_policy(const struct check_replay *check, const char *path, struct side *side)
{
	int r = loaded_policy_open(path, check->profile.arch, GENERATION_FIRST, &side->policy);

	diags_print(&side->policy.diags, stderr, "callgate: ", false);
	return r;
}

static int open_profile(const struct check_replay *check, const char *name, struct side *side)
{
	int r = loaded_profile_open(name, &check->profile, &side->profile);

	diags_print(&side->profile.diags, stderr, "callgate: ", false);
	return r;
}

/* logged: the profile that the calls were decided under, for a policy that names none; or NULL. */
static int open_side(const struct check_replay *check, const char *wanted, const char *logged,
                     struct side *side)
{
	bool is_policy = policy_file_recognised(wanted);
	const char *profile = wanted;
	int r = is_policy ? open_policy(check, wanted, side) : 0;

	if (r < 0)
		return r;
	if (is_policy)
		profile = side->policy.policy->profile;
	if (!profile)
		profile = logged ? logged : "docker-default";
	r = open_profile(check, profile, side);
	side->replayed.decider =
		(struct decider){ .ruleset = side->profile.ruleset, .policy = side->policy.policy };
	return r;
}

/* ---- the events */

static int trouble(const char *file, int r)
{
	command_error("check: %s: %s", file, strerror(-r));
	return r;
}

/* The profile of the last run in the file that tells it; NULL where none does. */
static int find_profile(const char *file, char **ret_name)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record event;
	int r = event_reader_open(file, &reader);

	while (r == 0 && (r = event_reader_next(reader, &event)) == 0) {
		if (event.profile_name) {
			free(*ret_name);
			*ret_name = strdup(event.profile_name);
		}
		event_record_deinit(&event);
	}
	return r < 0 ? r : 0;
}

static int replay_file(struct replay *replay, const char *file)
{
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct event_record event;
	int r = event_reader_open(file, &reader);

	while (r == 0 && (r = event_reader_next(reader, &event)) == 0) {
		r = replay_event(replay, &event);
		event_record_deinit(&event);
	}
	return r < 0 ? r : 0;
}

/* ---- for people */

static uint64_t total_gaps(const struct replay *replay)
{
	uint64_t total = 0;

	for (size_t i = 0; i < REPLAY_GAP_COUNT; i++)
		total += replay->gaps[i];
	return total;
}

static void print_change(const struct check_replay *check, const struct replay_change *change)
{
	char bytes[4 * PATH_MAX];
	struct text line = TEXT_OVER(bytes);

	text_escape_message(&line, change->call ? change->call : "?");
	text_string(&line, "  ");
	replay_verdict_text(&line, &change->before);
	text_string(&line, " -> ");
	replay_verdict_text(&line, &change->after);
	text_string(&line, " (");
	text_escape_terminal(&line, check->wanted, strlen(check->wanted), COLUMNS_MAX);
	if (change->rule)
		text_printf(&line, ":%u)", change->rule->place.line);
	else
		text_string(&line, ": the profile)");
	if (change->comm) {
		text_string(&line, "  ");
		text_escape_terminal(&line, change->comm, strlen(change->comm), COLUMNS_MAX);
	}
	if (change->count > 1)
		text_printf(&line, "  ×%" PRIu64, change->count);
	puts(line.bytes);
}

static void print_text(const struct check_replay *check, const struct replay *replay)
{
	uint64_t gaps = total_gaps(replay);
	const char *joint = " (";

	for (size_t i = 0; i < replay->n_changes; i++)
		print_change(check, &replay->changes[i]);
	if (replay->n_changes == REPLAY_CHANGES_MAX)
		puts("there may be more kinds of changes, which are counted only");
	printf("%" PRIu64 " event%s replayed: %" PRIu64 " same, %" PRIu64 " change\n",
	       replay->same + replay->changed, replay->same + replay->changed == 1 ? "" : "s",
	       replay->same, replay->changed);
	if (replay->as_written > 0)
		printf("%" PRIu64 " by a path as it was written, with no link followed\n",
		       replay->as_written);
	if (gaps == 0)
		return;
	printf("%" PRIu64 " could not be replayed", gaps);
	for (size_t i = 0; i < REPLAY_GAP_COUNT; i++) {
		if (replay->gaps[i] == 0)
			continue;
		printf("%s%" PRIu64 " %s", joint, replay->gaps[i], replay_gap_words(i));
		joint = ", ";
	}
	puts(")");
}

/* ---- for programs */

static void verdict_member(struct json_out *json, const char *key,
                           const struct replay_verdict *verdict)
{
	json_out_object(json, key);
	json_out_string(json, "verdict", verdict_json_name((enum verdict_kind)verdict->kind));
	if (verdict->kind == VERDICT_RETURN)
		json_out_hex(json, "return", (uint64_t)verdict->value);
	else if (verdict->kind != VERDICT_ALLOW)
		json_out_int(json, "errno", verdict->error);
	json_out_bool(json, "asks", verdict->asks);
	json_out_close(json, '}');
}

static void print_change_json(const struct check_replay *check, const struct replay_change *change)
{
	struct json_out json = { .out = stdout };

	json_out_object(&json, NULL);
	json_out_string(&json, "id", change->id);
	json_out_string(&json, "call", change->call);
	json_out_string(&json, "comm", change->comm);
	verdict_member(&json, "before", &change->before);
	verdict_member(&json, "after", &change->after);
	json_out_string(&json, "file", check->wanted);
	if (change->rule) {
		json_out_int(&json, "line", change->rule->place.line);
		json_out_int(&json, "rule", (int64_t)change->rule->index);
	}
	json_out_int(&json, "count", (int64_t)change->count);
	json_out_close(&json, '}');
}

static void print_json(const struct check_replay *check, const struct replay *replay)
{
	struct json_out json = { .out = stdout };

	for (size_t i = 0; i < replay->n_changes; i++)
		print_change_json(check, &replay->changes[i]);
	json_out_object(&json, NULL);
	json_out_int(&json, "same", (int64_t)replay->same);
	json_out_int(&json, "changed", (int64_t)replay->changed);
	json_out_int(&json, "asWritten", (int64_t)replay->as_written);
	json_out_object(&json, "notReplayed");
	for (size_t i = 0; i < REPLAY_GAP_COUNT; i++)
		if (replay->gaps[i] > 0)
			json_out_int(&json, replay_gap_name(i), (int64_t)replay->gaps[i]);
	json_out_close(&json, '}');
	json_out_close(&json, '}');
}

/* ---- all */

static int find_events(const char *events, char path[static PATH_MAX])
{
	int r;

	if (strcmp(events, "last") == 0) {
		r = state_file_path(path, PATH_MAX);
		if (r < 0)
			command_error("check: no place for the last run's events; expected a file");
		return r;
	}
	if (strlen(events) >= PATH_MAX || strcmp(events, "-") == 0) { /* it is read twice */
		command_error("check: --replay %s: expected a file, or last", events);
		return -EINVAL;
	}
	snprintf(path, PATH_MAX, "%s", events);
	return 0;
}

/* Opens both sides, resolved as the run was where no option says otherwise. */
static int open_sides(const struct check_replay *check, const char *events, struct side *old,
                      struct side *new)
{
	_cleanup_free_ char *logged = NULL;
	struct check_replay recalled = *check;
	int r = profile_options_recall(&recalled.profile, events, NULL);

	if (r == 0)
		r = find_profile(events, &logged);
	if (r < 0)
		return trouble(events, r);
	r = open_side(&recalled, check->wanted, logged, new);
	if (r == 0 && check->against)
		r = open_side(&recalled, check->against, logged, old);
	return r;
}

int check_replay(const struct check_replay *check)
{
	_cleanup_(side_deinit) struct side old = { 0 }, new = { 0 };
	static struct replay replay; /* many changes: much for a stack */
	char events[PATH_MAX];
	int r = find_events(check->events, events);

	if (r < 0 || open_sides(check, events, &old, &new) < 0)
		return STATUS_TROUBLE;
	replay = (struct replay){ .old = check->against ? &old.replayed : NULL,
		                  .new = &new.replayed };
	r = replay_file(&replay, events);
	if (r < 0)
		(void)trouble(events, r);
	else
		(check->json ? print_json : print_text)(check, &replay);
	replay_deinit(&replay);
	if (r < 0)
		return STATUS_TROUBLE;
	return replay.changed > 0 ? STATUS_CHANGES : 0;
}
