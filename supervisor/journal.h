/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that a target's worker and the keeper share: a ring of notifications. The worker
 * receives into the ring, so it is a journal of what is not answered yet, and leaves what deserves
 * an event there, so it is the queue of events too. One worker at a time, one keeper.
 *
 * When the keeper is slow and the ring is full, the worker goes on with one spare slot and counts
 * what it answers in the folds, exactly. Nothing here ever makes a target wait for a reader.
 */
#pragma once

#include <stdatomic.h>

#include "supervisor/asking/asked.h"

enum {
	JOURNAL_SLOTS = 4096, /* a power of two; 13 MB */
	JOURNAL_FOLDS =
		512, /* kinds of calls counted while the ring is full; one more for the rest */
	PERFORMERS_MAX = 128, /* calls that can be under way at one time */
};

/* How many calls of one kind found no room in the ring. */
struct journal_fold {
	_Atomic uint64_t key; /* 0: unused; see journal.c */
	_Atomic uint64_t count;
	uint32_t arch; /* SCMP_ARCH_*; 0 for the rest, whose kinds are not told apart */
	int nr;
	struct verdict verdict;
};

struct journal {
	/* The policy's limits: how often its rules have matched, for every worker of the target. */
	_Atomic uint64_t limits[POLICY_LIMITS_MAX];
	_Atomic uint64_t produced;  /* slots the worker has finished, ever */
	_Atomic uint64_t consumed;  /* slots the keeper has freed, ever */
	_Atomic uint64_t received;  /* notifications received, ever */
	_Atomic uint64_t allowed;   /* of them, answered by CONTINUE without an event */
	_Atomic uint64_t folded;    /* changes whenever a fold was counted */
	_Atomic bool busy;          /* from before RECV until the call is answered and recorded */
	_Atomic bool keeper_sleeps; /* the keeper wants to be woken by its eventfd */
	struct journal_fold folds[JOURNAL_FOLDS + 1];
	struct notification spare;
	struct notification performing[PERFORMERS_MAX]; /* one for each performer */
	struct asking asking;
	struct notification ring[JOURNAL_SLOTS];
};

/* Maps a journal that children share. */
_must_check_ int journal_new(struct journal **ret_journal);
void journal_free(struct journal *journal);

/* Whether children forked from now on share it; at first they do. */
void journal_share(struct journal *journal, bool shared);

/* Worker: the slot to receive into: the ring's next, or the spare one. */
struct notification *journal_slot(struct journal *journal);

/*
 * Worker: done with an answered or gone slot. With an event to tell, a slot of the ring stays for
 * the keeper and the spare one is folded; without, the slot is free again.
 */
void journal_finish(struct journal *journal, struct notification *notification, bool event);

/*
 * Successor: the slot that the dead worker may have left in the middle, or NULL. Slots that it had
 * finished but not yet counted are put right on the way.
 */
struct notification *journal_unfinished(struct journal *journal);

/* Keeper: the oldest finished slot, or NULL; then journal_consume() frees it. */
struct notification *journal_oldest(struct journal *journal);
void journal_consume(struct journal *journal);

/* Keeper: takes the next fold with a count and zeroes it; false when there is none. */
struct journal_fold_taken {
	uint32_t arch;
	int nr;
	struct verdict verdict;
	uint64_t count;
};
bool journal_take_fold(struct journal *journal, struct journal_fold_taken *ret_fold);
