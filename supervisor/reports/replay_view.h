/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A logged call as rules see it: the caller and the memory are what the event tells of them. What
 * it does not tell is a gap, and whoever decides by it must take the verdict for none.
 */
#pragma once

#include <limits.h>
#include <sys/socket.h>

#include "policies/view.h"
#include "supervisor/events/event_read.h"

/* Why a rule could not be put to an event. */
enum replay_gap {
	REPLAY_NO_GAP,
	REPLAY_CUT,          /* the log has less of it than the call had */
	REPLAY_UNREADABLE,   /* nor could be read when the call was made, or it was not decoded */
	REPLAY_UNRESOLVED,   /* a path that depends on where it was resolved */
	REPLAY_STRUCT,       /* a member of a struct, of which the log has no copy */
	REPLAY_NO_CALLER,    /* who called is not told, or not all of it */
	REPLAY_NO_ARGUMENTS, /* a fold, or raw arguments that are none */
	REPLAY_GAP_COUNT,
};

/* For people, and as a key: "cut short in the log", "cut". */
const char *replay_gap_words(enum replay_gap gap);
const char *replay_gap_name(enum replay_gap gap);

struct replay_view {
	struct view view; /* first, for the reader's functions */
	const struct event_record *event;
	pid_t init;          /* the first process of the target; 0: nobody knows */
	enum replay_gap gap; /* the first that a rule came upon */
	bool as_written;     /* a path was taken as it was written, with no link followed */
	struct view_caller caller;
	struct sockaddr_storage address;
	char path[PATH_MAX];
};

/* Everything is borrowed. */
void replay_view_init(struct replay_view *replay_view, const struct event_record *event,
                      pid_t init);
