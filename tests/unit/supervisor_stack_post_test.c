/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"

static int pair[2];

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void **state)
{
	(void)state;
	pair[0] = fd_close(pair[0]);
	pair[1] = fd_close(pair[1]);
	return 0;
}

static bool same_file(int a, int b)
{
	struct stat left, right;

	return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_ino == right.st_ino &&
	       left.st_dev == right.st_dev;
}

/* Each descriptor comes out at its module, whatever gaps there are. */
static void test_round_trip(void **state)
{
	struct stack_parcel sent, received;

	(void)state;
	stack_parcel_init(&sent);
	sent.slot = STACK_SLOTS - 1;
	sent.ticket = 7;
	sent.fds[3] = dup(pair[0]);
	sent.fds[STACK_MODULES_MAX - 1] = dup(pair[1]);
	assert_int_equal(stack_post_send(pair[0], &sent), 0);
	assert_int_equal(stack_post_receive(pair[1], &received), 0);
	assert_int_equal(received.slot, STACK_SLOTS - 1);
	assert_int_equal(received.ticket, 7);
	for (int i = 0; i < STACK_MODULES_MAX; i++)
		assert_int_equal(received.fds[i] >= 0, sent.fds[i] >= 0);
	assert_true(same_file(received.fds[3], pair[0]));
	assert_true(same_file(received.fds[STACK_MODULES_MAX - 1], pair[1]));
	stack_parcel_deinit(&sent);
	stack_parcel_deinit(&received);
}

static void test_all_and_none(void **state)
{
	struct stack_parcel sent, received;

	(void)state;
	stack_parcel_init(&sent);
	assert_int_equal(stack_post_send(pair[0], &sent), 0);
	assert_int_equal(stack_post_receive(pair[1], &received), 0);
	for (int i = 0; i < STACK_MODULES_MAX; i++) {
		assert_true(received.fds[i] < 0);
		sent.fds[i] = dup(pair[0]);
	}
	assert_int_equal(stack_post_send(pair[0], &sent), 0);
	stack_parcel_deinit(&sent);
	assert_int_equal(stack_post_receive(pair[1], &received), 0);
	for (int i = 0; i < STACK_MODULES_MAX; i++)
		assert_true(received.fds[i] >= 0);
	stack_parcel_deinit(&received);
}

/* A reader that does not read: at some point there is no room, and the sender is told at once. */
static void test_full(void **state)
{
	struct stack_parcel parcel;
	int sent = 0, result;

	(void)state;
	stack_parcel_init(&parcel);
	while ((result = stack_post_send(pair[0], &parcel)) == 0)
		sent++;
	assert_int_equal(result, -EAGAIN);
	assert_true(sent >= STACK_SLOTS);
}

static void test_gone(void **state)
{
	struct stack_parcel parcel;

	(void)state;
	stack_parcel_init(&parcel);
	pair[0] = fd_close(pair[0]);
	assert_int_equal(stack_post_receive(pair[1], &parcel), -EPIPE);
	assert_int_equal(stack_post_send(pair[1], &parcel), -EPIPE);
}

static void test_no_parcel(void **state)
{
	struct stack_parcel parcel;
	char bytes[256];
	ssize_t size;

	(void)state;
	assert_int_equal(send(pair[0], "", 1, 0), 1); /* too short */
	assert_int_equal(stack_post_receive(pair[1], &parcel), -EPROTO);
	stack_parcel_deinit(&parcel);

	parcel.fds[0] = dup(pair[0]);
	assert_int_equal(stack_post_send(pair[0], &parcel), 0);
	stack_parcel_deinit(&parcel);
	size = recv(pair[1], bytes, sizeof(bytes), 0); /* which drops the descriptor */
	assert_true(size > 0);
	assert_int_equal(send(pair[0], bytes, (size_t)size, 0), size);
	assert_int_equal(stack_post_receive(pair[1], &parcel), -EPROTO);
	stack_parcel_deinit(&parcel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_and_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_parcel, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
