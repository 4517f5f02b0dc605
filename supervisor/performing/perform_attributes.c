/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that change what a path leads to: done on the pinned object. The kernel reaches it by our
 * own /proc/self/fd, whose links lead straight to the object, a symbolic link too.
 */
#include "supervisor/performing/perform.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#ifndef __NR_fchmodat2 /* Linux 6.6; one number on every ABI since 5.1 but alpha's */
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat /* Linux 6.13 */
#define __NR_setxattrat 463
#define __NR_removexattrat 466
#endif

enum {
	XATTR_NAME_ROOM = 256,       /* XATTR_NAME_MAX and its NUL */
	XATTR_VALUE_MAX = 64 * 1024, /* XATTR_SIZE_MAX */
};

static struct fd_path object_path(const struct performance *performance)
{
	return fd_path(performance->paths[0].object);
}

/* ---- modes and owners */

static int64_t change_mode(const struct performance *performance, unsigned mode)
{
	return perform_result(fchmodat(performance->resolver.proc, object_path(performance).text,
	                               (mode_t)performance->call.args[mode], 0));
}

static int64_t act_chmod(struct performance *performance)
{
	return change_mode(performance, 1);
}

static int64_t act_fchmodat(struct performance *performance)
{
	return change_mode(performance, 2);
}

/* Nobody can change the mode of a symbolic link, and the kernel has an answer of its own for it. */
static int64_t act_fchmodat2(struct performance *performance)
{
	return perform_result(syscall(__NR_fchmodat2, performance->paths[0].object, "",
	                              performance->call.args[2], AT_EMPTY_PATH));
}

static int64_t change_owner(const struct performance *performance, unsigned owner)
{
	return perform_result(fchownat(performance->paths[0].object, "",
	                               (uid_t)performance->call.args[owner],
	                               (gid_t)performance->call.args[owner + 1], AT_EMPTY_PATH));
}

static int64_t act_chown(struct performance *performance)
{
	return change_owner(performance, 1);
}

static int64_t act_fchownat(struct performance *performance)
{
	return change_owner(performance, 2);
}

/* ---- length and times */

static int64_t act_truncate(struct performance *performance)
{
	/* Without a dirfd: the working directory is resolver.proc (identity_adopt()). */
	return perform_result(
		truncate(object_path(performance).text, (off_t)performance->call.args[1]));
}

/* The four ways to say two times: copied, and made the one that utimensat(2) takes. */
static int copy_times(struct performance *performance, unsigned index, void *buf, size_t size)
{
	uint64_t address = performance->call.args[index];

	if (address == 0)
		return 0;
	performance->copy = calloc(2, sizeof(struct timespec));
	if (!performance->copy)
		return -ENOMEM;
	return perform_bytes(performance, address, buf, size);
}

static int prepare_utime(struct performance *performance)
{
	struct utimbuf seconds = { 0 };
	int result = copy_times(performance, 1, &seconds, sizeof(seconds));
	struct timespec *times = performance->copy;

	if (times) {
		times[0].tv_sec = seconds.actime;
		times[1].tv_sec = seconds.modtime;
	}
	return result;
}

static int take_timevals(struct performance *performance, unsigned index)
{
	struct timeval values[2] = { 0 };
	int result = copy_times(performance, index, values, sizeof(values));
	struct timespec *times = performance->copy;

	for (int i = 0; times && result == 0 && i < 2; i++) {
		if (values[i].tv_usec < 0 || values[i].tv_usec >= 1000000)
			return -EINVAL;
		times[i].tv_sec = values[i].tv_sec;
		times[i].tv_nsec = values[i].tv_usec * 1000;
	}
	return result;
}

static int prepare_utimes(struct performance *performance)
{
	return take_timevals(performance, 1);
}

static int prepare_futimesat(struct performance *performance)
{
	return take_timevals(performance, 2);
}

static int prepare_utimensat(struct performance *performance)
{
	struct timespec times[2] = { 0 };
	int result = copy_times(performance, 2, times, sizeof(times));

	if (performance->copy)
		memcpy(performance->copy, times, sizeof(times));
	return result;
}

static int64_t act_times(struct performance *performance)
{
	return perform_result(utimensat(performance->resolver.proc, object_path(performance).text,
	                                performance->copy, 0));
}

/* ---- extended attributes */

/* Name and value of an attribute: one copy, in performance->copy. */
struct xattr {
	char name[XATTR_NAME_ROOM];
	uint32_t flags;
	uint32_t size;
	char value[];
};

