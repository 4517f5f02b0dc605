/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_unwind.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/stacks/stack_take.h"
#include "tests/support/stack_child.h"

static struct stack_ring *ring;
static struct stack_slot *slot;
static struct stack_parcel parcel;

/* The stack of a child in its call, with its modules' files. */
static int setup(void **state)
{
	struct stack_taker *taker;
	struct notification notification = { 0 };
	pid_t child = stack_child_start(false);
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(stack_ring_new(&ring), 0);
	assert_int_equal(stack_taker_new(ring, pair[0], &taker), 0);
	stack_child_notification(child, &notification);
	stack_take(taker, &notification);
	assert_int_equal(notification.stack_status, STACK_PENDING);
	stack_give(taker, &notification, true);
	assert_int_equal(stack_post_receive(pair[1], &parcel), 0);
	slot = &ring->slots[notification.stack_slot];
	stack_taker_free(taker);
	close(pair[0]);
	close(pair[1]);
	stack_child_end(child);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stack_parcel_deinit(&parcel);
	stack_ring_free(ring);
	return 0;
}

static const struct stack_frame *find(const char *symbol)
{
	for (unsigned i = 0; i < slot->stack.n_frames; i++) {
		const struct stack_frame *frame = &slot->stack.frames[i];

		if (frame->symbol_length == strlen(symbol) &&
		    memcmp(frame->symbol, symbol, strlen(symbol)) == 0)
			return frame;
	}
	return NULL;
}

static void test_frames(void **state)
{
	const struct stack_frame *waits, *first;
	struct stack_unwinder *unwinder;

	(void)state;
	assert_int_equal(stack_unwinder_new(&unwinder), 0);
	for (int round = 0; round < 2; round++) { /* the second has the modules already */
		stack_unwind(unwinder, &slot->snapshot, parcel.fds, &slot->stack);
		assert_int_equal(slot->stack.frames[0].ip, slot->snapshot.pc);
		waits = find("stack_child_waits_here");
		assert_non_null(waits);
		assert_true(waits->ip - waits->symbol_offset ==
		            (uint64_t)(uintptr_t)stack_child_waits_here);
		first = find("_start");
		assert_ptr_equal(first, &slot->stack.frames[slot->stack.n_frames - 1]);
		assert_true(slot->stack.modules[first->module].build_id_length > 0);
		for (unsigned i = 0; i < slot->stack.n_frames; i++)
			assert_int_not_equal(slot->stack.frames[i].how, STACK_SCAN);
	}
	stack_unwinder_free(unwinder);
}

/* Without any file there are addresses, and they say how sure they are. */
static void test_no_files(void **state)
{
	struct stack_parcel none;
	struct stack_unwinder *unwinder;

	(void)state;
	stack_parcel_init(&none);
	assert_int_equal(stack_unwinder_new(&unwinder), 0);
	stack_unwind(unwinder, &slot->snapshot, none.fds, &slot->stack);
	assert_int_equal(slot->stack.frames[0].ip, slot->snapshot.pc);
	for (unsigned i = 0; i < slot->stack.n_frames; i++)
		assert_int_equal(slot->stack.frames[i].symbol_length, 0);
	stack_unwinder_free(unwinder);
}

/* A copy of a module's file in which bytes are changed, from a place on. */
static int damaged_copy(int fd, off_t from, unsigned bytes)
{
	struct stat status;
	int copy = memfd_create("damaged", MFD_CLOEXEC);
	char buf[4096];
	ssize_t count;

	assert_true(copy >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	for (off_t at = 0; (count = pread(fd, buf, sizeof(buf), at)) > 0; at += count)
		assert_int_equal(pwrite(copy, buf, (size_t)count, at), count);
	for (unsigned i = 0; i < bytes; i++) {
		char byte = (char)rand();

		assert_int_equal(pwrite(copy, &byte, 1, from + rand() % (status.st_size - from)),
		                 1);
	}
	return copy;
}

/*
 * Files that are not what they say: each in a process of its own, for libdw may crash over one, and
 * then the unwinder would have. What must hold is that what it leaves can be collected.
 */
static void test_damaged_files(void **state)
{
	unsigned crashed = 0;

	(void)state;
	srand(4);
	for (int round = 0; round < 60; round++) {
		struct stack_parcel damaged;
		struct stack_unwinder *unwinder;
		int wait_status;
		pid_t pid;

		stack_parcel_init(&damaged);
		for (int i = 0; i < slot->stack.n_modules; i++)
			damaged.fds[i] =
				damaged_copy(parcel.fds[i], round % 2 ? 64 : 0, 1U << (round % 12));
		pid = fork();
		if (pid == 0) {
			alarm(20);
			if (stack_unwinder_new(&unwinder) == 0)
				stack_unwind(unwinder, &slot->snapshot, damaged.fds, &slot->stack);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &wait_status, 0), pid);
		crashed += !WIFEXITED(wait_status);
		stack_parcel_deinit(&damaged);
		assert_true(slot->stack.n_frames <= STACK_FRAMES_MAX);
	}
	print_message("# %u of 60 crashed\n", crashed);
}

/* A stack that holds anything: it ends, within bounds (with sanitizers). */
static void test_random_stacks(void **state)
{
	struct stack_unwinder *unwinder;

	(void)state;
	srand(5);
	assert_int_equal(stack_unwinder_new(&unwinder), 0);
	for (int round = 0; round < 100; round++) {
		for (unsigned i = 0; i < 64; i++)
			slot->snapshot.bytes[(unsigned)rand() % slot->snapshot.size] =
				(unsigned char)rand();
		stack_unwind(unwinder, &slot->snapshot, parcel.fds, &slot->stack);
		assert_in_range(slot->stack.n_frames, 1, STACK_FRAMES_MAX);
	}
	stack_unwinder_free(unwinder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_frames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_stacks, setup, teardown),
	};

	if (!stack_unwind_version())
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
