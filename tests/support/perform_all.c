/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perform_all [--policy JSON | --freeze JSON] [--kill-workers | --kill-frozen] COMMAND ARG...: runs
 * it, makes every call of it that can be made for it, or every one that the policy allows, with
 * --freeze in a cgroup of its own, and ends as it ended. With PERFORM_COUNT set it writes to
 * descriptor 2 how many there were, and how many were told. With --kill-workers whoever serves is
 * killed again and again; with --kill-frozen the worker and who has frozen the target are, in turn,
 * while it is frozen.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/process.h"
#include "tests/support/supervise.h"

/* Every so many calls, one worker dies in the middle of something. */
static void kill_worker(struct workers *workers, void *context)
{
	uint64_t *next = context;

	if (workers->pid == 0 || atomic_load(&workers->worker.service.journal->received) < *next)
		return;
	*next += 97;
	kill(workers->pid, SIGKILL);
}

/* A child of the worker that is in the middle of a frozen call, or 0. */
static pid_t freezing_child(pid_t worker)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		struct process process;
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && process_read(pid, &process) == 0 && process.parent == worker &&
		    strcmp(process.comm, "callgate-freeze") == 0)
			return pid;
	}
	return 0;
}

static bool is_frozen(int leaf)
{
	_cleanup_close_ int fd = openat(leaf, "cgroup.freeze", O_RDONLY | O_CLOEXEC);
	char state = '0';

	return fd >= 0 && read(fd, &state, 1) == 1 && state == '1';
}

static void kill_frozen(struct workers *workers, void *context)
{
	uint64_t *next = context;
	pid_t freezing;

	if (workers->pid == 0 || atomic_load(&workers->worker.service.journal->received) < *next ||
	    !is_frozen(workers->worker.service.freezer))
		return;
	freezing = *next % 2 ? freezing_child(workers->pid) : 0;
	*next += 5;
	kill(freezing > 0 ? freezing : workers->pid, SIGKILL);
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
	struct supervision supervision = { .profile = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
		                           .filter = filter_notifying_performable(),
		                           .mode = MODE_ENFORCE };
	uint64_t next = 50;
	char **word = argv + 1;

	supervision.perform_all = true;
	for (; *word && strncmp(*word, "--", 2) == 0; word++) {
		if (strcmp(*word, "--kill-workers") == 0) {
			supervision.meddle = kill_worker;
		} else if (strcmp(*word, "--kill-frozen") == 0) {
			supervision.meddle = kill_frozen;
		} else {
			supervision.freeze = strcmp(*word, "--freeze") == 0;
			supervision.perform_all = false;
			supervision.policy = *++word;
		}
	}
	(void)argc;
	supervision.context = &next;
	supervision.arguments = word;
	return run(&supervision);
}
