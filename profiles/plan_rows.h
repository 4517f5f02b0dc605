/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler and the planner share about rows. Behind profiles/plan.h; not for others. */
#pragma once

#include "profiles/plan.h"

/* What the filter does where the profile says action. */
struct action plan_action(const struct plan_options *options, struct action action);

/* The filter's default action. */
struct action plan_default(const struct plan *plan);

/* SECCOMP_RET_* with its data. */
uint32_t plan_return(struct action action);

/* Whether a match goes into a filter: not where it does as the filter's default does. */
bool plan_compiles(const struct plan *plan, const struct match *match);

/* The row of a call's number, or NULL. */
struct plan_row *plan_row_of(const struct plan *plan, const struct seccomp_data *call);

/* Gives a row to the supervisor because its filter code cannot be trusted. */
void plan_distrust(struct plan_row *row);

/* Call it after rows were distrusted: moves the rows that depend on them. */
void plan_settle(struct plan *plan);
