/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for the calls of one syscall that its own rules leave to the default action. A rule cannot
 * say "none of these": conditions on the same argument are alternatives to the runtimes. But the
 * order in which libseccomp tries rules is known (profiles/match_order.h), so a rule that always
 * holds can be made the last. Behind profiles/notify_variant.h.
 */
#pragma once

#include "profiles/ruleset.h"

/* Ways to say it, best first. Which of them is right for a syscall is found by trying. */
enum inverse_kind {
	INVERSE_NONE,   /* its rules leave nothing over */
	INVERSE_POINTS, /* the few values of one argument that no rule holds for */
	INVERSE_FLOOR,  /* the first argument is at least 0: tried after all other conditions */
	INVERSE_HALVES, /* its bit 31 is set, or is not: equalities, which mix with more of them */
	INVERSE_COUNT,
};

enum { INVERSE_MAX = 16 };

/* Each is a rule of its own. */
struct inverse {
	struct comparison rules[INVERSE_MAX];
	unsigned n_rules;
};

/* False where it cannot be said this way. rules are of one ABI. */
bool inverse_make(enum inverse_kind kind, const struct syscall_rules *rules,
                  struct inverse *ret_inverse);
