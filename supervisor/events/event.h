/* SPDX-License-Identifier: Apache-2.0 */
/* What the sinks are told: one event is one line, in text or in JSON. */
#pragma once

#include "common/text.h"
#include "profiles/ruleset.h"
#include "supervisor/containers/container.h"
#include "supervisor/generations.h"
#include "supervisor/notification.h"
#include "supervisor/stacks/stack.h"

enum event_kind {
	EVENT_START,   /* the target runs: profile, mode */
	EVENT_SYSCALL, /* one call that was denied, killed, or would be */
	EVENT_FOLD,    /* calls that found no room for an event of their own, counted exactly */
	EVENT_WARNING, /* something the user should know: message */
	EVENT_RELOAD,  /* the policy was read again: reload */
	EVENT_SUMMARY, /* the end: totals */
	EVENT_KIND_COUNT,
};

/* What came of reading the policy again. */
struct reload_report {
	const char *trigger;         /* "signal", "file" */
	const struct policy *policy; /* the one in use from now on */
	const struct policy *before; /* the one that it replaced; NULL: it stays, for */
	const struct diags *errors;  /* these; NULL where it was replaced */
	/* What it names and the target's filter does not notify: the first, and how many. */
	const struct plan_call *unreached;
	size_t n_unreached, total_unreached;
};

struct tally;

/* The same for every event of one target. That of a supervisor has no ruleset, and only warns. */
struct session {
	const struct ruleset *ruleset;
	enum mode mode;
	const struct generations *policies; /* or NULL: there is none */
	const char *command;                /* argv[0] of the target */
	const struct container *container;  /* NULL under run */
	struct tally *tally;                /* of the target's calls; NULL: the log's own */
	bool shows_stacks;                  /* below the lines of text; JSON has all there are */
	char boot[9]; /* eight hex digits, drawn at start: ids are BOOT-SEQUENCE */
};

struct event {
	enum event_kind kind;
	uint64_t sequence; /* of EVENT_SYSCALL: from 1, without holes; else 0 */
	uint64_t time_ns;  /* CLOCK_REALTIME */
	const struct session *session;
	const struct notification *notification; /* of EVENT_SYSCALL */
	const struct text *call;                 /* render_call()'s text of it; the log adds it */
	const struct stack *stack;               /* of EVENT_SYSCALL; NULL: not asked for */
	struct {
		uint32_t arch; /* SCMP_ARCH_* */
		int nr;
		struct verdict verdict;
		uint64_t count;
	} fold; /* of EVENT_FOLD */
	struct {
		pid_t pid;
		const char *cgroup;         /* a line of /proc/PID/cgroup, or NULL */
	} start;                            /* of EVENT_START */
	const char *message;                /* of EVENT_WARNING */
	const struct reload_report *reload; /* of EVENT_RELOAD */
};
