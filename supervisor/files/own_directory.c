/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/own_directory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

static const char name[] = "callgate";

int own_directory_path(const struct own_directory *which, char *path, size_t size)
{
	const char *base = secure_getenv(which->variable);
	int len;

	/* The XDG base directory specification ignores relative paths. */
	if (base && base[0] == '/')
		len = snprintf(path, size, "%s/%s", base, name);
	else if (geteuid() == 0)
		len = snprintf(path, size, "%s/%s", which->of_system, name);
	else if ((base = secure_getenv("HOME")) && base[0] == '/')
		len = snprintf(path, size, "%s/%s/%s", base, which->in_home, name);
	else
		return -ENOENT;
	return len > 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

/* What is missing on the way to path, as the specification wants it made. */
static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
}

bool own_directory_is_ours(int fd, mode_t type)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type &&
	       status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH));
}

int own_directory_open(const struct own_directory *which)
{
	_cleanup_close_ int fd = -EBADF;
	char path[PATH_MAX];
	int r = own_directory_path(which, path, sizeof(path));

	if (r < 0)
		return r;
	make_parents(path);
	(void)mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno();
	if (!own_directory_is_ours(fd, S_IFDIR))
		return -EPERM;
	return TAKE_FD(fd);
}
