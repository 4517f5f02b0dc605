/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	VERDICT_COLUMNS = 5, /* "WOULD" */
	WHO_COLUMNS = 18,
	CALL_COLUMNS = 48,
	CALL_COLUMNS_MIN = 40, /* a line that wraps beats one that does not say what was called */
};

static const char *const verdict_colours[VERDICT_KIND_COUNT] = {
	[VERDICT_DENY] = "\033[1;31m",  /* bold red */
	[VERDICT_ALLOW] = "\033[32m",   /* green */
	[VERDICT_WOULD] = "\033[33m",   /* yellow */
	[VERDICT_KILL] = "\033[37;41m", /* white on red */
	[VERDICT_RETURN] = "\033[35m",  /* magenta */
};
static const char who_colour[] = "\033[36m"; /* cyan */
static const char dim[] = "\033[2m";

void event_line_init(struct event_line *line, uint64_t time_ns, enum verdict_kind verdict)
{
	line->time_ns = time_ns;
	line->verdict = verdict < VERDICT_KIND_COUNT ? verdict : VERDICT_DENY;
	line->dim = false;
	line->who = TEXT_OVER(line->who_bytes);
	line->call = TEXT_OVER(line->call_bytes);
	line->result = TEXT_OVER(line->result_bytes);
	line->rest = TEXT_OVER(line->rest_bytes);
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

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* no-color.org: set and not empty means none, whatever it says. */
struct text_style text_style_of(int fd)
{
	const char *term = getenv("TERM");
	struct text_style style = { 0 };
	struct winsize size;

	if (!isatty(fd))
		return style;
	style.colour = term && *term && strcmp(term, "dumb") != 0 && !is_set("NO_COLOR");
	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		style.width = size.ws_col;
	return style;
}

static void coloured(struct text *text, const struct text_style *style, const char *colour,
                     const char *word)
{
	text_string(text, style->colour ? colour : "");
	text_string(text, word);
	text_string(text, style->colour ? "\033[0m" : "");
}

void event_line_start(struct text *text, const struct text_style *style)
{
	text_string(text, style->prefix ? "callgate: " : "");
}

/* A line that fills the text gives its last character for the newline. */
void event_line_end(struct text *text)
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
static size_t call_room(const struct text_style *style, const struct event_line *line,
                        size_t before)
{
	size_t others = before + 2 + columns_of(&line->rest);

	if (style->width == 0)
		return SIZE_MAX;
	if (style->width < others + CALL_COLUMNS_MIN)
		return CALL_COLUMNS_MIN;
	return style->width - others;
}

void event_line_text(struct text *text, const struct text_style *style,
                     const struct event_line *line)
{
	const char *verdict = verdict_name(line->verdict);
	size_t who = columns_of(&line->who);
	size_t call = columns_of(&line->call), result = columns_of(&line->result);
	size_t before = (style->prefix ? strlen("callgate: ") : 0) + strlen("00:00:00.000  ") +
	                VERDICT_COLUMNS + 2 + (who > WHO_COLUMNS ? who : WHO_COLUMNS) + 2;
	size_t room = call_room(style, line, before);
	size_t fitting = room > result ? room - result : 1;
	const struct text_style inner = { .colour = style->colour && !line->dim };
	bool dimmed = style->colour && line->dim;

	event_line_start(text, style);
	text_string(text, dimmed ? dim : "");
	local_time_text(text, line->time_ns);
	text_string(text, "  ");
	coloured(text, &inner, verdict_colours[line->verdict], verdict);
	pad(text, strlen(verdict), VERDICT_COLUMNS + 2);
	coloured(text, &inner, who_colour, line->who.bytes);
	pad(text, who, WHO_COLUMNS);
	text_string(text, "  ");
	fit_call(text, &line->call, fitting);
	text_append(text, line->result.bytes, line->result.len);
	pad(text, (call < fitting ? call : fitting) + result,
	    room < CALL_COLUMNS ? room : CALL_COLUMNS);
	text_string(text, "  ");
	text_append(text, line->rest.bytes, line->rest.len);
	text_string(text, dimmed ? "\033[0m" : "");
	event_line_end(text);
}

void event_line_error(struct text *text, const char *before_name, unsigned error)
{
	char buf[32];

	if (error == 0)
		text_string(text, "0");
	else
		text_printf(text, "%s%s", before_name, err_name((int)error, buf, sizeof(buf)));
}

void event_line_result(struct event_line *line, const struct verdict *verdict)
{
	if (verdict->kind == VERDICT_KILL)
		text_string(&line->result, " = ?");
	if (verdict->kind == VERDICT_RETURN)
		text_printf(&line->result, " = %" PRId64, verdict->value);
	if (verdict->kind != VERDICT_DENY)
		return;
	text_string(&line->result, " = ");
	event_line_error(&line->result, "-1 ", verdict->error);
}

void event_line_who(struct event_line *line, const char *comm, size_t len, int64_t pid)
{
	if (len == 0)
		text_string(&line->who, "?");
	text_escape_terminal(&line->who, comm, len, SIZE_MAX);
	text_printf(&line->who, "[%" PRId64 "]", pid);
}

void event_line_container(struct text *text, const struct session *session)
{
	if (!session->container)
		return;
	text_string(text, "container ");
	container_text(text, session->container);
	text_string(text, ": ");
}
