/* SPDX-License-Identifier: Apache-2.0 */
/* open(2) and its like: what is pinned is opened again, and the target gets that descriptor. */
#include "supervisor/performing/perform.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/performing/open_apart.h"

enum {
	LARGEFILE = 0100000, /* O_LARGEFILE, which glibc has as 0 where it is always on */
	CREATE_TRIES = 16,   /* against somebody who makes and removes the name all the time */
	HOW_SIZE_MIN = 24,   /* OPEN_HOW_SIZE_VER0 */
	HOW_SIZE_MAX = 4096, /* PAGE_SIZE */
};

/* VALID_OPEN_FLAGS and O_PATH_FLAGS (include/linux/fcntl.h): open and openat ignore the others. */
static const uint64_t known_flags = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
                                    O_NONBLOCK | O_SYNC | O_DSYNC | O_ASYNC | O_DIRECT | LARGEFILE |
                                    O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH |
                                    O_TMPFILE;
static const uint64_t path_flags = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;

static bool creates(uint64_t flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

static int open_how(int at, const char *path, const struct open_how *how)
{
	int fd = (int)syscall(SYS_openat2, at, path, how, sizeof(*how));

	return fd < 0 ? err_errno() : fd;
}

static unsigned descriptors_below(const struct performance *performance, rlim_t limit)
{
	_cleanup_closedir_ DIR *directory = NULL;
	const struct dirent *entry;
	unsigned count = 0;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "%d/fd", performance->thread.tid);
	fd = openat(performance->resolver.proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	directory = fd < 0 ? NULL : fdopendir(fd);
	while (directory && (entry = readdir(directory)))
		if (*entry->d_name != '.' && strtoull(entry->d_name, NULL, 10) < limit)
			count++;
	return count;
}

/*
 * The kernel takes a free number first, so that a full table creates and truncates nothing. The
 * size of /proc/TID/fd is the number of descriptors (Linux 6.2; before that 0, and then ADDFD
 * says so after the effect).
 */
static int check_room(const struct performance *performance)
{
	struct rlimit limit;
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "%d/fd", performance->thread.tid);
	if (prlimit(performance->thread.tid, RLIMIT_NOFILE, NULL, &limit) < 0 ||
	    fstatat(performance->resolver.proc, path, &status, 0) < 0)
		return 0;
	if ((rlim_t)status.st_size < limit.rlim_cur)
		return 0;
	return descriptors_below(performance, limit.rlim_cur) >= limit.rlim_cur ? -EMFILE : 0;
}

/* The kernel checks the flags before it reads the path: an empty one is never opened. */
static int check_how(struct performance *performance)
{
	int fd = open_how(AT_FDCWD, "", &performance->how);

	performance->cloexec = performance->how.flags & O_CLOEXEC;
	if (fd == -EINVAL)
		return fd;
	return check_room(performance);
}

/* As build_open_how() in fs/open.c has it. */
static int take_flags(struct performance *performance, int flags, uint64_t mode)
{
	struct open_how *how = &performance->how;

	how->flags = ((uint64_t)(unsigned)flags & known_flags) | LARGEFILE;
	if (flags & O_PATH)
		how->flags &= path_flags;
	how->mode = creates(how->flags) ? mode & 07777 : 0;
	return check_how(performance);
}

static int prepare_open(struct performance *performance)
{
	return take_flags(performance, perform_int(performance, 1), performance->call.args[2]);
}

static int prepare_openat(struct performance *performance)
{
	return take_flags(performance, perform_int(performance, 2), performance->call.args[3]);
}

static int prepare_creat(struct performance *performance)
{
	return take_flags(performance, O_CREAT | O_WRONLY | O_TRUNC, performance->call.args[1]);
}

