/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/containers/intake.h"
#include "supervisor/containers/serve_target.h"
#include "supervisor/signals.h"

enum {
	TARGETS_MAX = 4096,
	TARGET_DESCRIPTORS = 3,
	OWN_DESCRIPTORS =
		64, /* the loop, sinks, files while they are read, messages' descriptors */
	DESCRIPTORS_WANTED = 1 << 16,
};

struct keeper_of_many {
	const struct serve_options *options;
	struct session session; /* for what is no target's */
	struct drain drain;     /* likewise: its warnings */
	struct serve_surroundings around;
	struct intake *intake;
	struct serve_target *targets;
	size_t n_targets, targets_max;
	int signals; /* signalfd */
	int lifeline[2];
	uv_poll_t on_signals;
	uv_timer_t on_watch;
	bool finished;
};

/* ---- the targets */

/* Whatever ends it: a target is out of the list before its memory goes. */
static void target_ended(struct serve_target *target, void *owner)
{
	struct keeper_of_many *self = owner;
	struct serve_target **at = &self->targets;

	while (*at != target)
		at = &(*at)->next;
	*at = target->next;
	self->n_targets--;
	serve_target_free(target);
}

/*
 * crun says "." of the bundle of what it executes: it is the bundle of the container, which we may
 * have.
 */
static const char *bundle_of(const struct keeper_of_many *self, const struct container *container)
{
	if (container->bundle && container->bundle[0] == '/')
		return container->bundle;
	for (const struct serve_target *at = self->targets; at; at = at->next)
		if (strcmp(at->container.id, container->id) == 0 && at->container.bundle &&
		    at->container.bundle[0] == '/')
			return at->container.bundle;
	return NULL;
}

static void listener_taken(void *owner, struct container *container, int listener)
{
	struct keeper_of_many *self = owner;
	struct serve_target *target;
	int result;

	if (self->n_targets >= self->targets_max) {
		drain_warn(&self->drain,
		           "refused the listener of container %s: there are %zu targets, and "
		           "descriptors for no more",
		           container->id, self->n_targets);
		container_deinit(container);
		fd_close(listener);
		return;
	}
	result = serve_target_start(&self->around, container, bundle_of(self, container), listener,
	                            &target);
	if (result < 0) {
		drain_warn(&self->drain, "a listener could not be served: %s", strerror(-result));
		return;
	}
	target->next = self->targets;
	self->targets = target;
	self->n_targets++;
}

static void message_refused(void *owner, const char *reason)
{
	struct keeper_of_many *self = owner;

	drain_warn(&self->drain, "%s", reason);
}

static void watch_ready(uv_timer_t *handle)
{
	struct keeper_of_many *self = handle->data;

	for (struct serve_target *at = self->targets; at; at = at->next)
		serve_target_watch(at);
}

static void reap(struct keeper_of_many *self)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		struct serve_target *at = self->targets;

		while (at && !serve_target_reap(at, pid, wait_status))
			at = at->next;
	}
}

/* ---- signals */

static void reload(struct keeper_of_many *self)
{
	struct serve_config *config;
	struct diags diags;
	char reason[512];
	int result;

	diags_init(&diags,
	           self->options->places.config ? self->options->places.config : "configuration");
	result = serve_config_read(&self->options->places, &diags, &config);
	if (result < 0) {
		diags_first_error(&diags, reason, sizeof(reason));
		drain_warn(&self->drain, "reload refused, nothing has changed: %s", reason);
	} else {
		serve_config_release(self->around.config);
		self->around.config = config;
		drain_warn(&self->drain, "reloaded: containers that start from now on are decided "
		                         "by the new configuration");
	}
	diags_deinit(&diags);
}

static void finish(struct keeper_of_many *self)
{
	self->finished = true;
}

static const struct {
	int number;
	void (*handle)(struct keeper_of_many *self);
} handlers[] = {
	{ SIGCHLD, reap },  { SIGHUP, reload },  { SIGTERM, finish },
	{ SIGINT, finish }, { SIGQUIT, finish },
};

