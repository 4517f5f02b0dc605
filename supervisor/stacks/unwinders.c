/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/unwinders.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/stacks/unwinder.h"

enum {
	MAX_FRUITLESS = 100,
	REAP_TRIES = 5000, /* half a second */
};

int unwinders_init(struct unwinders *unwinders, struct journal *journal, int wake_keeper)
{
	int result;

	*unwinders = (struct unwinders){ .journal = journal,
		                         .post = { -EBADF, -EBADF },
		                         .wake_keeper = wake_keeper };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, unwinders->post) < 0)
		return err_errno();
	result = stack_ring_new(&unwinders->ring);
	if (result < 0)
		return result;
	return stack_taker_new(unwinders->ring, unwinders->post[0], &unwinders->taker);
}

static void end_process(struct unwinders *unwinders)
{
	if (unwinders->pid <= 0)
		return;
	(void)kill(unwinders->pid, SIGKILL);
	unwinders->pid = 0;
}

/* One that hangs in the kernel is not waited for much longer than others take to die. */
static void end_and_reap(struct unwinders *unwinders)
{
	const struct timespec moment = { .tv_nsec = 100000 };
	pid_t pid = unwinders->pid;

	end_process(unwinders);
	for (int tried = 0; pid > 0 && tried < REAP_TRIES; tried++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		nanosleep(&moment, NULL);
	}
}

void unwinders_deinit(struct unwinders *unwinders)
{
	end_and_reap(unwinders);
	unwinders->post[0] = fd_close(unwinders->post[0]);
	unwinders->post[1] = fd_close(unwinders->post[1]);
	stack_taker_free(unwinders->taker);
	unwinders->taker = NULL;
	stack_ring_free(unwinders->ring);
	unwinders->ring = NULL;
}

int unwinders_start(struct unwinders *unwinders)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_errno();
	if (pid == 0) {
		journal_free(unwinders->journal);
		unwinder_run(&(struct unwinder){ .ring = unwinders->ring,
		                                 .post = unwinders->post[1],
		                                 .wake_keeper = unwinders->wake_keeper });
	}
	unwinders->pid = pid;
	unwinders->seen = unwinders->unwound;
	return 0;
}

/* Without one stacks are overdue, one after the other, and say so; the watch tries again. */
static void restart(struct unwinders *unwinders)
{
	if (unwinders->fruitless < MAX_FRUITLESS && unwinders_start(unwinders) < 0)
		unwinders->pid = 0;
}

void unwinders_ended(struct unwinders *unwinders)
{
	unwinders->pid = 0;
	(void)stack_ring_end(unwinders->ring, STACK_SLOT_UNWINDING, STACK_CRASHED);
	unwinders->fruitless = unwinders->unwound == unwinders->seen ? unwinders->fruitless + 1 : 0;
	restart(unwinders);
}

/*
 * A process that was sent SIGKILL runs no instruction more, or as good as none, so its slot can be
 * used again at once. One that hangs in the kernel, on a file that no server serves, may stay.
 */
void unwinders_watch(struct unwinders *unwinders)
{
	if (unwinders->pid == 0)
		restart(unwinders);
	for (int i = 0; i < STACK_SLOTS; i++) {
		struct stack_slot *slot = &unwinders->ring->slots[i];

		if (!stack_slot_overdue(slot))
			continue;
		if (atomic_load(&slot->state) == STACK_SLOT_UNWINDING && unwinders->pid > 0) {
			end_process(unwinders);
			restart(unwinders);
		}
		if (stack_slot_move(slot, STACK_SLOT_WAITING, STACK_SLOT_DONE) ||
		    stack_slot_move(slot, STACK_SLOT_UNWINDING, STACK_SLOT_DONE))
			slot->stack.status = STACK_LATE;
	}
}

bool unwinders_pending(const struct unwinders *unwinders, const struct notification *notification)
{
	return notification->stack_status == STACK_PENDING &&
	       stack_slot_pending(&unwinders->ring->slots[notification->stack_slot]);
}

const struct stack *unwinders_collect(struct unwinders *unwinders,
                                      const struct notification *notification)
{
	struct stack *stack = &unwinders->stack;

	stack->n_frames = stack->n_modules = 0;
	stack->status = notification->stack_status;
	if (unwinders_pending(unwinders, notification))
		stack->status = STACK_LATE;
	else if (stack->status == STACK_PENDING)
		stack_slot_collect(&unwinders->ring->slots[notification->stack_slot], stack);
	if (stack->status == STACK_UNWOUND)
		unwinders->unwound++;
	return stack;
}
