/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/event_text.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "profiles/syscalls.h"
#include "supervisor/reason.h"

enum {
	VERDICT_COLUMNS = 5, /* "WOULD" */
	WHO_COLUMNS = 18,
	CALL_COLUMNS = 48,
	CALL_COLUMNS_MIN = 40, /* a line that wraps beats one that does not say what was called */
	RESULT_MAX = 64,
	MESSAGE_COLUMNS_MAX = 2000,
};

static const char *const verdict_colours[VERDICT_KIND_COUNT] = {
	[VERDICT_DENY] = "\033[1;31m",  /* bold red */
	[VERDICT_ALLOW] = "\033[32m",   /* green */
	[VERDICT_WOULD] = "\033[33m",   /* yellow */
	[VERDICT_KILL] = "\033[37;41m", /* white on red */
};
static const char who_colour[] = "\033[36m"; /* cyan */

/* A line's columns, each already harmless; how many characters one takes is columns_of() it. */
struct columns {
	uint64_t time_ns;
	enum verdict_kind verdict;
	struct text who;
	struct text call;
	struct text result; /* " = -1 EPERM", or empty */
	struct text rest;   /* WHY, ×N, #ID */
	char who_bytes[CALLER_COMM_SIZE * 4 + 16];
	char call_bytes[TALLY_CALL_MAX + 1];
	char result_bytes[RESULT_MAX];
	char rest_bytes[2048];
};

static void columns_init(struct columns *columns, uint64_t time_ns, enum verdict_kind verdict)
{
	columns->time_ns = time_ns;
	columns->verdict = verdict < VERDICT_KIND_COUNT ? verdict : VERDICT_DENY;
	columns->who = TEXT_OVER(columns->who_bytes);
	columns->call = TEXT_OVER(columns->call_bytes);
	columns->result = TEXT_OVER(columns->result_bytes);
	columns->rest = TEXT_OVER(columns->rest_bytes);
}

/* Whether a byte of valid UTF-8 begins a character, which takes a column. */
static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t columns_of(const struct text *text)
{
	size_t columns = 0;

	for (size_t i = 0; i < text->len; i++)
		columns += begins_character(text->bytes[i]);
	return columns;
}

static void pad(struct text *text, size_t columns, size_t wanted)
{
	text_printf(text, "%*s", columns < wanted ? (int)(wanted - columns) : 0, "");
}

static void coloured(struct text *text, const struct text_style *style, const char *colour,
                     const char *word)
{
	text_string(text, style->colour ? colour : "");
	text_string(text, word);
	text_string(text, style->colour ? "\033[0m" : "");
}

static void start_line(struct text *text, const struct text_style *style)
{
	text_string(text, style->prefix ? "callgate: " : "");
}

/* A line that fills the text gives its last character for the newline. */
static void end_line(struct text *text)
{
	if (text->len == text->size - 1)
		do
			text->len--;
		while (!begins_character(text->bytes[text->len]));
	text->overflow = false;
	text_string(text, "\n");
}

static void local_time_text(struct text *text, uint64_t time_ns)
{
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		tm = (struct tm){ 0 };
	text_printf(text, "%02d:%02d:%02d.%03u", tm.tm_hour, tm.tm_min, tm.tm_sec,
	            (unsigned)(time_ns / 1000000 % 1000));
}

/* The bytes of the first count characters. */
static size_t head_length(const struct text *text, size_t count)
{
	size_t length = 0;

	for (; length < text->len; length++)
		if (begins_character(text->bytes[length]) && count-- == 0)
			break;
	return length;
}

/* The call in at most wanted columns: of one that is longer, the middle goes, less of the head. */
static void fit_call(struct text *text, const struct text *call, size_t wanted)
{
	size_t columns = columns_of(call);
	size_t head, tail;

	if (columns <= wanted) {
		text_append(text, call->bytes, call->len);
		return;
	}
	head = head_length(call, wanted * 2 / 3);
	tail = head_length(call, columns - (wanted - wanted * 2 / 3 - 1));
	text_append(text, call->bytes, head);
	text_string(text, "…");
	text_append(text, call->bytes + tail, call->len - tail);
}

/* The columns that a terminal has left for the call with its result. */
static size_t call_room(const struct text_style *style, const struct columns *columns,
                        size_t before)
{
	size_t others = before + 2 + columns_of(&columns->rest);

	if (style->width == 0)
		return SIZE_MAX;
	if (style->width < others + CALL_COLUMNS_MIN)
		return CALL_COLUMNS_MIN;
	return style->width - others;
}

static void columns_text(struct text *text, const struct text_style *style,
                         const struct columns *columns)
{
	const char *verdict = verdict_name(columns->verdict);
	size_t who = columns_of(&columns->who);
	size_t call = columns_of(&columns->call), result = columns_of(&columns->result);
	size_t before = (style->prefix ? strlen("callgate: ") : 0) + strlen("00:00:00.000  ") +
	                VERDICT_COLUMNS + 2 + (who > WHO_COLUMNS ? who : WHO_COLUMNS) + 2;
	size_t room = call_room(style, columns, before);
	size_t fitting = room > result ? room - result : 1;

	start_line(text, style);
	local_time_text(text, columns->time_ns);
	text_string(text, "  ");
	coloured(text, style, verdict_colours[columns->verdict], verdict);
	pad(text, strlen(verdict), VERDICT_COLUMNS + 2);
	coloured(text, style, who_colour, columns->who.bytes);
	pad(text, who, WHO_COLUMNS);
	text_string(text, "  ");
	fit_call(text, &columns->call, fitting);
	text_append(text, columns->result.bytes, columns->result.len);
	pad(text, (call < fitting ? call : fitting) + result,
	    room < CALL_COLUMNS ? room : CALL_COLUMNS);
	text_string(text, "  ");
	text_append(text, columns->rest.bytes, columns->rest.len);
	end_line(text);
}

