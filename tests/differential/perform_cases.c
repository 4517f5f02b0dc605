/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perform_cases DIRECTORY: makes every call that can be performed on every kind of path, in an
 * order that is always the same, and prints what came of each. Run alone and under perform_all in
 * two fresh directories, it must print the same and leave the same tree.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/err.h"
#include "tests/differential/perform_cases.h"

#define LONG_NAME 256

static char long_name[LONG_NAME + 1], longest_path[4096 + 1], too_long_path[4096 + 1];

/* Paths of every kind; setup() makes those that exist. */
static const char *const paths[] = {
	"file",
	"dir",
	"to-file",
	"to-dir",
	"dangling",
	"loop",
	"missing",
	"missing/x",
	"file/",
	"file/x",
	"dir/",
	"dir/inner",
	"to-dir/inner",
	"to-dir/",
	"to-dir/made",
	".",
	"..",
	"/",
	"//",
	"",
	"dir/..",
	"dir/../file",
	"./dir/./inner",
	"dir//inner",
	"absolute",
	"chain",
	"up",
	"forbidden/x",
	"mute",
	"fifo",
	"sticky/planted",
	"sticky/link",
	"sticky/new",
	"made/",
	"dangling/",
	"to-file/",
	long_name,
	longest_path,
	too_long_path,
	"setgid/made",
	"/proc/self/comm",
	"/proc/self/fd/0",
	"/dev/null",
	"/dev/fd/0",
	"/proc/self",
	"/proc/mounts",
	"/proc/thread-self/comm",
	"/proc/self/cwd/file",
};

void say(const char *what, const char *path, long result)
{
	char name[16];
	int error = errno;

	if (result < 0)
		printf("%s %.40s: %s\n", what, path, err_name(error, name, sizeof(name)));
	else
		printf("%s %.40s: %ld\n", what, path, result);
}

/* A descriptor as the program sees it, closed. O_NOFOLLOW is left out: it is not kept. */
static void say_fd(const char *what, const char *path, long fd)
{
	struct stat status;

	if (fd < 0) {
		say(what, path, fd);
		return;
	}
	if (fstat((int)fd, &status) < 0)
		memset(&status, 0, sizeof(status));
	printf("%s %.40s: fd %ld flags %o cloexec %d mode %o uid %u gid %u size %ld\n", what, path,
	       fd, fcntl((int)fd, F_GETFL) & ~O_NOFOLLOW, fcntl((int)fd, F_GETFD), status.st_mode,
	       status.st_uid, status.st_gid, S_ISREG(status.st_mode) ? (long)status.st_size : 0L);
	close((int)fd);
}

static void try_opens(void)
{
	static const int flags[] = {
		O_RDONLY,
		O_WRONLY,
		O_RDWR,
		O_ACCMODE,
		O_RDONLY | O_CREAT,
		O_RDWR | O_CREAT | O_EXCL,
		O_WRONLY | O_CREAT | O_TRUNC,
		O_WRONLY | O_TRUNC,
		O_RDONLY | O_TRUNC,
		O_DIRECTORY,
		O_NOFOLLOW,
		O_NOFOLLOW | O_DIRECTORY,
		O_TMPFILE | O_RDWR,
		O_TMPFILE,
		O_TMPFILE | O_CREAT,
		O_WRONLY | O_APPEND,
		O_CREAT | O_NOFOLLOW | O_WRONLY,
		O_CREAT | O_DIRECTORY,
		O_CLOEXEC,
		O_NOATIME,
		(int)0x80000000u,
		O_SYNC | O_WRONLY,
	};

	for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
		char what[32];

		setup();
		snprintf(what, sizeof(what), "openat(%#x)", (unsigned)flags[f]);
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			say_fd(what, paths[i],
			       syscall(SYS_openat, AT_FDCWD, paths[i], flags[f] | O_NONBLOCK,
			               07666));
	}
	setup();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
