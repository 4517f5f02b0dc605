/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/resolve_path.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/performing/open_apart.h"
#include "supervisor/performing/proc_self.h"

#ifndef ST_NOSYMFOLLOW /* Linux 5.10 */
#define ST_NOSYMFOLLOW 0x2000
#endif

enum {
	LINKS_MAX = 40,          /* MAXSYMLINKS */
	PROC_ROOT_INODE = 1,     /* PROC_ROOT_INO */
	REST_MAX = 3 * PATH_MAX, /* a path, and what links have put in front of it */
};

/* Where a resolution stands: at `at`, with `rest` still to walk. */
struct walk {
	const struct resolver *resolver;
	int at;
	char *rest; /* points into buf, whose end it keeps */
	unsigned links;
	char buf[REST_MAX + 1];
};

static int open_pin(int at, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve };
	int fd;

	do { /* EAGAIN: something was renamed while ".." was walked (openat2(2)) */
		fd = (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? err_errno() : fd;
}

static void move_to(struct walk *walk, int fd)
{
	walk->at = fd_close(walk->at);
	walk->at = fd;
}

/* Puts text in front of the rest. */
static int prepend(struct walk *walk, const char *text)
{
	size_t length = strlen(text);

	if (length > (size_t)(walk->rest - walk->buf))
		return -ENAMETOOLONG;
	walk->rest -= length;
	memcpy(walk->rest, text, length);
	return 0;
}

/* An absolute rest starts at the root, where slashes lead nowhere else. */
static int enter_root(struct walk *walk)
{
	int root;

	if (*walk->rest != '/')
		return 0;
	root = open_pin(AT_FDCWD, "/", O_DIRECTORY, 0);
	if (root < 0)
		return root;
	move_to(walk, root);
	walk->rest += strspn(walk->rest, "/");
	return 0;
}

/* The length of the rest's directory part with its slashes: 0 where one component is left. */
static size_t directory_length(const char *rest)
{
	size_t length = strlen(rest);

	while (length > 0 && rest[length - 1] == '/')
		length--;
	while (length > 0 && rest[length - 1] != '/')
		length--;
	return length;
}

/* The parts of the rest are cut off at a slash for one call and put together again. */
static int open_part(const struct walk *walk, size_t length, uint64_t flags, uint64_t resolve)
{
	char after = walk->rest[length];
	int fd;

	walk->rest[length] = '\0';
	fd = open_pin(walk->at, walk->rest, flags, resolve);
	walk->rest[length] = after;
	return fd;
}

/* The directory part at one go: -ELOOP where there is a symbolic link in it. */
static int jump(struct walk *walk, size_t length)
{
	int fd = open_part(walk, length, O_DIRECTORY, RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return fd;
	move_to(walk, fd);
	walk->rest += length;
	return 0;
}

int resolver_sysctl(const struct resolver *resolver, const char *name, int fallback)
{
	_cleanup_close_ int fd = -EBADF;
	char path[64], digit;

	snprintf(path, sizeof(path), "sys/fs/%s", name);
	fd = openat(resolver->proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &digit, 1) == 1 ? digit - '0' : fallback;
}

/* sysctl fs.protected_symlinks, which the kernel checks when it follows, and we do. */
static int may_follow(const struct walk *walk, const struct stat *link)
{
	struct stat directory;

	if (link->st_uid == (uid_t)setfsuid((uid_t)-1))
		return 0;
	if (fstat(walk->at, &directory) < 0)
		return err_errno();
	if ((directory.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) ||
	    directory.st_uid == link->st_uid)
		return 0;
	return resolver_sysctl(walk->resolver, "protected_symlinks", 1) > 0 ? -EACCES : 0;
}

/* How /proc itself would be told apart from what is in it. */
static bool is_proc_root(int directory)
{
	struct stat status;

	return fstat(directory, &status) == 0 && status.st_ino == PROC_ROOT_INODE;
}

static int link_text(int link, char buf[PATH_MAX])
{
	ssize_t length = readlinkat(link, "", buf, PATH_MAX - 1);

	if (length < 0)
		return err_errno();
	buf[length] = '\0';
	return length == 0 ? -ENOENT : 0;
}

/* A magic link leads to an object, not to a text: the kernel must follow. */
static bool is_magic(const struct walk *walk, const char *name)
{
	int fd = open_pin(walk->at, name, 0, RESOLVE_NO_MAGICLINKS);
	bool magic = fd == -ELOOP;

	(void)fd_close(fd);
	return magic;
}

/* Named outcomes of follow(): the rest begins with the link's text, or ret_object is its object. */
enum { FOLLOWED_TEXT = 1, FOLLOWED_MAGIC };

static int follow(struct walk *walk, int link, const char *name, const struct stat *status,
                  int *ret_object)
{
	char text[PATH_MAX];
	struct statfs fs;
	int result = may_follow(walk, status);

	if (result < 0)
		return result;
	if (++walk->links > LINKS_MAX || fstatfs(link, &fs) < 0 || fs.f_flags & ST_NOSYMFOLLOW)
		return -ELOOP;
	if (fs.f_type == PROC_SUPER_MAGIC && is_proc_root(walk->at) &&
	    (strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0)) {
		result = proc_self_text(walk->at, walk->resolver->thread, name[0] == 't', text,
		                        sizeof(text));
	} else if (fs.f_type == PROC_SUPER_MAGIC && is_magic(walk, name)) {
		*ret_object = open_apart(walk->at, name, &(struct open_how){ .flags = O_PATH });
		return *ret_object < 0 ? *ret_object : FOLLOWED_MAGIC;
	} else {
		result = link_text(link, text);
	}
	if (result == 0)
		result = prepend(walk, text);
	return result < 0 ? result : FOLLOWED_TEXT;
}

/* One component of the directory part: into it, or the rest begins with its link's text. */
static int step(struct walk *walk)
{
	_cleanup_close_ int fd = -EBADF;
	size_t length = strcspn(walk->rest, "/");
	char name[NAME_MAX + 1];
	struct stat status;
	int object, result;

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, walk->rest, length);
	name[length] = '\0';
	fd = open_pin(walk->at, name, O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return err_errno();
	walk->rest += length;
	if (!S_ISLNK(status.st_mode)) {
		walk->rest += strspn(walk->rest, "/");
		move_to(walk, TAKE_FD(fd));
		return 0;
	}
	result = follow(walk, fd, name, &status, &object);
	if (result == FOLLOWED_MAGIC) {
		walk->rest += strspn(walk->rest, "/");
		move_to(walk, object);
		return 0;
	}
	return result == FOLLOWED_TEXT ? enter_root(walk) : result;
}

/* Until one component is left, or none. */
static int walk_directories(struct walk *walk)
{
	size_t length;

	while ((length = directory_length(walk->rest)) > 0) {
		int result = jump(walk, length);

		if (result == -ELOOP)
			result = step(walk);
		if (result < 0)
			return result;
	}
	return 0;
}

/* "name/" of an entry goes to the kernel as it is, and so does "/". */
static int take_name(const struct walk *walk, struct resolved_path *resolved)
{
	size_t length = strcspn(walk->rest, "/");

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	resolved->slash = walk->rest[length] == '/';
	memcpy(resolved->name, walk->rest, length);
	resolved->name[length] = '\0';
	return 0;
}

static void entry_name(const struct walk *walk, struct resolved_path *resolved)
{
	size_t length = strlen(resolved->name);

	if (*walk->rest == '\0' || resolved->slash)
		memcpy(resolved->name + length, "/", 2);
}

static int check_slash(const struct resolved_path *resolved)
{
	struct stat status;

	if (!resolved->slash)
		return 0;
	if (fstat(resolved->object, &status) < 0)
		return err_errno();
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

/*
 * The last component. 0: resolved is whole; FOLLOWED_TEXT: it was a link, and the rest is longer
 * again.
 */
static int last_component(struct walk *walk, enum resolve_last last, struct resolved_path *resolved)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat status;
	int result = take_name(walk, resolved);

	if (result < 0)
		return result;
	if (last == RESOLVE_ENTRY) {
		entry_name(walk, resolved);
		return 0;
	}
	fd = open_pin(walk->at, *resolved->name ? resolved->name : ".", O_NOFOLLOW, 0);
	if (fd == -ENOENT && last == RESOLVE_CREATE)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return err_errno();
	if (S_ISLNK(status.st_mode) && (last != RESOLVE_OBJECT || resolved->slash)) {
		walk->rest += strlen(resolved->name);
		result = follow(walk, fd, resolved->name, &status, &resolved->object);
		if (result != FOLLOWED_MAGIC)
			return result;
		walk->at = fd_close(walk->at);
		return check_slash(resolved);
	}
	resolved->object = TAKE_FD(fd);
	return check_slash(resolved);
}

static int start_walk(struct walk *walk, int start, const char *path)
{
	int result;

	walk->buf[REST_MAX] = '\0';
	walk->rest = walk->buf + REST_MAX;
	result = *path ? prepend(walk, path) : -ENOENT;
	if (result < 0 || *path == '/')
		return result < 0 ? result : enter_root(walk);
	if (start < 0)
		return start;
	walk->at = open_pin(start, ".", 0, 0);
	return walk->at < 0 ? walk->at : 0;
}

void resolved_path_deinit(struct resolved_path *resolved)
{
	resolved->parent = fd_close(resolved->parent);
	resolved->object = fd_close(resolved->object);
}

int resolve_path(const struct resolver *resolver, int start, const char *path,
                 enum resolve_last last, struct resolved_path *ret_resolved)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	struct walk walk;
	int result;

	walk.resolver = resolver;
	walk.links = 0;
	walk.at = -EBADF;
	result = start_walk(&walk, start, path);
	while (result == 0) {
		result = walk_directories(&walk);
		if (result == 0)
			result = last_component(&walk, last, &resolved);
		if (result != FOLLOWED_TEXT)
			break;
		result = enter_root(&walk);
	}
	resolved.parent = walk.at;
	if (result < 0) {
		resolved_path_deinit(&resolved);
		return result;
	}
	*ret_resolved = resolved;
	return 0;
}

/* open_pin() without its patience: the target asked for EAGAIN. */
static int open_restricted(int start, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, start, path, &how, sizeof(how));

	return fd < 0 ? err_errno() : fd;
}

