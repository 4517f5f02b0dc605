/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that make, remove and rename names: done in the pinned directory that holds the name. */
#include "supervisor/performing/perform.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t make_directory(struct performance *performance, unsigned mode)
{
	const struct resolved_path *path = &performance->paths[0];

	return perform_result(
		mkdirat(path->parent, path->name, (mode_t)performance->call.args[mode]));
}

static int64_t act_mkdir(struct performance *performance)
{
	return make_directory(performance, 1);
}

static int64_t act_mkdirat(struct performance *performance)
{
	return make_directory(performance, 2);
}

/* The kernel takes a 32-bit device, and a mode of 16 bits. */
static int64_t make_node(struct performance *performance, unsigned mode_index)
{
	const struct resolved_path *path = &performance->paths[0];
	mode_t mode = (uint16_t)performance->call.args[mode_index];
	unsigned device = (unsigned)performance->call.args[mode_index + 1];

	if (!perform_may_use_device(performance, mode, device))
		return perform_refuse(performance, PERFORM_REFUSED_DEVICE);
	return perform_result(syscall(SYS_mknodat, path->parent, path->name, mode, device));
}

/* may_mknod() in fs/namei.c, before the path is looked at. */
static int check_node(const struct performance *performance, unsigned mode_index)
{
	static const bool may[S_IFMT >> 12 | 1] = {
		[0] = true,
		[S_IFREG >> 12] = true,
		[S_IFCHR >> 12] = true,
		[S_IFBLK >> 12] = true,
		[S_IFIFO >> 12] = true,
		[S_IFSOCK >> 12] = true,
	};
	unsigned kind = (performance->call.args[mode_index] & S_IFMT) >> 12;

	if (kind == S_IFDIR >> 12)
		return -EPERM;
	return kind < ARRAY_SIZE(may) && may[kind] ? 0 : -EINVAL;
}

static int prepare_mknod(struct performance *performance)
{
	return check_node(performance, 1);
}

static int prepare_mknodat(struct performance *performance)
{
	return check_node(performance, 2);
}

static int64_t act_mknod(struct performance *performance)
{
	return make_node(performance, 1);
}

static int64_t act_mknodat(struct performance *performance)
{
	return make_node(performance, 2);
}

static int64_t remove_name(const struct performance *performance, int flags)
{
	const struct resolved_path *path = &performance->paths[0];

	return perform_result(unlinkat(path->parent, path->name, flags));
}

static int64_t act_unlink(struct performance *performance)
{
	return remove_name(performance, 0);
}

static int64_t act_rmdir(struct performance *performance)
{
	return remove_name(performance, AT_REMOVEDIR);
}

static int64_t act_unlinkat(struct performance *performance)
{
	return remove_name(performance, perform_int(performance, 2));
}

static int64_t move_name(const struct performance *performance, unsigned flags)
{
	const struct resolved_path *from = &performance->paths[0], *to = &performance->paths[1];

	return perform_result(
		syscall(SYS_renameat2, from->parent, from->name, to->parent, to->name, flags));
}

static int64_t act_rename(struct performance *performance)
{
	return move_name(performance, 0);
}

static int64_t act_renameat2(struct performance *performance)
{
	return move_name(performance, (unsigned)performance->call.args[4]);
}

/*
 * The object that was pinned, by our magic link to it, for only a privileged caller may link a
 * descriptor. Where the target itself passes one, it is the kernel that tells.
 */
static int64_t act_link(struct performance *performance)
{
	const struct resolved_path *from = &performance->paths[0], *to = &performance->paths[1];

	if (from->parent < 0 && *performance->text[0] == '\0')
		return perform_result(
			linkat(from->object, "", to->parent, to->name, AT_EMPTY_PATH));
	return perform_result(linkat(performance->resolver.proc, fd_path(from->object).text,
	                             to->parent, to->name, AT_SYMLINK_FOLLOW));
}

/* What a symbolic link says is no path yet; the second text has room for it. */
static int prepare_symlink(struct performance *performance)
{
	int result = perform_string(performance, performance->call.args[0], performance->text[1],
	                            sizeof(performance->text[1]));

	if (result < 0)
		return result;
	perform_show(performance, 0, performance->text[1], strlen(performance->text[1]));
	return *performance->text[1] ? 0 : -ENOENT;
}

static int64_t act_symlink(struct performance *performance)
{
	const struct resolved_path *path = &performance->paths[0];

	return perform_result(symlinkat(performance->text[1], path->parent, path->name));
}

#define NO_PATH                                                                                    \
	{                                                                                          \
		.at = PERFORM_NO_ARGUMENT                                                          \
	}
#define ENTRY(dirfd, pathname)                                                                     \
	{                                                                                          \
		.at = dirfd, .path = pathname, .last = PERFORM_ENTRY                               \
	}
#define ROW(call, how, ...)                                                                        \
	{                                                                                          \
		__NR_##call,                                                                       \
		{                                                                                  \
			.paths = { __VA_ARGS__ }, .act = how                                       \
		}                                                                                  \
	}

const struct operation_row perform_name_rows[] = {
#ifdef __NR_mkdir
	ROW(mkdir, act_mkdir, ENTRY(PERFORM_CWD, 0), NO_PATH),
	{ __NR_mknod,
	  { .paths = { ENTRY(PERFORM_CWD, 0), NO_PATH },
	    .prepare = prepare_mknod,
	    .act = act_mknod } },
	ROW(unlink, act_unlink, ENTRY(PERFORM_CWD, 0), NO_PATH),
	ROW(rmdir, act_rmdir, ENTRY(PERFORM_CWD, 0), NO_PATH),
	ROW(rename, act_rename, ENTRY(PERFORM_CWD, 0), ENTRY(PERFORM_CWD, 1)),
	ROW(link, act_link, { .at = PERFORM_CWD, .path = 0, .last = PERFORM_NOFOLLOW },
	    ENTRY(PERFORM_CWD, 1)),
	{ __NR_symlink,
	  { .paths = { ENTRY(PERFORM_CWD, 1), NO_PATH },
	    .prepare = prepare_symlink,
	    .act = act_symlink } },
#endif
#ifdef __NR_renameat
	ROW(renameat, act_rename, ENTRY(0, 1), ENTRY(2, 3)),
#endif
	ROW(mkdirat, act_mkdirat, ENTRY(0, 1), NO_PATH),
	{ __NR_mknodat,
	  { .paths = { ENTRY(0, 1), NO_PATH }, .prepare = prepare_mknodat, .act = act_mknodat } },
	ROW(renameat2, act_renameat2, ENTRY(0, 1), ENTRY(2, 3)),
	{ __NR_unlinkat,
	  { .paths = { ENTRY(0, 1), NO_PATH },
	    .has_flags = true,
	    .flags = 2,
	    .known_flags = AT_REMOVEDIR,
	    .act = act_unlinkat } },
	{ __NR_linkat,
	  { .paths = { { .at = 0, .path = 1, .last = PERFORM_IF_FOLLOW }, ENTRY(2, 3) },
	    .has_flags = true,
	    .flags = 4,
	    .known_flags = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH,
	    .act = act_link } },
	{ __NR_symlinkat,
	  { .paths = { ENTRY(1, 2), NO_PATH }, .prepare = prepare_symlink, .act = act_symlink } },
};
const size_t perform_name_count = ARRAY_SIZE(perform_name_rows);
