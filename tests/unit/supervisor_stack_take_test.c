/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_take.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/stack_child.h"

struct taking {
	struct stack_ring *ring;
	int post[2];
	struct stack_taker *taker;
	pid_t child;
	struct notification notification;
};

static int setup(void **state)
{
	struct taking *taking = calloc(1, sizeof(*taking));

	assert_int_equal(stack_ring_new(&taking->ring), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, taking->post), 0);
	assert_int_equal(stack_taker_new(taking->ring, taking->post[0], &taking->taker), 0);
	taking->child = stack_child_start(false);
	stack_child_notification(taking->child, &taking->notification);
	*state = taking;
	return 0;
}

static int teardown(void **state)
{
	struct taking *taking = *state;

	stack_child_end(taking->child);
	stack_taker_free(taking->taker);
	stack_ring_free(taking->ring);
	close(taking->post[0]);
	close(taking->post[1]);
	free(taking);
	return 0;
}

static struct stack_slot *slot_of(struct taking *taking)
{
	return &taking->ring->slots[taking->notification.stack_slot];
}

static unsigned free_slots(const struct taking *taking)
{
	unsigned count = 0;

	for (int i = 0; i < STACK_SLOTS; i++)
		count += atomic_load(&taking->ring->slots[i].state) == STACK_SLOT_FREE;
	return count;
}

static void test_snapshot(void **state)
{
	struct taking *taking = *state;
	const struct stack_snapshot *snapshot;
	struct stack_parcel parcel;

	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_PENDING);
	snapshot = &slot_of(taking)->snapshot;
	assert_int_equal(snapshot->pc, taking->notification.request.data.instruction_pointer);
	assert_true(snapshot->size > 0 && snapshot->size <= STACK_BYTES_MAX);
	assert_non_null(stack_snapshot_range(snapshot, snapshot->pc));
	stack_give(taking->taker, &taking->notification, true);
	assert_int_equal(atomic_load(&slot_of(taking)->state), STACK_SLOT_WAITING);
	assert_int_equal(stack_post_receive(taking->post[1], &parcel), 0);
	assert_int_equal(parcel.slot, taking->notification.stack_slot);
	for (int i = 0; i < STACK_MODULES_MAX; i++)
		assert_int_equal(parcel.fds[i] >= 0, i < slot_of(taking)->stack.n_modules);
	stack_parcel_deinit(&parcel);
}

static void test_no_event(void **state)
{
	struct taking *taking = *state;

	stack_take(taking->taker, &taking->notification);
	stack_give(taking->taker, &taking->notification, false);
	assert_int_equal(free_slots(taking), STACK_SLOTS);
}

static void test_often(void **state)
{
	struct taking *taking = *state;

	for (int i = 0; i < STACK_TIMES_A_PLACE + 2; i++) {
		taking->notification.stack_status = STACK_NONE;
		stack_take(taking->taker, &taking->notification);
		assert_int_equal(taking->notification.stack_status,
		                 i < STACK_TIMES_A_PLACE ? STACK_PENDING : STACK_REPEATED);
		stack_give(taking->taker, &taking->notification, true);
	}
	assert_int_equal(free_slots(taking), STACK_SLOTS - STACK_TIMES_A_PLACE);
}

/* Another call at the same place is another place. */
static void test_other_call(void **state)
{
	struct taking *taking = *state;

	for (int i = 0; i < 2 * STACK_TIMES_A_PLACE; i++) {
		taking->notification.request.data.nr = i / STACK_TIMES_A_PLACE;
		stack_take(taking->taker, &taking->notification);
		assert_int_equal(taking->notification.stack_status, STACK_PENDING);
		stack_give(taking->taker, &taking->notification, false);
	}
}

static void test_full_ring(void **state)
{
	struct taking *taking = *state;

	for (int i = 0; i < STACK_SLOTS; i++)
		assert_true(stack_ring_take(taking->ring) >= 0);
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_BUSY);
	stack_give(taking->taker, &taking->notification, true);
}

/* Where nothing can be posted any more a stack ends at once. */
static void test_dead_unwinder(void **state)
{
	struct taking *taking = *state;

	assert_int_equal(shutdown(taking->post[1], SHUT_RDWR), 0);
	stack_take(taking->taker, &taking->notification);
	stack_give(taking->taker, &taking->notification, true);
	assert_int_equal(atomic_load(&slot_of(taking)->state), STACK_SLOT_DONE);
	assert_int_equal(slot_of(taking)->stack.status, STACK_BUSY);
}

/* A worker that died in the middle: its successor touches nothing, and says so. */
static void test_successor(void **state)
{
	struct taking *taking = *state;

	stack_take(taking->taker, &taking->notification);
	stack_taker_recover(taking->taker);
	assert_int_equal(atomic_load(&slot_of(taking)->state), STACK_SLOT_DONE);
	assert_int_equal(slot_of(taking)->stack.status, STACK_NOT_TAKEN);
	taking->notification.attempts = 2;
	stack_take(taking->taker, &taking->notification);
	stack_give(taking->taker, &taking->notification, true);
	assert_int_equal(atomic_load(&slot_of(taking)->state), STACK_SLOT_DONE);
	stack_give(taking->taker, &taking->notification, false);
	assert_int_equal(free_slots(taking), STACK_SLOTS);
	taking->notification.stack_status = STACK_NONE; /* died before it began */
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_NOT_TAKEN);
}

/* Memory that workers die over is left alone after some of them. */
static void test_abandoned(void **state)
{
	struct taking *taking = *state;

	for (int i = 0; i < 3; i++) {
		stack_take(taking->taker, &taking->notification);
		assert_int_equal(taking->notification.stack_status, STACK_PENDING);
		stack_taker_recover(taking->taker);
	}
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_NOT_TAKEN);
}

static void test_nowhere(void **state)
{
	struct taking *taking = *state;
	pid_t child = stack_child_start(true);

	stack_child_notification(child, &taking->notification);
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_NOWHERE);
	assert_int_equal(free_slots(taking), STACK_SLOTS);
	stack_child_end(child);
}

static void test_gone(void **state)
{
	struct taking *taking = *state;
	pid_t child = stack_child_start(false);

	stack_child_notification(child, &taking->notification);
	stack_child_end(child);
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_NO_PROC);
	assert_int_equal(free_slots(taking), STACK_SLOTS);
}

static void test_foreign(void **state)
{
	struct taking *taking = *state;

	taking->notification.request.data.arch = AUDIT_ARCH_I386;
	stack_take(taking->taker, &taking->notification);
	assert_int_equal(taking->notification.stack_status, STACK_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_event, setup, teardown),
		cmocka_unit_test_setup_teardown(test_often, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dead_unwinder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_successor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abandoned, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
