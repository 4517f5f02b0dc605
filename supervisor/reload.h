/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy is replaced while its target runs. The file is read and checked whole; only then is the
 * worker asked to make room for one that decides by the new policy (workers_replace()). So every
 * call is decided by one policy, and a file that is no policy changes nothing. What came of it is
 * an event on every sink.
 */
#pragma once

#include <uv.h>

#include "supervisor/drain.h"
#include "supervisor/files/file_watch.h"
#include "supervisor/files/policy_file.h"
#include "supervisor/workers.h"

struct reload_options {
	const char *path;                /* of the policy */
	const struct plan *plan;         /* of the filter that is installed in the target */
	struct generations *generations; /* with the policy in use; grows */
};

enum { RELOAD_DIRECTORIES = 2 }; /* of the path as it is named, and of the file it leads to */

struct reload {
	const struct reload_options *options;
	struct workers *workers;
	struct drain *drain;
	struct policy *next; /* owned: read and checked, until a worker decides by it */
	const char *trigger; /* of next, or of what is asked for meanwhile */
	bool again;          /* asked for while next waits */
	struct file_watch watch;
	char *directories[RELOAD_DIRECTORIES]; /* as they are watched, or NULL */
	uv_fs_event_t on_directory[RELOAD_DIRECTORIES];
	uv_timer_t on_rest;
};

/*
 * Makes a policy file usable by run: 0, or -errno with what is wrong in loaded->diags. Also what a
 * first policy is read by, as generation 1.
 */
_must_check_ int reload_read(const char *path, uint32_t generation,
                             struct loaded_policy *ret_loaded);

/*
 * Watches the file from now on. Everything is borrowed and outlives it. 0 or -errno of libuv;
 * directories that cannot be watched are no failure, for reload_now() does without.
 */
_must_check_ int reload_start(struct reload *reload, uv_loop_t *loop);

/* Reads the policy again, whether or not it has changed. trigger says why: "signal". Static. */
void reload_now(struct reload *reload, const char *trigger);

/* Call it whenever a worker may have been started: then the next policy is the one in use. */
void reload_worker_changed(struct reload *reload);

/* Closes its handles: run the loop once after it. */
void reload_stop(struct reload *reload);
