/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's listener, as the keeper of many has it: its journal, its worker, its events. It
 * lives until its last process has exited, or until serve_target_end().
 */
#pragma once

#include <uv.h>

#include "supervisor/performing/identity.h"
#include "supervisor/pump.h"
#include "supervisor/containers/serve_profile.h"
#include "supervisor/events/tally.h"
#include "supervisor/workers.h"

struct serve_target {
	struct container container;
	struct serve_config *config; /* held: policy and profile are its own */
	struct serve_profile profile;
	struct session session;
	struct tally tally;
	struct drain drain;
	struct pump pump;
	struct workers workers;
	struct identity home; /* of the process that the listener came for */
	bool has_home; /* false: crun does not say of its exec which that is, or it has gone */
	int listener;
	int wake; /* eventfd, written by the worker */
	int stop; /* eventfd, read by the worker */
	bool ending;
	void (*ended)(struct serve_target *target, void *owner);
	void *owner;
	struct serve_target *next; /* in the owner's list */
};

/* What all targets of a keeper share. Borrowed. */
struct serve_surroundings {
	uv_loop_t *loop;
	struct log *log;
	const struct serve_places *places;
	struct serve_config *config;
	int lifeline; /* read end of a pipe whose other end only the keeper holds */
	/* Called once, from the loop, when nothing is left of a target but its memory. */
	void (*ended)(struct serve_target *target, void *owner);
	void *owner;
};

/*
 * Starts to serve a listener. Takes container and listener, after a failure (-errno) too. bundle as
 * serve_profile_find() has it; container->bundle is as the runtime said.
 */
_must_check_ int serve_target_start(const struct serve_surroundings *around,
                                    struct container *container, const char *bundle, int listener,
                                    struct serve_target **ret_target);

/* Every WORKERS_WATCH_MS. */
void serve_target_watch(struct serve_target *target);

/* A child of ours has ended: true where it was this target's worker. */
bool serve_target_reap(struct serve_target *target, pid_t pid, int wait_status);

/*
 * Stops serving: kills the worker, tells what is left to tell and the totals, and lets go of the
 * listener, so that the kernel answers ENOSYS from now on. ended() follows.
 */
void serve_target_end(struct serve_target *target);

/* Of a target that has ended. */
void serve_target_free(struct serve_target *target);