#ifdef SYS_open
		say_fd("open", paths[i], syscall(SYS_open, paths[i], O_RDONLY | O_NONBLOCK));
		if (strcmp(paths[i], "fifo") != 0) /* creat would wait for a reader */
			say_fd("creat", paths[i], syscall(SYS_creat, paths[i], 0751));
#endif
	}
}

static void try_openat2(void)
{
	static const uint64_t resolves[] = {
		0,
		RESOLVE_BENEATH,
		RESOLVE_IN_ROOT,
		RESOLVE_NO_SYMLINKS,
		RESOLVE_NO_XDEV,
		0x1000,
		RESOLVE_BENEATH | RESOLVE_IN_ROOT,
	};
	static const uint64_t flags[] = { O_RDONLY, O_RDWR | O_CREAT, O_PATH | O_RDWR | O_CREAT,
		                          UINT64_C(1) << 40 };
	char large[64] = { 0 };

	for (size_t r = 0; r < ARRAY_SIZE(resolves); r++)
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			setup();
			for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
				struct open_how how = { .flags = flags[f] | O_NONBLOCK,
					                .mode = flags[f] & O_CREAT ? 0640 : 0,
					                .resolve = resolves[r] };

				if (resolves[r] && strstr(paths[i], "proc"))
					continue; /* not performed, as resolve_path.h says */
				if (resolves[r] && flags[f] & O_CREAT &&
				    strncmp(paths[i], "dangling", 8) == 0)
					continue;
				if (flags[f] & O_PATH)
					how.flags &= ~(uint64_t)O_NONBLOCK;
				say_fd("openat2", paths[i],
				       syscall(SYS_openat2, AT_FDCWD, paths[i], &how, sizeof(how)));
			}
		}
	say_fd("openat2 of 64 bytes", "file", syscall(SYS_openat2, AT_FDCWD, "file", large, 64));
	large[63] = 1;
	say_fd("openat2 of 64 with a tail", "file",
	       syscall(SYS_openat2, AT_FDCWD, "file", large, 64));
	say_fd("openat2 of 23", "file", syscall(SYS_openat2, AT_FDCWD, "file", large, 23));
	say_fd("openat2 of 5000", "file", syscall(SYS_openat2, AT_FDCWD, "file", large, 5000));
	say_fd("openat2 of NULL", "file", syscall(SYS_openat2, AT_FDCWD, "file", NULL, 24));
}

/* Each of these calls on each path, the tree made anew for each call. */
static long make_directory(const char *path)
{
	return syscall(SYS_mkdirat, AT_FDCWD, path, 01777);
}

static long make_file(const char *path)
{
	return syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | 0666, 0);
}

static long make_fifo(const char *path)
{
	return syscall(SYS_mknodat, AT_FDCWD, path, S_IFIFO | 0666, 0);
}

static long make_device(const char *path)
{
	return syscall(SYS_mknodat, AT_FDCWD, path, S_IFCHR | 0666, makedev(1, 3));
}

static long make_nonsense(const char *path)
{
	return syscall(SYS_mknodat, AT_FDCWD, path, S_IFDIR | 0666, 0);
}

static long make_symlink(const char *path)
{
	return syscall(SYS_symlinkat, "../somewhere", AT_FDCWD, path);
}

static long make_empty_symlink(const char *path)
{
	return syscall(SYS_symlinkat, "", AT_FDCWD, path);
}

static long link_from(const char *path)
{
	unlink("linked");
	return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "linked", 0);
}

static long link_from_followed(const char *path)
{
	unlink("linked");
	return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW);
}

static long link_to(const char *path)
{
	return syscall(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, path, 0);
}

static long link_bad_flags(const char *path)
{
	return syscall(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, path, 0x4);
}

