/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/freezer.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/freezing/own_cgroup.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* Linux 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static const char prefix[] = "callgate-";

enum {
	NAMES_MAX = 16, /* tries, where others remove what we make */
	PROBE_MS = 1000,
};

const char *freezer_want_text(enum freezer_want want)
{
	static const char *const texts[FREEZER_WANT_COUNT] = {
		[FREEZER_ABLE] = "",
		[FREEZER_WANTS_KILLABLE] = "the kernel lets signals interrupt a call that is "
					   "looked at (it takes Linux 5.19)",
		[FREEZER_WANTS_CGROUP] = "our cgroup v2 is not mounted",
		[FREEZER_WANTS_RIGHTS] =
			"we may not make a cgroup below our own (be root, or have "
			"it delegated: systemd-run --user --scope -p Delegate=yes)",
		[FREEZER_WANTS_FREEZE] = "a cgroup of ours could not be frozen, or not be seen to "
					 "be",
	};

	return want < FREEZER_WANT_COUNT ? texts[want] : "";
}

/* ---- small files */

static int write_word(int fd, const char *word)
{
	ssize_t length;

	do {
		length = pwrite(fd, word, strlen(word), 0);
	} while (length < 0 && errno == EINTR);
	return length < 0 ? err_errno() : 0;
}

static int write_file(int directory, const char *name, const char *word)
{
	_cleanup_close_ int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? err_errno() : write_word(fd, word);
}

/* NUL-terminated, at most size - 1 bytes. */
static int read_file(int directory, const char *name, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (length < 0)
		return err_errno();
	buf[length] = '\0';
	return 0;
}

/* ---- the leaf */

