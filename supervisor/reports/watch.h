/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as they are watched: folded into kinds, which are calls of one name by one program with
 * one verdict that show alike. Bounded, for whoever wrote the events chooses what there is to fold.
 */
#pragma once

#include <uthash.h>

#include "supervisor/events/event_line.h"
#include "supervisor/events/event_read.h"

enum {
	WATCH_KINDS_MAX = 1024, /* more are counted, and not shown */
};

struct watch_kind {
	char *key;
	UT_hash_handle hh;
	struct verdict verdict; /* its kind, error and value */
	uint64_t id;            /* the number of its first event, as the terminal of run shows it */
	uint64_t first_ns, last_ns; /* CLOCK_REALTIME, of the events themselves */
	uint64_t count;
	uint64_t counted;          /* by the last watch_rates() */
	double rate;               /* calls a second between the last two watch_rates() */
	bool changed;              /* since it was last drawn; the drawer's */
	struct event_record first; /* owned: what the texts are made of */
};

struct watch {
	struct watch_kind *kinds; /* in the order of their first events, by hh.next */
	size_t n_kinds;
	uint64_t calls;
	uint64_t calls_without_kind; /* past WATCH_KINDS_MAX, and those of folds */
};

void watch_deinit(struct watch *watch);

/*
 * Folds one event in. Takes the record, which is emptied. *ret_kind is NULL for what has no kind:
 * an event that is no call, a fold, or a kind too many. 0 or -ENOMEM.
 */
_must_check_ int watch_add(struct watch *watch, struct event_record *record,
                           struct watch_kind **ret_kind);

/* Computes the rates anew, for the time since it was last called. */
void watch_rates(struct watch *watch, double seconds);

/* The line of a kind as it stands, without ×N where times is 1. */
void watch_line(struct text *text, const struct text_style *style, const struct watch_kind *kind,
                uint64_t times);

/* The line of one event, not folded; false where it is none of a call. */
bool watch_event_line(struct text *text, const struct text_style *style,
                      const struct event_record *record);

/* Parts of the line, harmless on a terminal: "bwrap[4242]", "-1 EPERM", "default (no rule)". */
void watch_who(struct text *text, const struct watch_kind *kind);
void watch_call(struct text *text, const struct watch_kind *kind);
void watch_why(struct text *text, const struct watch_kind *kind);

/* "3 kinds, 41 calls"; and what could not be told apart. */
void watch_totals(struct text *text, const struct watch *watch);
