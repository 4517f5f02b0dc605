/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/notification.h"

#define FREE NOTIFICATION_FREE
#define NEW NOTIFICATION_NEW
#define DECIDED NOTIFICATION_DECIDED
#define ASKED NOTIFICATION_ASKED
#define PERFORMING NOTIFICATION_PERFORMING
#define ANSWERED NOTIFICATION_ANSWERED
#define GONE NOTIFICATION_GONE

static const struct {
	enum notification_state from, to;
} allowed[] = {
	{ FREE, NEW },        { NEW, DECIDED },        { DECIDED, ANSWERED },
	{ NEW, GONE },        { DECIDED, GONE },       { ANSWERED, FREE },
	{ GONE, FREE },       { DECIDED, PERFORMING }, { PERFORMING, ANSWERED },
	{ PERFORMING, GONE }, { DECIDED, NEW },        { PERFORMING, NEW },
	{ DECIDED, ASKED },   { ASKED, DECIDED },      { ASKED, GONE },
};

static bool is_allowed(enum notification_state from, enum notification_state to)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (allowed[i].from == from && allowed[i].to == to)
			return true;
	return false;
}

/* Whether the step goes through, tried in a child because the wrong ones abort. */
static bool step_lives(enum notification_state from, enum notification_state to)
{
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		static struct notification notification;

		setrlimit(RLIMIT_CORE, &no_core);
		(void)!freopen("/dev/null", "w", stderr);
		signal(SIGABRT, SIG_DFL);
		atomic_store(&notification.state, from);
		notification_set_state(&notification, to);
		_exit(notification_state(&notification) == to ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_every_step(void **state)
{
	(void)state;
	for (int from = 0; from < NOTIFICATION_STATE_COUNT; from++)
		for (int to = 0; to < NOTIFICATION_STATE_COUNT; to++)
			assert_int_equal(step_lives((enum notification_state)from,
			                            (enum notification_state)to),
			                 is_allowed((enum notification_state)from,
			                            (enum notification_state)to));
}

/* A path that forgets to decide denies, and RECV finds the zeroes that it demands. */
static void test_born_a_denial(void **state)
{
	struct notification *notification = malloc(sizeof(*notification));

	(void)state;
	memset(notification, 0xaa, sizeof(*notification));
	atomic_store(&notification->state, NOTIFICATION_FREE);
	notification_prepare(notification);
	assert_int_equal(notification->verdict.kind, VERDICT_DENY);
	assert_int_equal(notification->verdict.error, EPERM);
	for (size_t i = 0; i < sizeof(notification->room); i++)
		assert_int_equal(notification->room[i], 0);
	free(notification);
}

/* What it holds goes with it, its state too, and the first slot can be received into again. */
static void test_move(void **state)
{
	static struct notification from, to;

	(void)state;
	notification_prepare(&from);
	from.request.id = 7;
	from.attempts = 2;
	from.caller.pid = 4242;
	from.bytes[NOTIFICATION_BYTES - 1] = 'x';
	notification_set_state(&from, NEW);
	notification_set_state(&from, DECIDED);
	notification_move(&from, &to);
	assert_int_equal(notification_state(&to), DECIDED);
	assert_int_equal(to.request.id, 7);
	assert_int_equal(to.attempts, 2);
	assert_int_equal(to.verdict.error, EPERM);
	assert_int_equal(to.caller.pid, 4242);
	assert_int_equal(to.bytes[NOTIFICATION_BYTES - 1], 'x');
	assert_int_equal(notification_state(&from), FREE);
	assert_int_equal(from.request.id, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_born_a_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
