/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/event_text.h"

#include <inttypes.h>
#include <string.h>

#include "profiles/syscalls.h"
#include "supervisor/events/event_line.h"
#include "supervisor/events/event_reload.h"
#include "supervisor/events/reason.h"

enum { MESSAGE_COLUMNS_MAX = 2000 };

static void would_text(struct text *text, const struct verdict *verdict)
{
	if (verdict->kind != VERDICT_WOULD)
		return;
	text_string(text, "complain: would be ");
	if (verdict->action.kind == ACTION_KILL_PROCESS ||
	    verdict->action.kind == ACTION_KILL_THREAD)
		text_string(text, "killed");
	else
		event_line_error(text, "", verdict->error);
	text_string(text, ", ");
}

static void why_text(struct text *text, const struct session *session, const struct kind *kind)
{
	struct reason reason;

	would_text(text, &kind->verdict);
	reason_find(session, &kind->verdict, &kind->first, &reason);
	reason_text(text, session, &kind->first, &reason);
	text_string(text, kind->key.falls_back ? EVENT_LINE_FALLS_BACK : "");
}

/* "web:nginx[42]": the container stands before its caller. */
static void who_container(struct event_line *line, const struct session *session)
{
	if (!session->container)
		return;
	container_text(&line->who, session->container);
	text_string(&line->who, ":");
}

static void syscall_line(struct text *text, const struct text_style *style,
                         const struct event *event, const struct kind *kind)
{
	struct event_line line;

	if (!kind)
		return;
	event_line_init(&line, event->time_ns, kind->verdict.kind);
	line.dim = kind->key.falls_back;
	who_container(&line, event->session);
	event_line_who(&line, kind->key.comm, strnlen(kind->key.comm, sizeof(kind->key.comm)),
	               kind->pid);
	text_append(&line.call, kind->call, kind->call_len);
	event_line_result(&line, &kind->verdict);
	why_text(&line.rest, event->session, kind);
	if (kind->count > 1)
		text_printf(&line.rest, "  ×%" PRIu64, kind->count);
	text_printf(&line.rest, "  #%" PRIu64, kind->id);
	event_line_text(text, style, &line);
}

static void fold_line(struct text *text, const struct text_style *style, const struct event *event,
                      const struct kind *kind)
{
	struct event_line line;
	char buf[32];

	(void)kind;
	event_line_init(&line, event->time_ns, event->fold.verdict.kind);
	who_container(&line, event->session);
	text_string(&line.who, "?");
	text_printf(&line.call, "%s(…)",
	            syscall_name(event->fold.arch, event->fold.nr, buf, sizeof(buf)));
	event_line_result(&line, &event->fold.verdict);
	text_printf(&line.rest, "too many at once to show  ×%" PRIu64, event->fold.count);
	event_line_text(text, style, &line);
}

/* Whoever looks at many containers is told of each that comes. */
static void container_line(struct text *text, const struct text_style *style,
                           const struct session *session)
{
	const char *name = session->ruleset->profile->name;

	if (!session->container)
		return;
	event_line_start(text, style);
	event_line_container(text, session);
	text_string(text, session->container->exec ? "exec, profile " : "profile ");
	text_escape_terminal(text, name, strlen(name), MESSAGE_COLUMNS_MAX);
	event_line_end(text);
}

/* An allow by default is never silent. */
static void unmatched_line(struct text *text, const struct text_style *style,
                           const struct session *session)
{
	const struct policy *policy = generations_present(session->policies);

	if (!policy || !policy->allow_unmatched)
		return;
	event_line_start(text, style);
	event_line_container(text, session);
	text_string(text, "policy ");
	text_escape_terminal(text, policy->name, strlen(policy->name), MESSAGE_COLUMNS_MAX);
	text_string(text, " allows what the profile notifies and no rule is about");
	event_line_end(text);
}

static void start_line_of_run(struct text *text, const struct text_style *style,
                              const struct event *event, const struct kind *kind)
{
	const char *name = event->session->ruleset->profile->name;

	(void)kind;
	container_line(text, style, event->session);
	unmatched_line(text, style, event->session);
	if (event->session->mode != MODE_COMPLAIN)
		return;
	event_line_start(text, style);
	event_line_container(text, event->session);
	text_string(text, "complain mode: calls that profile ");
	text_escape_terminal(text, name, strlen(name), MESSAGE_COLUMNS_MAX);
	text_string(text, " would deny are really executed; never use it on untrusted code");
	event_line_end(text);
}

static void warning_line(struct text *text, const struct text_style *style,
                         const struct event *event, const struct kind *kind)
{
	(void)kind;
	event_line_start(text, style);
	text_string(text, "warning: ");
	event_line_container(text, event->session);
	text_escape_message(text, event->message);
	event_line_end(text);
}

static void reload_lines(struct text *text, const struct text_style *style,
                         const struct event *event, const struct kind *kind)
{
	(void)kind;
	event_reload_text(text, style, event->reload);
}

static void (*const lines[EVENT_KIND_COUNT])(struct text *text, const struct text_style *style,
                                             const struct event *event, const struct kind *kind) = {
	[EVENT_START] = start_line_of_run, [EVENT_SYSCALL] = syscall_line, [EVENT_FOLD] = fold_line,
	[EVENT_WARNING] = warning_line,    [EVENT_RELOAD] = reload_lines,
};

void event_text(struct text *text, const struct text_style *style, const struct event *event,
                const struct kind *kind)
{
	if (lines[event->kind])
		lines[event->kind](text, style, event, kind);
}

void event_text_held(struct text *text, const struct text_style *style, uint64_t kinds)
{
	event_line_start(text, style);
	text_printf(text, "... %" PRIu64 " more kind%s in this second", kinds,
	            kinds == 1 ? "" : "s");
	event_line_end(text);
}

void event_text_unwritten(struct text *text, const struct text_style *style,
                          const struct unwritten *unwritten)
{
	uint64_t lines_lost = 0;
	const char *joint = " (";

	for (size_t i = 0; i < ARRAY_SIZE(unwritten->counts); i++)
		lines_lost += unwritten->counts[i];
	event_line_start(text, style);
	text_printf(text, "%" PRIu64 " line%s not written: the reader is too slow", lines_lost,
	            lines_lost == 1 ? " was" : "s were");
	for (int i = 0; i < VERDICT_KIND_COUNT; i++) {
		if (unwritten->counts[i] == 0)
			continue;
		text_printf(text, "%s%s ×%" PRIu64, joint, verdict_name(i), unwritten->counts[i]);
		joint = ", ";
	}
	text_string(text, *joint == ',' ? ")" : "");
	event_line_end(text);
}

void event_text_line(struct text *text, const struct text_style *style, const char *words)
{
	event_line_start(text, style);
	text_string(text, words);
	event_line_end(text);
}
