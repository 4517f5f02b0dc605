/* SPDX-License-Identifier: Apache-2.0 */
/* The target is this process; its paths lie in a scratch directory. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/performing/resolve_path.h"

static struct identity_thread thread;
static struct resolver resolver = { .thread = &thread };
static char scratch[] = "/tmp/callgate-resolve-XXXXXX";
static int here;

static int group_setup(void **state)
{
	struct identity identity;

	(void)state;
	resolver.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!mkdtemp(scratch) || chdir(scratch) < 0 ||
	    identity_read(resolver.proc, getpid(), &identity, &thread) < 0)
		return -1;
	here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	close(open("file", O_CREAT | O_WRONLY, 0600));
	return mkdir("dir", 0700) | mkdir("dir/deep", 0700) | symlink("dir", "to-dir") |
	       symlink("file", "to-file") | symlink("loop", "loop") | symlink("made", "dangling") |
	       symlink("to-dir/../to-file", "chain") | symlink("/dev/null", "absolute") |
	       symlink("../file", "dir/deep/wrong") | symlink("../..", "dir/deep/up");
}

static int group_teardown(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", scratch);
	return system(command); /* NOLINT(cert-env33-c): a name that mkdtemp made */
}

/* Resolved to text below the scratch directory, or to an errno. */
static const struct {
	const char *path;
	enum resolve_last last;
	int error;
	const char *text; /* absolute, or below scratch */
	bool object;
} rows[] = {
	{ "file", RESOLVE_FOLLOW, 0, "file", true },
	{ "./dir//deep/../deep", RESOLVE_FOLLOW, 0, "dir/deep", true },
	{ "to-file", RESOLVE_FOLLOW, 0, "file", true },
	{ "to-file", RESOLVE_OBJECT, 0, "to-file", true },
	{ "to-dir/deep", RESOLVE_OBJECT, 0, "dir/deep", true },
	{ "to-dir/", RESOLVE_OBJECT, 0, "dir", true },
	{ "to-file/", RESOLVE_OBJECT, -ENOTDIR, NULL, false },
	{ "file/x", RESOLVE_FOLLOW, -ENOTDIR, NULL, false },
	{ "chain", RESOLVE_FOLLOW, 0, "file", true },
	{ "dir/deep/up/file", RESOLVE_FOLLOW, 0, "file", true },
	{ "dir/deep/wrong", RESOLVE_FOLLOW, -ENOENT, NULL, false },
	{ "absolute", RESOLVE_FOLLOW, 0, "/dev/null", true },
	{ "loop", RESOLVE_FOLLOW, -ELOOP, NULL, false },
	{ "loop", RESOLVE_OBJECT, 0, "loop", true },
	{ "loop/x", RESOLVE_ENTRY, -ELOOP, NULL, false },
	{ "dangling", RESOLVE_FOLLOW, -ENOENT, NULL, false },
	{ "dangling", RESOLVE_CREATE, 0, "made", false },
	{ "dangling", RESOLVE_ENTRY, 0, "dangling", false },
	{ "dir/new", RESOLVE_CREATE, 0, "dir/new", false },
	{ "file", RESOLVE_CREATE, 0, "file", true },
	{ "to-dir/new/", RESOLVE_ENTRY, 0, "dir/new", false },
	{ "missing/new", RESOLVE_ENTRY, -ENOENT, NULL, false },
	{ "", RESOLVE_FOLLOW, -ENOENT, NULL, false },
	{ "/", RESOLVE_FOLLOW, 0, "/", true },
	{ "/..", RESOLVE_FOLLOW, 0, "/", true },
	{ "//dev//null", RESOLVE_FOLLOW, 0, "/dev/null", true },
	{ "/dev/null/", RESOLVE_FOLLOW, -ENOTDIR, NULL, false },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct resolved_path resolved = RESOLVED_PATH_NONE;
		char text[PATH_MAX], expected[PATH_MAX];

		assert_int_equal(
			resolve_path(&resolver, here, rows[i].path, rows[i].last, &resolved),
			rows[i].error);
		if (rows[i].error)
			continue;
		snprintf(expected, sizeof(expected), *rows[i].text == '/' ? "%.0s%s" : "%s/%s",
		         scratch, rows[i].text);
		assert_int_equal(resolved_path_text(&resolver, &resolved, text, sizeof(text)),
		                 strlen(expected));
		assert_string_equal(text, expected);
		assert_int_equal(resolved.object >= 0, rows[i].object);
		resolved_path_deinit(&resolved);
	}
}

