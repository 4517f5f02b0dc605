/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a watched file has changed and is at rest. What tells of a change (inotify on directories)
 * says little of what it came to: a file is written in pieces, replaced by a rename, or reached by
 * a link that is swapped, as Kubernetes does. So the file that is found at the path is looked at
 * again, a moment after whatever happened, until two looks see the same.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "common/err.h"

enum { FILE_WATCH_REST_MS = 200 }; /* between two looks */

/* What tells one state of a file from another without reading it. */
struct file_state {
	dev_t device;
	ino_t inode;
	off_t size; /* -1: there is no file, or it cannot be looked at */
	struct timespec modified, changed;
};

struct file_watch {
	struct file_state known; /* as it was last reported */
	struct file_state seen;  /* at the last look */
};

/* Of the file that is found at the path now, links followed. */
struct file_state file_state_of(const char *path);

/*
 * Nothing is known: once the file is at rest it has changed, for it may have since it was first
 * read.
 */
void file_watch_init(struct file_watch *watch);

enum file_watch_verdict {
	FILE_WATCH_SAME,    /* there is nothing to do until something happens */
	FILE_WATCH_AGAIN,   /* it is on the move: look again after FILE_WATCH_REST_MS */
	FILE_WATCH_CHANGED, /* read it now; it is known from here on */
};

/* A look, FILE_WATCH_REST_MS after something happened or after the look before. */
enum file_watch_verdict file_watch_look(struct file_watch *watch, const struct file_state *state);
