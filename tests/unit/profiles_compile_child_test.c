/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile_child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	LONG_MS = 60000,
	SHORT_MS = 50,
};

static int work_done(void *context, struct compile_report *report)
{
	report->count = 3;
	report->instructions[BPF_MAXINSNS - 1].k = *(int *)context;
	return 7;
}

static int work_for_ever(void *context, struct compile_report *report)
{
	(void)context;
	report->at_row = true;
	report->row = 5;
	for (;;)
		pause();
	return 0;
}

static int work_crashes(void *context, struct compile_report *report)
{
	(void)context;
	report->at_row = true;
	report->abi = 2;
	kill(getpid(), SIGKILL);
	return 0;
}

static void test_hands_over_what_came_of_it(void **state)
{
	struct compile_report *report = NULL;
	int context = 42;

	(void)state;
	assert_int_equal(compile_in_child(work_done, &context, LONG_MS, &report), 0);
	assert_true(report->finished);
	assert_int_equal(report->result, 7);
	assert_int_equal(report->count, 3);
	assert_int_equal(report->instructions[BPF_MAXINSNS - 1].k, 42);
	compile_report_free(report);
}

static void test_ends_what_does_not_end(void **state)
{
	struct compile_report *report = NULL;

	(void)state;
	assert_int_equal(compile_in_child(work_for_ever, NULL, SHORT_MS, &report), -ETIMEDOUT);
	assert_false(report->finished);
	assert_true(report->at_row);
	assert_int_equal(report->row, 5);
	compile_report_free(report);
	/* and leaves nothing behind */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_survives_a_crash(void **state)
{
	struct compile_report *report = NULL;

	(void)state;
	assert_int_equal(compile_in_child(work_crashes, NULL, LONG_MS, &report), -ENOTRECOVERABLE);
	assert_int_equal(report->abi, 2);
	compile_report_free(report);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* A program that has its children reaped for it cannot wait for them; the result is there. */
static void test_needs_no_exit_status(void **state)
{
	struct compile_report *report = NULL;
	int context = 1;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(compile_in_child(work_done, &context, LONG_MS, &report), 0);
	assert_int_equal(report->result, 7);
	compile_report_free(report);
	assert_int_equal(compile_in_child(work_for_ever, NULL, SHORT_MS, &report), -ETIMEDOUT);
	compile_report_free(report);
	signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hands_over_what_came_of_it),
		cmocka_unit_test(test_ends_what_does_not_end),
		cmocka_unit_test(test_survives_a_crash),
		cmocka_unit_test(test_needs_no_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