/* Links of /proc are followed for the thread, here played by the parent of who resolves. */
static void test_proc_of_another(void **state)
{
	static const char *const self[] = { "/proc/self/comm", "/proc/thread-self/comm",
		                            "/proc/self/../self/comm", "/dev/fd/../comm" };
	int status;
	pid_t parent = getpid(), child = fork();

	(void)state;
	if (child == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(self); i++) {
			struct resolved_path resolved = RESOLVED_PATH_NONE;
			char text[PATH_MAX], wanted[64];

			if (resolve_path(&resolver, -EBADF, self[i], RESOLVE_FOLLOW, &resolved) <
			            0 ||
			    resolved_path_text(&resolver, &resolved, text, sizeof(text)) < 0)
				_exit(10 + (int)i);
			snprintf(wanted, sizeof(wanted), "/proc/%d/", parent);
			if (strncmp(text, wanted, strlen(wanted)) != 0)
				_exit(20 + (int)i);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void text_of_descriptor(int fd, char *buf, size_t size)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(resolve_path(&resolver, -EBADF, path, RESOLVE_FOLLOW, &resolved), 0);
	assert_true(resolved_path_text(&resolver, &resolved, buf, size) > 0);
	resolved_path_deinit(&resolved);
}

/* A file keeps its name for the rules when it has lost it; a mark of its own is a part of it. */
static void test_removed(void **state)
{
	static const char *const names[] = { "removed", "marked (deleted)" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_close_ int fd = open(names[i], O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		char before[PATH_MAX], after[PATH_MAX];

		text_of_descriptor(fd, before, sizeof(before));
		assert_string_equal(strrchr(before, '/') + 1, names[i]);
		assert_int_equal(unlink(names[i]), 0);
		text_of_descriptor(fd, after, sizeof(after));
		assert_string_equal(before, after);
	}
}

static void test_foreign_root(void **state)
{
	struct resolver foreign = resolver;
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	char text[PATH_MAX];

	(void)state;
	foreign.foreign = true;
	assert_int_equal(resolve_path(&foreign, here, "file", RESOLVE_FOLLOW, &resolved), 0);
	assert_int_equal(resolved_path_text(&foreign, &resolved, text, sizeof(text)), -EXDEV);
	resolved_path_deinit(&resolved);
}

/* A magic link leads to the object, whatever its name has become. */
static void test_magic_link(void **state)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	_cleanup_close_ int file = open("file", O_RDONLY | O_CLOEXEC);
	struct stat one, two;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	assert_int_equal(resolve_path(&resolver, -EBADF, path, RESOLVE_FOLLOW, &resolved), 0);
	assert_int_equal(resolved.parent, -EBADF);
	assert_int_equal(fstat(file, &one) | fstat(resolved.object, &two), 0);
	assert_true(one.st_ino == two.st_ino);
	resolved_path_deinit(&resolved);
	strcat(path, "/");
	assert_int_equal(resolve_path(&resolver, -EBADF, path, RESOLVE_FOLLOW, &resolved),
	                 -ENOTDIR);
	snprintf(path, sizeof(path), "/proc/self/cwd/%s", "file");
	assert_int_equal(resolve_path(&resolver, -EBADF, path, RESOLVE_FOLLOW, &resolved), 0);
	resolved_path_deinit(&resolved);
}

/* The start is an error only where it is needed, and what was pinned survives a rename. */
static void test_start_and_pin(void **state)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	char text[PATH_MAX];

	(void)state;
	assert_int_equal(resolve_path(&resolver, -EBADF, "file", RESOLVE_FOLLOW, &resolved),
	                 -EBADF);
	assert_int_equal(resolve_path(&resolver, -EBADF, "/dev", RESOLVE_FOLLOW, &resolved), 0);
	resolved_path_deinit(&resolved);
	assert_int_equal(resolve_path(&resolver, here, "dir/deep", RESOLVE_FOLLOW, &resolved), 0);
	assert_int_equal(rename("dir", "renamed"), 0);
	assert_true(resolved_path_text(&resolver, &resolved, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "/renamed/deep"));
	assert_int_equal(rename("renamed", "dir"), 0);
	resolved_path_deinit(&resolved);
}

static void test_long(void **state)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;
	char name[NAME_MAX + 3];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(resolve_path(&resolver, here, name, RESOLVE_ENTRY, &resolved),
	                 -ENAMETOOLONG);
	name[NAME_MAX] = '/';
	assert_int_equal(resolve_path(&resolver, here, name, RESOLVE_ENTRY, &resolved), 0);
	assert_int_equal(strlen(resolved.name), NAME_MAX + 1);
	resolved_path_deinit(&resolved);
}

/* A link that another planted in a directory for all is not followed (fs.protected_symlinks). */
static void test_protected_link(void **state)
{
	struct resolved_path resolved = RESOLVED_PATH_NONE;

	(void)state;
	if (geteuid() != 0 || resolver_sysctl(&resolver, "protected_symlinks", 1) == 0)
		skip();
	assert_int_equal(mkdir("sticky", 0700) | chmod("sticky", 01777), 0);
	assert_int_equal(symlink("../file", "sticky/link") | lchown("sticky/link", 4321, 4321), 0);
	assert_int_equal(resolve_path(&resolver, here, "sticky/link", RESOLVE_FOLLOW, &resolved),
	                 -EACCES);
	assert_int_equal(resolve_path(&resolver, here, "sticky/link", RESOLVE_OBJECT, &resolved),
	                 0);
	resolved_path_deinit(&resolved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),      cmocka_unit_test(test_proc_of_another),
		cmocka_unit_test(test_magic_link), cmocka_unit_test(test_start_and_pin),
		cmocka_unit_test(test_long),       cmocka_unit_test(test_protected_link),
		cmocka_unit_test(test_removed),    cmocka_unit_test(test_foreign_root),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
