/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/keeper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/descriptors.h"
#include "supervisor/performing/identity.h"
#include "supervisor/listener.h"
#include "supervisor/process.h"
#include "supervisor/pump.h"
#include "supervisor/signals.h"
#include "supervisor/workers.h"

enum {
	SETTLE_MS = 2000, /* at the end, for a worker to record its last answer */
};

struct keeper {
	const struct keeper_options *options;
	struct target target;
	struct identity home;
	struct workers workers;
	struct unwinders unwinders;
	struct drain drain;
	struct asker asker;
	struct reload reload;
	int signals; /* signalfd */
	int wake;    /* eventfd, written by the worker */
	int stop;    /* eventfd, read by the worker */
	int lifeline[2];
	uv_poll_t on_signals;
	struct pump pump;
	uv_timer_t on_watch;
	bool served;   /* the filter notifies: there is a listener and a worker */
	bool ended;    /* the command has ended, with wait_status */
	bool finished; /* nothing is left to wait for */
	int wait_status;
};

/* --- the worker --- */

static void worker_outcome(struct keeper *self, int outcome)
{
	if (self->options->reload)
		reload_worker_changed(&self->reload);
	if (outcome == WORKERS_TARGET_GONE)
		return;
	if (outcome == 0)
		return;
	/* Without a worker nothing is answered: with no listener left the kernel says ENOSYS. */
	self->target.listener = fd_close(self->target.listener);
	self->workers.worker.service.listener = -EBADF;
	drain_warn(&self->drain, "the worker cannot go on; calls that need a decision "
	                         "now fail with ENOSYS");
}

static void watch_ready(uv_timer_t *handle)
{
	struct keeper *self = handle->data;

	worker_outcome(self, workers_watch(&self->workers));
	if (self->drain.unwinders) {
		unwinders_watch(self->drain.unwinders);
		pump_turn(&self->pump);
	}
}

/* --- the target --- */

static bool filter_in_use(const struct keeper *self)
{
	struct pollfd listener = { .fd = self->target.listener };

	return poll(&listener, 1, 0) == 0;
}

/*
 * Whether anything of the target may be left; tells at no cost when nothing is. Orphans come to
 * us, so without a child there is no descendant.
 */
