/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that only the target itself can make (execve, chdir, connect to a Unix socket): its cgroup
 * is frozen until every other task of it has come to rest, what the rules look at is read and
 * decided on, and then the call goes on, alone. Where it led is compared before the target's next
 * instruction, and a process that is elsewhere than was decided is killed.
 *
 * A process of its own waits through one such call, beside the worker as performers are, so that
 * the worker goes on. It thaws when the worker dies, and another takes the call up.
 */
#pragma once

#include "supervisor/serve.h"

/* No call keeps a target frozen longer than all of these together. */
enum {
	FREEZING_REST_MS = 200,  /* for its other tasks to come to rest */
	FREEZING_LOOK_MS = 300,  /* to read and to decide */
	FREEZING_CALL_MS = 2000, /* for the call: a program may come from a slow disk */
};

struct freezing {
	const struct service *service; /* what it decides by, and the leaf */
	int socket;                    /* to the worker: performer.h has what is said there */
	int proc;                      /* of our own pid namespace */
	pid_t worker;                  /* the parent */
	struct notification *slot;     /* new when an order comes */
};

/* Its whole life, in a process forked for it. Ends when the worker hangs up. */
_Noreturn void freezing_run(const struct freezing *freezing);
