/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hand-over needs no syscall of the target: a filter that notifies every syscall there is
 * still starts, execs and ends a real program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/support/supervise.h"

static const char deny_all[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}";
static const char allow_all[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}";

/* /bin/true with every call notified and denied. */
static void run_true(enum mode mode, struct supervised *ret_supervised)
{
	char *arguments[] = { WORD("/bin/true"), NULL };

	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = deny_all,
	                                 .filter = filter_notifying_everything(),
	                                 .mode = mode },
	          ret_supervised);
	assert_int_equal(ret_supervised->started, 0);
	assert_true(ret_supervised->worker_ended);
}

/* Every call is notified and would be denied: complain lets the program live and tells each one. */
static void test_everything_denied_in_complain(void **state)
{
	struct supervised supervised;

	(void)state;
	run_true(MODE_COMPLAIN, &supervised);
	assert_int_equal(supervised.error, 0);
	assert_true(WIFEXITED(supervised.wait_status));
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 0);
	assert_true(supervised.events > 10); /* execve, brk, mmap, openat, ..., exit_group */
	assert_int_equal(supervised.events, supervised.received);
}

/* The same in enforce: the exec itself is denied, is reported, and nothing hangs or runs. */
static void test_everything_denied(void **state)
{
	struct supervised supervised;

	(void)state;
	run_true(MODE_ENFORCE, &supervised);
	assert_int_equal(supervised.error, EPERM);
	assert_int_equal(supervised.step, AGENT_EXEC);
	assert_false(WIFEXITED(supervised.wait_status) && WEXITSTATUS(supervised.wait_status) == 0);
}

/* Everything is notified and allowed one by one: fork, exec, pipes, signals of a real shell. */
static void test_everything_notified(void **state)
{
	char *arguments[] = { WORD("/bin/sh"), WORD("-c"),
		              WORD("(exit 3) | /bin/true; kill -0 $$ && exit 7"), NULL };
	struct supervised supervised;

	(void)state;
	supervise(&(struct supervision){ .arguments = arguments,
	                                 .profile = allow_all,
	                                 .filter = filter_notifying_everything(),
	                                 .mode = MODE_ENFORCE },
	          &supervised);
	assert_int_equal(supervised.started, 0);
	assert_true(WIFEXITED(supervised.wait_status));
	assert_int_equal(WEXITSTATUS(supervised.wait_status), 7);
	assert_int_equal(supervised.events + supervised.folded, 0);
	assert_true(supervised.received > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_denied_in_complain),
		cmocka_unit_test(test_everything_denied),
		cmocka_unit_test(test_everything_notified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
