/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every syscall of an ABI, the ones that no rule names too, and what a plan makes of each: for what
 * is shown. A decision that hangs on arguments is given as its rules and what happens else.
 */
#pragma once

#include "profiles/plan.h"

enum { SYSCALL_NAME_MAX = 48 };

struct inventory_row {
	int nr;
	char name[SYSCALL_NAME_MAX]; /* "syscall_N" for a rule on a number without a name */
	enum plan_place place;
	enum plan_why why;
	const struct syscall_rules *rules; /* where arguments decide; else NULL */
	/* The profile's action; where arguments decide, of calls that none of the rules takes. */
	struct action action;
	enum decided_by by;
	const struct rule *rule; /* of DECIDED_BY_RULE */
};

struct inventory {
	const struct abi *abi;
	struct inventory_row *rows; /* sorted by nr */
	size_t n_rows;
};

/* Of plan->abis[index]. Borrows from the plan. */
_must_check_ int inventory_build(const struct plan *plan, size_t index,
                                 struct inventory *ret_inventory);
void inventory_deinit(struct inventory *inventory);

/* The row of a name, or NULL. */
const struct inventory_row *inventory_find(const struct inventory *inventory, const char *name);

/* How many of the profile's rules count on the ruleset's host. */
size_t ruleset_rules_counting(const struct ruleset *ruleset);
