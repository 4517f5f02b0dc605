/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup of our own, with the target in it, that can be frozen: a leaf below the cgroup that we
 * run in. The unified hierarchy only (cgroups(7)); its freezer is there since Linux 5.2.
 *
 * Whoever writes to it holds its lock, so that nobody thaws what another relies on. The lock is
 * flock(2)'s and falls with its holder: what a dead one left frozen the next one finds.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"

/* Why a host freezes nothing. */
enum freezer_want {
	FREEZER_ABLE,
	FREEZER_WANTS_KILLABLE, /* WAIT_KILLABLE_RECV: before Linux 5.19 */
	FREEZER_WANTS_CGROUP,   /* no unified hierarchy, or none that shows our cgroup */
	FREEZER_WANTS_RIGHTS,   /* we may not make a cgroup below our own */
	FREEZER_WANTS_FREEZE,   /* it cannot be frozen, or one cannot tell that it is */
	FREEZER_WANT_COUNT,
};

/* "no cgroup v2 is mounted" and the like. Static. */
const char *freezer_want_text(enum freezer_want want);

struct freezer {
	int directory; /* of the leaf; open and locked as long as one of us lives */
	int parent;
	char name[NAME_MAX];
};

#define FREEZER_NONE ((struct freezer){ .directory = -EBADF, .parent = -EBADF })

/*
 * Makes a leaf, tries it out with a child of ours, and removes leaves that earlier runs had to
 * leave behind and that are empty by now. FREEZER_ABLE, with *ret_freezer to be released by
 * freezer_deinit(); else what is wanting.
 */
_must_check_ enum freezer_want freezer_init(struct freezer *ret_freezer);

/* Removes the leaf, or leaves it to a later run where processes are still in it. */
void freezer_deinit(struct freezer *freezer);

/* Moves the calling process into the leaf. 0 or -errno. */
_must_check_ int freezer_enter(int directory);

/* ---- one freeze; directory is a leaf's */

struct freeze {
	int directory; /* borrowed */
	int freeze;    /* cgroup.freeze, locked */
	int tasks;     /* cgroup.threads */
	int proc;      /* borrowed: a /proc of our pid namespace */
};

#define FREEZE_NONE ((struct freeze){ .directory = -EBADF, .freeze = -EBADF, .tasks = -EBADF })

/* Takes the lock and begins; waits for whoever holds it. End with freeze_end(). 0 or -errno. */
_must_check_ int freeze_begin(int directory, int proc, struct freeze *ret_freeze);

/* Thaws and gives the lock back. */
void freeze_end(struct freeze *freeze);

/* For a child of the holder: it has no part in the lock. */
void freeze_close(struct freeze *freeze);

/* Thaws what a dead holder left frozen; false where a living one holds the lock. */
_must_check_ bool freezer_thaw_left(int directory);

/*
 * Whether a task waits in a call that nobody lets go on meanwhile, for freeze_others_still(): it is
 * in the kernel, and what it is told there writes nothing to memory.
 */
typedef bool freeze_is_held(const void *context, pid_t tid);

/*
 * Whether every task of the leaf but the caller, which must be in it, has come to rest: frozen at
 * the border to user mode, stopped there, waiting for its vfork child, or held. 1; 0: not yet;
 * -ENOENT: the caller is not in it; -EBUSY: the leaf has cgroups of its own below it.
 */
_must_check_ int freeze_others_still(const struct freeze *freeze, pid_t caller,
                                     freeze_is_held *is_held, const void *context);

/* Whether one task rests, its call behind it: 1, 0, or -ESRCH where it has gone. */
_must_check_ int freeze_task_rests(const struct freeze *freeze, pid_t tid);
