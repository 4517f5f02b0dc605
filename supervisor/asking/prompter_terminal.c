/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/prompter_terminal.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/process.h"

enum {
	ROUND_MS = 2,
	RUNNER_ROUNDS = 20,  /* looks at a job that runs, when it may be on its way into a read */
	READER_ROUNDS = 500, /* until those that read have stopped */
};

/* ---- the processes of a group */

/* Reads a file of /proc/PID; false where there is nothing to read. */
static bool read_proc(pid_t pid, const char *name, char *buf, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, buf, size - 1);
	if (length <= 0)
		return false;
	buf[length] = '\0';
	return true;
}

static bool has_signal(const char *status, const char *key, int signal)
{
	const char *line = strstr(status, key);

	return line && (strtoull(line + strlen(key), NULL, 16) >> (signal - 1) & 1);
}

/* Whether SIGTTIN would not stop it: its reads in the background fail, which it may not expect. */
static bool defies_stop(pid_t pid)
{
	char status[4096];

	return read_proc(pid, "status", status, sizeof(status)) &&
	       (has_signal(status, "\nSigIgn:\t", SIGTTIN) ||
	        has_signal(status, "\nSigBlk:\t", SIGTTIN));
}

/*
 * What the threads of a process are about. One that waits as read(2) on a terminal does
 * (wait_woken in Linux 4.x to 6.x) may have begun to in the foreground, and would take the answer.
 * More than those look so; they wait anyway, and are continued. One that runs may be about to.
 */
struct activity {
	bool may_be_reading;
	bool runs;
};

static struct activity activity_of(pid_t pid)
{
	_cleanup_closedir_ DIR *directory = NULL;
	struct activity activity = { 0 };
	const struct dirent *entry;
	char path[32], wait[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || !read_proc(tid, "wchan", wait, sizeof(wait)))
			continue;
		if (strcmp(wait, "0") == 0)
			activity.runs = true;
		if (strstr(wait, "wait_woken") || strstr(wait, "tty"))
			activity.may_be_reading = true;
	}
	return activity;
}

/*
 * Stops those of the group that would get the answer; the kernel stops who begins to read from now
 * on. Returns what the group was about: a reader that was told to stop reads until it has.
 */
static struct activity stop_readers(const struct prompter_terminal *terminal)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc");
	const struct dirent *entry;
	struct activity all = { 0 };

	while (directory && (entry = readdir(directory))) {
		pid_t pid = atoi(entry->d_name);
		struct activity activity;
		struct process process;

		if (pid <= 0 || pid == terminal->keeper || pid == terminal->anchor ||
		    process_read(pid, &process) < 0 || process.group != terminal->before)
			continue;
		activity = activity_of(pid);
		all.runs = all.runs || activity.runs;
		all.may_be_reading = all.may_be_reading || activity.may_be_reading;
		if (defies_stop(pid))
			(void)kill(pid, SIGSTOP);
		else if (activity.may_be_reading)
			(void)kill(pid, SIGTTIN);
	}
	return all;
}

static void stop_all_readers(const struct prompter_terminal *terminal)
{
	for (int round = 0; round < READER_ROUNDS; round++) {
		struct activity activity = stop_readers(terminal);

		if (!activity.may_be_reading && (!activity.runs || round >= RUNNER_ROUNDS))
			return;
		(void)poll(NULL, 0, ROUND_MS);
	}
}

static bool any_stopped(pid_t group)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc");
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		struct process process;
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && process_read(pid, &process) == 0 && process.group == group &&
		    process.state == 'T')
			return true;
	}
	return false;
}

/* ---- the foreground */

/*
 * A group none of whose processes has a parent in another group of the session is orphaned: nobody
 * could continue it, so the kernel does not stop it, and its reads fail with EIO. That is our job's
 * lot where callgate leads the session (ssh -t, script). A child of ours in the group prevents it.
 */
