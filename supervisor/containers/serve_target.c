/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/containers/serve_target.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "supervisor/listener.h"

/* ---- the worker */

/*
 * A child has the journals of all targets that there are, and would keep their memory: so each is
 * shared only while its own worker is made.
 */
static int with_journal(struct serve_target *target, int (*step)(struct workers *workers))
{
	int result;

	journal_share(target->drain.journal, true);
	result = step(&target->workers);
	journal_share(target->drain.journal, false);
	return result;
}

static void worker_outcome(struct serve_target *target, int outcome)
{
	if (outcome == 0)
		return;
	if (outcome != WORKERS_TARGET_GONE)
		drain_warn(&target->drain, "the worker cannot go on; calls that need a decision "
		                           "now fail with ENOSYS");
	serve_target_end(target);
}

void serve_target_watch(struct serve_target *target)
{
	if (!target->ending)
		worker_outcome(target, with_journal(target, workers_watch));
}

bool serve_target_reap(struct serve_target *target, pid_t pid, int wait_status)
{
	struct workers *workers = &target->workers;
	int outcome;

	if (target->ending || workers->pid != pid)
		return false;
	journal_share(target->drain.journal, true);
	outcome = workers_ended(workers, wait_status);
	journal_share(target->drain.journal, false);
	worker_outcome(target, outcome);
	return true;
}

/* ---- start */

static void fill_session(struct serve_target *target)
{
	const struct container *container = &target->container;
	size_t rule = serve_config_choose(target->config, container);

	target->session.ruleset = target->profile.ruleset;
	target->session.mode = target->config->assignments.rules[rule].gives.mode;
	target->session.policies = &target->config->files[rule].policies;
	target->session.container = container;
	target->session.tally = &target->tally;
}

/* The container's root is the one that the paths of a policy's rules begin at. */
static void find_home(struct serve_target *target)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity_thread thread;

	target->has_home = proc >= 0 && target->container.pid > 0 &&
	                   identity_read(proc, target->container.pid, &target->home, &thread) == 0;
}

static int start_worker(struct serve_target *target, int lifeline)
{
	(void)listener_set_sync(target->listener);
	find_home(target);
	target->workers.worker = (struct worker){
		.service = { .listener = target->listener,
		             .journal = target->drain.journal,
		             .ruleset = target->session.ruleset,
		             .mode = target->session.mode,
		             .policy = generations_present(target->session.policies),
		             .container = &target->container,
		             .init = target->container.init,
		             .freezer = -EBADF, /* the runtime has put it into one of its own */
		             .home = target->has_home ? &target->home : NULL },
		.wake_keeper = target->wake,
		.wake_asker = -EBADF,
		.answers = -EBADF,
		.lifeline = lifeline,
		.stop = target->stop,
	};
	return with_journal(target, workers_start);
}

static int prepare(struct serve_target *target, const struct serve_surroundings *around,
                   const char *bundle)
{
	int result = serve_profile_find(around->places, target->config, &target->container, bundle,
	                                &target->profile);

	if (result == 0)
		result = drain_draw_boot(&target->session);
	if (result < 0)
		return result;
	fill_session(target);
	target->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	target->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (target->wake < 0 || target->stop < 0)
		return err_errno();
	return journal_new(&target->drain.journal);
}

/* What whoever reads the log should know of how this target is decided. */
static void tell_start(struct serve_target *target)
{
	const char *said = target->profile.said;

	drain_start(&target->drain, target->container.pid);
	if (!target->profile.found)
		drain_warn(&target->drain,
		           "no profile is known for it: every call that needs a "
		           "decision is refused with EPERM%s%s",
		           said[0] ? "; " : "", said);
	else if (said[0])
		drain_warn(&target->drain, "%s; profile %s is used", said,
		           target->session.ruleset->profile->name);
}

/* The worker is last: what comes before may fail, and needs no undoing but this. */
static int start(struct serve_target *target, const struct serve_surroundings *around,
                 const char *bundle)
{
	int result = prepare(target, around, bundle);

	if (result == 0)
		result = start_worker(target, around->lifeline);
	if (result < 0)
		return result;
	result = pump_start(&target->pump, around->loop, &target->drain, target->wake);
	if (result < 0) {
		(void)kill(target->workers.pid, SIGKILL);
		return result;
	}
	tell_start(target);
	pump_turn(&target->pump);
	return 0;
}

int serve_target_start(const struct serve_surroundings *around, struct container *container,
                       const char *bundle, int listener, struct serve_target **ret_target)
{
	struct serve_target *target = calloc(1, sizeof(*target));
	int result;

	if (!target) {
		container_deinit(container);
		fd_close(listener);
		return -ENOMEM;
	}
	target->container = *container;
	*container = (struct container){ 0 };
	target->config = serve_config_hold(around->config);
	target->listener = listener;
	target->wake = target->stop = -EBADF;
	target->ended = around->ended;
	target->owner = around->owner;
	target->drain = (struct drain){ .log = around->log, .session = &target->session };
	tally_init(&target->tally);
	result = start(target, around, bundle);
	if (result < 0)
		serve_target_free(target);
	else
		*ret_target = target;
	return result;
}

/* ---- end */

static void stopped(void *owner)
{
	struct serve_target *target = owner;

	target->ended(target, target->owner);
}

void serve_target_end(struct serve_target *target)
{
	if (target->ending)
		return;
	target->ending = true;
	if (target->workers.pid > 0)
		(void)kill(target->workers.pid, SIGKILL);
	target->listener = fd_close(target->listener);
	(void)drain_events(&target->drain, JOURNAL_SLOTS);
	drain_folds(&target->drain);
	drain_summary(&target->drain);
	pump_stop(&target->pump, stopped, target);
}

void serve_target_free(struct serve_target *target)
{
	fd_close(target->listener);
	fd_close(target->wake);
	fd_close(target->stop);
	journal_free(target->drain.journal);
	tally_deinit(&target->tally);
	serve_profile_deinit(&target->profile);
	serve_config_release(target->config);
	container_deinit(&target->container);
	free(target);
}
