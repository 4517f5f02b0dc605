/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker: the process that answers one target's calls. It is disposable: all it knows is in
 * the journal, and a successor goes on where it was killed. It never outlives its target.
 */
#pragma once

#include "supervisor/serve.h"

/* How a worker ends by itself. */
enum {
	WORKER_TARGET_GONE = 0, /* the last process under the filter has exited */
	WORKER_FAILED = 1,      /* the listener cannot be served; a successor may try */
	WORKER_STOPPED = 2,     /* it was asked to make room for a successor */
};

struct worker {
	struct service service;
	int wake_keeper; /* eventfd: written after an event when the keeper sleeps */
	int wake_asker;  /* eventfd: written after a question; -EBADF: there is no prompter */
	int answers;     /* eventfd: readable after an answer; likewise */
	int lifeline;    /* a pipe's read end; hang-up means that the keeper has gone */
	int stop;        /* eventfd: readable when the worker is to end with nothing in hand */
};

/*
 * The worker's whole life, in a process forked for it. Closes every descriptor that is not in
 * *worker, leaves the terminal's session, and serves until the target is gone.
 */
_Noreturn void worker_run(const struct worker *worker);
