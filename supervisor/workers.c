/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/workers.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MAX_FRUITLESS = 100,
	MAX_STALLED = 4, /* watches: one second */
};

/* Between two workers, when nobody decides. */
static void take_next(struct workers *workers)
{
	struct service *service = &workers->worker.service;
	eventfd_t asked;

	if (!workers->next)
		return;
	(void)eventfd_read(workers->worker.stop, &asked);
	if (service->policy)
		policy_carry_limits(service->policy, workers->next, service->journal->limits);
	service->policy = workers->next;
	workers->next = NULL;
}

void workers_replace(struct workers *workers, const struct policy *policy)
{
	workers->next = policy;
	if (workers->pid == 0)
		take_next(workers);
	else
		(void)eventfd_write(workers->worker.stop, 1);
}

int workers_start(struct workers *workers)
{
	pid_t pid;

	take_next(workers);
	workers->received = atomic_load(&workers->worker.service.journal->received);
	workers->stalled = 0;
	pid = fork();
	if (pid < 0)
		return err_errno();
	if (pid == 0)
		worker_run(&workers->worker);
	workers->pid = pid;
	return 0;
}

void workers_leave(struct workers *workers)
{
	if (!workers->next)
		return;
	(void)kill(workers->pid, SIGKILL);
	/* Without a successor the kernel says ENOSYS, and nobody is left to be told. */
	if (workers_start(workers) < 0)
		workers->pid = 0;
}

int workers_ended(struct workers *workers, int wait_status)
{
	const struct journal *journal = workers->worker.service.journal;

	workers->pid = 0;
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_TARGET_GONE)
		return WORKERS_TARGET_GONE;
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_STOPPED)
		return workers_start(workers);

	workers->replaced++;
	if (atomic_load(&journal->received) != workers->received)
		workers->fruitless = 0;
	else if (++workers->fruitless >= MAX_FRUITLESS)
		return WORKERS_GAVE_UP;
	return workers_start(workers);
}

/* Work is waiting: a call in hand, a listener with something to receive, or a successor. */
static bool has_work(const struct workers *workers)
{
	const struct service *service = &workers->worker.service;
	struct pollfd readable = { .fd = service->listener, .events = POLLIN };

	if (workers->next || atomic_load(&service->journal->busy))
		return true;
	return poll(&readable, 1, 0) > 0 && (readable.revents & POLLIN);
}

int workers_watch(struct workers *workers)
{
	uint64_t received = atomic_load(&workers->worker.service.journal->received);

	if (workers->pid == 0)
		return 0;
	if (received != workers->seen || !has_work(workers)) {
		workers->seen = received;
		workers->stalled = 0;
		return 0;
	}
	if (++workers->stalled < MAX_STALLED)
		return 0;
	(void)kill(workers->pid, SIGKILL);
	workers->replaced++;
	return workers_start(workers);
}
