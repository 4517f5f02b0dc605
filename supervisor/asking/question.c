/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/question.h"

#include <string.h>

#include "profiles/knowledge.h"
#include "profiles/changes/severity.h"
#include "profiles/syscalls.h"
#include "supervisor/events/event_line.h"
#include "supervisor/events/reason.h"
#include "supervisor/events/render.h"

enum {
	CALL_COLUMNS_MAX = 300, /* what a target writes must not push the question off the screen */
	EXE_COLUMNS_MAX = 100,
};

/* The first bytes of a text that is escaped already, cut between characters. */
static void append_cut(struct text *text, const struct text *whole, size_t max)
{
	size_t len = whole->len;

	if (len > max) {
		len = max;
		while (((unsigned char)whole->bytes[len] & 0xc0) == 0x80)
			len--;
	}
	text_append(text, whole->bytes, len);
	text_string(text, len < whole->len ? "…" : "");
}

static void who_text(struct text *text, const struct caller *caller)
{
	size_t comm = strnlen(caller->comm, sizeof(caller->comm));

	if (comm == 0)
		text_string(text, "?");
	text_escape_terminal(text, caller->comm, comm, SIZE_MAX);
	text_printf(text, "[%d]", caller->pid ? caller->pid : caller->tid);
	if (caller->exe_length == 0)
		return;
	text_string(text, " (");
	text_escape_terminal(text, caller->exe, caller->exe_length, EXE_COLUMNS_MAX);
	text_string(text, ")");
}

static void why_text(struct text *text, const struct session *session,
                     const struct notification *notification)
{
	const struct seccomp_data *call = &notification->request.data;
	char buf[32];
	const char *why, *name = syscall_name(syscall_arch(call->arch, call->nr), call->nr, buf,
	                                      sizeof(buf));
	const struct knowledge *knowledge = knowledge_find(name);
	enum severity severity = severity_of(name, call, &why);
	struct reason reason;

	reason_find(session, &notification->verdict, call, &reason);
	reason_text(text, session, call, &reason);
	text_printf(text, "; severity %s", severity_name(severity));
	if (knowledge)
		why = knowledge->why;
	if (why)
		text_printf(text, " (%s)", why);
}

void question_text(struct text *text, const struct session *session,
                   const struct notification *notification, unsigned count)
{
	char bytes[TALLY_CALL_MAX + 1];
	struct text call = TEXT_OVER(bytes);

	render_call(&call, notification);
	text_string(text, "callgate: ");
	who_text(text, &notification->caller);
	text_string(text, " asks for ");
	append_cut(text, &call, CALL_COLUMNS_MAX);
	if (count > 1)
		text_printf(text, "  ×%u", count);
	text_string(text, "\n  ");
	why_text(text, session, notification);
	text_string(text, "\n");
}

void question_keys(struct text *text, unsigned seconds)
{
	text_printf(text,
	            "allow (a)once (p)rocess (r)un, deny (d)once (P)rocess (D)run, (q)uit [d %us] ",
	            seconds);
}

static const struct {
	char key;
	struct question_reply reply;
} replies[] = {
	{ 'a', { ASK_ONCE, ASK_ALLOW, "allowed once" } },
	{ 'p', { ASK_PROCESS, ASK_ALLOW, "allowed for this process" } },
	{ 'r', { ASK_RUN, ASK_ALLOW, "allowed for this run" } },
	{ 'd', { ASK_ONCE, ASK_DENY, "denied once" } },
	{ '\r', { ASK_ONCE, ASK_DENY, "denied once" } },
	{ '\n', { ASK_ONCE, ASK_DENY, "denied once" } },
	{ 'P', { ASK_PROCESS, ASK_DENY, "denied for this process" } },
	{ 'D', { ASK_RUN, ASK_DENY, "denied for this run" } },
};

bool question_reply(char key, struct question_reply *ret_reply)
{
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		if (replies[i].key != key)
			continue;
		*ret_reply = replies[i].reply;
		return true;
	}
	return false;
}
