/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for arguments and members alike, and all rows one after the other. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/arguments/signature_operations.h"

enum { SET_MAX = 1024 }; /* rows of a set; more means that it lacks its end */

static inline bool is_size(enum argument_type type)
{
	return type == ARGUMENT_SIZE || type == ARGUMENT_UINT || type == ARGUMENT_INT;
}

static inline bool needs_length(enum argument_type type)
{
	const struct layout *layout = signature_layout(type);

	return layout && (layout->extent == LAYOUT_SIZED || layout->extent == LAYOUT_COUNTED);
}

/* A negative int made 64 bits wide would never be found again among flags. */
static inline bool is_value(const struct argument *argument, const struct constant *row)
{
	if (argument->type == ARGUMENT_ENUM64 || argument->type == ARGUMENT_SIZE ||
	    argument->type == ARGUMENT_ADDRESS)
		return true;
	if (argument->type == ARGUMENT_ENUM || argument->type == ARGUMENT_HEX ||
	    argument->type == ARGUMENT_FD || argument->type == ARGUMENT_INT)
		return row->value <= UINT32_MAX || (int64_t)row->value == (int32_t)row->value;
	return row->value >> 32 != UINT32_MAX && (!row->mask || !(row->value & ~row->mask));
}

/* Whether the earlier row takes away what the later one would be recognised by. */
static inline bool hides(const struct argument *argument, const struct constant *earlier,
                         const struct constant *later)
{
	if (earlier->mask || later->mask)
		return earlier->mask == later->mask && earlier->value == later->value;
	if (argument->type == ARGUMENT_FLAGS || argument->type == ARGUMENT_FLAGS64)
		return earlier->value == 0 || (later->value & earlier->value) == earlier->value;
	return earlier->value == later->value;
}

static inline void check_constants(const char *name, const struct argument *argument)
{
	const struct constant *set = argument->constants;
	size_t count = 0;

	while (set[count].name)
		assert_true(++count < SET_MAX);
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		if (!is_value(argument, &set[i]))
			fail_msg("%s: the value of %s", name, set[i].name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(set[i].name, set[k].name) == 0 ||
			    hides(argument, &set[k], &set[i]))
				fail_msg("%s: %s hides %s", name, set[k].name, set[i].name);
	}
}

/* Every row there is: those of the syscalls, and those of their operations. */
static inline void each_row(void (*check)(const char *name, const struct argument args[6]))
{
	const struct signature *row;
	const struct operation_set *set;

	for (size_t i = 0; (row = signature_at(i)); i++)
		check(row->name, row->args);
	for (size_t i = 0; (set = operation_set_at(i)); i++)
		for (size_t k = 0; k < *set->count; k++)
			check(set->name, set->rows[k].args);
}
