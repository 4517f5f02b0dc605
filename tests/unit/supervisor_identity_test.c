/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/performing/identity.h"

#define STATUS                                                                                     \
	"Name:\ta\\nUid:\t9\t9\t9\t9\nUmask:\t0027\nState:\tS "                                    \
	"(sleeping)\nTgid:\t4242\nPid:\t4243\n"                                                    \
	"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t10 11 12 "                                   \
	"\nNStgid:\t4242\t7\nNSpid:\t4243\t8\n"                                                    \
	"CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000400\n"

static void test_parse(void **state)
{
	struct identity identity;
	struct identity_thread thread;

	(void)state;
	assert_int_equal(identity_parse(STATUS, &identity, &thread), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(identity.uid[i], 1 + i);
		assert_int_equal(identity.gid[i], 5 + i);
	}
	assert_int_equal(identity.n_groups, 3);
	assert_int_equal(identity.groups[2], 12);
	assert_int_equal(identity.inheritable, 1);
	assert_true(identity.permitted == UINT64_C(0x1ffffffffff));
	assert_int_equal(identity.effective, 0x400);
	assert_int_equal(thread.umask, 027);
	assert_int_equal(thread.pid, 4242);
	assert_int_equal(thread.levels, 2);
	assert_int_equal(thread.tids[1], 8);
	assert_int_equal(thread.pids[1], 7);
}

/* Every line is needed; a word that is changed makes it unknown. */
static void test_missing_lines(void **state)
{
	static const char *const lines[] = { "Umask:", "Tgid:",   "\nUid:",  "\nGid:", "NStgid:",
		                             "NSpid:", "CapInh:", "CapPrm:", "CapEff:" };
	struct identity identity;
	struct identity_thread thread;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char status[] = STATUS;

		*(strstr(status, lines[i]) + 1) = '?';
		assert_int_equal(identity_parse(status, &identity, &thread), -EBADMSG);
	}
	assert_int_equal(identity_parse("", &identity, &thread), -EBADMSG);
}

static void test_too_many_groups(void **state)
{
	static char status[16384] = "Name:\tx\nGroups:\t";
	struct identity identity;
	struct identity_thread thread;

	(void)state;
	for (unsigned i = 0; i <= IDENTITY_GROUPS_MAX; i++)
		sprintf(status + strlen(status), "%u ", i);
	assert_int_equal(identity_parse(status, &identity, &thread), -E2BIG);
}

static void test_read_own(void **state)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity identity, again;
	struct identity_thread thread;
	mode_t mask = umask(0);

	(void)state;
	umask(mask);
	assert_int_equal(identity_read(proc, getpid(), &identity, &thread), 0);
	assert_int_equal(identity.uid[1], geteuid());
	assert_int_equal(identity.gid[3], getegid());
	assert_int_equal(thread.umask, mask);
	assert_int_equal(thread.tid, getpid());
	assert_int_equal(identity_read(proc, getpid(), &again, &thread), 0);
	assert_true(identity_same(&identity, &again));
	assert_int_equal(identity_read_own(&again), 0);
	assert_true(identity_same(&identity, &again));
	assert_true(identity_same_root(&identity, &again));
	again.groups[0]++;
	assert_false(identity_same(&identity, &again));
	assert_int_equal(identity_read(proc, 0x7fffffff, &identity, &thread), -ESRCH);
}

/* A child that is somebody else, and waits to be killed. */
static pid_t other_person(uid_t uid, const gid_t *groups, size_t count)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct rlimit limit = { 12345, 12345 };

		(void)!setgroups(count, groups);
		(void)!setrlimit(RLIMIT_FSIZE, &limit);
		(void)!setresgid(uid, uid, uid);
		(void)!setresuid(uid, uid, uid);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static int adopt_in_child(pid_t like, const struct identity *expected)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit limit;
		int result = identity_adopt(proc, like, expected);

		if (result < 0)
			_exit(-result);
		getrlimit(RLIMIT_FSIZE, &limit);
		_exit(geteuid() == 4321 && getegid() == 4321 && getgroups(0, NULL) == 2 &&
		                      limit.rlim_cur == 12345 && seteuid(0) < 0 &&
		                      prctl(PR_GET_DUMPABLE) == 0 && access("self", F_OK) == 0
		              ? 0
		              : 255);
	}
	close(proc);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void test_adopt(void **state)
{
	static const gid_t groups[] = { 70, 71 };
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity identity;
	struct identity_thread thread;
	pid_t other;

	(void)state;
	if (geteuid() != 0)
		skip();
	other = other_person(4321, groups, ARRAY_SIZE(groups));
	assert_int_equal(identity_read(proc, other, &identity, &thread), 0);
	assert_int_equal(identity.file_size_limit, 12345);
	assert_int_equal(adopt_in_child(other, &identity), 0);
	identity.uid[1]++; /* it has become another since the worker read it */
	assert_int_equal(adopt_in_child(other, &identity), ESTALE);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

/* What root may, an ordinary user may not: it stays what it is, and says so. */
static void test_adopt_without_permission(void **state)
{
	static const gid_t groups[] = { 70, 71 };
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity identity;
	struct identity_thread thread;
	pid_t other, child;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	other = other_person(4321, groups, ARRAY_SIZE(groups));
	assert_int_equal(identity_read(proc, other, &identity, &thread), 0);
	child = fork();
	if (child == 0) {
		(void)!setresuid(4322, 4322, 4322);
		_exit(identity_adopt(proc, other, &identity) < 0 && geteuid() == 4322 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_missing_lines),
		cmocka_unit_test(test_too_many_groups),
		cmocka_unit_test(test_read_own),
		cmocka_unit_test(test_adopt),
		cmocka_unit_test(test_adopt_without_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
