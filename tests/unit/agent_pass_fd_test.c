/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/pass_fd.h"

static int setup(void **state)
{
	static int pair[2];

	*state = pair;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void **state)
{
	int *pair = *state;

	close(pair[0]);
	return pair[1] < 0 ? 0 : close(pair[1]);
}

static void test_pass(void **state)
{
	int *pair = *state;
	struct stat sent, received;
	int fd = -1;

	assert_int_equal(pass_fd_send(pair[1], STDIN_FILENO), 0);
	assert_int_equal(pass_fd_receive(pair[0], &fd), 0);
	assert_int_equal(fstat(STDIN_FILENO, &sent), 0);
	assert_int_equal(fstat(fd, &received), 0);
	assert_int_equal(sent.st_ino, received.st_ino);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_refuse(void **state)
{
	int *pair = *state;
	int fd = -1;

	assert_int_equal(pass_fd_send(pair[1], 9999), -EBADF);
	assert_int_equal(send(pair[1], "no descriptor", 13, 0), 13);
	assert_int_equal(pass_fd_receive(pair[0], &fd), -EPROTO);
	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(pass_fd_receive(pair[0], &fd), -EPIPE);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuse, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
