/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/summary.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "profiles/syscalls.h"
#include "supervisor/events/json_line.h"

enum {
	NAMES_SHOWN = 8,
	NAME_SIZE = 32,
	END_OF_LINE = 160, /* bytes kept for what follows a list */
	SYSCALLS_LISTED = 64,
};

/* How often a syscall was refused, whatever its ABI. */
struct named_count {
	char name[NAME_SIZE];
	uint64_t count;
};

static int by_name(const void *a, const void *b)
{
	const struct named_count *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int most_first(const void *a, const void *b)
{
	const struct named_count *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return strcmp(left->name, right->name);
}

/*
 * Fills names with the counts of the same name put together, of the calls that fall back or of the
 * others; returns how many there are.
 */
static size_t name_counts(const struct tally *tally, bool falling_back, struct named_count *names)
{
	size_t n = 0, merged = 0;

	for (const struct syscall_count *entry = tally->syscalls; entry; entry = entry->hh.next) {
		char buf[NAME_SIZE];

		if (entry->key.verdict == VERDICT_ALLOW || entry->key.falls_back != falling_back)
			continue;
		snprintf(names[n].name, NAME_SIZE, "%s",
		         syscall_name(entry->key.arch, entry->key.nr, buf, sizeof(buf)));
		names[n++].count = entry->count;
	}
	if (n == 0)
		return 0;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(names[i].name, names[merged].name) == 0)
			names[merged].count += names[i].count;
		else
			names[++merged] = names[i];
	}
	qsort(names, merged + 1, sizeof(*names), most_first);
	return merged + 1;
}

static void names_text(struct text *text, const struct tally *tally, bool falling_back)
{
	_cleanup_free_ struct named_count *names = calloc(tally->n_syscalls + 1, sizeof(*names));
	const char *joint = ": ";
	size_t n;

	if (!names)
		return;
	n = name_counts(tally, falling_back, names);
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		text_printf(text, "%s%s ×%" PRIu64, joint, names[i].name, names[i].count);
		joint = ", ";
	}
	if (n > NAMES_SHOWN)
		text_printf(text, " and %zu more", n - NAMES_SHOWN);
}

static const struct {
	enum verdict_kind kind;
	const char *one, *many;
	const char *key;
} totals[] = {
	{ VERDICT_DENY, "call denied", "calls denied", "summary.denied" },
	{ VERDICT_WOULD, "call would be denied", "calls would be denied", "summary.would_deny" },
	{ VERDICT_KILL, "call killed its process", "calls killed their process", "summary.killed" },
	{ VERDICT_RETURN, "call faked", "calls faked", "summary.faked" },
};

static void kinds_text(struct text *text, const struct tally *tally)
{
	size_t n = 0;

	for (const struct kind *kind = tally->kinds; kind; kind = kind->hh.next)
		n += !kind->key.falls_back && kind->key.verdict != VERDICT_ALLOW;
	if (n > 0)
		text_printf(text, ", %s%zu kind%s", tally->more_kinds ? "more than " : "", n,
		            n == 1 ? "" : "s");
}

