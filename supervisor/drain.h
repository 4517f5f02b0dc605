/* SPDX-License-Identifier: Apache-2.0 */
/* From the journal to the sinks. Keeper only. */
#pragma once

#include "supervisor/events/event.h"
#include "supervisor/journal.h"
#include "supervisor/events/log.h"
#include "supervisor/stacks/unwinders.h"

/* Draws a session's eight hexadecimal digits. */
_must_check_ int drain_draw_boot(struct session *session);

struct drain {
	struct journal *journal;
	struct log *log;
	struct unwinders *unwinders; /* NULL: no stacks */
	const struct session *session;
	uint64_t sequence; /* of the last event told */
	uint64_t folds_ns; /* CLOCK_REALTIME of the last look at the folds */
};

/* Tells that the target runs, as pid. */
void drain_start(struct drain *drain, pid_t pid);

/*
 * Tells at most max events, and once a second the folds: they lose nothing by waiting, and a line
 * for each would be as many as they save. Returns how many events; max: there may be more. An event
 * whose stack is still to come is waited for, and those after it wait too.
 */
unsigned drain_events(struct drain *drain, unsigned max);

/* Whether the oldest event waits for its stack; when that has come the keeper is woken. */
bool drain_waits(const struct drain *drain);

/* Tells all the events that there are now. */
void drain_all(struct drain *drain);

/* Tells what came of a reload. */
void drain_reload(struct drain *drain, const struct reload_report *report);

/* Tells the folds that are left. */
void drain_folds(struct drain *drain);

/* Tells the totals: the session's last event. */
void drain_summary(struct drain *drain);

/* Tells of something that went wrong or that the user should know. */
_printf_(2, 3) void drain_warn(struct drain *drain, const char *format, ...);
