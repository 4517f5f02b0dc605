/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/open_apart.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The descriptor takes the number `place`, which the parent knows; the status is the errno. */
static _Noreturn void open_and_exit(int at, const char *path, const struct open_how *how, int place)
{
	int fd = (int)syscall(SYS_openat2, at, path, how, sizeof(*how));

	if (fd < 0 || dup3(fd, place, O_CLOEXEC) < 0)
		_exit(errno);
	_exit(close(fd) < 0 ? errno : 0);
}

/* Shares the table of descriptors and not the memory, and has ended when this returns. */
static pid_t fork_sharing_descriptors(void)
{
	struct clone_args args = { .flags = CLONE_FILES | CLONE_VFORK, .exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int open_apart(int at, const char *path, const struct open_how *how)
{
	_cleanup_close_ int place = open("/", O_PATH | O_CLOEXEC);
	int status;
	pid_t pid;

	if (place < 0)
		return err_errno();
	pid = fork_sharing_descriptors();
	if (pid == 0)
		open_and_exit(at, path, how, place);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return err_errno();
	if (!WIFEXITED(status)) /* killed, before or after it was done */
		return -EIO;
	return WEXITSTATUS(status) ? -WEXITSTATUS(status) : TAKE_FD(place);
}
