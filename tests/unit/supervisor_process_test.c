/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/process.h"

/* A child with a comm, waiting for its signal; it is up when the pipe has its byte. */
static pid_t start_child(const char *comm)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, comm);
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* comm is the target's to choose: parentheses, spaces, what looks like fields. */
static void test_read_hostile_comm(void **state)
{
	static const char *const names[] = { "plain", ") R 1 (", "a b", "(", ")", "\n) Z 1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		pid_t pid = start_child(names[i]);
		struct process process;

		assert_int_equal(process_read(pid, &process), 0);
		assert_string_equal(process.comm, names[i]);
		assert_int_equal(process.parent, getpid());
		end_child(pid);
		assert_int_equal(process_read(pid, &process), -ESRCH);
	}
}

static void test_descends(void **state)
{
	pid_t pid = start_child("child");

	(void)state;
	assert_true(process_descends(pid, getpid()));
	assert_true(process_descends(pid, pid));
	assert_true(process_descends(pid, 1));
	assert_false(process_descends(getpid(), pid));
	assert_false(process_descends(0, pid));
	end_child(pid);
}

static void test_remaining(void **state)
{
	char names[256];
	char expected[128];
	struct text text = TEXT_OVER(names);
	pid_t worker = start_child("worker"), left = start_child("left\033[31m");

	(void)state;
	assert_int_equal(process_remaining(&worker, 1, &text), 1);
	snprintf(expected, sizeof(expected), "left\\x1b[31m[%d]", left);
	assert_string_equal(names, expected);
	end_child(left);
	end_child(worker);
	text_clear(&text);
	assert_int_equal(process_remaining(NULL, 0, &text), 0);
}

static void test_cgroup(void **state)
{
	pid_t child = start_child("sleepy");
	char *cgroup = process_cgroup(child);
	char line[4096];
	FILE *file = fopen("/proc/self/cgroup", "re");
	bool found = false;

	(void)state;
	assert_non_null(cgroup);
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = found || strcmp(line, cgroup) == 0;
		/* The unified hierarchy's is preferred. */
		assert_true(strncmp(line, "0::", 3) != 0 || strcmp(line, cgroup) == 0);
	}
	assert_true(found);
	fclose(file);
	free(cgroup);
	end_child(child);
	assert_null(process_cgroup(child));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_hostile_comm),
		cmocka_unit_test(test_descends),
		cmocka_unit_test(test_remaining),
		cmocka_unit_test(test_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
