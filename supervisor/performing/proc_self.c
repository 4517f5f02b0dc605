/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/proc_self.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { STATUS_SIZE = 8192 };

/* The ids that the /proc has for one of its entries. */
static int read_entry(int proc, pid_t tid, struct identity_thread *ret_thread)
{
	_cleanup_close_ int fd = -EBADF;
	char path[32], status[STATUS_SIZE];
	struct identity ignored;
	ssize_t count;

	snprintf(path, sizeof(path), "%d/status", tid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno();
	count = read(fd, status, sizeof(status) - 1);
	if (count < 0)
		return err_errno();
	status[count] = '\0';
	return identity_parse(status, &ignored, ret_thread);
}

/*
 * Which of the thread's ids a /proc shows depends on the pid namespace it was mounted in: the
 * outermost level whose entry has the same ids further in is the one.
 */
static int level_in(int proc, const struct identity_thread *thread)
{
	for (unsigned level = 0; level < thread->levels; level++) {
		struct identity_thread there;

		if (read_entry(proc, thread->tids[level], &there) == 0 &&
		    there.levels == thread->levels - level &&
		    memcmp(there.tids, thread->tids + level, there.levels * sizeof(pid_t)) == 0)
			return (int)level;
	}
	return -ENOENT;
}

int proc_self_text(int proc, const struct identity_thread *thread, bool of_thread, char *buf,
                   size_t size)
{
	int level = level_in(proc, thread);

	if (level < 0)
		return level;
	if (of_thread)
		snprintf(buf, size, "%d/task/%d", thread->pids[level], thread->tids[level]);
	else
		snprintf(buf, size, "%d", thread->pids[level]);
	return 0;
}
