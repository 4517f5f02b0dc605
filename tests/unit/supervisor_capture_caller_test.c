/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls, as capture.c reads it from /proc. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "profiles/arguments/signature.h"
#include "supervisor/capture.h"

static struct notification notification;

static void *capture_as(void *name)
{
	notification.request.pid = (uint32_t)gettid();
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
	capture_caller(&notification);
	return NULL;
}

static void test_caller(void **state)
{
	static char names[][CALLER_COMM_SIZE] = {
		"plain",
		"two words",
		"a\nTgid:\t1",
		"back\\slash",
		"back\\nslash",
		"\\n\\\\\n\n",
		"\033[31m",
		"x) R 1 (",
		"\xff\xfe\x80",
		"fifteen bytes..",
		"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\",
		"",
	};
	const struct caller *caller = &notification.caller;
	char exe[PATH_MAX] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe)) > 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pthread_t thread;

		memset(&notification, 0xa5, sizeof(notification));
		assert_int_equal(pthread_create(&thread, NULL, capture_as, names[i]), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_string_equal(caller->comm, names[i]);
		assert_int_equal(caller->tid, notification.request.pid);
		assert_int_not_equal(caller->tid, getpid());
		assert_int_equal(caller->pid, getpid());
		assert_int_equal(caller->ppid, getppid());
		assert_int_equal(caller->uid, geteuid());
		assert_int_equal(caller->real_uid, getuid());
		assert_int_equal(caller->exe_length, strlen(exe));
		assert_memory_equal(caller->exe, exe, caller->exe_length);
	}
}

/* Makes CAP_KILL the one effective capability, of those that a change of users has left. */
static bool raise_kill(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, caps) < 0)
		return false;
	caps[0].effective = 1 << CAP_KILL;
	caps[1].effective = 0;
	return syscall(SYS_capset, &header, caps) == 0;
}

/* The effective user, who is not always the real one, and what it may do. */
static void test_caller_uid(void **state)
{
	int ready[2];
	pid_t child;
	char byte;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1, 2, 3) == 0 && raise_kill() &&
		    write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	notification.request.pid = (uint32_t)child;
	capture_caller(&notification);
	assert_int_equal(notification.caller.uid, 2);
	assert_int_equal(notification.caller.real_uid, 1);
	assert_true(notification.caller.has_caps);
	assert_int_equal(notification.caller.caps, UINT64_C(1) << CAP_KILL);
	assert_int_equal(notification.caller.pid, child);
	assert_int_equal(notification.caller.ppid, getpid());
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ready[0]);
	close(ready[1]);
}

/* The first process of a pid namespace is 1 there. */
static void test_caller_vpid(void **state)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);

	(void)state;
	if (child == 0)
		for (;;)
			pause();
	if (child < 0)
		skip(); /* no right to make one */
	notification.request.pid = (uint32_t)child;
	capture_caller(&notification);
	assert_int_equal(notification.caller.pid, child);
	assert_int_equal(notification.caller.vpid, 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_caller_gone(void **state)
{
	const struct caller *caller = &notification.caller;

	(void)state;
	memset(&notification, 0xa5, sizeof(notification));
	notification.request.pid = INT32_MAX;
	capture_caller(&notification);
	assert_int_equal(caller->tid, INT32_MAX);
	assert_int_equal(caller->pid, 0);
	assert_int_equal(caller->exe_length, 0);
	assert_string_equal(caller->comm, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caller),
		cmocka_unit_test(test_caller_uid),
		cmocka_unit_test(test_caller_vpid),
		cmocka_unit_test(test_caller_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
