/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/descriptors.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Fails by exit status: the row that is wrong. In a child, whose descriptors may go. */
static int in_child(int (*check)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int check_except(void)
{
	int first = open("/", O_RDONLY), second = open("/", O_RDONLY | O_CLOEXEC);
	int third = open("/", O_RDONLY), high = fcntl(third, F_DUPFD, 900);
	const int keep[] = { second, high };

	if (descriptors_close_except(keep, ARRAY_SIZE(keep)) != 0)
		return 1;
	if (is_open(first) || is_open(third))
		return 2;
	if (!is_open(second) || !is_open(high))
		return 3;
	return is_open(0) && is_open(1) && is_open(2) ? 0 : 4;
}

static int check_inherited(void)
{
	int inherited = open("/", O_RDONLY), ours = open("/", O_RDONLY | O_CLOEXEC);
	int pipes[2];
	char byte;

	if (pipe(pipes) < 0 || dup2(pipes[1], STDOUT_FILENO) < 0)
		return 1;
	fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
	if (descriptors_close_inherited() != 0)
		return 2;
	if (is_open(inherited) || !is_open(ours) || is_open(pipes[1]))
		return 3;
	return read(pipes[0], &byte, 1) == 0 ? 0 : 4; /* end of file: nobody holds it open */
}

static void test_close_except(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_except), 0);
}

static void test_close_inherited(void **state)
{
	(void)state;
	assert_int_equal(in_child(check_inherited), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close_except),
		cmocka_unit_test(test_close_inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