bool resolved_in_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC;
}

/* Parent and name of what is to be created. A link that leads nowhere is not followed: -ENOENT. */
static int restricted_entry(int start, const char *path, uint64_t resolve,
                            struct resolved_path *resolved)
{
	size_t length = directory_length(path);
	size_t name_length = strcspn(path + length, "/");
	char directory[PATH_MAX + 1];

	if (name_length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(directory, path, length);
	memcpy(directory + length, ".", 2);
	memcpy(resolved->name, path + length, name_length);
	resolved->name[name_length] = '\0';
	resolved->slash = path[length + name_length] == '/';
	resolved->parent = open_restricted(start, directory, O_DIRECTORY, resolve);
	if (resolved->parent < 0)
		return resolved->parent;
	return !resolved->slash && faccessat(resolved->parent, resolved->name, F_OK,
	                                     AT_SYMLINK_NOFOLLOW) == 0
	               ? -ENOENT
	               : 0;
}

int resolve_restricted(int start, const char *path, const struct open_how *how,
                       struct resolved_path *ret_resolved)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	bool is_root = strspn(path, "/") == strlen(path);
	bool creates_slash = how->flags & O_CREAT && !is_root && path[strlen(path) - 1] == '/';
	int result = 0;

	if (start < 0 && *path != '/')
		return start;
	if (start < 0)
		start = AT_FDCWD;
	if (!creates_slash)
		resolved.object = open_restricted(
			start, path, how->flags & (O_NOFOLLOW | O_DIRECTORY), how->resolve);
	if (creates_slash || (how->flags & O_CREAT && resolved.object == -ENOENT))
		result = restricted_entry(start, path, how->resolve, &resolved);
	else if (resolved.object < 0)
		return resolved.object;
	if (result == 0 &&
	    resolved_in_proc(resolved.object >= 0 ? resolved.object : resolved.parent))
		result = -EACCES;
	if (result < 0) {
		resolved_path_deinit(&resolved);
		return result;
	}
	*ret_resolved = resolved;
	return 0;
}

