/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies of a run: the one in use, and the last of those that it has replaced, for what was
 * decided by them is told later.
 */
#pragma once

#include "policies/policy.h"

enum { GENERATIONS_KEPT = 16 };

struct generations {
	struct policy
		*policies[GENERATIONS_KEPT]; /* owned; the newest first, NULL after the last */
};

void generations_deinit(struct generations *generations);

/* From now on policy, which it takes over, is the one in use. */
void generations_add(struct generations *generations, struct policy *policy);

/* The one in use; NULL where there is none, or no generations. */
const struct policy *generations_present(const struct generations *generations);

/* The policy of that number; NULL where it is no longer kept, or there was none (0). */
const struct policy *generations_find(const struct generations *generations, uint32_t generation);
