/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of the worker: starts it, watches it, replaces it. */
#pragma once

#include "supervisor/worker.h"

/* Named outcomes of workers_ended(). */
enum {
	WORKERS_TARGET_GONE = 1, /* the worker ended because every process of the target has */
	WORKERS_GAVE_UP,         /* no worker gets anywhere: calls fail with ENOSYS from now on */
};

struct workers {
	struct worker worker;      /* what each of them is given */
	const struct policy *next; /* what the next is given in place of that policy, or NULL */
	pid_t pid;                 /* of the present one; 0 when there is none */
	unsigned replaced;         /* how many died */
	unsigned fruitless;        /* of them in a row, since one received anything */
	uint64_t received;         /* the journal's count when the present one started */
	uint64_t seen;             /* the journal's count at the last watch */
	unsigned stalled;          /* watches in a row that saw work and no progress */
};

_must_check_ int workers_start(struct workers *workers);

/*
 * The present worker is asked to end after the call that it has in hand, and its successor decides
 * by this policy, which must outlive it: no call is decided by both. A worker that dies first, in
 * whatever way, has the same successor; for one that a call being performed keeps from ending,
 * workers_watch() does not wait.
 * Without a worker (workers->pid is 0) it is so at once.
 */
void workers_replace(struct workers *workers, const struct policy *policy);

/*
 * Nobody will look after the worker any more: one that was asked to end would have no successor, so
 * it is started now.
 */
void workers_leave(struct workers *workers);

/* The child with workers->pid has ended: a successor takes over. 0, WORKERS_*, or -errno. */
_must_check_ int workers_ended(struct workers *workers, int wait_status);

/*
 * Called every WORKERS_WATCH_MS. A worker that holds a call without progress for about a second
 * (a page of a dead FUSE server can hold a reader for ever) is killed; its end is not waited for.
 */
enum { WORKERS_WATCH_MS = 250 };
_must_check_ int workers_watch(struct workers *workers);
