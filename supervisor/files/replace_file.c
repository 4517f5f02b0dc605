/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/replace_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervisor/files/output_file.h"

enum { BACKUPS_MAX = 1000 };

static int open_regular(const char *path, struct stat *ret_status, int *ret_fd)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, ret_status) < 0)
		return err_errno();
	if (!S_ISREG(ret_status->st_mode))
		return -EINVAL;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Whether what can be read from fd is what is expected, to the end. */
static int holds(int fd, const struct file_change *change, bool *ret_holds)
{
	size_t at = 0;

	*ret_holds = false;
	for (;;) {
		char bytes[4096];
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno();
		if (n == 0)
			break;
		if ((size_t)n > change->old_len - at ||
		    memcmp(bytes, change->old + at, (size_t)n) != 0)
			return 0;
		at += (size_t)n;
	}
	*ret_holds = at == change->old_len;
	return 0;
}

static int check(const struct file_change *change, struct stat *ret_status)
{
	_cleanup_close_ int fd = -EBADF;
	bool as_expected;
	int r = open_regular(change->path, ret_status, &fd);

	if (r == 0)
		r = holds(fd, change, &as_expected);
	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	return as_expected ? 0 : -ESTALE;
}

/* ---- the backup */

static char *backup_path(const char *real, unsigned number)
{
	char *path;
	int n = number == 0 ? asprintf(&path, "%s.bak", real)
	                    : asprintf(&path, "%s.bak.%u", real, number);

	return n < 0 ? NULL : path;
}

static int fill(int fd, const struct file_change *change, const struct stat *status)
{
	int r = output_write_all(fd, change->old, change->old_len);

	if (r == 0 && (fchmod(fd, status->st_mode & 0777) < 0 || fsync(fd) < 0))
		r = err_errno();
	return r;
}

/* Under the first name that is free. */
static int keep(const char *real, const struct file_change *change, const struct stat *status,
                char **ret_backup)
{
	for (unsigned number = 0; number < BACKUPS_MAX; number++) {
		_cleanup_free_ char *path = backup_path(real, number);
		_cleanup_close_ int fd = -EBADF;
		int r;

		if (!path)
			return -ENOMEM;
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return err_errno();
		r = fill(fd, change, status);
		if (r < 0)
			(void)unlink(path);
		else
			*ret_backup = TAKE_PTR(path);
		return r;
	}
	return -EEXIST;
}

/* ---- all of it */

static int make_new(const struct file_change *change, char **ret_backup)
{
	struct stat status;

	/* A link that leads nowhere is nothing to write through. */
	if (lstat(change->path, &status) == 0)
		return -ESTALE;
	if (errno != ENOENT)
		return err_errno();
	*ret_backup = NULL;
	return output_file_write(change->path, change->new, change->new_len);
}

int replace_file(const struct file_change *change, char **ret_backup)
{
	_cleanup_free_ char *real = NULL, *backup = NULL;
	struct stat status;
	int r;

	if (!change->old)
		return make_new(change, ret_backup);
	r = check(change, &status);
	if (r < 0)
		return r;
	real = realpath(change->path, NULL);
	if (!real)
		return err_errno();
	r = keep(real, change, &status, &backup);
	if (r == 0)
		r = check(change, &status); /* once more: the backup took its time */
	if (r == 0)
		r = output_file_write(real, change->new, change->new_len);
	if (r < 0 && backup)
		(void)unlink(backup);
	if (r < 0)
		return r;
	*ret_backup = TAKE_PTR(backup);
	return 0;
}
