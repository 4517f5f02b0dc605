/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "supervisor/journal.h"

static int setup(void **state)
{
	return journal_new((struct journal **)state);
}

static int teardown(void **state)
{
	journal_free(*state);
	return 0;
}

/* What serve does to a slot, without a kernel. */
static struct notification *receive(struct journal *journal, uint64_t id, int nr)
{
	struct notification *slot = journal_slot(journal);

	notification_prepare(slot);
	slot->request.id = id;
	slot->request.data.nr = nr;
	slot->request.data.arch = AUDIT_ARCH_X86_64;
	notification_set_state(slot, NOTIFICATION_NEW);
	return slot;
}

static void answer(struct journal *journal, uint64_t id, int nr)
{
	struct notification *slot = receive(journal, id, nr);

	notification_set_state(slot, NOTIFICATION_DECIDED);
	notification_set_state(slot, NOTIFICATION_ANSWERED);
	journal_finish(journal, slot, true);
}

static void test_order(void **state)
{
	struct journal *journal = *state;

	for (uint64_t id = 1; id <= 3 * JOURNAL_SLOTS; id++) {
		answer(journal, id, SYS_mount);
		assert_non_null(journal_oldest(journal));
		assert_int_equal(journal_oldest(journal)->request.id, id);
		journal_consume(journal);
		assert_null(journal_oldest(journal));
	}
}

static void test_without_event_leaves_nothing(void **state)
{
	struct journal *journal = *state;
	struct notification *slot = receive(journal, 1, SYS_getppid);

	notification_set_state(slot, NOTIFICATION_GONE);
	journal_finish(journal, slot, false);
	assert_null(journal_oldest(journal));
	assert_ptr_equal(journal_slot(journal), slot);
	assert_null(journal_unfinished(journal));
}

/* A slow keeper: what is over the ring is counted by kind, and nothing is lost or waits. */
static void test_full_ring_folds_exactly(void **state)
{
	struct journal *journal = *state;
	struct journal_fold_taken fold;
	uint64_t mounts = 0, unshares = 0;

	for (uint64_t id = 1; id <= JOURNAL_SLOTS; id++)
		answer(journal, id, SYS_mount);
	for (uint64_t id = 1; id <= 300; id++)
		answer(journal, id, id % 3 ? SYS_mount : SYS_unshare);
	while (journal_take_fold(journal, &fold)) {
		if (fold.nr == SYS_mount)
			mounts += fold.count;
		else if (fold.nr == SYS_unshare)
			unshares += fold.count;
	}
	assert_int_equal(mounts, 200);
	assert_int_equal(unshares, 100);
	assert_false(journal_take_fold(journal, &fold));
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		journal_consume(journal);
	assert_null(journal_oldest(journal));
}

/* More kinds than folds: the rest is counted together. */
static void test_more_kinds_than_folds(void **state)
{
	struct journal *journal = *state;
	struct journal_fold_taken fold;
	uint64_t total = 0, together = 0;

	for (uint64_t id = 1; id <= JOURNAL_SLOTS; id++)
		answer(journal, id, SYS_mount);
	for (int nr = 1000; nr < 1000 + JOURNAL_FOLDS + 50; nr++)
		answer(journal, 1, nr);
	while (journal_take_fold(journal, &fold)) {
		total += fold.count;
		together += fold.arch == 0 ? fold.count : 0;
	}
	assert_int_equal(total, JOURNAL_FOLDS + 50);
	assert_int_equal(together, 50);
}

/* Where a worker may die, and what its successor must find there. */
static void test_unfinished_states(void **state)
{
	struct journal *journal = *state;
	struct notification *slot = journal_slot(journal);

	assert_null(journal_unfinished(journal));

	notification_prepare(slot); /* before RECV */
	assert_null(journal_unfinished(journal));

	slot->request.id = 9; /* the kernel delivered, the worker did not live to notice */
	assert_ptr_equal(journal_unfinished(journal), slot);
	assert_int_equal(notification_state(slot), NOTIFICATION_NEW);
	assert_ptr_equal(journal_unfinished(journal), slot);

	notification_set_state(slot, NOTIFICATION_DECIDED);
	assert_ptr_equal(journal_unfinished(journal), slot);

	notification_set_state(slot, NOTIFICATION_ANSWERED); /* answered, not yet counted */
	assert_ptr_equal(journal_unfinished(journal), slot);
	journal_finish(journal, slot, true);
	assert_null(journal_unfinished(journal));
	assert_ptr_equal(journal_oldest(journal), slot);
}

static void test_unfinished_spare(void **state)
{
	struct journal *journal = *state;
	struct notification *slot;

	for (uint64_t id = 1; id <= JOURNAL_SLOTS; id++)
		answer(journal, id, SYS_mount);
	slot = receive(journal, 77, SYS_mount);
	assert_ptr_equal(slot, &journal->spare);
	assert_ptr_equal(journal_unfinished(journal), slot);
	journal_consume(journal); /* the ring has room again; the spare is still in hand */
	assert_ptr_equal(journal_unfinished(journal), slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_event_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_ring_folds_exactly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_kinds_than_folds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfinished_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unfinished_spare, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
