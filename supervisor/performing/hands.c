/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/hands.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/memory.h"

#ifndef PIDFD_THREAD /* Linux 6.9 */
#define PIDFD_THREAD O_EXCL
#endif

int hands_descriptor(const struct identity_thread *thread, int number)
{
	_cleanup_close_ int pidfd = (int)syscall(SYS_pidfd_open, thread->tid, PIDFD_THREAD);
	int fd;

	if (pidfd < 0) /* before Linux 6.9; a thread with a table of its own is then misread */
		pidfd = (int)syscall(SYS_pidfd_open, thread->pid, 0);
	if (pidfd < 0)
		return err_errno();
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	return fd < 0 ? err_errno() : fd;
}

static int working_directory(int proc, const struct identity_thread *thread)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/cwd", thread->tid);
	fd = openat(proc, path, O_PATH | O_CLOEXEC);
	return fd < 0 ? err_errno() : fd;
}

static int take_pin(int proc, const struct operation *operation, const struct seccomp_data *call,
                    const struct identity_thread *thread, unsigned index)
{
	int at = operation->paths[index].at;

	if (at == PERFORM_NO_ARGUMENT)
		return -EBADF;
	if (at == PERFORM_CWD || ((int)call->args[at] == AT_FDCWD && !operation->socket))
		return working_directory(proc, thread);
	return hands_descriptor(thread, (int)call->args[at]);
}

void hands_take(int proc, const struct seccomp_data *call, const struct identity_thread *thread,
                int ret_hands[HANDS])
{
	const struct operation *operation = operation_find(call);

	ret_hands[HANDS_MEMORY] = operation->writes_memory ? memory_open_writable(thread->tid)
	                                                   : memory_open(thread->tid);
	for (unsigned i = 0; i < PERFORM_PINS; i++)
		ret_hands[HANDS_PINS + i] = take_pin(proc, operation, call, thread, i);
}

void hands_drop(int hands[HANDS])
{
	for (size_t i = 0; i < HANDS; i++)
		hands[i] = fd_close(hands[i]);
}
