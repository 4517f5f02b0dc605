/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sinks of one run, or of all targets of a supervisor. log_event() formats, counts and queues;
 * it never blocks on a slow reader: past LOG_QUEUE_BYTES a sink's lines fold into exact counts, and
 * say so when there is room again.
 */
#pragma once

#include <uv.h>

#include "supervisor/events/event.h"

enum {
	LOG_QUEUE_BYTES = 4 << 20,
	LOG_SINKS_MAX = 4, /* a stuck reader holds one of libuv's four threads */
};

enum log_format {
	LOG_TEXT,
	LOG_JSON,
};

/* Where one sink writes: `json:FILE`, `json:-` (standard error), `json:fd:N`; `text:` likewise. */
struct log_spec {
	enum log_format format;
	int fd;           /* -1: open path */
	const char *path; /* borrowed from the argument */
	bool append;      /* to what the path has; else it is truncated */
};

/* 0, or -EINVAL. */
_must_check_ int log_spec_parse(const char *argument, struct log_spec *ret_spec);

struct log;

/*
 * Opens the sinks (O_CLOEXEC; given descriptors are duplicated and never
 * made non-blocking, for the target shares them). On failure *ret_failed is the spec at fault;
 * -E2BIG for one more than LOG_SINKS_MAX.
 *
 * While lines wait for a reader, the loop has an active request: end it by uv_stop().
 */
_must_check_ int log_open(uv_loop_t *loop, const struct log_spec *specs, size_t count,
                          struct log **ret_log, const struct log_spec **ret_failed);

/* Keeps the run in the state file (supervisor/events/state_file.h), from its start on. */
void log_remember(struct log *log);

/*
 * Tells every sink. Denials of one kind are folded on text sinks; JSON gets every one. A session is
 * done with after its EVENT_SUMMARY, which log_close() tells where nobody has.
 */
void log_event(struct log *log, const struct event *event);

/*
 * Writes what is queued, folded counts and the summary included, for at most timeout_ms, and
 * closes. A reader that has gone (EPIPE) ends its sink silently. Runs the loop. Without a session
 * there is no summary; log may be NULL.
 */
void log_close(struct log *log, const struct session *session, unsigned timeout_ms);