static long remove_file(const char *path)
{
	return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static long remove_directory(const char *path)
{
	return syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

static long remove_badly(const char *path)
{
	return syscall(SYS_unlinkat, AT_FDCWD, path, 0x1234);
}

static long rename_to(const char *path)
{
	write_file("moving", 0644);
	return syscall(SYS_renameat2, AT_FDCWD, "moving", AT_FDCWD, path, 0);
}

static long rename_to_new(const char *path)
{
	write_file("moving", 0644);
	return syscall(SYS_renameat2, AT_FDCWD, "moving", AT_FDCWD, path, 1 /* NOREPLACE */);
}

static long rename_from(const char *path)
{
	long result = syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "moved", 0);
	int error = errno;

	if (result == 0)
		(void)rename("moved", path);
	errno = error;
	return result;
}

static long exchange(const char *path)
{
	return syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, path, 2 /* EXCHANGE */);
}

static long change_mode(const char *path)
{
	return syscall(SYS_fchmodat, AT_FDCWD, path, 06711);
}

static long change_mode_of_link(const char *path)
{
	return syscall(452 /* fchmodat2 */, AT_FDCWD, path, 0700, AT_SYMLINK_NOFOLLOW);
}

static long change_owner(const char *path)
{
	return syscall(SYS_fchownat, AT_FDCWD, path, 4321, -1, 0);
}

static long change_group_of_link(const char *path)
{
	return syscall(SYS_fchownat, AT_FDCWD, path, -1, getgid(), AT_SYMLINK_NOFOLLOW);
}

static long change_owner_badly(const char *path)
{
	return syscall(SYS_fchownat, AT_FDCWD, path, 0, 0, 0x4000);
}

static long cut(const char *path)
{
	return syscall(SYS_truncate, path, 3);
}

static long cut_below(const char *path)
{
	return syscall(SYS_truncate, path, -1);
}

