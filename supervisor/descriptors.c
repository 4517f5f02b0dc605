/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cleanup.h"

typedef bool descriptor_test(int fd, const void *context);

/* Closes each descriptor above 2 for which should_close holds. */
static int close_if(descriptor_test *should_close, const void *context)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!directory)
		return err_errno();
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name); /* "." and ".." become 0 */

		if (fd > STDERR_FILENO && fd != dirfd(directory) && should_close(fd, context))
			(void)close(fd);
	}
	return 0;
}

struct keep {
	const int *fds;
	size_t count;
};

static bool is_not_kept(int fd, const void *context)
{
	const struct keep *keep = context;

	for (size_t i = 0; i < keep->count; i++)
		if (keep->fds[i] == fd)
			return false;
	return true;
}

int descriptors_close_except(const int *keep, size_t count)
{
	return close_if(is_not_kept, &(struct keep){ .fds = keep, .count = count });
}

static bool is_inherited(int fd, const void *context)
{
	int flags = fcntl(fd, F_GETFD);

	(void)context;
	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int descriptors_close_inherited(void)
{
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return err_errno();
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return err_errno();
	return close_if(is_inherited, NULL);
}
