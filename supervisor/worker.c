/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "supervisor/helper.h"
#include "supervisor/listener.h"
#include "supervisor/performing/performers.h"

struct worker_loop {
	const struct worker *worker;
	struct service service; /* the worker's, and its performers */
	uv_loop_t loop;
	uv_poll_t lifeline;
	uv_poll_t stop;
	bool stopping;
};

/* The keeper has gone: calls are answered and counted, and nobody is told or asked any more. */
static void on_lifeline(uv_poll_t *handle, int status, int events)
{
	struct worker_loop *self = handle->data;

	atomic_store(&self->service.journal->asking.somebody, false);
	(void)status;
	(void)events;
	uv_poll_stop(handle);
}

/* Another is to take over. The keeper empties the descriptor before it starts that one. */
static void on_stop(uv_poll_t *handle, int status, int events)
{
	struct worker_loop *self = handle->data;

	(void)status;
	(void)events;
	uv_poll_stop(handle);
	self->stopping = true;
}

static int loop_start(struct worker_loop *self, const struct worker *worker)
{
	int result;

	self->worker = worker;
	self->service = worker->service;
	self->lifeline.data = self->stop.data = self;
	result = uv_loop_init(&self->loop);
	if (result == 0)
		result = uv_poll_init(&self->loop, &self->lifeline, worker->lifeline);
	if (result == 0)
		result = uv_poll_start(&self->lifeline, UV_READABLE | UV_DISCONNECT, on_lifeline);
	if (result == 0)
		result = uv_poll_init(&self->loop, &self->stop, worker->stop);
	if (result == 0)
		result = uv_poll_start(&self->stop, UV_READABLE, on_stop);
	if (result < 0)
		return result;
	/* Only now libuv gives them to its own descriptor, which is what we wait on. */
	uv_run(&self->loop, UV_RUN_NOWAIT);
	if (!self->service.policy && !self->service.perform_all)
		return 0;
	return performers_new(&self->service, &self->service.performers);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* How long to sleep at most: who waits and was killed is looked for, and deadlines pass. */
static int patience(const struct service *service)
{
	const struct asking *asking = &service->journal->asking;
	bool performing = service->performers && performers_busy(service->performers);
	int waiting = asked_ever(asking) ? asked_patience(asking, now_ms()) : -1;

	if (!performing && waiting < 0)
		return -1;
	return waiting >= 0 && waiting < PERFORMERS_CHECK_MS ? waiting : PERFORMERS_CHECK_MS;
}

/*
 * Whether it was asked to make room, and has nothing in hand: performers die with their worker, so
 * the calls that they are making end before.
 */
static bool is_done(const struct worker_loop *self)
{
	const struct performers *performers = self->service.performers;

	return self->stopping && !(performers && performers_busy(performers));
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

/* A question wakes the prompter; it looks for the next one by itself when it has an answer. */
static void wake_asker(const struct worker *worker, uint32_t *seen)
{
	uint32_t tickets = atomic_load(&worker->service.journal->asking.tickets);

	if (tickets != *seen && worker->wake_asker >= 0)
		(void)eventfd_write(worker->wake_asker, 1);
	*seen = tickets;
}

enum { WAIT_LISTENER, WAIT_LOOP, WAIT_PERFORMERS, WAIT_ANSWERS, WAIT_COUNT };

/* Named outcome of serve_ready(). */
enum { LISTENER_HUNG_UP = 1 };

static int serve_ready(struct worker_loop *self, const struct pollfd wait[WAIT_COUNT])
{
	eventfd_t count;
	int result = 0;

	if (wait[WAIT_LOOP].revents)
		uv_run(&self->loop, UV_RUN_NOWAIT);
	if (wait[WAIT_ANSWERS].revents)
		(void)eventfd_read(self->worker->answers, &count);
	if (self->service.performers)
		performers_check(self->service.performers);
	if (wait[WAIT_PERFORMERS].revents)
		result = serve_performed(&self->service);
	if (result == 0 && asked_ever(&self->service.journal->asking))
		result = serve_asked(&self->service);
	if (result < 0)
		return result;
	if (wait[WAIT_LISTENER].revents & POLLIN)
		return serve_next(&self->service);
	/* POLLHUP: the last user of the filter has gone */
	return wait[WAIT_LISTENER].revents ? LISTENER_HUNG_UP : 0;
}

/*
 * Waits on the listener itself, not through epoll: the kernel's synchronous wake-up
 * (SYNC_WAKE_UP) reaches a poller of the listener, and is lost on the way through epoll (3 us a
 * call against 20). libuv and the performers get their turn when their descriptors have something.
 */
static int serve(struct worker_loop *self)
{
	const struct service *service = &self->service;
	struct performers *performers = service->performers;
	struct pollfd wait[WAIT_COUNT] = {
		[WAIT_LISTENER] = { .fd = service->listener, .events = POLLIN },
		[WAIT_LOOP] = { .fd = uv_backend_fd(&self->loop), .events = POLLIN },
		[WAIT_PERFORMERS] = { .fd = performers ? performers_fd(performers) : -1,
		                      .events = POLLIN },
		[WAIT_ANSWERS] = { .fd = self->worker->answers, .events = POLLIN },
	};
	uint64_t seen = 0;
	uint32_t tickets = 0;
	int result = serve_unfinished(service);

	if (result == 0)
		result = serve_performed(service);
	if (result == 0)
		result = serve_asked(service);
	while (result == 0 && !is_done(self)) {
		if (self->stopping)
			wait[WAIT_LISTENER].fd = -1; /* what comes now is the successor's */
		if (journal_has_news(service->journal, &seen))
			wake_keeper(self->worker);
		wake_asker(self->worker, &tickets);
		if (poll(wait, ARRAY_SIZE(wait), patience(service)) >= 0)
			result = serve_ready(self, wait);
		else if (errno != EINTR) /* revents are the last round's: RECV might block */
			return WORKER_FAILED;
	}
	if (result == LISTENER_HUNG_UP)
		return WORKER_TARGET_GONE;
	return result == 0 ? WORKER_STOPPED : WORKER_FAILED;
}

void worker_run(const struct worker *worker)
{
	const struct stack_taker *stacks = worker->service.stacks;
	const int keep[] = { worker->service.listener,
		             worker->wake_keeper,
		             worker->lifeline,
		             worker->stop,
		             worker->wake_asker,
		             worker->answers,
		             stacks ? stack_taker_post(stacks) : -EBADF,
		             worker->service.freezer };
	struct worker_loop self = { 0 };

	signal(SIGCHLD, SIG_IGN); /* performers are missed by their sockets, and leave no zombies */
	if (helper_detach("callgate-worker", keep, ARRAY_SIZE(keep)) < 0 ||
	    loop_start(&self, worker) < 0)
		_exit(WORKER_FAILED);
	_exit(serve(&self));
}
