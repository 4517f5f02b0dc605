/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/signals.h"

static void test_forward(void **state)
{
	pid_t child = fork();

	(void)state;
	if (child == 0)
		for (;;)
			pause();

	const struct {
		struct signal_received signal;
		bool forward;
	} rows[] = {
		{ { SIGINT, 0, true }, false },          /* ^C: the target has got it too */
		{ { SIGTERM, getppid(), false }, true }, /* kill(1) from a shell */
		{ { SIGTERM, 0, false }, true },         /* from outside our pid namespace */
		{ { SIGTERM, child, false }, false },    /* the target's own kill(0, SIGTERM) */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(signals_should_forward(&rows[i].signal, getpid()),
		                 rows[i].forward);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* In children, for the mask and the end are the process's own. */
static int status_of(void (*play)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		play();
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void read_own_signal(void)
{
	struct signal_received signal;
	struct signals_inherited inherited;
	int fd;

	signals_block(&inherited);
	fd = signals_open();
	if (fd < 0 || signals_read(fd, &signal) != -EAGAIN)
		_exit(1);
	kill(getpid(), SIGTERM);
	if (signals_read(fd, &signal) != 0 || signal.number != SIGTERM ||
	    signal.sender != getpid() || signal.from_kernel)
		_exit(2);
	_exit(sigismember(&inherited.mask, SIGTERM) ? 3 : 0);
}

static void write_over_the_limit(void)
{
	const struct rlimit none = { 0, 0 };
	struct signals_inherited inherited;
	struct signal_received signal;
	FILE *file = tmpfile();
	int fd;

	signals_block(&inherited);
	fd = signals_open();
	if (!file || fd < 0 || setrlimit(RLIMIT_FSIZE, &none) < 0)
		_exit(1);
	if (write(fileno(file), "x", 1) >= 0 || errno != EFBIG)
		_exit(2);
	_exit(signals_read(fd, &signal) == -EAGAIN ? 0 : 3);
}

/* The SIGXFSZ with it looks like one that we sent ourselves; the target must not get it. */
static void test_write_over_the_limit(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(status_of(write_over_the_limit)), 0);
}

static void end_a_child(void)
{
	struct signals_inherited inherited;
	struct signal_received signal_of_child;
	int fd;

	signal(SIGCHLD, SIG_IGN);
	signals_block(&inherited);
	fd = signals_open();
	if (!inherited.child_ignored)
		_exit(1);
	if (fork() == 0)
		_exit(0);
	while (signals_read(fd, &signal_of_child) == -EAGAIN)
		(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
	_exit(signal_of_child.number == SIGCHLD ? 0 : 2);
}

/* A parent that ignores SIGCHLD hands that on: the end of a child must be seen all the same. */
static void test_ignored_child(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(status_of(end_a_child)), 0);
}

static void test_read(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(status_of(read_own_signal)), 0);
}

static void block_and_die_of_term(void)
{
	struct signals_inherited inherited;

	signals_block(&inherited);
	signals_die_of(SIGTERM);
}

static void block_and_die_of_segv(void)
{
	struct signals_inherited inherited;

	signals_block(&inherited);
	signals_die_of(SIGSEGV);
}

static void test_die_of(void **state)
{
	int status = status_of(block_and_die_of_term);

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	status = status_of(block_and_die_of_segv);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_false(WCOREDUMP(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write_over_the_limit),
		cmocka_unit_test(test_ignored_child),
		cmocka_unit_test(test_die_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
