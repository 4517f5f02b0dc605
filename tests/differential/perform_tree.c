/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/differential/perform_cases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(long result, const char *what)
{
	if (result < 0 && errno != EPERM && errno != EEXIST && errno != EINVAL)
		printf("setup %s: %s\n", what, strerror(errno));
}

void write_file(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);

	must(fd, path);
	must(write(fd, path, strlen(path)), path);
	close(fd);
}

void setup(void)
{
	char here[4096];

	must(system("chmod -R u+rwx . && rm -rf ./*"), "rm");
	must(!getcwd(here, sizeof(here) - 10) ? -1 : 0, "getcwd");
	strcat(here, "/file");
	must(mkdir("dir", 0755), "dir");
	must(mkdir("forbidden", 0755), "forbidden");
	must(mkdir("setgid", 0755), "setgid");
	must(mkdir("sticky", 0755), "sticky");
	must(chmod("setgid", 02777), "setgid");
	write_file("file", 0644);
	write_file("dir/inner", 0640);
	write_file("forbidden/x", 0644);
	write_file("mute", 0);
	write_file("sticky/planted", 0666);
	must(chmod("sticky/planted", 0666), "planted");
	must(symlink("planted", "sticky/link"), "link");
	must(chown("sticky/planted", 12345, 12345), "planted"); /* EPERM for all but root */
	must(lchown("sticky/link", 12345, 12345), "planted");
	must(chmod("sticky", 01777), "sticky");
	must(chmod("forbidden", 0600), "forbidden");
	must(symlink("file", "to-file"), "link");
	must(symlink("dir", "to-dir"), "link");
	must(symlink("made-by-link", "dangling"), "link");
	must(symlink("loop", "loop"), "link");
	must(symlink(here, "absolute"), "link");
	must(symlink("to-dir/../to-file", "chain"), "link");
	must(symlink("../../../../../../../..", "up"), "link");
	must(mkfifo("fifo", 0600), "fifo");
}
