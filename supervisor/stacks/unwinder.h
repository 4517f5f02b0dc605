/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unwinder: the process that turns snapshots into frames. It reads files that the target made,
 * with a library that was not written for enemies: so it is a process of its own, disposable, that
 * has given up what it does not need, and does not share the journal.
 */
#pragma once

#include "supervisor/stacks/stack_post.h"

struct unwinder {
	struct stack_ring *ring;
	int post;        /* the receiving end */
	int wake_keeper; /* eventfd: written after each stack */
};

/* Its whole life, in a process forked for it. It ends with its parent. */
_Noreturn void unwinder_run(const struct unwinder *self);
