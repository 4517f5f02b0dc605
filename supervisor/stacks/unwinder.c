/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/unwinder.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "supervisor/stacks/confine.h"
#include "supervisor/helper.h"
#include "supervisor/stacks/stack_unwind.h"

static void unwind(const struct unwinder *self, struct stack_unwinder *unwinder,
                   const struct stack_parcel *parcel)
{
	struct stack_slot *slot = &self->ring->slots[parcel->slot];

	if (!stack_slot_move(slot, STACK_SLOT_WAITING, STACK_SLOT_UNWINDING))
		return;                       /* the keeper would not wait any more */
	if (slot->ticket != parcel->ticket) { /* nor then, and it is another stack's by now */
		(void)stack_slot_move(slot, STACK_SLOT_UNWINDING, STACK_SLOT_WAITING);
		return;
	}
	stack_unwind(unwinder, &slot->snapshot, parcel->fds, &slot->stack);
	slot->stack.status = STACK_UNWOUND;
	(void)stack_slot_move(slot, STACK_SLOT_UNWINDING, STACK_SLOT_DONE);
	(void)eventfd_write(self->wake_keeper, 1);
}

static void serve(const struct unwinder *self, struct stack_unwinder *unwinder)
{
	struct stack_parcel parcel;
	int result;

	while ((result = stack_post_receive(self->post, &parcel)) == 0 || result == -EPROTO) {
		if (result == 0)
			unwind(self, unwinder, &parcel);
		stack_parcel_deinit(&parcel);
		if (!stack_post_waits(self->post))
			stack_unwinder_forget(unwinder);
	}
}

void unwinder_run(const struct unwinder *self)
{
	const int keep[] = { self->post, self->wake_keeper };
	pid_t keeper = getppid();
	struct stack_unwinder *unwinder;

	if (helper_detach("callgate-unwind", keep, ARRAY_SIZE(keep)) < 0 || confine() < 0 ||
	    stack_unwinder_new(&unwinder) < 0)
		_exit(1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* only now: a change of user undoes it */
	if (getppid() == keeper)
		serve(self, unwinder);
	_exit(0);
}
