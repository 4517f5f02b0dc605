/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where two profiles, resolved for one host, decide calls differently. Calls that their arguments
 * decide are compared on the boundary values of both profiles' rules.
 */
#pragma once

#include "profiles/inventory.h"

enum {
	DIFF_EXAMPLES_MAX = 4, /* of one syscall, each with another change */
};

/* One call, or all calls of one number or of several, that is decided otherwise. */
struct difference {
	uint32_t arch;               /* SCMP_ARCH_*; 0: the ABIs that neither profile covers */
	bool whole_abi;              /* its calls as a whole, since not both profiles cover it */
	int nr, last_nr;             /* last_nr > nr: a range of numbers that have no names */
	char name[SYSCALL_NAME_MAX]; /* "" for numbers without a name */
	unsigned args_mask; /* bit N: argument N matters, and args[N] is an example; 0: all calls */
	uint64_t args[6];
	struct action from, to;
	enum decided_by from_by, to_by;
	const struct rule *from_rule, *to_rule; /* of DECIDED_BY_RULE */
};

struct profile_diff {
	struct difference *list; /* by ABI, the native one first, and number */
	size_t n;
	size_t size; /* of the memory */
};

/* Both rulesets are for the same host, and outlive the result. An empty list: they are the same. */
_must_check_ int profile_diff_build(const struct ruleset *from, const struct ruleset *to,
                                    struct profile_diff **ret_diff);
void profile_diff_free(struct profile_diff *diff);
DEFINE_CLEANUP(struct profile_diff *, profile_diff_free)