/* What a shell takes as one word without quotes. */
static bool plain_word(const char *word)
{
	for (const char *c = word; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_./-+@", *c))
			return false;
	return *word && strlen(word) < JSON_LINE_NAME_MAX;
}

static void next_enforce(struct text *text, const char *profile, bool shipped)
{
	text_string(text, "next: callgate run ");
	if (!shipped || strcmp(profile, "docker-default") != 0)
		text_printf(text, "--profile %s ", profile);
	text_string(text, "--mode complain --log json:denials.jsonl -- COMMAND");
}

static void next_complain(struct text *text, const char *profile, bool shipped)
{
	if (shipped)
		text_printf(text,
		            "next: allow them in a copy of profile %s, then: callgate run "
		            "--profile FILE -- COMMAND",
		            profile);
	else
		text_printf(text,
		            "next: allow them in %s, then: callgate run --profile %s -- COMMAND",
		            profile, profile);
}

static void (*const nexts[MODE_COUNT])(struct text *text, const char *profile, bool shipped) = {
	[MODE_ENFORCE] = next_enforce,
	[MODE_COMPLAIN] = next_complain,
	[MODE_ASK] = next_enforce,
};

/* Less is sooner what stops a program, and what can be mended; 0: there is nothing to explain. */
static unsigned rank(const struct kind *kind)
{
	if (kind->key.falls_back || kind->key.verdict == VERDICT_ALLOW ||
	    kind->key.verdict == VERDICT_RETURN)
		return 0;
	if (kind->verdict.policy_rule >= 0)
		return 3;
	/* At ENOSYS some fall back that nobody here knows, and what stops them comes later. */
	return kind->key.error == ENOSYS ? 2 : 1;
}

/* The first of the kinds with the least rank. */
static const struct kind *kind_to_explain(const struct tally *tally)
{
	const struct kind *found = NULL;

	for (const struct kind *kind = tally->kinds; kind; kind = kind->hh.next)
		if (rank(kind) > 0 && (!found || rank(kind) < rank(found)))
			found = kind;
	return found;
}

static void next_text(struct text *text, const struct session *session, const struct tally *tally,
                      bool remembered)
{
	const char *name = session->ruleset->profile->name;
	const struct kind *kind = kind_to_explain(tally);
	size_t len;

	if (remembered && kind) {
		text_printf(text, "next: callgate explain %" PRIu64 "%s", kind->id,
		            kind->verdict.policy_rule < 0 ? "; callgate suggest" : "");
		return;
	}
	nexts[session->mode](text, plain_word(name) ? name : "FILE",
	                     profile_shipped(name, &len) != NULL);
}

/* "3 calls denied, 1 call killed its process", without those that fall back: whether any was. */
static bool totals_text(struct text *text, const struct tally *tally)
{
	const char *joint = "";

	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		enum verdict_kind kind = totals[i].kind;
		uint64_t total = tally->totals[kind] - tally->fallbacks[kind];

		if (total == 0)
			continue;
		text_printf(text, "%s%" PRIu64 " %s", joint, total,
		            total == 1 ? totals[i].one : totals[i].many);
		joint = ", ";
	}
	return *joint;
}

static uint64_t count_fallbacks(const struct tally *tally)
{
	uint64_t calls = 0;

	for (int i = 0; i < VERDICT_KIND_COUNT; i++)
		calls += tally->fallbacks[i];
	return calls;
}

/* Whether calls were refused that programs do not fall back from; what a policy fakes is meant so.
 */
static bool asks_for_action(const struct tally *tally)
{
	return tally->totals[VERDICT_KILL] > 0 ||
	       tally->totals[VERDICT_DENY] > tally->fallbacks[VERDICT_DENY] ||
	       tally->totals[VERDICT_WOULD] > tally->fallbacks[VERDICT_WOULD];
}

/* The line of the calls that there is nothing to do about. */
static void fallbacks_text(struct text *text, const struct session *session,
                           const struct tally *tally, bool more)
{
	uint64_t calls = count_fallbacks(tally);

	text_printf(text, "%" PRIu64 "%s call%s%s denied that programs fall back from", calls,
	            more ? " more" : "", calls == 1 ? "" : "s",
	            session->mode == MODE_COMPLAIN ? " would be" : "");
	names_text(text, tally, true);
}

void summary_text(struct text *text, const struct text_style *style, const struct session *session,
                  const struct tally *tally, bool remembered)
{
	char bytes[2 * JSON_LINE_NAME_MAX + 512];
	struct text words = TEXT_OVER(bytes);
	bool refused;

	event_line_container(&words, session);
	refused = totals_text(&words, tally);
	if (refused) {
		kinds_text(&words, tally);
		names_text(&words, tally, false);
		event_text_line(text, style, words.bytes);
	}
	if (count_fallbacks(tally) > 0) {
		text_clear(&words);
		event_line_container(&words, session);
		fallbacks_text(&words, session, tally, refused);
		event_text_line(text, style, words.bytes);
	}
	if (!asks_for_action(tally) || session->container) /* what to type next is about a run */
		return;
	text_clear(&words);
	next_text(&words, session, tally, remembered);
	event_text_line(text, style, words.bytes);
}

