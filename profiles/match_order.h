/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which libseccomp's filter tries the rules of one syscall, and which rules it drops
 * or refuses. Behind profiles/ruleset.h; not for others.
 */
#pragma once

#include "profiles/ruleset.h"

enum match_outcome {
	MATCH_CONFLICT = 1, /* the same condition stands there with another action */
};

/*
 * Adds a match to the rules of one syscall, where libseccomp would put it. One that is hidden by
 * an existing wider match is dropped. 0, MATCH_CONFLICT and *ret_other (the rule it collides
 * with), or -ENOMEM.
 */
_must_check_ int syscall_rules_add(struct syscall_rules *rules, const struct match *match,
                                   bool abi_is_32_bit, const struct rule **ret_other);

/*
 * Brings conditions into libseccomp's form for an ABI: in the order of the arguments, without those
 * that always hold, values masked. match->args must hold at most one condition an argument.
 */
void match_normalize(struct match *match, bool abi_is_32_bit);
