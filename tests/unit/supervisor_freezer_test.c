/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/freezer.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"

static struct freezer freezer;
static int proc;

static int set_up(void **state)
{
	(void)state;
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return proc < 0 || freezer_init(&freezer) != FREEZER_ABLE ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	freezer_deinit(&freezer);
	return close(proc);
}

static pid_t start(void (*life)(void))
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (freezer_enter(freezer.directory) == 0)
			life();
		_exit(1);
	}
	return child;
}

static void finish(pid_t child)
{
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void sleep_on(void)
{
	for (;;)
		pause();
}

static void spin(void)
{
	for (volatile int i = 0;; i = !i)
		;
}

static bool nobody_held(const void *context, pid_t tid)
{
	(void)context;
	(void)tid;
	return false;
}

static bool held(const void *context, pid_t tid)
{
	return *(const pid_t *)context == tid;
}

static char freeze_word(const struct freezer *leaf)
{
	_cleanup_close_ int fd = openat(leaf->directory, "cgroup.freeze", O_RDONLY | O_CLOEXEC);
	char word = '?';

	assert_int_equal(read(fd, &word, 1), 1);
	return word;
}

static bool is_member(pid_t child)
{
	_cleanup_close_ int fd = openat(freezer.directory, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[256] = "", line[16];

	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	snprintf(line, sizeof(line), "%d\n", child);
	return strstr(text, line) != NULL;
}

static void wait_for_member(pid_t child)
{
	while (!is_member(child))
		(void)poll(NULL, 0, 1);
}

static void test_others(void **state)
{
	pid_t caller = start(sleep_on), sleeper = start(sleep_on), spinner = start(spin);
	struct freeze freeze;

	(void)state;
	wait_for_member(caller);
	wait_for_member(sleeper);
	wait_for_member(spinner);
	assert_int_equal(freeze_begin(freezer.directory, proc, &freeze), 0);
	assert_int_equal(freeze_word(&freezer), '1');
	while (freeze_others_still(&freeze, caller, nobody_held, NULL) == 0)
		(void)poll(NULL, 0, 1);
	assert_int_equal(freeze_others_still(&freeze, caller, nobody_held, NULL), 1);
	assert_int_equal(freeze_others_still(&freeze, getpid(), nobody_held, NULL), -ENOENT);
	assert_int_equal(freeze_task_rests(&freeze, spinner), 1);
	freeze_end(&freeze);
	assert_int_equal(freeze_word(&freezer), '0');
	while (freeze_task_rests(&(struct freeze){ .proc = proc }, spinner) == 1)
		(void)poll(NULL, 0, 1);
	finish(caller);
	finish(sleeper);
	finish(spinner);
	assert_int_equal(freeze_task_rests(&(struct freeze){ .proc = proc }, spinner), -ESRCH);
}

/* What runs does not rest, unless it is said to wait for us. */
static void test_restless(void **state)
{
	pid_t caller = start(sleep_on), spinner = start(spin);
	struct freeze thawed = FREEZE_NONE;

	(void)state;
	wait_for_member(caller);
	wait_for_member(spinner);
	thawed.directory = freezer.directory;
	thawed.proc = proc;
	thawed.tasks = openat(freezer.directory, "cgroup.threads", O_RDONLY | O_CLOEXEC);
	assert_int_equal(freeze_others_still(&thawed, caller, nobody_held, NULL), 0);
	assert_int_equal(freeze_others_still(&thawed, caller, held, &spinner), 1);
	thawed.tasks = fd_close(thawed.tasks);
	finish(caller);
	finish(spinner);
}

/* A cgroup below the leaf could hold tasks that nobody looks at. */
static void test_descendants(void **state)
{
	pid_t caller = start(sleep_on);
	struct freeze freeze;

	(void)state;
	wait_for_member(caller);
	assert_int_equal(mkdirat(freezer.directory, "below", 0755), 0);
	assert_int_equal(freeze_begin(freezer.directory, proc, &freeze), 0);
	assert_int_equal(freeze_others_still(&freeze, caller, nobody_held, NULL), -EBUSY);
	freeze_end(&freeze);
	assert_int_equal(unlinkat(freezer.directory, "below", AT_REMOVEDIR), 0);
	finish(caller);
}

/* Killed in the middle: frozen until somebody looks; and not while a living one has the lock. */
static void test_left_frozen(void **state)
{
	struct freeze freeze;
	int pipe_ends[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		if (freeze_begin(freezer.directory, proc, &freeze) == 0)
			(void)!write(pipe_ends[1], "f", 1);
		sleep_on();
	}
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	assert_false(freezer_thaw_left(freezer.directory));
	assert_int_equal(freeze_word(&freezer), '1');
	finish(child);
	assert_int_equal(freeze_word(&freezer), '1');
	assert_true(freezer_thaw_left(freezer.directory));
	assert_int_equal(freeze_word(&freezer), '0');
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* A leaf of a run that was killed goes with the next one; that of a run that lives stays. */
static void test_stale(void **state)
{
	struct freezer other, third;
	struct stat status;
	char name[NAME_MAX];

	(void)state;
	assert_int_equal(freezer_init(&other), FREEZER_ABLE);
	memcpy(name, other.name, sizeof(name));
	assert_int_equal(freezer_init(&third), FREEZER_ABLE);
	assert_int_equal(fstatat(freezer.parent, name, &status, 0), 0);
	other.directory = fd_close(other.directory);
	freezer_deinit(&third);
	assert_int_equal(freezer_init(&third), FREEZER_ABLE);
	if (strcmp(third.name, name) != 0)
		assert_int_equal(fstatat(freezer.parent, name, &status, 0), -1);
	freezer_deinit(&third);
	assert_int_equal(fstatat(freezer.parent, name, &status, 0), -1);
	assert_int_equal(fstatat(freezer.parent, freezer.name, &status, 0), 0);
	freezer_deinit(&other);
}

static void test_texts(void **state)
{
	(void)state;
	for (enum freezer_want want = FREEZER_ABLE + 1; want < FREEZER_WANT_COUNT; want++)
		assert_true(strlen(freezer_want_text(want)) > 0);
}

int main(void)
{
	const struct CMUnitTest everywhere[] = { cmocka_unit_test(test_texts) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others),      cmocka_unit_test(test_restless),
		cmocka_unit_test(test_descendants), cmocka_unit_test(test_left_frozen),
		cmocka_unit_test(test_stale),
	};
	struct freezer probe;
	enum freezer_want want = freezer_init(&probe);
	int failed = cmocka_run_group_tests(everywhere, NULL, NULL);

	freezer_deinit(&probe);
	if (failed == 0 && want != FREEZER_ABLE) {
		print_message("# skipped: %s\n", freezer_want_text(want));
		return 77;
	}
	return failed + cmocka_run_group_tests(tests, set_up, tear_down);
}