static bool has_room(const struct text *text)
{
	return !text->overflow && text->size - text->len > END_OF_LINE;
}

static void take_back(struct text *text, size_t len)
{
	text->len = len;
	text->bytes[len] = '\0';
	text->overflow = false;
}

/* An entry with the key of its first member; json_line_*() add the others, each after a comma. */
static void open_entry(struct json_line *line, bool first, const char *key)
{
	text_string(line->text, first ? "[{\"" : ",{\"");
	text_printf(line->text, "%s\":", key);
}

static void syscall_entry(struct json_line *line, bool first, const struct syscall_count *entry)
{
	open_entry(line, first, "seccomp.repeat");
	text_printf(line->text, "%" PRIu64, entry->count);
	json_line_string(line, "seccomp.verdict", verdict_json_name(entry->key.verdict));
	json_line_bool(line, "seccomp.falls_back", entry->key.falls_back);
	json_line_syscall(line, entry->key.arch, entry->key.nr);
	text_string(line->text, "}");
}

static void syscalls_field(struct json_line *line, const struct tally *tally)
{
	bool complete = true;
	size_t n = 0;

	json_line_key(line, "summary.syscalls");
	for (const struct syscall_count *entry = tally->syscalls; entry; entry = entry->hh.next) {
		if (n == SYSCALLS_LISTED) {
			complete = false;
			break;
		}
		syscall_entry(line, n++ == 0, entry);
	}
	text_string(line->text, n == 0 ? "[]" : "]");
	json_line_bool(line, "summary.syscalls.complete",
	               complete && tally->n_syscalls < TALLY_SYSCALLS_MAX);
}

static void kind_entry(struct json_line *line, bool first, const struct session *session,
                       const struct kind *kind)
{
	char buf[32];

	open_entry(line, first, "event.id");
	text_printf(line->text, "\"%s-%" PRIu64 "\"", session->boot, kind->id);
	json_line_string(line, "syscall.name",
	                 syscall_name(kind->key.arch, kind->key.nr, buf, sizeof(buf)));
	json_line_string(line, "seccomp.verdict", verdict_json_name(kind->key.verdict));
	if (kind->key.error > 0)
		json_line_string(line, "seccomp.errno_name",
		                 err_name((int)kind->key.error, buf, sizeof(buf)));
	json_line_bytes(line, "process.executable.name", kind->key.comm,
	                strnlen(kind->key.comm, sizeof(kind->key.comm)));
	json_line_int(line, "seccomp.repeat", (int64_t)kind->count);
	text_string(line->text, "}");
}

static void kinds_field(struct json_line *line, const struct session *session,
                        const struct tally *tally)
{
	bool complete = !tally->more_kinds;
	size_t n = 0;

	json_line_key(line, "summary.list");
	for (const struct kind *kind = tally->kinds; kind; kind = kind->hh.next) {
		size_t before = line->text->len;

		kind_entry(line, n == 0, session, kind);
		if (!has_room(line->text)) {
			take_back(line->text, before);
			complete = false;
			break;
		}
		n++;
	}
	text_string(line->text, n == 0 ? "[]" : "]");
	json_line_bool(line, "summary.list.complete", complete);
}

void summary_json(struct text *text, const struct event *event, uint64_t note,
                  const struct tally *tally, bool remembered)
{
	struct json_line line;

	json_line_start(&line, text, "summary", event, note);
	json_line_string(&line, "seccomp.mode", mode_name(event->session->mode));
	json_line_string(&line, "profile.name", event->session->ruleset->profile->name);
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
		json_line_int(&line, totals[i].key, (int64_t)tally->totals[totals[i].kind]);
	json_line_int(&line, "summary.fallbacks", (int64_t)count_fallbacks(tally));
	json_line_int(&line, "summary.kinds", (int64_t)tally->n_kinds);
	json_line_bool(&line, "summary.remembered", remembered);
	syscalls_field(&line, tally);
	kinds_field(&line, event->session, tally);
	(void)json_line_end(&line);
}