static bool may_remain(const struct keeper *self)
{
	siginfo_t child;

	if (self->served)
		return filter_in_use(self);
	return waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

static unsigned count_remaining(const struct keeper *self, struct text *names)
{
	const pid_t ours[] = { self->workers.pid, self->unwinders.pid, self->asker.pid };

	return process_remaining(ours, ARRAY_SIZE(ours), names);
}

/* Ends the wait when the command has ended and, if so asked, every other process too. */
static void check_finished(struct keeper *self)
{
	char names[256];
	struct text text = TEXT_OVER(names);

	if (!self->ended)
		return;
	self->finished = !self->options->wait_all || count_remaining(self, &text) == 0;
}

static void reap(struct keeper *self)
{
	pid_t pid;
	int wait_status;

	while ((pid = waitpid(-1, &wait_status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == self->target.pid && WIFSTOPPED(wait_status)) {
			/* The prompter stops who would read the terminal, and continues them. */
			if (!atomic_load(&self->drain.journal->asking.foreground))
				signals_stop_with(pid, WSTOPSIG(wait_status));
		} else if (pid == self->target.pid) {
			self->ended = true;
			self->wait_status = wait_status;
		} else if (pid == self->workers.pid && !WIFSTOPPED(wait_status)) {
			worker_outcome(self, workers_ended(&self->workers, wait_status));
		} else if (pid == self->unwinders.pid && !WIFSTOPPED(wait_status)) {
			unwinders_ended(&self->unwinders);
		} else if (pid == self->asker.pid && !WIFSTOPPED(wait_status)) {
			asker_ended(&self->asker);
		}
	}
	check_finished(self);
}

/* What was sent to us alone: a hang-up reloads the policy, where that may be; else it is passed on.
 */
static void signal_for_us(struct keeper *self, int number)
{
	if (number == SIGHUP && self->options->reload)
		reload_now(&self->reload, "signal");
	else
		(void)kill(self->target.pid, number);
}

static void signal_ready(uv_poll_t *handle, int status, int events)
{
	struct keeper *self = handle->data;
	struct signal_received signal;

	(void)status;
	(void)events;
	while (signals_read(self->signals, &signal) == 0) {
		if (signal.number == SIGCHLD)
			reap(self);
		else if (self->ended) /* only --wait-all keeps us: that can be cut short */
			self->finished = true;
		else if (signals_should_forward(&signal, getpid()))
			signal_for_us(self, signal.number);
	}
}

/* --- start and end --- */

static int start_handles(struct keeper *self)
{
	uv_loop_t *loop = self->options->loop;
	int result;

	self->on_signals.data = self->on_watch.data = self;
	result = uv_poll_init(loop, &self->on_signals, self->signals);
	if (result == 0)
		result = uv_poll_start(&self->on_signals, UV_READABLE, signal_ready);
	if (result == 0)
		result = pump_start(&self->pump, loop, &self->drain, self->wake);
	if (result == 0)
		result = uv_timer_init(loop, &self->on_watch);
	if (result == 0 && self->served)
		result = uv_timer_start(&self->on_watch, watch_ready, WORKERS_WATCH_MS,
		                        WORKERS_WATCH_MS);
	if (result < 0 || !self->options->reload)
		return result;
	self->reload = (struct reload){ .options = self->options->reload,
		                        .workers = &self->workers,
		                        .drain = &self->drain };
	return reload_start(&self->reload, loop);
}

static void stop_handles(struct keeper *self)
{
	uv_close((uv_handle_t *)&self->on_signals, NULL);
	pump_stop(&self->pump, NULL, NULL);
	uv_close((uv_handle_t *)&self->on_watch, NULL);
	if (self->options->reload)
		reload_stop(&self->reload);
	uv_run(self->options->loop, UV_RUN_NOWAIT);
}

static int open_descriptors(struct keeper *self)
{
	self->signals = signals_open();
	if (self->signals < 0)
		return self->signals;
	self->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	self->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (self->wake < 0 || self->stop < 0)
		return err_errno();
	if (pipe2(self->lifeline, O_CLOEXEC) < 0)
		return err_errno();
	return journal_new(&self->drain.journal);
}

/* Before the worker, which has an end of its socket. */
static int prepare_stacks(struct keeper *self)
{
	int result;

	if (self->options->stack_looks == 0 || !self->served)
		return 0;
	self->drain.unwinders = &self->unwinders;
	result = unwinders_init(&self->unwinders, self->drain.journal, self->wake);
	if (result == 0)
		self->unwinders.ring->looks = self->options->stack_looks;
	return result;
}

static int start_asker(struct keeper *self)
{
	const struct asker_options *options = self->options->ask;

	if (!options || options->terminal < 0)
		return 0;
	return asker_start(&self->asker, &self->drain.journal->asking, self->options->session,
	                   options);
}

static int start_worker(struct keeper *self)
{
	const struct session *session = self->options->session;
	/* The target's root as it starts: what it makes of it later is not what rules mean. */
	int result = identity_read_own(&self->home);

	if (result < 0)
		return result;
	(void)listener_set_sync(self->target.listener);
	self->workers.worker = (struct worker){
		.service = { .listener = self->target.listener,
		             .journal = self->drain.journal,
		             .stacks = self->unwinders.taker,
		             .ruleset = session->ruleset,
		             .mode = session->mode,
		             .policy = generations_present(session->policies),
		             .init = self->target.pid,
		             .home = &self->home,
		             .freezer = self->target.leaf },
		.wake_keeper = self->wake,
		.wake_asker = self->asker.wake,
		.answers = self->asker.answers,
		.lifeline = self->lifeline[0],
		.stop = self->stop,
	};
	return workers_start(&self->workers);
}

/*
 * Orphans of the target become our children, so that we can say which are left. The target often
 * has our uid: not dumpable, we and what we fork are closed to it all the same (ptrace(2)), and
 * with us the listener, by which it could answer its own calls. execve makes the command dumpable
 * again.
 */
static int start_target(struct keeper *self)
{
	const struct keeper_options *options = self->options;
	int result;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno();
	result = target_start(options->command, options->filter, options->signals, options->freezer,
	                      &self->target);
	if (result < 0)
		return result;
	signal(SIGPIPE, SIG_IGN);
	return descriptors_close_inherited();
}

/* The loop's watch ends a stack that is overdue. */
static void await_stack(struct keeper *self)
{
	while (drain_waits(&self->drain)) {
		uv_run(self->options->loop, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
}

/*
 * The command has ended after its last answer, but that may not be recorded yet. What it left
 * running may go on making calls for ever: they are not waited for.
 */
static void settle(struct keeper *self)
{
	struct journal *journal = self->drain.journal;
	uint64_t received = atomic_load(&journal->received);

	for (int waited = 0; waited < SETTLE_MS; waited++) {
		if (!atomic_load(&journal->busy) || atomic_load(&journal->received) != received)
			break;
		uv_run(self->options->loop, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
	for (int turn = 0; turn <= JOURNAL_SLOTS / PUMP_EVENTS; turn++) {
		await_stack(self);
		if (drain_events(&self->drain, PUMP_EVENTS) == 0)
			break;
		uv_run(self->options->loop, UV_RUN_NOWAIT);
	}
	drain_folds(&self->drain);
}

static void tell_remaining(struct keeper *self)
{
	char names[256];
	struct text text = TEXT_OVER(names);

	if (!may_remain(self) || count_remaining(self, &text) == 0)
		return;
	drain_warn(&self->drain,
	           "the command has ended; still running under the filter: %s (%s"
	           "--wait-all waits)",
	           names,
	           self->served ? "their calls go on being decided, and are logged no more; " : "");
}

/*
 * When nothing is left under the filter the worker ends by itself, and nothing of ours outlives
 * us; else it stays with what is left, to answer its calls.
 */
static void dismiss_worker(struct keeper *self)
{
	pid_t pid = self->workers.pid;

	if (pid == 0)
		return;
	if (filter_in_use(self)) {
		workers_leave(&self->workers);
		return;
	}
	for (int waited = 0; waited < SETTLE_MS; waited++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		uv_sleep(1);
	}
	(void)kill(pid, SIGKILL); /* one that a page of a dead FUSE server holds may outlive this */
}

static void run_loop(struct keeper *self)
{
	drain_start(&self->drain, self->target.pid);
	if (self->options->ask && self->options->ask->terminal < 0)
		drain_warn(&self->drain, "there is no terminal to ask on: calls that somebody "
		                         "would be asked about are denied");
	pump_turn(&self->pump);
	while (!self->finished)
		uv_run(self->options->loop, UV_RUN_ONCE);
	if (self->served)
		settle(self);
	asker_stop(&self->asker);
	tell_remaining(self);
	dismiss_worker(self);
}

static void keeper_deinit(struct keeper *self)
{
	if (self->drain.unwinders)
		unwinders_deinit(&self->unwinders);
	fd_close(self->signals);
	fd_close(self->wake);
	fd_close(self->stop);
	fd_close(self->lifeline[0]);
	fd_close(self->lifeline[1]);
	journal_free(self->drain.journal);
	target_deinit(&self->target);
}

/* Ends a target that runs without what it needs from us. */
static void abandon(struct keeper *self)
{
	asker_stop(&self->asker);
	if (self->target.pid <= 0)
		return;
	(void)kill(self->target.pid, SIGKILL);
	(void)waitpid(self->target.pid, NULL, 0);
}

static int start(struct keeper *self)
{
	int result = start_target(self);

	if (result == 0)
		result = prepare_stacks(self);
	if (result == 0 && self->served)
		result = start_asker(self);
	if (result == 0 && self->served)
		result = start_worker(self);
	if (result == 0 && self->drain.unwinders)
		result = unwinders_start(&self->unwinders);
	if (result == 0)
		result = start_handles(self);
	return result;
}

static void fill_result(const struct keeper *self, struct keeper_result *ret_result)
{
	const struct agent_handover *handover = self->target.handover;

	*ret_result = (struct keeper_result){
		.wait_status = self->wait_status,
		.error = handover ? atomic_load(&handover->error) : 0,
		.step = handover ? (enum agent_step)atomic_load(&handover->step) : 0,
	};
}

int keeper_run(const struct keeper_options *options, struct keeper_result *ret_result)
{
	_cleanup_(keeper_deinit) struct keeper self = {
		.options = options,
		.target = { .listener = -EBADF },
		.drain = { .log = options->log, .session = options->session },
		.asker = ASKER_NONE,
		.signals = -EBADF,
		.wake = -EBADF,
		.stop = -EBADF,
		.lifeline = { -EBADF, -EBADF },
		.served = options->filter->notifies,
	};
	int result = open_descriptors(&self);

	if (result < 0)
		return result;
	result = start(&self);
	fill_result(&self, ret_result);
	if (result < 0 && ret_result->error != 0)
		return 0;
	if (result < 0) {
		abandon(&self);
		return result;
	}
	run_loop(&self);
	fill_result(&self, ret_result);
	stop_handles(&self);
	return 0;
}
