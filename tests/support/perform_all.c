/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perform_all [--policy JSON | --kill-workers] COMMAND ARG...: runs it, makes every call of it that
 * can be made for it, or every one that the policy allows, and ends as it ended. With PERFORM_COUNT
 * set it writes to descriptor 2 how many there were, and how many were told. With --kill-workers
 * whoever serves is killed again and again.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/support/supervise.h"

/* Every so many calls, one worker dies in the middle of something. */
static void kill_worker(struct workers *workers, void *context)
{
	uint64_t *next = context;

	if (atomic_load(&workers->worker.service.journal->received) < *next)
		return;
	*next += 97;
	kill(workers->pid, SIGKILL);
}

static int run(struct supervision *supervision)
{
	struct supervised supervised;

	supervise(supervision, &supervised);
	if (supervised.started < 0)
		return 125;
	if (getenv("PERFORM_COUNT"))
		fprintf(stderr, "calls %lu told %lu replaced %u\n",
		        (unsigned long)supervised.received,
		        (unsigned long)(supervised.events + supervised.folded),
		        supervised.replaced);
	if (WIFSIGNALED(supervised.wait_status))
		return 128 + WTERMSIG(supervised.wait_status);
	return WEXITSTATUS(supervised.wait_status);
}

int main(int argc, char **argv)
{
	struct supervision supervision = { .arguments = argv + 1,
		                           .profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		                           .filter = filter_notifying_performable(),
		                           .mode = MODE_ENFORCE };
	uint64_t next = 50;

	if (argc > 3 && strcmp(argv[1], "--policy") == 0) {
		supervision.policy = argv[2];
		supervision.arguments = argv + 3;
	} else {
		supervision.perform_all = true;
	}
	if (argc > 2 && strcmp(argv[1], "--kill-workers") == 0) {
		supervision.meddle = kill_worker;
		supervision.context = &next;
		supervision.arguments = argv + 2;
	}
	return run(&supervision);
}