/* copy_struct_from_user(): a larger struct of a later kernel, if what we do not know is zero. */
static int prepare_openat2(struct performance *performance)
{
	uint64_t address = performance->call.args[2], size = performance->call.args[3];
	char bytes[HOW_SIZE_MAX];
	int result;

	if (size < HOW_SIZE_MIN)
		return -EINVAL;
	if (size > sizeof(bytes))
		return -E2BIG;
	result = perform_bytes(performance, address, bytes, size);
	if (result < 0)
		return result;
	for (size_t i = sizeof(struct open_how); i < size; i++)
		if (bytes[i])
			return -E2BIG;
	memcpy(&performance->how, bytes, sizeof(performance->how));
	perform_show(performance, 2, &performance->how, sizeof(performance->how));
	return check_how(performance);
}

static size_t read_file(int proc, const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd < 0 ? 0 : read(fd, buf, size);

	return count < 0 ? 0 : (size_t)count;
}

/* Devices are opened with our cgroup's rights (cgroup-v2, "Device controller"). */
static bool same_cgroup(const struct performance *performance)
{
	char path[32], theirs[4096], ours[4096];
	size_t length;

	snprintf(path, sizeof(path), "%d/cgroup", performance->thread.tid);
	length = read_file(performance->resolver.proc, path, theirs, sizeof(theirs));
	return length > 0 && length < sizeof(theirs) &&
	       read_file(performance->resolver.proc, "self/cgroup", ours, sizeof(ours)) == length &&
	       memcmp(theirs, ours, length) == 0;
}

bool perform_may_use_device(const struct performance *performance, mode_t mode, dev_t device)
{
	/* Those that every container has: null, zero, full, random, urandom; tty, ptmx; ptys. */
	static const struct {
		unsigned major, first, last;
	} harmless[] = { { 1, 3, 3 }, { 1, 5, 5 }, { 1, 7, 9 },
		         { 5, 0, 0 }, { 5, 2, 2 }, { 136, 0, 1048575 } };

	if (!S_ISCHR(mode) && !S_ISBLK(mode))
		return true;
	for (size_t i = 0; S_ISCHR(mode) && i < ARRAY_SIZE(harmless); i++)
		if (major(device) == harmless[i].major && minor(device) >= harmless[i].first &&
		    minor(device) <= harmless[i].last)
			return true;
	return same_cgroup(performance);
}

/* How strict sysctl fs.protected_regular or fs.protected_fifos is; 1 for what has none. */
static int sticky_level(const struct performance *performance, mode_t mode)
{
	if (S_ISREG(mode))
		return resolver_sysctl(&performance->resolver, "protected_regular", 2);
	if (S_ISFIFO(mode))
		return resolver_sysctl(&performance->resolver, "protected_fifos", 2);
	return 1;
}

/*
 * may_create_in_sticky() in fs/namei.c: O_CREAT does not open what another planted in a directory
 * that all may write to.
 */
static int check_sticky(const struct performance *performance, const struct stat *object)
{
	struct stat directory;
	int level;

	if (performance->paths[0].parent < 0)
		return 0;
	if (fstat(performance->paths[0].parent, &directory) < 0)
		return err_errno();
	if (!(directory.st_mode & S_ISVTX) || object->st_uid == directory.st_uid ||
	    object->st_uid == (uid_t)setfsuid((uid_t)-1))
		return 0;
	level = sticky_level(performance, object->st_mode);
	if ((directory.st_mode & S_IWOTH && level > 0) ||
	    (directory.st_mode & S_IWGRP && level > 1))
		return -EACCES;
	return 0;
}

/* What the kernel asks of the object before it opens it, where opening it again would not. */
static int check_object(struct performance *performance, int object)
{
	uint64_t flags = performance->how.flags;
	struct stat status;
	int result = 0;

	if (fstat(object, &status) < 0)
		return err_errno();
	if (flags & O_CREAT)
		result = S_ISDIR(status.st_mode) ? -EISDIR : check_sticky(performance, &status);
	if (result < 0)
		return result;
	if (flags & O_DIRECTORY && !S_ISDIR(status.st_mode))
		return -ENOTDIR;
	/* EBADF is what ADDFD says to such a descriptor (Linux 6.18). */
	if (flags & O_PATH)
		return perform_refuse(performance, PERFORM_REFUSED_O_PATH);
	if (S_ISLNK(status.st_mode))
		return -ELOOP;
	if (!perform_may_use_device(performance, status.st_mode, status.st_rdev))
		return perform_refuse(performance, PERFORM_REFUSED_DEVICE);
	return 0;
}

