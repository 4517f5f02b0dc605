/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a call can be allowed after a look at the target's memory, which another of its threads may
 * rewrite once the look is over: one row a syscall. What has no row cannot be allowed safely then.
 */
#pragma once

#include <stdbool.h>

#include "policies/condition.h"

enum way {
	WAY_NONE,
	WAY_PERFORM, /* the supervisor makes the call, from its own copy */
	WAY_FREEZE,  /* only the target itself can: its cgroup is frozen for the check */
};

struct way_row {
	const char *syscall;
	enum way way;
	/*
	 * An address in AF_UNIX makes it WAY_FREEZE, for the peer is told who made the call; where
	 * the address is, if address.length or address.message is set.
	 */
	struct operand address;
};

/* NULL where there is no way. */
const struct way_row *way_find(const char *syscall);

/* The rows one after the other, sorted by name; NULL after the last. */
const struct way_row *way_at(unsigned index);
