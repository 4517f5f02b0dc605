/* SPDX-License-Identifier: Apache-2.0 */
/* Filters against the meaning of their profile, on points of which no other part knows. */
#pragma once

#include "profiles/plan.h"

struct figures {
	size_t profiles;
	size_t filters;
	size_t points;
	size_t differences;
	size_t factor; /* how many times the usual number of points */
};

/*
 * Compiles the ruleset in every mode of a plan and runs each filter on the boundary points of its
 * rules and on random ones, of every ABI. What differs is printed and counted; a filter that cannot
 * be made counts as a difference.
 */
void compare_filters(const struct ruleset *ruleset, const char *name, struct figures *figures);
