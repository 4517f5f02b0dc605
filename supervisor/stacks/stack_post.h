/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the worker to the unwinder: which slot waits, and its modules' files as descriptors, for
 * shared memory cannot carry those and the target may be gone before it is unwound. Over a
 * SOCK_SEQPACKET pair: one message a slot.
 */
#pragma once

#include "supervisor/stacks/stack_ring.h"

struct stack_parcel {
	uint8_t slot;
	uint32_t ticket;            /* of the slot; one that has another by now was given up */
	int fds[STACK_MODULES_MAX]; /* by module; -EBADF where the file could not be opened */
};

void stack_parcel_init(struct stack_parcel *parcel);
void stack_parcel_deinit(struct stack_parcel *parcel);

/* Never blocks; the descriptors stay the caller's. 0 or -errno (-EAGAIN where the socket is full).
 */
_must_check_ int stack_post_send(int socket, const struct stack_parcel *parcel);

/* Whether there is one to receive. */
bool stack_post_waits(int socket);

/* Waits for one. -EPIPE where no sender is left, -EPROTO for what is no parcel. */
_must_check_ int stack_post_receive(int socket, struct stack_parcel *ret_parcel);
