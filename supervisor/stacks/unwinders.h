/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of the unwinder: starts it, watches it, replaces it, and has its results. */
#pragma once

#include "supervisor/journal.h"
#include "supervisor/stacks/stack_take.h"

struct unwinders {
	struct journal *journal; /* borrowed: what the process must not see */
	struct stack_ring *ring;
	struct stack_taker *taker; /* for the worker */
	int post[2];               /* the worker's end, the unwinder's end; both stay open here */
	int wake_keeper;           /* borrowed */
	pid_t pid;                 /* 0 when there is none */
	unsigned fruitless;        /* that died in a row and had unwound nothing */
	uint64_t unwound;          /* stacks collected, ever */
	uint64_t seen;             /* of them, when the present one started */
	struct stack stack;        /* the last one that was collected */
};

/* Everything but the process. Release with unwinders_deinit(), after a failure too. */
_must_check_ int unwinders_init(struct unwinders *unwinders, struct journal *journal,
                                int wake_keeper);
void unwinders_deinit(struct unwinders *unwinders);

_must_check_ int unwinders_start(struct unwinders *unwinders);

/* The child with unwinders->pid has ended: what it worked on is lost, and a successor takes over.
 */
void unwinders_ended(struct unwinders *unwinders);

/* Called now and then: gives up what is overdue, and kills an unwinder that hangs on it. */
void unwinders_watch(struct unwinders *unwinders);

/* Whether a notification's stack is still to come. */
bool unwinders_pending(const struct unwinders *unwinders, const struct notification *notification);

/*
 * The notification's stack or why there is none, until the next call; its slot is free again. One
 * that is still to come is told as late, and its slot stays as it is: for the end.
 */
const struct stack *unwinders_collect(struct unwinders *unwinders,
                                      const struct notification *notification);
