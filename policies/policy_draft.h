/* SPDX-License-Identifier: Apache-2.0 */
/* A condition while it is read: what policy_operands.c and policy_conditions.c share. */
#pragma once

#include "policies/policy_reader.h"

struct condition_nodes {
	const cJSON *arg, *index, *field, *op, *value, *value_two;
};

/* One condition while it is read for one binding. */
struct draft {
	struct policy_reader *reader;
	const struct binding *binding;
	const cJSON *node; /* where to complain if there is no better place */
	struct condition_nodes nodes;
	struct argument argument; /* the one that it is about; its name is never NULL */
	struct condition *condition;
};

#define draft_error(draft, node, id, ...) policy_error((draft)->reader, node, id, __VA_ARGS__)

/* Finds the argument, or the member of a struct, that the condition is about; false with an error.
 */
bool policy_find_operand(struct draft *draft);
