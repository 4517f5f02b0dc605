/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a notifying variant against its original. Behind profiles/notify_variant.h. */
#pragma once

#include "profiles/plan.h"

/* What the variant does where the original does action. */
struct action notify_action(struct action action);

/* The two, resolved for one host, with the plans of denying in the kernel. */
struct notify_pair {
	const struct ruleset *original;
	const struct ruleset *variant;
	const struct plan *original_plan;
	const struct plan *variant_plan;
};

enum notify_fault {
	NOTIFY_DIFFERS = 1, /* a call is notified that must not be, or the other way round */
	/* libseccomp is not to be trusted with the rules, and was before, or with fewer of them */
	NOTIFY_UNSAFE,
};

/*
 * Checks one number of the ABI at abi_index in both. With kept, a call may also be denied as the
 * original denies it. 0, an enum notify_fault, or -ENOMEM.
 */
_must_check_ int notify_check(const struct notify_pair *pair, size_t abi_index, int nr, bool kept);