static pid_t start_anchor(pid_t group)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid > 0 ? pid : 0;
	(void)prctl(PR_SET_NAME, "callgate-anchor");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setpgid(0, group) < 0 || getppid() != parent)
		_exit(0);
	for (;;)
		pause();
}

static void end_anchor(struct prompter_terminal *terminal)
{
	if (terminal->anchor == 0)
		return;
	(void)kill(terminal->anchor, SIGKILL);
	(void)waitpid(terminal->anchor, NULL, 0);
	terminal->anchor = 0;
}

/* The job's own group, or one that a process of the job has made: a shell's, say. */
static bool is_ours(const struct prompter_terminal *terminal, pid_t group)
{
	return group == getpgid(terminal->keeper) || process_descends(group, terminal->keeper);
}

static int take_foreground(struct prompter_terminal *terminal)
{
	terminal->before = tcgetpgrp(terminal->fd);
	if (terminal->before < 0 && errno == ENOTTY) { /* not our session's */
		terminal->before = 0;
		return 0;
	}
	if (terminal->before < 0)
		return err_errno();
	if (!is_ours(terminal, terminal->before))
		return TERMINAL_BUSY;
	terminal->anchor = start_anchor(terminal->before);
	(void)setpgid(terminal->anchor, terminal->before);
	if (tcsetpgrp(terminal->fd, getpgrp()) < 0)
		return err_errno();
	stop_all_readers(terminal);
	return 0;
}

bool terminal_is_ours(const struct prompter_terminal *terminal)
{
	return terminal->before == 0 || tcgetpgrp(terminal->fd) == getpgrp();
}

static void leave_foreground(struct prompter_terminal *terminal)
{
	if (terminal->before > 0 && terminal_is_ours(terminal) &&
	    tcsetpgrp(terminal->fd, terminal->before) < 0)
		(void)tcsetpgrp(terminal->fd, getpgid(terminal->keeper)); /* the group has gone */
	if (terminal->before > 0 && any_stopped(terminal->before))
		(void)kill(-terminal->before, SIGCONT);
	end_anchor(terminal); /* not before: the end of an orphan's stopped jobs is SIGHUP */
}

int terminal_take(struct prompter_terminal *terminal)
{
	struct termios keys;
	int r;

	if (tcgetattr(terminal->fd, &terminal->settings) < 0)
		return err_errno();
	r = take_foreground(terminal);
	keys = terminal->settings;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	if (r == 0 && tcsetattr(terminal->fd, TCSAFLUSH, &keys) < 0)
		r = err_errno();
	if (r == 0)
		terminal->taken = true;
	else if (r < 0)
		leave_foreground(terminal);
	return r;
}

void terminal_give_back(struct prompter_terminal *terminal)
{
	if (!terminal->taken)
		return;
	terminal->taken = false;
	if (terminal_is_ours(terminal))
		(void)tcsetattr(terminal->fd, TCSADRAIN, &terminal->settings);
	leave_foreground(terminal);
}

void terminal_guard(const struct prompter_terminal *terminal)
{
	if (terminal->before > 0)
		(void)stop_readers(terminal);
}

/* ---- keys */

int terminal_key(const struct prompter_terminal *terminal)
{
	unsigned char key;
	ssize_t count = read(terminal->fd, &key, 1);

	if (count < 0)
		return err_errno();
	return count == 0 ? 0 : key;
}

int terminal_signal_of(const struct prompter_terminal *terminal, int key)
{
	static const struct {
		int character;
		int signal;
	} rows[] = { { VINTR, SIGINT }, { VQUIT, SIGQUIT }, { VSUSP, SIGTSTP } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (terminal->settings.c_cc[rows[i].character] == key && key != _POSIX_VDISABLE)
			return rows[i].signal;
	return 0;
}

bool terminal_is_end(const struct prompter_terminal *terminal, int key)
{
	return key == 0 || terminal->settings.c_cc[VEOF] == key;
}