/* Thawed and removed where nobody of the run that made it lives: its lock is free. */
static void remove_stale(int parent, const char *name)
{
	_cleanup_close_ int leaf =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (leaf < 0 || flock(leaf, LOCK_EX | LOCK_NB) < 0)
		return;
	(void)write_file(leaf, "cgroup.freeze", "0");
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

static void remove_all_stale(int parent)
{
	_cleanup_closedir_ DIR *directory = NULL;
	const struct dirent *entry;
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	directory = fdopendir(fd);
	while (directory && (entry = readdir(directory)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			remove_stale(parent, entry->d_name);
}

/* Whether the leaf that we have locked is still there under its name: see remove_stale(). */
static bool is_there(const struct freezer *freezer)
{
	struct stat ours, named;

	return fstat(freezer->directory, &ours) == 0 &&
	       fstatat(freezer->parent, freezer->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_ino == named.st_ino;
}

static int make_leaf(struct freezer *freezer)
{
	for (int i = 0; i < NAMES_MAX; i++) {
		snprintf(freezer->name, sizeof(freezer->name), "%s%d-%d", prefix, getpid(), i);
		if (mkdirat(freezer->parent, freezer->name, 0755) < 0) {
			if (errno != EEXIST)
				return err_errno();
			continue;
		}
		freezer->directory =
			openat(freezer->parent, freezer->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (freezer->directory >= 0 && flock(freezer->directory, LOCK_SH | LOCK_NB) == 0 &&
		    is_there(freezer))
			return 0;
		freezer->directory = fd_close(freezer->directory);
	}
	return -EBUSY;
}

void freezer_deinit(struct freezer *freezer)
{
	if (freezer->directory >= 0)
		(void)unlinkat(freezer->parent, freezer->name, AT_REMOVEDIR);
	freezer->directory = fd_close(freezer->directory);
	freezer->parent = fd_close(freezer->parent);
}

int freezer_enter(int directory)
{
	return write_file(directory, "cgroup.procs", "0");
}

/* ---- whether it works */

/* A filter that is nowhere: a kernel that knows the flags gets as far as reading it. */
static bool has_killable(void)
{
	unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) < 0 && errno == EFAULT;
}

static bool comes_to_rest(const struct freeze *freeze, pid_t child)
{
	for (int waited = 0; waited < PROBE_MS; waited++) {
		if (freeze_task_rests(freeze, child) == 1)
			return true;
		(void)poll(NULL, 0, 1);
	}
	return false;
}

/* A child of ours, frozen, must be seen to rest by the way that is used for a target's tasks. */
static bool try_out(const struct freezer *freezer)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct freeze freeze;
	bool rests = false;
	pid_t child = fork();

	if (child < 0)
		return false;
	if (child == 0) {
		if (freezer_enter(freezer->directory) == 0)
			for (;;)
				pause();
		_exit(1);
	}
	if (freeze_begin(freezer->directory, proc, &freeze) == 0) {
		rests = comes_to_rest(&freeze, child);
		freeze_end(&freeze);
	}
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return rests;
}

static enum freezer_want make(struct freezer *freezer)
{
	char path[PATH_MAX];

	if (!has_killable())
		return FREEZER_WANTS_KILLABLE;
	if (own_cgroup_find(path, sizeof(path)) < 0)
		return FREEZER_WANTS_CGROUP;
	freezer->parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (freezer->parent < 0)
		return FREEZER_WANTS_CGROUP;
	remove_all_stale(freezer->parent);
	if (make_leaf(freezer) < 0)
		return FREEZER_WANTS_RIGHTS;
	return try_out(freezer) ? FREEZER_ABLE : FREEZER_WANTS_FREEZE;
}

enum freezer_want freezer_init(struct freezer *ret_freezer)
{
	struct freezer freezer = FREEZER_NONE;
	enum freezer_want want = make(&freezer);

	if (want != FREEZER_ABLE)
		freezer_deinit(&freezer);
	*ret_freezer = freezer;
	return want;
}

/* ---- one freeze */

void freeze_close(struct freeze *freeze)
{
	freeze->tasks = fd_close(freeze->tasks);
	freeze->freeze = fd_close(freeze->freeze);
}

int freeze_begin(int directory, int proc, struct freeze *ret_freeze)
{
	struct freeze freeze = FREEZE_NONE;
	int result = 0;

	freeze.directory = directory;
	freeze.proc = proc;
	freeze.freeze = openat(directory, "cgroup.freeze", O_RDWR | O_CLOEXEC);
	freeze.tasks = openat(directory, "cgroup.threads", O_RDONLY | O_CLOEXEC);
	if (freeze.freeze < 0 || freeze.tasks < 0)
		result = err_errno();
	while (result == 0 && flock(freeze.freeze, LOCK_EX) < 0)
		if (errno != EINTR)
			result = err_errno();
	if (result == 0)
		result = write_word(freeze.freeze, "1");
	if (result < 0)
		freeze_close(&freeze);
	*ret_freeze = freeze;
	return result;
}

void freeze_end(struct freeze *freeze)
{
	if (freeze->freeze >= 0)
		(void)write_word(freeze->freeze, "0");
	freeze_close(freeze);
}

bool freezer_thaw_left(int directory)
{
	_cleanup_close_ int fd = openat(directory, "cgroup.freeze", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	if (fd >= 0)
		(void)write_word(fd, "0");
	return true;
}

/* ---- rest */

enum place {
	PLACE_UNKNOWN,
	PLACE_REST,   /* in get_signal(), which asks for the freezer again before it returns */
	PLACE_TRACED, /* stopped for a tracer, which may let it go on */
	PLACE_VFORK,  /* waits for a child that has its memory */
};

/*
 * The kernel's function in which a task sleeps (proc_pid_wchan(5)): a task that runs, or is about
 * to, has none. Its state alone would not do: a call that is just being interrupted shows S for a
 * moment, and may still write. Names end with a dot where the compiler made a variant.
 */
static enum place place_of(const char *function)
{
	static const struct {
		const char *name;
		enum place place;
	} rows[] = {
		{ "get_signal", PLACE_REST },           { "do_freezer_trap", PLACE_REST },
		{ "do_signal_stop", PLACE_REST },       { "ptrace_stop", PLACE_TRACED },
		{ "kernel_clone", PLACE_VFORK },        { "_do_fork", PLACE_VFORK },
		{ "wait_for_vfork_done", PLACE_VFORK },
	};
	size_t length = strcspn(function, ".");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strlen(rows[i].name) == length && memcmp(rows[i].name, function, length) == 0)
			return rows[i].place;
	return PLACE_UNKNOWN;
}

/* -ESRCH where the task has gone. */
static int read_place(int proc, pid_t tid, enum place *ret_place)
{
	char path[32], function[64];
	int result;

	snprintf(path, sizeof(path), "%d/wchan", tid);
	result = read_file(proc, path, function, sizeof(function));
	*ret_place = result == 0 ? place_of(function) : PLACE_UNKNOWN;
	return result == -ENOENT || result == -ESRCH ? -ESRCH : 0;
}

int freeze_task_rests(const struct freeze *freeze, pid_t tid)
{
	enum place place;
	int result = read_place(freeze->proc, tid, &place);

	return result < 0 ? result : place == PLACE_REST || place == PLACE_TRACED;
}

/* The ids of a leaf's tasks, one a line. */
struct tasks {
	char *text; /* owned */
	size_t length;
};

/* A number of tasks that grows while it is read is read again. */
static int read_tasks(const struct freeze *freeze, struct tasks *tasks)
{
	for (size_t size = 4096;; size *= 2) {
		char *text = realloc(tasks->text, size);
		size_t length = 0;
		ssize_t count = 1;

		if (!text)
			return -ENOMEM;
		tasks->text = text;
		while (count > 0 && length < size - 1) {
			count = pread(freeze->tasks, text + length, size - 1 - length,
			              (off_t)length);
			if (count < 0)
				return err_errno();
			length += (size_t)count;
		}
		text[length] = '\0';
		tasks->length = length;
		if (length < size - 1)
			return 0;
	}
}

/* The next id, or 0. */
static pid_t next_task(const char **rest)
{
	char *end;
	long tid = strtol(*rest, &end, 10);

	if (end == *rest)
		return 0;
	*rest = end;
	return (pid_t)tid;
}

static bool is_task(const struct tasks *tasks, pid_t wanted)
{
	const char *rest = tasks->text;
	pid_t tid;

	while ((tid = next_task(&rest)) != 0)
		if (tid == wanted)
			return true;
	return false;
}

/* The tracer's id, or 0. */
static pid_t tracer_of(int proc, pid_t tid)
{
	char path[32], status[2048];
	const char *line;

	snprintf(path, sizeof(path), "%d/status", tid);
	if (read_file(proc, path, status, sizeof(status)) < 0)
		return 0;
	line = strstr(status, "\nTracerPid:");
	return line ? (pid_t)strtol(line + strlen("\nTracerPid:"), NULL, 10) : 0;
}

static bool is_still(const struct freeze *freeze, const struct tasks *tasks, pid_t tid,
                     freeze_is_held *is_held, const void *context)
{
	enum place place;

	if (read_place(freeze->proc, tid, &place) < 0)
		return true;
	if (place == PLACE_TRACED) /* its tracer must not let it go on either */
		return is_task(tasks, tracer_of(freeze->proc, tid));
	return place != PLACE_UNKNOWN || is_held(context, tid);
}

static bool has_descendants(int directory)
{
	char text[128];

	return read_file(directory, "cgroup.stat", text, sizeof(text)) < 0 ||
	       strncmp(text, "nr_descendants 0\n", strlen("nr_descendants 0\n")) != 0;
}

int freeze_others_still(const struct freeze *freeze, pid_t caller, freeze_is_held *is_held,
                        const void *context)
{
	struct tasks before = { 0 }, after = { 0 };
	_cleanup_free_ char *free_before = NULL, *free_after = NULL;
	const char *rest;
	pid_t tid;
	int result = read_tasks(freeze, &before);

	free_before = before.text;
	if (result < 0)
		return result;
	if (!is_task(&before, caller))
		return -ENOENT;
	if (has_descendants(freeze->directory))
		return -EBUSY;
	rest = before.text;
	while ((tid = next_task(&rest)) != 0)
		if (tid != caller && !is_still(freeze, &before, tid, is_held, context))
			return 0;
	/* Only one that was not still can have made another meanwhile. */
	result = read_tasks(freeze, &after);
	free_after = after.text;
	if (result < 0)
		return result;
	return before.length == after.length && memcmp(before.text, after.text, after.length) == 0;
}
