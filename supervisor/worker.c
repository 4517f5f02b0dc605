/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <uv.h>

#include "supervisor/descriptors.h"
#include "supervisor/listener.h"

struct worker_loop {
	const struct worker *worker;
	uv_loop_t loop;
	uv_poll_t lifeline;
};

/*
 * Signals for the terminal's jobs and for our process group are none of the worker's: a target
 * that waits for an answer cannot even be stopped (WAIT_KILLABLE_RECV), so the worker must run on.
 */
static void leave_terminal(void)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	fd_close(null);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_NAME, "callgate-worker");
}

/* The keeper has gone: from now on calls are answered and counted, and nobody is told. */
static void on_lifeline(uv_poll_t *handle, int status, int events)
{
	(void)status;
	(void)events;
	uv_poll_stop(handle);
}

static int loop_start(struct worker_loop *self, const struct worker *worker)
{
	int result;

	self->worker = worker;
	result = uv_loop_init(&self->loop);
	if (result < 0)
		return result;
	result = uv_poll_init(&self->loop, &self->lifeline, worker->lifeline);
	if (result < 0)
		return result;
	return uv_poll_start(&self->lifeline, UV_READABLE | UV_DISCONNECT, on_lifeline);
}

/* A write(2) only when the keeper said that it sleeps: most events cost none. */
static void wake_keeper(const struct worker *worker)
{
	struct journal *journal = worker->service.journal;

	if (atomic_load(&journal->keeper_sleeps) && atomic_exchange(&journal->keeper_sleeps, false))
		(void)eventfd_write(worker->wake_keeper, 1);
}

static bool journal_has_news(const struct journal *journal, uint64_t *seen)
{
	uint64_t news = atomic_load(&journal->produced) + atomic_load(&journal->folded);
	bool changed = news != *seen;

	*seen = news;
	return changed;
}

/*
 * Waits on the listener itself, not through epoll: the kernel's synchronous wake-up
 * (SYNC_WAKE_UP) reaches a poller of the listener, and is lost on the way through epoll (3 us a
 * call against 20). libuv gets its turn when its own descriptor has something.
 */
static int serve(struct worker_loop *self)
{
	const struct service *service = &self->worker->service;
	struct pollfd wait[] = {
		{ .fd = service->listener, .events = POLLIN },
		{ .fd = uv_backend_fd(&self->loop), .events = POLLIN },
	};
	uint64_t seen = 0;
	int result = serve_unfinished(service);

	while (result == 0) {
		if (journal_has_news(service->journal, &seen))
			wake_keeper(self->worker);
		if (poll(wait, ARRAY_SIZE(wait), -1) < 0) {
			if (errno != EINTR)
				return WORKER_FAILED;
			continue; /* revents are the last round's: a RECV on them might block */
		}
		if (wait[1].revents)
			uv_run(&self->loop, UV_RUN_NOWAIT);
		if (wait[0].revents & POLLIN)
			result = serve_next(service);
		else if (wait[0].revents) /* POLLHUP: the last user of the filter has gone */
			return WORKER_TARGET_GONE;
	}
	return WORKER_FAILED;
}

void worker_run(const struct worker *worker)
{
	const int keep[] = { worker->service.listener, worker->wake_keeper, worker->lifeline };
	struct worker_loop self = { 0 };

	leave_terminal();
	if (descriptors_close_except(keep, ARRAY_SIZE(keep)) < 0 || loop_start(&self, worker) < 0)
		_exit(WORKER_FAILED);
	_exit(serve(&self));
}
