/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots of stacks, while their calls wait. Worker only.
 *
 * Taking one costs the target some tens of microseconds, so at one place (the call, and the return
 * addresses nearest to it) it is done a few times only. Nothing here can fail the call: where there
 * is no stack, the notification says why.
 */
#pragma once

#include "supervisor/notification.h"
#include "supervisor/stacks/stack_post.h"

enum { STACK_TIMES_A_PLACE = 4 };

struct stack_taker;

/* Both are borrowed: the ring, and the socket to the unwinder. */
_must_check_ int stack_taker_new(struct stack_ring *ring, int post, struct stack_taker **ret_taker);
void stack_taker_free(struct stack_taker *taker);

int stack_taker_post(const struct stack_taker *taker);

/* A worker has started: a snapshot that is still being taken was its predecessor's, who died. */
void stack_taker_recover(struct stack_taker *taker);

/*
 * Takes the caller's stack, while it waits. Afterwards the id must be checked: only if it is still
 * valid was it the caller's.
 */
void stack_take(struct stack_taker *taker, struct notification *notification);

/* After the answer: gives the snapshot to the unwinder, or drops it where nobody will be told. */
void stack_give(struct stack_taker *taker, struct notification *notification, bool event);
