/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a snapshot to frames. Reads files that the target made or may still change: for a process
 * that may crash. One of stack_unwind.c (libdw) and stack_unwind_none.c is built.
 */
#pragma once

#include "supervisor/stacks/stack_ring.h"

/* Of libdw; NULL where this build cannot unwind. */
const char *stack_unwind_version(void);

struct stack_unwinder;

/* -ENOSYS where this build cannot. */
_must_check_ int stack_unwinder_new(struct stack_unwinder **ret_unwinder);
void stack_unwinder_free(struct stack_unwinder *unwinder);

/*
 * What one stack had loaded serves the next of the same process. It holds the target's files open,
 * so that their file systems cannot be unmounted: this lets go of them.
 */
void stack_unwinder_forget(struct stack_unwinder *unwinder);

/*
 * Fills the frames of a stack whose modules have their paths, and their build ids. fds are the
 * modules' files, STACK_MODULES_MAX of them, or negative; borrowed.
 */
void stack_unwind(struct stack_unwinder *self, const struct stack_snapshot *snapshot,
                  const int *fds, struct stack *stack);