int resolve_again(struct resolved_path *resolved)
{
	resolved->object = open_pin(resolved->parent, resolved->name, O_NOFOLLOW, 0);
	return resolved->object < 0 ? resolved->object : 0;
}

struct fd_path fd_path(int fd)
{
	struct fd_path path;

	snprintf(path.text, sizeof(path.text), "self/fd/%u", (unsigned)fd);
	return path;
}

/*
 * What the kernel prints is relative to our root, which is the target's; outside of it begins
 * with "(unreachable)", and a pipe or a socket is "pipe:[N]". A rule on a name holds for what has
 * lost it and is still open, so the mark of that is taken off.
 */
static ssize_t kernel_text(const struct resolver *resolver, int fd, char *buf, size_t size)
{
	static const char mark[] = " (deleted)";
	ssize_t length = readlinkat(resolver->proc, fd_path(fd).text, buf, size);
	ssize_t named = length - (ssize_t)strlen(mark);
	struct stat status;

	if (length < 0)
		return err_errno();
	if ((size_t)length == size)
		return -ENAMETOOLONG;
	buf[length] = '\0';
	if (named > 0 && strcmp(buf + named, mark) == 0 && fstat(fd, &status) == 0 &&
	    status.st_nlink == 0)
		buf[length = named] = '\0';
	return *buf == '/' ? length : -EXDEV;
}

ssize_t resolved_path_text(const struct resolver *resolver, const struct resolved_path *resolved,
                           char *buf, size_t size)
{
	size_t name_length = strcspn(resolved->name, "/");
	ssize_t length;

	if (resolver->foreign) /* the same names, and nobody knows of what */
		return -EXDEV;
	if (resolved->object >= 0)
		return kernel_text(resolver, resolved->object, buf, size);
	length = kernel_text(resolver, resolved->parent, buf, size);
	if (length < 0)
		return length;
	if (length == 1) /* "/" */
		length = 0;
	if ((size_t)length + 1 + name_length >= size)
		return -ENAMETOOLONG;
	buf[length] = '/';
	memcpy(buf + length + 1, resolved->name, name_length);
	buf[(size_t)length + 1 + name_length] = '\0';
	return length + 1 + (ssize_t)name_length;
}
