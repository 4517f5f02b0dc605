/* SPDX-License-Identifier: Apache-2.0 */
#define HASH_NONFATAL_OOM 1    /* what finds no memory is counted without a kind */
#define HASH_FUNCTION HASH_FNV /* clang takes the default one for a switch that falls through */
#include "supervisor/reports/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "profiles/syscalls.h"

enum { TEXT_COLUMNS_MAX = 2000 };

static void kind_free(struct watch_kind *kind)
{
	event_record_deinit(&kind->first);
	free(kind->key);
	free(kind);
}

void watch_deinit(struct watch *watch)
{
	struct watch_kind *kind, *next;

	HASH_ITER (hh, watch->kinds, kind, next) {
		HASH_DEL(watch->kinds, kind);
		kind_free(kind);
	}
}

static const char *or_empty(const char *string)
{
	return string ? string : "";
}

/* What makes two events one kind; strings of a target may hold anything, so lengths part them. */
static char *kind_key(const struct event_record *record)
{
	const char *comm = or_empty(record->comm), *call = or_empty(record->text);
	char *key;

	if (asprintf(&key, "%d %d %" PRIx32 " %d %zu %s %s", record->verdict, record->error,
	             record->arch, record->call.nr, strlen(comm), comm, call) < 0)
		return NULL;
	return key;
}

/* RFC 3339 in UTC, as we write it; 0 where it is none. */
static uint64_t parse_time(const char *time)
{
	struct tm tm = { 0 };
	const char *rest = time ? strptime(time, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	double fraction = 0;
	time_t seconds;

	if (!rest)
		return 0;
	if (*rest == '.')
		fraction = strtod(rest, NULL);
	seconds = timegm(&tm);
	return seconds < 0 ? 0 : (uint64_t)seconds * 1000000000 + (uint64_t)(fraction * 1e9);
}

/* What an event by itself shows as; the record is borrowed. */
static struct watch_kind kind_of(const struct event_record *record)
{
	uint64_t time_ns = parse_time(record->time);

	return (struct watch_kind){
		.verdict = { .kind = (enum verdict_kind)record->verdict,
		             .error = (uint16_t)record->error,
		             .value = record->value },
		.id = record->sequence,
		.first_ns = time_ns,
		.last_ns = time_ns,
		.first = *record,
	};
}

static struct watch_kind *kind_new(struct watch *watch, char *key, struct event_record *record)
{
	struct watch_kind *kind;

	if (watch->n_kinds >= WATCH_KINDS_MAX)
		return NULL;
	kind = malloc(sizeof(*kind));
	if (!kind)
		return NULL;
	*kind = kind_of(record);
	kind->key = key;
	HASH_ADD_KEYPTR(hh, watch->kinds, kind->key, strlen(kind->key), kind);
	if (!kind->hh.tbl) {
		free(kind);
		return NULL;
	}
	watch->n_kinds++;
	*record = (struct event_record){ 0 };
	return kind;
}

/* What stands for calls: not the notes, and of the folds only their counts. */
static bool is_call(const struct event_record *record)
{
	return record->kind != EVENT_RECORD_OTHER && record->verdict >= 0;
}

int watch_add(struct watch *watch, struct event_record *record, struct watch_kind **ret_kind)
{
	_cleanup_(event_record_deinit) struct event_record taken = *record;
	_cleanup_free_ char *key = NULL;
	uint64_t count = taken.count, time_ns = parse_time(taken.time);
	struct watch_kind *kind = NULL;

	*record = (struct event_record){ 0 };
	*ret_kind = NULL;
	if (!is_call(&taken))
		return 0;
	watch->calls += count;
	if (taken.kind == EVENT_RECORD_FOLD) {
		watch->calls_without_kind += count;
		return 0;
	}
	key = kind_key(&taken);
	if (!key)
		return -ENOMEM;
	HASH_FIND(hh, watch->kinds, key, strlen(key), kind);
	if (!kind) {
		kind = kind_new(watch, key, &taken);
		if (kind)
			key = NULL;
	}
	if (!kind) {
		watch->calls_without_kind += count;
		return 0;
	}
	kind->count += count;
	kind->last_ns = time_ns;
	kind->changed = true;
	*ret_kind = kind;
	return 0;
}

void watch_rates(struct watch *watch, double seconds)
{
	for (struct watch_kind *kind = watch->kinds; kind; kind = kind->hh.next) {
		kind->rate = seconds > 0 ? (double)(kind->count - kind->counted) / seconds : 0;
		kind->counted = kind->count;
	}
}

void watch_who(struct text *text, const struct watch_kind *kind)
{
	const char *comm = or_empty(kind->first.comm);
	int64_t pid = kind->first.pid > 0 ? kind->first.pid : kind->first.tid;

	if (!*comm)
		text_string(text, "?");
	text_escape_terminal(text, comm, strlen(comm), TEXT_COLUMNS_MAX);
	if (pid > 0)
		text_printf(text, "[%" PRId64 "]", pid);
}

/* An event of a version before syscall.call has the name alone. */
void watch_call(struct text *text, const struct watch_kind *kind)
{
	const struct event_record *record = &kind->first;

	if (record->text) {
		text_escape_message(text, record->text);
		return;
	}
	text_escape_message(text, or_empty(record->syscall_name));
	text_string(text, "(…)");
}

/* An event of a version before seccomp.fallback shows as any other. */
static bool falls_back(const struct watch_kind *kind)
{
	return json_member(kind->first.json, "seccomp.fallback") != NULL;
}

void watch_why(struct text *text, const struct watch_kind *kind)
{
	const char *why = cJSON_GetStringValue(json_member(kind->first.json, "rule.why"));

	if (kind->verdict.kind == VERDICT_WOULD) {
		text_string(text, "complain: would be ");
		event_line_error(text, "", kind->verdict.error);
		text_string(text, ", ");
	}
	text_escape_message(text, or_empty(why));
	text_string(text, falls_back(kind) ? EVENT_LINE_FALLS_BACK : "");
}

bool watch_event_line(struct text *text, const struct text_style *style,
                      const struct event_record *record)
{
	struct watch_kind kind;

	if (!is_call(record) || record->kind == EVENT_RECORD_FOLD)
		return false;
	kind = kind_of(record);
	watch_line(text, style, &kind, record->count);
	return true;
}

void watch_line(struct text *text, const struct text_style *style, const struct watch_kind *kind,
                uint64_t times)
{
	struct event_line line;

	event_line_init(&line, kind->last_ns, kind->verdict.kind);
	line.dim = falls_back(kind);
	watch_who(&line.who, kind);
	watch_call(&line.call, kind);
	event_line_result(&line, &kind->verdict);
	watch_why(&line.rest, kind);
	if (times > 1)
		text_printf(&line.rest, "  ×%" PRIu64, times);
	if (kind->id > 0)
		text_printf(&line.rest, "  #%" PRIu64, kind->id);
	event_line_text(text, style, &line);
}

void watch_totals(struct text *text, const struct watch *watch)
{
	text_printf(text, "%zu kind%s, %" PRIu64 " call%s", watch->n_kinds,
	            watch->n_kinds == 1 ? "" : "s", watch->calls, watch->calls == 1 ? "" : "s");
	if (watch->calls_without_kind > 0)
		text_printf(text, ", %" PRIu64 " of them not told apart",
		            watch->calls_without_kind);
}
