/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a rule may match: at most count calls in a window, which begins with the first of them.
 * Past that the rule does not match, and the rules after it are asked.
 *
 * The count of each rule is one word of memory that the caller gives, zero at first. It may be
 * shared by processes, and survives the one that dies.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LIMIT_COUNT_MAX = (1 << 24) - 1,
	LIMIT_SECONDS_MAX = 24 * 60 * 60,
};

struct limit {
	uint32_t count;   /* 1..LIMIT_COUNT_MAX; 0: no limit */
	uint32_t seconds; /* 1..LIMIT_SECONDS_MAX */
};

/* Takes one call out of the window, or says that it is used up. now_ms is of a monotonic clock. */
bool limit_take(const struct limit *limit, _Atomic uint64_t *state, uint64_t now_ms);