/* name_index is that of the argument with the name. */
static int copy_xattr(struct performance *performance, unsigned name_index, uint64_t value,
                      uint64_t size, uint32_t flags)
{
	uint64_t name = performance->call.args[name_index];
	struct xattr *xattr;
	int result;

	if (flags & ~(uint32_t)(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (size > XATTR_VALUE_MAX)
		return -E2BIG;
	xattr = calloc(1, sizeof(*xattr) + (size_t)size);
	if (!xattr)
		return -ENOMEM;
	performance->copy = xattr;
	xattr->flags = flags;
	xattr->size = (uint32_t)size;
	result = perform_string(performance, name, xattr->name, sizeof(xattr->name));
	if (result == -ENAMETOOLONG || (result == 0 && !*xattr->name))
		return -ERANGE;
	if (result < 0)
		return result;
	perform_show(performance, name_index, xattr->name, strlen(xattr->name));
	return perform_bytes(performance, value, xattr->value, size);
}

static int prepare_setxattr(struct performance *performance)
{
	const uint64_t *args = (const uint64_t *)performance->call.args;

	return copy_xattr(performance, 1, args[2], args[3], (uint32_t)args[4]);
}

static int prepare_removexattr(struct performance *performance)
{
	return copy_xattr(performance, 1, 0, 0, 0);
}

static int prepare_setxattrat(struct performance *performance)
{
	const uint64_t *args = (const uint64_t *)performance->call.args;
	struct {
		uint64_t value;
		uint32_t size, flags;
	} request;
	int result;

	if (args[5] < sizeof(request))
		return -EINVAL;
	if (args[5] > sizeof(request)) /* of a later kernel */
		return -E2BIG;
	result = perform_bytes(performance, args[4], &request, sizeof(request));
	if (result < 0)
		return result;
	return copy_xattr(performance, 3, request.value, request.size, request.flags);
}

static int prepare_removexattrat(struct performance *performance)
{
	return copy_xattr(performance, 3, 0, 0, 0);
}

static int64_t act_setxattr(struct performance *performance)
{
	const struct xattr *xattr = performance->copy;

	return perform_result(setxattr(object_path(performance).text, xattr->name, xattr->value,
	                               xattr->size, (int)xattr->flags));
}

static int64_t act_removexattr(struct performance *performance)
{
	const struct xattr *xattr = performance->copy;

	return perform_result(removexattr(object_path(performance).text, xattr->name));
}

/* ---- the rows: each is idempotent but XATTR_CREATE, which says EEXIST the second time */

#define ROW(call, dirfd, pathname, how, ...)                                                       \
	{                                                                                          \
		__NR_##call,                                                                       \
		{                                                                                  \
			.paths = { { .at = dirfd, .path = pathname, .last = how },                 \
				   { .at = PERFORM_NO_ARGUMENT } },                                \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define IDEMPOTENT(how) .act = how, .idempotent = true
#define PREPARED(before, how) .prepare = before, IDEMPOTENT(how)
#define FLAGS(index, known) .has_flags = true, .flags = index, .known_flags = known
#define AT_FLAGS(index) FLAGS(index, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)

const struct operation_row perform_attribute_rows[] = {
#ifdef __NR_chmod
	ROW(chmod, PERFORM_CWD, 0, PERFORM_FOLLOW, IDEMPOTENT(act_chmod)),
	ROW(chown, PERFORM_CWD, 0, PERFORM_FOLLOW, IDEMPOTENT(act_chown)),
	ROW(lchown, PERFORM_CWD, 0, PERFORM_NOFOLLOW, IDEMPOTENT(act_chown)),
	ROW(utime, PERFORM_CWD, 0, PERFORM_FOLLOW, PREPARED(prepare_utime, act_times)),
	ROW(utimes, PERFORM_CWD, 0, PERFORM_FOLLOW, PREPARED(prepare_utimes, act_times)),
	ROW(futimesat, 0, 1, PERFORM_FOLLOW, .null_is_dirfd = true,
	    PREPARED(prepare_futimesat, act_times)),
#endif
	ROW(fchmodat, 0, 1, PERFORM_FOLLOW, IDEMPOTENT(act_fchmodat)),
	ROW(fchmodat2, 0, 1, PERFORM_UNLESS_NOFOLLOW, AT_FLAGS(3), IDEMPOTENT(act_fchmodat2)),
	ROW(fchownat, 0, 1, PERFORM_UNLESS_NOFOLLOW, AT_FLAGS(4), IDEMPOTENT(act_fchownat)),
	ROW(truncate, PERFORM_CWD, 0, PERFORM_FOLLOW, IDEMPOTENT(act_truncate)),
	ROW(utimensat, 0, 1, PERFORM_UNLESS_NOFOLLOW, AT_FLAGS(3), .null_is_dirfd = true,
	    PREPARED(prepare_utimensat, act_times)),
	ROW(setxattr, PERFORM_CWD, 0, PERFORM_FOLLOW, .prepare = prepare_setxattr,
	    .act = act_setxattr),
	ROW(lsetxattr, PERFORM_CWD, 0, PERFORM_NOFOLLOW, .prepare = prepare_setxattr,
	    .act = act_setxattr),
	ROW(setxattrat, 0, 1, PERFORM_UNLESS_NOFOLLOW, AT_FLAGS(2), .prepare = prepare_setxattrat,
	    .act = act_setxattr),
	ROW(removexattr, PERFORM_CWD, 0, PERFORM_FOLLOW, .prepare = prepare_removexattr,
	    .act = act_removexattr),
	ROW(lremovexattr, PERFORM_CWD, 0, PERFORM_NOFOLLOW, .prepare = prepare_removexattr,
	    .act = act_removexattr),
	ROW(removexattrat, 0, 1, PERFORM_UNLESS_NOFOLLOW, AT_FLAGS(2),
	    .prepare = prepare_removexattrat, .act = act_removexattr),
};
const size_t perform_attribute_count = ARRAY_SIZE(perform_attribute_rows);
