/* SPDX-License-Identifier: Apache-2.0 */
/* The round trip of callgate doctor: on this kernel, and where a filter takes a part of it away. */
#include "supervisor/reports/doctor_trip.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

#define NOT_TRIED DOCTOR_TRIP_NOT_TRIED

/* A call that gets EPERM, and what is then to be seen. */
struct row {
	const char *name;
	int denied;                  /* -1: none */
	unsigned long request;       /* of ioctl, else 0 */
	struct doctor_trip expected; /* all but killable and nanoseconds */
};

static const struct row rows[] = {
	{ "nothing", -1, 0, { .step = AGENT_HAND_OVER } },
	{ "SET_FLAGS",
	  SYS_ioctl,
	  SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	  { .step = AGENT_HAND_OVER, .synchronous = -EPERM } },
	{ "ADDFD",
	  SYS_ioctl,
	  SECCOMP_IOCTL_NOTIF_ADDFD,
	  { .step = AGENT_HAND_OVER, .added = -EPERM } },
	{ "SEND",
	  SYS_ioctl,
	  SECCOMP_IOCTL_NOTIF_SEND,
	  { .step = AGENT_HAND_OVER,
	    .refused = -EPERM,
	    .continued = NOT_TRIED,
	    .read = NOT_TRIED,
	    .added = NOT_TRIED } },
	{ "RECV",
	  SYS_ioctl,
	  SECCOMP_IOCTL_NOTIF_RECV,
	  { .step = AGENT_HAND_OVER,
	    .received = -EPERM,
	    .refused = NOT_TRIED,
	    .continued = NOT_TRIED,
	    .read = NOT_TRIED,
	    .added = NOT_TRIED } },
	/* An outer errno wins over a notification: another call than the expected one arrives. */
	{ "getsid",
	  SYS_getsid,
	  0,
	  { .step = AGENT_HAND_OVER,
	    .received = -EPROTO,
	    .refused = NOT_TRIED,
	    .continued = NOT_TRIED,
	    .read = NOT_TRIED,
	    .added = NOT_TRIED } },
	/* No call comes at all: the child has ended. */
	{ "openat",
	  SYS_openat,
	  0,
	  { .step = AGENT_HAND_OVER, .read = NOT_TRIED, .added = -ECHILD } },
	{ "seccomp",
	  SYS_seccomp,
	  0,
	  { .installed = -EPERM,
	    .step = AGENT_INSTALL,
	    .synchronous = NOT_TRIED,
	    .received = NOT_TRIED,
	    .refused = NOT_TRIED,
	    .continued = NOT_TRIED,
	    .read = NOT_TRIED,
	    .added = NOT_TRIED } },
};

static int deny(const struct row *row)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	unsigned compared = row->request != 0;
	int result = filter ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), row->denied, compared,
	                                       SCMP_A1(SCMP_CMP_EQ, row->request, 0))
	                    : -ENOMEM;

	if (result == 0)
		result = seccomp_load(filter);
	seccomp_release(filter);
	return result;
}

/* In a child, which takes its filter with it; then nothing of the trip may be left. */
static void travel(const struct row *row, struct doctor_trip *shared)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (row->denied >= 0 && deny(row) < 0)
			_exit(2);
		doctor_trip(shared);
		_exit(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct doctor_trip *shared_trip(void)
{
	void *shared = mmap(NULL, sizeof(struct doctor_trip), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

static void test_rows(void **state)
{
	struct doctor_trip *trip = shared_trip();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct doctor_trip *expected = &rows[i].expected;

		print_message("# %s\n", rows[i].name);
		travel(&rows[i], trip);
		assert_int_equal(trip->installed, expected->installed);
		assert_int_equal(trip->step, expected->step);
		assert_int_equal(trip->synchronous, expected->synchronous);
		assert_int_equal(trip->received, expected->received);
		assert_int_equal(trip->refused, expected->refused);
		assert_int_equal(trip->continued, expected->continued);
		assert_int_equal(trip->read, expected->read);
		assert_int_equal(trip->added, expected->added);
		assert_int_equal(trip->nanoseconds > 0, expected->refused == 0);
	}
	assert_int_equal(munmap(trip, sizeof(*trip)), 0);
}

/* The kernel allows one listener for a tree of processes (seccomp_unotify(2)). */
static void test_under_a_supervisor(void **state)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };
	struct doctor_trip *trip = shared_trip();
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		            &program) < 0)
			_exit(2);
		doctor_trip(trip);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(trip->installed, -EBUSY);
	assert_int_equal(trip->step, AGENT_INSTALL);
	assert_int_equal(munmap(trip, sizeof(*trip)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_under_a_supervisor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
