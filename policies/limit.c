/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/limit.h"

/* A state is the window's start, 40 bits of milliseconds plus one, over 24 bits of count. */
enum { COUNT_BITS = 24 };

#define START_MASK ((UINT64_C(1) << 40) - 1)

bool limit_take(const struct limit *limit, _Atomic uint64_t *state, uint64_t now_ms)
{
	uint64_t old = atomic_load(state), now = (now_ms + 1) & START_MASK, taken;

	do {
		uint64_t start = old >> COUNT_BITS, count = old & LIMIT_COUNT_MAX;
		bool running = start != 0 &&
		               ((now - start) & START_MASK) < (uint64_t)limit->seconds * 1000;

		if (running && count >= limit->count)
			return false;
		taken = running ? old + 1 : now << COUNT_BITS | 1;
	} while (!atomic_compare_exchange_weak(state, &old, taken));
	return true;
}
