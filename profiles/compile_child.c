/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile_child.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void compile_report_free(struct compile_report *report)
{
	if (report)
		(void)munmap(report, sizeof(*report));
}

/* Never returns, and runs no one's exit handlers. */
_Noreturn static void child(pid_t parent, compile_work work, void *context,
                            struct compile_report *report)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* gone before it could take effect */
		_exit(0);
	report->result = work(context, report);
	/* The parent reads it after the exit, which orders the two. */
	report->finished = true;
	_exit(0);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 0 once the process has ended, -ETIMEDOUT before. */
static int wait_for_end(int pidfd, unsigned milliseconds)
{
	int64_t end = now_ms() + milliseconds, left;
	struct pollfd poller = { .fd = pidfd, .events = POLLIN };

	while ((left = end - now_ms()) > 0) {
		int n = poll(&poller, 1, (int)left);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_errno();
	}
	return -ETIMEDOUT;
}

/* Someone else's wait for any child may have taken it: then it has ended too. */
static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int supervise(pid_t pid, unsigned milliseconds)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int r = pidfd < 0 ? err_errno() : wait_for_end(pidfd, milliseconds);

	if (r < 0)
		(void)kill(pid, SIGKILL); /* ours until it is reaped */
	reap(pid);
	return r;
}

int compile_in_child(compile_work work, void *context, unsigned milliseconds,
                     struct compile_report **ret_report)
{
	struct compile_report *report;
	pid_t parent = getpid(), pid;
	int r;

	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	if (report == MAP_FAILED)
		return err_errno();
	pid = fork();
	if (pid == 0)
		child(parent, work, context, report);
	r = pid < 0 ? err_errno() : supervise(pid, milliseconds);
	if (r < 0 && r != -ETIMEDOUT) {
		compile_report_free(report);
		return r;
	}
	*ret_report = report;
	if (r == 0 && !report->finished)
		return -ENOTRECOVERABLE;
	return r;
}
