/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/input_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json.h"

static const struct place nowhere; /* the file as a whole */

static int complain(struct diags *diags, int error, const char *what)
{
	diags_add(diags, DIAG_ERROR, "file", nowhere, "", "%s: %s", what, strerror(-error));
	return error;
}

static int check_file(int fd, struct diags *diags)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return complain(diags, err_errno(), "cannot look at it");
	if (S_ISREG(status.st_mode))
		return 0;
	diags_add(diags, DIAG_ERROR, "not-a-file", nowhere, "", "%s; expected a regular file",
	          S_ISDIR(status.st_mode) ? "a directory" : "a pipe, socket or device");
	return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
}

/* Opens a regular file for reading; waits neither for a FIFO's writer nor for a device. */
static int open_file(const char *path, struct diags *diags, int *ret_fd)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return complain(diags, err_errno(), "cannot open it");
	r = check_file(fd, diags);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Reads at most size bytes, whatever the file's length was a moment ago. */
static int read_all(int fd, char *bytes, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			return err_errno();
	}
	*ret_len = len;
	return 0;
}

int input_file_read(const char *path, struct diags *diags, char **ret_bytes, size_t *ret_len)
{
	_cleanup_free_ char *bytes = NULL;
	_cleanup_close_ int fd = -EBADF;
	int r;

	diags_set_file(diags, path);
	r = open_file(path, diags, &fd);
	if (r < 0)
		return r;
	bytes = malloc(JSON_MAX_BYTES + 1);
	if (!bytes)
		return -ENOMEM;
	r = read_all(fd, bytes, JSON_MAX_BYTES + 1, ret_len); /* one more than may be: -EFBIG */
	if (r < 0)
		return complain(diags, r, "cannot read it");
	*ret_bytes = TAKE_PTR(bytes);
	return 0;
}
