/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/unwinders.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/stacks/stack_unwind.h"
#include "tests/support/stack_child.h"

static struct unwinders unwinders;
static struct journal *journal;
static struct notification notification;
static pid_t child;

static int setup(void **state)
{
	int wake = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(journal_new(&journal), 0);
	assert_int_equal(unwinders_init(&unwinders, journal, wake), 0);
	child = stack_child_start(false);
	stack_child_notification(child, &notification);
	stack_take(unwinders.taker, &notification);
	assert_int_equal(notification.stack_status, STACK_PENDING);
	stack_give(unwinders.taker, &notification, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stack_child_end(child);
	unwinders_deinit(&unwinders);
	fd_close(unwinders.wake_keeper);
	journal_free(journal);
	return 0;
}

static struct stack_slot *slot(void)
{
	return &unwinders.ring->slots[notification.stack_slot];
}

static bool names(const struct stack *stack, const char *symbol)
{
	for (unsigned i = 0; i < stack->n_frames; i++)
		if (stack->frames[i].symbol_length == strlen(symbol) &&
		    memcmp(stack->frames[i].symbol, symbol, strlen(symbol)) == 0)
			return true;
	return false;
}

static void wait_for_result(void)
{
	eventfd_t count;

	assert_int_equal(eventfd_read(unwinders.wake_keeper, &count), 0);
}

/* The process has no capability, no files and no user; what it needs was sent to it. */
static void test_unwinds(void **state)
{
	const struct stack *stack;

	(void)state;
	assert_true(unwinders_pending(&unwinders, &notification));
	assert_int_equal(unwinders_start(&unwinders), 0);
	wait_for_result();
	assert_false(unwinders_pending(&unwinders, &notification));
	stack = unwinders_collect(&unwinders, &notification);
	assert_int_equal(stack->status, STACK_UNWOUND);
	assert_true(names(stack, "stack_child_waits_here"));
	assert_int_equal(atomic_load(&slot()->state), STACK_SLOT_FREE);
}

/* The process may be long gone. */
static void test_unwinds_the_dead(void **state)
{
	(void)state;
	stack_child_end(child);
	assert_int_equal(unwinders_start(&unwinders), 0);
	wait_for_result();
	assert_true(names(unwinders_collect(&unwinders, &notification), "stack_child_waits_here"));
	child = stack_child_start(false);
}

/* One that dies over a stack costs that stack; the next one has a new process. */
static void test_crash(void **state)
{
	pid_t dead;

	(void)state;
	assert_int_equal(unwinders_start(&unwinders), 0);
	wait_for_result();
	dead = unwinders.pid;
	kill(dead, SIGKILL);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	atomic_store(&slot()->state, STACK_SLOT_UNWINDING); /* as if it had been at it */
	unwinders_ended(&unwinders);
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_CRASHED);
	assert_true(unwinders.pid > 0 && unwinders.pid != dead);
	stack_take(unwinders.taker, &notification);
	stack_give(unwinders.taker, &notification, true);
	wait_for_result();
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_UNWOUND);
}

/* One that hangs is killed when the time of its stack is over. */
static void test_hang(void **state)
{
	siginfo_t ended;
	pid_t hung;

	(void)state;
	assert_int_equal(unwinders_start(&unwinders), 0);
	wait_for_result();
	hung = unwinders.pid;
	kill(hung, SIGSTOP);
	atomic_store(&slot()->state, STACK_SLOT_UNWINDING);
	unwinders_watch(&unwinders);
	assert_int_equal(unwinders.pid, hung); /* there is time yet */
	assert_true(unwinders_pending(&unwinders, &notification));
	atomic_store(&slot()->since_ns, 1);
	unwinders_watch(&unwinders);
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_LATE);
	assert_true(unwinders.pid != hung);
	assert_int_equal(waitid(P_PID, (id_t)hung, &ended, WEXITED), 0);
	assert_true(kill(hung, 0) < 0);
}

/*
 * A stack was given up before the unwinder came to it, and its slot is another's by now: what was
 * posted for the first is not taken for the second, whose files are others.
 */
static void test_given_up(void **state)
{
	struct notification other = { 0 };

	(void)state;
	atomic_store(&slot()->since_ns, 1);
	unwinders.fruitless = 1000; /* no unwinder yet */
	unwinders_watch(&unwinders);
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_LATE);
	assert_int_equal(stack_ring_take(unwinders.ring), notification.stack_slot);
	assert_true(stack_slot_move(slot(), STACK_SLOT_TAKING, STACK_SLOT_WAITING));
	stack_child_notification(child, &other);
	stack_take(unwinders.taker, &other);
	stack_give(unwinders.taker, &other, true);
	assert_int_equal(unwinders_start(&unwinders), 0);
	wait_for_result(); /* the first that it tells of */
	assert_int_equal(unwinders_collect(&unwinders, &other)->status, STACK_UNWOUND);
	assert_int_equal(atomic_load(&slot()->state), STACK_SLOT_WAITING);
}

/* Without any unwinder a stack is late, and nothing waits for it any longer. */
static void test_none(void **state)
{
	(void)state;
	unwinders.fruitless = 1000;
	atomic_store(&slot()->since_ns, 1);
	unwinders_watch(&unwinders);
	assert_int_equal(unwinders.pid, 0);
	assert_false(unwinders_pending(&unwinders, &notification));
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_LATE);
}

/* At the end what is still to come is told as late, and its slot is left to the unwinder. */
static void test_impatient(void **state)
{
	(void)state;
	assert_int_equal(unwinders_collect(&unwinders, &notification)->status, STACK_LATE);
	assert_int_equal(atomic_load(&slot()->state), STACK_SLOT_WAITING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unwinds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unwinds_the_dead, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hang, setup, teardown),
		cmocka_unit_test_setup_teardown(test_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_impatient, setup, teardown),
	};

	if (!stack_unwind_version())
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
