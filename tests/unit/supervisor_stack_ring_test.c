/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct stack collected;

static int setup(void **state)
{
	return stack_ring_new((struct stack_ring **)state);
}

static int teardown(void **state)
{
	stack_ring_free(*state);
	return 0;
}

/* A slot as the worker gives it to the unwinder. */
static struct stack_slot *wait_for_unwinder(struct stack_ring *ring)
{
	int index = stack_ring_take(ring);

	assert_true(index >= 0);
	assert_true(stack_slot_move(&ring->slots[index], STACK_SLOT_TAKING, STACK_SLOT_WAITING));
	return &ring->slots[index];
}

static void test_life(void **state)
{
	struct stack_slot *slot = wait_for_unwinder(*state);

	assert_true(stack_slot_pending(slot));
	assert_false(stack_slot_move(slot, STACK_SLOT_TAKING, STACK_SLOT_WAITING));
	assert_true(stack_slot_move(slot, STACK_SLOT_WAITING, STACK_SLOT_UNWINDING));
	assert_true(stack_slot_pending(slot));
	slot->stack.status = STACK_UNWOUND;
	slot->stack.n_frames = 1;
	slot->stack.frames[0] = (struct stack_frame){ .ip = 7, .module = STACK_NO_MODULE };
	assert_true(stack_slot_move(slot, STACK_SLOT_UNWINDING, STACK_SLOT_DONE));
	assert_false(stack_slot_pending(slot));
	stack_slot_collect(slot, &collected);
	assert_int_equal(collected.status, STACK_UNWOUND);
	assert_int_equal(collected.n_frames, 1);
	assert_int_equal(collected.frames[0].ip, 7);
	assert_int_equal(atomic_load(&slot->state), STACK_SLOT_FREE);
}

/* An unwinder that does nothing any more costs stacks, and nothing else. */
static void test_dead_consumer(void **state)
{
	struct stack_ring *ring = *state;

	for (int i = 0; i < STACK_SLOTS; i++)
		(void)wait_for_unwinder(ring);
	assert_int_equal(stack_ring_take(ring), -EAGAIN);
	assert_int_equal(stack_ring_end(ring, STACK_SLOT_UNWINDING, STACK_CRASHED), 0);
	assert_int_equal(stack_ring_end(ring, STACK_SLOT_WAITING, STACK_LATE), STACK_SLOTS);
	for (int i = 0; i < STACK_SLOTS; i++) {
		stack_slot_collect(&ring->slots[i], &collected);
		assert_int_equal(collected.status, STACK_LATE);
		assert_int_equal(collected.n_frames, 0);
	}
	assert_true(stack_ring_take(ring) >= 0);
}

static void test_overdue(void **state)
{
	struct stack_slot *slot = wait_for_unwinder(*state);

	assert_false(stack_slot_overdue(slot));
	atomic_store(&slot->since_ns, 1);
	assert_true(stack_slot_overdue(slot));
	assert_true(stack_slot_move(slot, STACK_SLOT_WAITING, STACK_SLOT_UNWINDING));
	assert_false(stack_slot_overdue(slot)); /* its time begins anew */
	atomic_store(&slot->since_ns, 1);
	assert_true(stack_slot_move(slot, STACK_SLOT_UNWINDING, STACK_SLOT_DONE));
	assert_false(stack_slot_overdue(slot));
	atomic_store(&slot->since_ns, UINT64_MAX); /* an unwinder may write there too */
	assert_false(stack_slot_overdue(slot));
}

/* The unwinder may be anybody's by the time it writes its results. */
static void test_hostile_result(void **state)
{
	struct stack_ring *ring = *state;

	srand(3);
	for (int round = 0; round < 200; round++) {
		struct stack_slot *slot = wait_for_unwinder(ring);
		unsigned char *bytes = (unsigned char *)&slot->stack;

		for (size_t i = 0; i < sizeof(slot->stack); i++)
			bytes[i] = (unsigned char)rand();
		atomic_store(&slot->state, STACK_SLOT_DONE);
		stack_slot_collect(slot, &collected);
		assert_true(collected.n_frames <= STACK_FRAMES_MAX);
		assert_true(collected.n_modules <= STACK_MODULES_MAX);
		for (unsigned i = 0; i < collected.n_frames; i++) {
			const struct stack_frame *frame = &collected.frames[i];

			assert_true(frame->symbol_length <= STACK_SYMBOL_MAX);
			assert_true(frame->module < collected.n_modules ||
			            frame->module == STACK_NO_MODULE);
		}
		for (unsigned i = 0; i < collected.n_modules; i++) {
			assert_true(collected.modules[i].path_length <= STACK_PATH_MAX);
			assert_true(collected.modules[i].build_id_length <= STACK_BUILD_ID_MAX);
		}
	}
}

static void test_ranges(void **state)
{
	static const struct stack_range ranges[] = { { .low = 10, .high = 20 },
		                                     { .low = 20, .high = 30 },
		                                     { .low = 50, .high = 51 } };

	(void)state;
	assert_null(stack_range_find(ranges, 3, 9));
	assert_ptr_equal(stack_range_find(ranges, 3, 10), &ranges[0]);
	assert_ptr_equal(stack_range_find(ranges, 3, 19), &ranges[0]);
	assert_ptr_equal(stack_range_find(ranges, 3, 20), &ranges[1]);
	assert_null(stack_range_find(ranges, 3, 30));
	assert_ptr_equal(stack_range_find(ranges, 3, 50), &ranges[2]);
	assert_null(stack_range_find(ranges, 3, UINT64_MAX));
	assert_null(stack_range_find(ranges, 0, 10));
}

static void test_words(void **state)
{
	struct stack_ring *ring = *state;
	struct stack_snapshot *snapshot = &ring->slots[0].snapshot;
	uint64_t word;

	snapshot->sp = 1000;
	snapshot->size = 16;
	memset(snapshot->bytes, 0x11, 16);
	assert_true(stack_snapshot_word(snapshot, 1000, &word));
	assert_int_equal(word, 0x1111111111111111);
	assert_true(stack_snapshot_word(snapshot, 1008, &word));
	assert_false(stack_snapshot_word(snapshot, 1009, &word));
	assert_false(stack_snapshot_word(snapshot, 999, &word));
	assert_false(stack_snapshot_word(snapshot, UINT64_MAX, &word));
	snapshot->size = 7;
	assert_false(stack_snapshot_word(snapshot, 1000, &word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dead_consumer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overdue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_result, setup, teardown),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test_setup_teardown(test_words, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
