/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack.h"

#include "common/err.h"

static const char *const how_names[STACK_HOW_COUNT] = {
	[STACK_CFI] = "cfi",
	[STACK_FP] = "fp",
	[STACK_SCAN] = "scan",
};

static const char *const missing[STACK_STATUS_COUNT] = {
	[STACK_PENDING] = "not unwound in time",
	[STACK_REPEATED] = "taken at this place before",
	[STACK_FOREIGN] = "not known how for this architecture",
	[STACK_NO_PROC] = "/proc does not show it",
	[STACK_NOWHERE] = "the stack pointer points nowhere",
	[STACK_BUSY] = "too many at once",
	[STACK_NOT_TAKEN] = "the worker was lost while it took it",
	[STACK_CRASHED] = "the unwinder died over it",
	[STACK_LATE] = "not unwound in time",
};

const char *stack_how_name(unsigned how)
{
	return how < STACK_HOW_COUNT ? how_names[how] : "?";
}

const char *stack_missing(unsigned status)
{
	return status < STACK_STATUS_COUNT ? missing[status] : "?";
}