static void error_text(struct text *text, const char *before_name, unsigned error)
{
	char buf[32];

	if (error == 0)
		text_string(text, "0");
	else
		text_printf(text, "%s%s", before_name, err_name((int)error, buf, sizeof(buf)));
}

/* As strace shows it; what a call in complain mode returns we do not see. */
static void result_text(struct text *text, const struct verdict *verdict)
{
	if (verdict->kind == VERDICT_KILL)
		text_string(text, " = ?");
	if (verdict->kind != VERDICT_DENY)
		return;
	text_string(text, " = ");
	error_text(text, "-1 ", verdict->error);
}

static void would_text(struct text *text, const struct verdict *verdict)
{
	if (verdict->kind != VERDICT_WOULD)
		return;
	text_string(text, "complain: would be ");
	if (verdict->action.kind == ACTION_KILL_PROCESS ||
	    verdict->action.kind == ACTION_KILL_THREAD)
		text_string(text, "killed");
	else
		error_text(text, "", verdict->error);
	text_string(text, ", ");
}

static void why_text(struct text *text, const struct session *session, const struct kind *kind)
{
	struct reason reason;

	would_text(text, &kind->verdict);
	reason_find(session, &kind->verdict, &kind->first, &reason);
	reason_text(text, session, &kind->first, &reason);
}

static void who_text(struct text *text, const struct kind *kind)
{
	const char *comm = kind->key.comm;
	size_t len = strnlen(comm, sizeof(kind->key.comm));

	if (len == 0)
		text_string(text, "?");
	text_escape_terminal(text, comm, len, SIZE_MAX);
	text_printf(text, "[%d]", (int)kind->pid);
}

static void syscall_line(struct text *text, const struct text_style *style,
                         const struct event *event, const struct kind *kind)
{
	struct columns columns;

	if (!kind)
		return;
	columns_init(&columns, event->time_ns, kind->verdict.kind);
	who_text(&columns.who, kind);
	text_append(&columns.call, kind->call, kind->call_len);
	result_text(&columns.result, &kind->verdict);
	why_text(&columns.rest, event->session, kind);
	if (kind->count > 1)
		text_printf(&columns.rest, "  ×%" PRIu64, kind->count);
	text_printf(&columns.rest, "  #%" PRIu64, kind->id);
	columns_text(text, style, &columns);
}

static void fold_line(struct text *text, const struct text_style *style, const struct event *event,
                      const struct kind *kind)
{
	struct columns columns;
	char buf[32];

	(void)kind;
	columns_init(&columns, event->time_ns, event->fold.verdict.kind);
	text_string(&columns.who, "?");
	text_printf(&columns.call, "%s(…)",
	            syscall_name(event->fold.arch, event->fold.nr, buf, sizeof(buf)));
	result_text(&columns.result, &event->fold.verdict);
	text_printf(&columns.rest, "too many at once to show  ×%" PRIu64, event->fold.count);
	columns_text(text, style, &columns);
}

static void start_line_of_run(struct text *text, const struct text_style *style,
                              const struct event *event, const struct kind *kind)
{
	const char *name = event->session->ruleset->profile->name;

	(void)kind;
	if (event->session->mode != MODE_COMPLAIN)
		return;
	start_line(text, style);
	text_string(text, "complain mode: calls that profile ");
	text_escape_terminal(text, name, strlen(name), MESSAGE_COLUMNS_MAX);
	text_string(text, " would deny are really executed; never use it on untrusted code");
	end_line(text);
}

static void warning_line(struct text *text, const struct text_style *style,
                         const struct event *event, const struct kind *kind)
{
	(void)kind;
	start_line(text, style);
	text_string(text, "warning: ");
	text_escape_message(text, event->message);
	end_line(text);
}

static void (*const lines[EVENT_KIND_COUNT])(struct text *text, const struct text_style *style,
                                             const struct event *event, const struct kind *kind) = {
	[EVENT_START] = start_line_of_run,
	[EVENT_SYSCALL] = syscall_line,
	[EVENT_FOLD] = fold_line,
	[EVENT_WARNING] = warning_line,
};

void event_text(struct text *text, const struct text_style *style, const struct event *event,
                const struct kind *kind)
{
	if (lines[event->kind])
		lines[event->kind](text, style, event, kind);
}

void event_text_held(struct text *text, const struct text_style *style, uint64_t kinds)
{
	start_line(text, style);
	text_printf(text, "... %" PRIu64 " more kind%s in this second", kinds,
	            kinds == 1 ? "" : "s");
	end_line(text);
}

void event_text_unwritten(struct text *text, const struct text_style *style,
                          const struct unwritten *unwritten)
{
	uint64_t lines_lost = 0;
	const char *joint = " (";

	for (size_t i = 0; i < ARRAY_SIZE(unwritten->counts); i++)
		lines_lost += unwritten->counts[i];
	start_line(text, style);
	text_printf(text, "%" PRIu64 " line%s not written: the reader is too slow", lines_lost,
	            lines_lost == 1 ? " was" : "s were");
	for (int i = 0; i < VERDICT_KIND_COUNT; i++) {
		if (unwritten->counts[i] == 0)
			continue;
		text_printf(text, "%s%s ×%" PRIu64, joint, verdict_name(i), unwritten->counts[i]);
		joint = ", ";
	}
	text_string(text, *joint == ',' ? ")" : "");
	end_line(text);
}

void event_text_line(struct text *text, const struct text_style *style, const char *words)
{
	start_line(text, style);
	text_string(text, words);
	end_line(text);
}
