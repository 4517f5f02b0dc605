/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_unwind.h"

const char *stack_unwind_version(void)
{
	return NULL;
}

int stack_unwinder_new(_unused_ struct stack_unwinder **ret_unwinder)
{
	return -ENOSYS;
}

void stack_unwinder_free(_unused_ struct stack_unwinder *unwinder)
{
}

void stack_unwinder_forget(_unused_ struct stack_unwinder *unwinder)
{
}

void stack_unwind(_unused_ struct stack_unwinder *self,
                  _unused_ const struct stack_snapshot *snapshot, _unused_ const int *fds,
                  struct stack *stack)
{
	stack->n_frames = 0;
}
