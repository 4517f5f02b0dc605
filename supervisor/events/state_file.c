/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/state_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "supervisor/files/own_directory.h"

static const struct own_directory state = { "XDG_STATE_HOME", "/var/lib", ".local/state" };
static const char name[] = "last.jsonl";

int state_file_path(char *path, size_t size)
{
	size_t len;
	int r = own_directory_path(&state, path, size);

	if (r < 0)
		return r;
	len = strlen(path);
	if (size - len < sizeof(name) + 1)
		return -ENAMETOOLONG;
	snprintf(path + len, size - len, "/%s", name);
	return 0;
}

int state_file_start(void)
{
	_cleanup_close_ int directory = own_directory_open(&state), fd = -EBADF;
	char beside[32];

	if (directory < 0)
		return directory;
	snprintf(beside, sizeof(beside), "%s.%d", name, getpid());
	(void)unlinkat(directory, beside, 0); /* left by one that was killed in between */
	fd = openat(directory, beside, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno();
	if (renameat(directory, beside, directory, name) < 0) {
		int r = err_errno();

		(void)unlinkat(directory, beside, 0);
		return r;
	}
	return TAKE_FD(fd);
}

bool state_file_is_last(int fd)
{
	struct stat written, found;
	char path[PATH_MAX];

	return state_file_path(path, sizeof(path)) == 0 && fstat(fd, &written) == 0 &&
	       stat(path, &found) == 0 && written.st_dev == found.st_dev &&
	       written.st_ino == found.st_ino;
}
