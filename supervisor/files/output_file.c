/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/output_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/cleanup.h"

int output_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno();
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_into(const char *path, const void *bytes, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? err_errno() : output_write_all(fd, bytes, len);
}

/* umask(2) can be asked only by setting it; commands have one thread. */
static mode_t mode_of_new_files(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int fill(int fd, const void *bytes, size_t len, mode_t mode)
{
	int r = output_write_all(fd, bytes, len);

	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = err_errno();
	return r;
}

/* A file beside path, which then takes its place. */
static int replace(const char *path, const void *bytes, size_t len, mode_t mode)
{
	_cleanup_free_ char *beside = NULL;
	_cleanup_close_ int fd = -EBADF;
	int r;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
		beside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return err_errno();
	r = fill(fd, bytes, len, mode);
	if (r == 0 && rename(beside, path) < 0)
		r = err_errno();
	if (r < 0)
		(void)unlink(beside);
	return r;
}

int output_file_write(const char *path, const void *bytes, size_t len)
{
	_cleanup_free_ char *real = NULL;
	struct stat status;

	if (stat(path, &status) < 0)
		return errno == ENOENT ? replace(path, bytes, len, mode_of_new_files())
		                       : err_errno();
	if (!S_ISREG(status.st_mode))
		return write_into(path, bytes, len);
	real = realpath(path, NULL); /* a symbolic link stays one */
	return real ? replace(real, bytes, len, status.st_mode & 07777) : err_errno();
}