static void signal_ready(uv_poll_t *poll, int status, int events)
{
	struct keeper_of_many *self = poll->data;
	struct signal_received signal;

	(void)status;
	(void)events;
	while (signals_read(self->signals, &signal) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
			if (handlers[i].number == signal.number)
				handlers[i].handle(self);
}

/* ---- limits */

/* As many descriptors as we may have, and what they are for. */
static void divide_descriptors(size_t *ret_peers, size_t *ret_targets)
{
	struct rlimit limit = { 1024, 1024 };
	size_t peers, targets;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur =
			limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	peers = limit.rlim_cur / 4;
	if (peers > INTAKE_PEERS_MAX)
		peers = INTAKE_PEERS_MAX;
	targets = limit.rlim_cur > peers + OWN_DESCRIPTORS
	                  ? (limit.rlim_cur - peers - OWN_DESCRIPTORS) / TARGET_DESCRIPTORS
	                  : 0;
	*ret_peers = peers;
	*ret_targets = targets < TARGETS_MAX ? targets : TARGETS_MAX;
}

/* ---- start and end */

static int open_descriptors(struct keeper_of_many *self)
{
	self->signals = signals_open();
	if (self->signals < 0)
		return self->signals;
	if (pipe2(self->lifeline, O_CLOEXEC) < 0)
		return err_errno();
	self->around.lifeline = self->lifeline[0];
	signal(SIGPIPE, SIG_IGN);
	/* A target may have our uid: the listeners are closed to it all the same (ptrace(2)). */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno();
	return drain_draw_boot(&self->session);
}

static int start_handles(struct keeper_of_many *self)
{
	uv_loop_t *loop = self->options->loop;
	int result = uv_poll_init(loop, &self->on_signals, self->signals);

	if (result < 0)
		return result;
	(void)uv_timer_init(loop, &self->on_watch);
	self->on_signals.data = self->on_watch.data = self;
	(void)uv_poll_start(&self->on_signals, UV_READABLE, signal_ready);
	return uv_timer_start(&self->on_watch, watch_ready, WORKERS_WATCH_MS, WORKERS_WATCH_MS);
}

static void stop_handles(struct keeper_of_many *self)
{
	uv_close((uv_handle_t *)&self->on_signals, NULL);
	uv_close((uv_handle_t *)&self->on_watch, NULL);
}

static void end_targets(struct keeper_of_many *self)
{
	for (struct serve_target *at = self->targets; at; at = at->next)
		serve_target_end(at);
	while (self->targets)
		uv_run(self->options->loop, UV_RUN_ONCE);
	(void)uv_run(self->options->loop, UV_RUN_NOWAIT);
}

/* Of workers that were killed: a page of a dead FUSE server may hold one, which is not waited for.
 */
static void reap_workers(void)
{
	enum { TURNS = 200, TURN_MS = 10 };

	for (int turn = 0; turn < TURNS && waitpid(-1, NULL, WNOHANG) >= 0; turn++)
		uv_sleep(TURN_MS);
}

static int serve(struct keeper_of_many *self, size_t peers_max)
{
	const struct intake_owner owner = { .taken = listener_taken,
		                            .refused = message_refused,
		                            .owner = self };
	int result = intake_open(self->options->socket, self->options->loop, peers_max, &owner,
	                         &self->intake);

	if (result < 0)
		return result;
	while (!self->finished)
		uv_run(self->options->loop, UV_RUN_ONCE);
	intake_close(self->intake);
	end_targets(self);
	reap_workers();
	return 0;
}

static void keeper_deinit(struct keeper_of_many *self)
{
	fd_close(self->signals);
	fd_close(self->lifeline[0]);
	fd_close(self->lifeline[1]);
	serve_config_release(self->around.config);
}

int serve_keeper_run(const struct serve_options *options)
{
	_cleanup_(keeper_deinit) struct keeper_of_many self = {
		.options = options,
		.around = { .loop = options->loop,
		            .log = options->log,
		            .places = &options->places,
		            .config = options->config,
		            .ended = target_ended },
		.signals = -EBADF,
		.lifeline = { -EBADF, -EBADF },
	};
	size_t peers_max;
	int result;

	self.around.owner = &self;
	self.drain = (struct drain){ .log = options->log, .session = &self.session };
	divide_descriptors(&peers_max, &self.targets_max);
	result = open_descriptors(&self);
	if (result == 0)
		result = start_handles(&self);
	if (result < 0)
		return result;
	result = serve(&self, peers_max);
	stop_handles(&self);
	(void)uv_run(options->loop, UV_RUN_NOWAIT);
	return result;
}
