/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/module_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"

/* By the kernel's own link to it, deleted or not; takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE. */
static int by_mapping(pid_t tid, const struct mapping *mapping)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, tid, mapping->low,
	         mapping->high);
	return open(path, O_PATH | O_CLOEXEC);
}

/* By its name below the target's root, out of which no link leads. */
static int by_target_root(pid_t tid, const struct mapping *mapping)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_close_ int root = -EBADF;
	char path[PATH_MAX];

	if (mapping->path_length >= sizeof(path))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/root", tid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	memcpy(path, mapping->path, mapping->path_length);
	path[mapping->path_length] = '\0';
	return root < 0 ? -1 : (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* By its name as it is for us: so the kernel shows the files of a target that has called chroot. */
static int by_our_root(_unused_ pid_t tid, const struct mapping *mapping)
{
	char path[PATH_MAX];

	if (mapping->path_length >= sizeof(path))
		return -1;
	memcpy(path, mapping->path, mapping->path_length);
	path[mapping->path_length] = '\0';
	return open(path, O_PATH | O_CLOEXEC);
}

/* The program itself may have been deleted or replaced since. */
static int by_program(pid_t tid, _unused_ const struct mapping *mapping)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	return open(path, O_PATH | O_CLOEXEC);
}

static const struct {
	int (*open)(pid_t tid, const struct mapping *mapping);
	bool exact; /* it cannot be another file */
} ways[] = {
	{ by_mapping, true },
	{ by_target_root, false },
	{ by_our_root, false },
	{ by_program, false },
};

/*
 * The inode alone is compared: overlayfs and btrfs show another device number in maps than stat(2)
 * does. A file that is mistaken for another costs a wrong name in a line that explains.
 */
static int check_file(int fd, const struct mapping *mapping, bool exact)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || (!exact && status.st_ino != mapping->inode))
		return -ENOENT;
	return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

static int reopen_to_read(int fd)
{
	char path[32];
	int readable;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	readable = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return readable < 0 ? err_errno() : readable;
}

int module_file_open(pid_t tid, const struct mapping *mapping)
{
	int result = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_close_ int fd = ways[i].open(tid, mapping);

		if (fd < 0)
			continue;
		result = check_file(fd, mapping, ways[i].exact);
		if (result == 0)
			return reopen_to_read(fd);
	}
	return result;
}