static int open_object(struct performance *performance, int object)
{
	struct open_how how = performance->how;
	int result = check_object(performance, object);

	if (result < 0)
		return result;
	/* The way there is a magic link of ours, and the name is no longer of interest. */
	how.flags &= ~(uint64_t)(O_NOFOLLOW | O_CREAT | O_EXCL);
	how.flags |= O_CLOEXEC;
	how.resolve = 0;
	if (!creates(how.flags))
		how.mode = 0;
	if (resolved_in_proc(object))
		return open_apart(performance->resolver.proc, fd_path(object).text, &how);
	return open_how(performance->resolver.proc, fd_path(object).text, &how);
}

static int create_object(const struct performance *performance)
{
	struct open_how how = performance->how;

	how.flags |= O_EXCL | O_CLOEXEC;
	how.resolve = 0;
	return open_how(performance->paths[0].parent, performance->paths[0].name, &how);
}

/*
 * What is there is opened, what is not there is made, and never anything but that: a name that
 * has become something else since the path was resolved is looked at again. A link that appears
 * there is not followed.
 */
static int open_or_create(struct performance *performance)
{
	struct resolved_path *path = &performance->paths[0];
	uint64_t flags = performance->how.flags;
	int fd = -ENOENT;

	for (int tries = 0; tries < CREATE_TRIES; tries++) {
		if (path->object >= 0 && (flags & O_CREAT && flags & O_EXCL))
			return -EEXIST;
		if (path->object >= 0)
			return open_object(performance, path->object);
		if (!(flags & O_CREAT))
			return fd;
		if (path->slash && !(flags & O_EXCL))
			return -EISDIR;
		fd = create_object(performance);
		if (fd != -EEXIST || flags & O_EXCL)
			return fd;
		fd = resolve_again(path);
		if (fd < 0 && fd != -ENOENT)
			return fd;
	}
	return perform_refuse(performance, PERFORM_REFUSED_UNSTEADY);
}

static int64_t act_open(struct performance *performance)
{
	performance->descriptor = open_or_create(performance);
	return performance->descriptor;
}

/*
 * ADDFD takes no O_PATH descriptor, so the target must open it by itself. Where the flag stands in
 * a register that is what it then does, whatever becomes of the path: such a descriptor has no
 * contents, and every way to them is a call of its own. openat2 has the flag in memory: refused.
 */
static bool open_continues(const struct seccomp_data *call)
{
	return (int)call->args[1] & O_PATH;
}

static bool openat_continues(const struct seccomp_data *call)
{
	return (int)call->args[2] & O_PATH;
}

#define OPEN(call, dirfd, pathname, how, ...)                                                      \
	{                                                                                          \
		__NR_##call,                                                                       \
		{                                                                                  \
			.paths = { { .at = dirfd, .path = pathname, .last = PERFORM_OPEN },        \
				   { .at = PERFORM_NO_ARGUMENT } },                                \
			.prepare = how, .act = act_open, ##__VA_ARGS__                             \
		}                                                                                  \
	}

const struct operation_row perform_open_rows[] = {
#ifdef __NR_open
	OPEN(open, PERFORM_CWD, 0, prepare_open, .continues = open_continues),
	OPEN(creat, PERFORM_CWD, 0, prepare_creat),
#endif
	OPEN(openat, 0, 1, prepare_openat, .continues = openat_continues),
	OPEN(openat2, 0, 1, prepare_openat2),
};
const size_t perform_open_count = ARRAY_SIZE(perform_open_rows);
