/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch_source.h"

#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The terminal as it was, to be given back. One terminal, one process. */
static struct termios found;

/* Keys one by one and unseen; ^C still interrupts. */
static int take_keys(void)
{
	struct termios wanted;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &found) < 0)
		return -EBADF;
	wanted = found;
	wanted.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &wanted) < 0)
		return -EBADF;
	return STDIN_FILENO;
}

/*
 * The directory, not the file: its events tell of what is written to the file and of another file
 * that takes its place.
 */
static int watch_directory(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	_cleanup_close_ int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (!copy)
		return -ENOMEM;
	if (changes < 0 ||
	    inotify_add_watch(changes, dirname(copy), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return err_errno();
	return TAKE_FD(changes);
}

/*
 * By a descriptor, and not by a handler: one that came between the last look and poll(2) would be
 * noticed with the next event only.
 */
static int open_signals(void)
{
	sigset_t interrupts;
	int fd;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	sigaddset(&interrupts, SIGTERM);
	sigprocmask(SIG_BLOCK, &interrupts, NULL);
	fd = signalfd(-1, &interrupts, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno() : fd;
}

int watch_source_open(const char *path, int fd, bool want_keys, struct watch_source *ret_source)
{
	struct watch_source source = {
		.changes = -EBADF, .input = -EBADF, .keys = -EBADF, .signals = -EBADF
	};
	struct stat status;

	if (fstat(fd, &status) < 0)
		return err_errno();
	if (S_ISREG(status.st_mode) && strcmp(path, "-") != 0)
		source.changes = watch_directory(path);
	else
		source.input = fd;
	if (source.changes < 0 && source.input < 0)
		return source.changes;
	source.signals = open_signals();
	if (source.signals < 0) {
		fd_close(source.changes);
		return source.signals;
	}
	if (want_keys && strcmp(path, "-") != 0)
		source.keys = take_keys();
	*ret_source = source;
	return 0;
}

void watch_source_close(struct watch_source *source)
{
	source->changes = fd_close(source->changes);
	source->signals = fd_close(source->signals);
	if (source->keys >= 0)
		(void)tcsetattr(source->keys, TCSANOW, &found);
	source->keys = -EBADF;
}

/* What changed does not matter: the reader looks. */
static void drain(int changes)
{
	char bytes[4096];

	while (read(changes, bytes, sizeof(bytes)) > 0)
		;
}

static int read_key(struct watch_source *source)
{
	unsigned char key;

	if (read(source->keys, &key, 1) == 1)
		return key;
	source->keys = -EBADF; /* the terminal has gone */
	return 0;
}

int watch_source_wait(struct watch_source *source, int timeout_ms)
{
	struct pollfd wait[] = {
		{ .fd = source->changes, .events = POLLIN },
		{ .fd = source->input, .events = POLLIN },
		{ .fd = source->keys, .events = POLLIN },
		{ .fd = source->signals, .events = POLLIN },
	};

	if (poll(wait, ARRAY_SIZE(wait), timeout_ms) < 0)
		return errno == EINTR ? 0 : err_errno();
	if (wait[3].revents)
		return -EINTR;
	if (wait[0].revents)
		drain(source->changes);
	if (wait[1].revents & (POLLHUP | POLLERR) && !(wait[1].revents & POLLIN))
		source->input_ended = true;
	return wait[2].revents ? read_key(source) : 0;
}
