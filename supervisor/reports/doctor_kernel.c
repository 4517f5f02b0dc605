/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/reports/doctor_probes.h"
#include "supervisor/listener.h"
#include "supervisor/notification.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* Linux 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef PIDFD_THREAD /* Linux 6.9 */
#define PIDFD_THREAD O_EXCL
#endif

enum { NOBODY = 65534 };

/*
 * A call that cannot succeed, made for the error that only a kernel which has it gives: expected
 * is that errno. Anything else is its absence, or somebody who forbids it.
 */
static void find_by_error(struct doctor_finding *ret_finding, long result, int expected)
{
	int error = result < 0 ? errno : 0;

	doctor_find_outcome(ret_finding, error == expected ? 0 : -error);
}

void doctor_user_notif(_unused_ const struct doctor_place *place,
                       struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, listener_probe(NOTIFICATION_ROOM));
}

/* The flags are looked at before the filter, which is nowhere (seccomp(2)). */
void doctor_wait_killable(_unused_ const struct doctor_place *place,
                          struct doctor_finding *ret_finding)
{
	find_by_error(
		ret_finding,
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	                SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	                NULL),
		EFAULT);
}

void doctor_sync_wake_up(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, place->trip->synchronous);
}

static void find_by_descriptor(struct doctor_finding *ret_finding, long result)
{
	doctor_find_outcome(ret_finding, result < 0 ? err_errno() : 0);
	fd_close((int)result);
}

void doctor_pidfd_thread(_unused_ const struct doctor_place *place,
                         struct doctor_finding *ret_finding)
{
	find_by_descriptor(ret_finding, syscall(SYS_pidfd_open, getpid(), PIDFD_THREAD));
}

void doctor_pidfd_getfd(_unused_ const struct doctor_place *place,
                        struct doctor_finding *ret_finding)
{
	find_by_error(ret_finding, syscall(SYS_pidfd_getfd, -1, 0, 0), EBADF);
}

void doctor_openat2(_unused_ const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

	find_by_descriptor(ret_finding, syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)));
}

void doctor_landlock(_unused_ const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 0)
		doctor_find_outcome(ret_finding, err_errno());
	else
		doctor_find(ret_finding, DOCTOR_OK, "ABI %ld", abi);
}

/* Here its absence is what is wanted. The parameters are nowhere, so none is made. */
void doctor_io_uring(_unused_ const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	long result = syscall(SYS_io_uring_setup, 1, NULL);
	char name[32];

	if (result < 0 && errno == EFAULT)
		doctor_find(ret_finding, DOCTOR_MISSING, "io_uring_setup is open to us");
	else
		doctor_find(ret_finding, DOCTOR_OK, "io_uring_setup: %s",
		            err_name(result < 0 ? errno : 0, name, sizeof(name)));
}

/*
 * Exits with the errno. Root asks as somebody who is not, where its user namespace has another
 * user to be.
 */
static _Noreturn void try_user_namespace(void)
{
	if (geteuid() == 0 && syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) == 0)
		(void)!syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
	_exit(unshare(CLONE_NEWUSER) < 0 ? errno : 0);
}

void doctor_user_namespaces(_unused_ const struct doctor_place *place,
                            struct doctor_finding *ret_finding)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		try_user_namespace();
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		doctor_find(ret_finding, DOCTOR_UNKNOWN, "fork: %m");
	else if (!WIFEXITED(status))
		doctor_find(ret_finding, DOCTOR_UNKNOWN, "a child that asked was killed");
	else
		doctor_find_outcome(ret_finding, -WEXITSTATUS(status));
}
