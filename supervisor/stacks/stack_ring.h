/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots of stacks, in memory that the worker, the unwinder and the keeper share. A slot is the
 * worker's until it gives it to the unwinder, the unwinder's until it is done, and then the
 * keeper's, who frees it. Nobody waits for anybody: where no slot is free there is no stack.
 *
 * The unwinder reads hostile files, so what it leaves is read as if they had written it: the
 * keeper copies it, and keeps to the bounds.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"
#include "supervisor/stacks/stack.h"

enum {
	STACK_SLOTS = 64, /* of 130 KB each, of which a snapshot touches what it needs */
	STACK_BYTES_MAX = 64 << 10,
	STACK_RANGES_MAX = 1024,
	STACK_PLACES = 4096, /* a power of two */
	STACK_DEADLINE_MS = 2000,
};

/* Executable memory; sorted by address. */
struct stack_range {
	uint64_t low;
	uint64_t high;
	uint64_t offset; /* of low in the module's file */
	uint8_t module;  /* or STACK_NO_MODULE */
};

/* What is left of a thread when its call has been answered. */
struct stack_snapshot {
	uint64_t sp;
	uint64_t pc;
	uint32_t size; /* of bytes, from sp upwards */
	uint32_t n_ranges;
	uint64_t bases[STACK_MODULES_MAX]; /* where each module's file begins in memory */
	struct stack_range ranges[STACK_RANGES_MAX];
	unsigned char bytes[STACK_BYTES_MAX];
};

enum stack_slot_state {
	STACK_SLOT_FREE,
	STACK_SLOT_TAKING,    /* the worker fills the snapshot */
	STACK_SLOT_WAITING,   /* for the unwinder */
	STACK_SLOT_UNWINDING, /* the unwinder fills the frames */
	STACK_SLOT_DONE,      /* the keeper may read slot->stack */
};

struct stack_slot {
	_Atomic uint32_t state;    /* enum stack_slot_state */
	_Atomic uint64_t since_ns; /* CLOCK_MONOTONIC, when it began to wait or to be unwound */
	uint32_t ticket;           /* another one each time that it is taken */
	struct stack_snapshot snapshot;
	struct stack stack;
};

struct stack_ring {
	_Atomic uint32_t abandoned;           /* snapshots over which a worker died */
	_Atomic uint32_t looks;               /* how many are left; STACK_LOOKS_ALL never ends */
	_Atomic uint8_t places[STACK_PLACES]; /* how many were taken, by a hash of where */
	struct stack_slot slots[STACK_SLOTS];
};

#define STACK_LOOKS_ALL UINT32_MAX

/* Maps a ring that children share, with STACK_LOOKS_ALL. */
_must_check_ int stack_ring_new(struct stack_ring **ret_ring);
void stack_ring_free(struct stack_ring *ring);

uint64_t stack_ring_now_ns(void);

/* Worker: a free slot, now in STACK_SLOT_TAKING, or -EAGAIN. Its snapshot and stack are empty. */
_must_check_ int stack_ring_take(struct stack_ring *ring);

/* Moves a slot on, unless somebody else has. */
bool stack_slot_move(struct stack_slot *slot, enum stack_slot_state from, enum stack_slot_state to);

/* Ends the slots in a state with a status, and says how many. For when who worked on them is gone.
 */
unsigned stack_ring_end(struct stack_ring *ring, enum stack_slot_state state,
                        enum stack_status status);

/* Whether a slot waits, or is being unwound, for longer than STACK_DEADLINE_MS. */
bool stack_slot_overdue(const struct stack_slot *slot);

/* Keeper: whether the slot is still to be unwound. */
bool stack_slot_pending(const struct stack_slot *slot);

/* Keeper: a copy of what the slot has, within bounds whatever the unwinder wrote; frees it. */
void stack_slot_collect(struct stack_slot *slot, struct stack *ret_stack);

/* The range that an address is in, or NULL; ranges are sorted and do not overlap. */
const struct stack_range *stack_range_find(const struct stack_range *ranges, size_t count,
                                           uint64_t address);

/* An address's executable range, or NULL. */
const struct stack_range *stack_snapshot_range(const struct stack_snapshot *snapshot,
                                               uint64_t address);

/* The word at an address of the stack; false outside of what was copied. */
bool stack_snapshot_word(const struct stack_snapshot *snapshot, uint64_t address,
                         uint64_t *ret_word);