static long set_times(const char *path)
{
	struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };

	return syscall(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static long set_times_of_link(const char *path)
{
	return syscall(SYS_utimensat, AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

static long set_bad_times(const char *path)
{
	struct timespec times[2] = { { 1000, -5 }, { 2000, 7 } };

	return syscall(SYS_utimensat, AT_FDCWD, path, times, 0);
}

static long set_xattr(const char *path)
{
	return syscall(SYS_setxattr, path, "user.test", "value", 5, 0);
}

static long replace_xattr_of_link(const char *path)
{
	return syscall(SYS_lsetxattr, path, "user.test", "again", 5, XATTR_REPLACE);
}

static long bad_xattr(const char *path)
{
	return syscall(SYS_setxattr, path, "", "value", 5, 0);
}

static long remove_xattr(const char *path)
{
	return syscall(SYS_removexattr, path, "user.other");
}

/* These calls change what they reach, and the machine's own directories are not for that. */
static bool leaves_directory(const char *path)
{
	return *path == '/' || strcmp(path, "up") == 0 || strcmp(path, "..") == 0;
}

static void try_paths(void)
{
	static const struct {
		const char *name;
		long (*call)(const char *path);
	} calls[] = {
		{ "mkdir", make_directory },
		{ "mknod file", make_file },
		{ "mknod fifo", make_fifo },
		{ "mknod device", make_device },
		{ "mknod directory", make_nonsense },
		{ "symlink", make_symlink },
		{ "symlink to nothing", make_empty_symlink },
		{ "link from", link_from },
		{ "link from, followed", link_from_followed },
		{ "link to", link_to },
		{ "link badly", link_bad_flags },
		{ "unlink", remove_file },
		{ "rmdir", remove_directory },
		{ "unlink badly", remove_badly },
		{ "rename to", rename_to },
		{ "rename to new", rename_to_new },
		{ "rename from", rename_from },
		{ "exchange", exchange },
		{ "chmod", change_mode },
		{ "chmod of link", change_mode_of_link },
		{ "chown", change_owner },
		{ "chown of link", change_group_of_link },
		{ "chown badly", change_owner_badly },
		{ "truncate", cut },
		{ "truncate below", cut_below },
		{ "utimensat", set_times },
		{ "utimensat of link", set_times_of_link },
		{ "utimensat badly", set_bad_times },
		{ "setxattr", set_xattr },
		{ "lsetxattr", replace_xattr_of_link },
		{ "setxattr badly", bad_xattr },
		{ "removexattr", remove_xattr },
	};

	for (size_t c = 0; c < ARRAY_SIZE(calls); c++) {
		setup();
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			struct stat status;

			if (leaves_directory(paths[i]))
				continue;
			say(calls[c].name, paths[i], calls[c].call(paths[i]));
			if (lstat(paths[i], &status) == 0)
				printf("  mode %o uid %u gid %u links %lu\n", status.st_mode,
				       status.st_uid, status.st_gid,
				       (unsigned long)status.st_nlink);
		}
	}
}

/* Relative to a descriptor, good and bad, and of a descriptor itself. */
static void try_dirfds(void)
{
	struct timespec times[2] = { { 1, 1 }, { 2, 2 } };
	int file, dir, other;

	setup();
	file = open("file", O_RDWR);
	dir = open("dir", O_RDONLY);
	other = open("dir", O_RDONLY | O_CLOEXEC);
	say_fd("at dir", "inner", syscall(SYS_openat, dir, "inner", O_RDONLY));
	say_fd("at another", "inner", syscall(SYS_openat, other, "inner", O_RDONLY));
	say_fd("at file", "inner", syscall(SYS_openat, file, "inner", O_RDONLY));
	say_fd("at nothing", "inner", syscall(SYS_openat, 999, "inner", O_RDONLY));
	say_fd("at nothing", "/", syscall(SYS_openat, 999, "/", O_RDONLY));
	say_fd("at -1", "inner", syscall(SYS_openat, -1, "inner", O_RDONLY));
	say_fd("high bits", "file",
	       syscall(SYS_openat, 0x12345678ffffff9cL, "file", 0x1234567800000000L));
	say("empty path", "", syscall(SYS_fchownat, file, "", -1, -1, AT_EMPTY_PATH));
	say("empty path, no fd", "", syscall(SYS_fchownat, 999, "", -1, -1, AT_EMPTY_PATH));
	say("empty path", "", syscall(SYS_fchownat, file, "", -1, -1, 0));
	say("NULL path", "", syscall(SYS_utimensat, file, NULL, times, 0));
	say("NULL path, no fd", "", syscall(SYS_utimensat, 999, NULL, times, 0));
	say("NULL path, cwd", "", syscall(SYS_utimensat, AT_FDCWD, NULL, times, 0));
	say_fd("NULL path", "", syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY));
	say_fd("bad path", "", syscall(SYS_openat, AT_FDCWD, (void *)-4096L, O_RDONLY));
	say("link by fd", "", syscall(SYS_linkat, dir, "inner", other, "inner2", 0));
	say("rename by fd", "", syscall(SYS_renameat2, dir, "inner2", AT_FDCWD, "up-here", 0));
	say("rename, no fd", "", syscall(SYS_renameat2, 999, "x", AT_FDCWD, "y", 0));
	close(file);
	close(dir);
	close(other);
}

/* "./././...", and last at its end: length bytes, and never an absolute path. */
static void fill_path(char *path, size_t length, const char *last)
{
	for (size_t i = 0; i < length; i++)
		path[i] = i % 2 ? '/' : '.';
	memcpy(path + length - strlen(last), last, strlen(last) + 1);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0)
		return 2;
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	memset(long_name, 'n', LONG_NAME);
	fill_path(longest_path, 4095, "/file"); /* and a NUL: PATH_MAX */
	fill_path(too_long_path, 4096, "//file");
	try_opens();
	try_openat2();
	try_paths();
	try_dirfds();
	setup();
	try_unix();
	try_inet();
	return 0;
}
