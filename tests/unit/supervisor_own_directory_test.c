/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/own_directory.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"

static const struct own_directory which = { "CALLGATE_TEST_HOME", "/var/lib", ".local/state" };
static char home[64];

static const char *in_home(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	return path;
}

static int make_home(void **state)
{
	(void)state;
	strcpy(home, "/tmp/callgate-own-XXXXXX");
	return mkdtemp(home) ? setenv("CALLGATE_TEST_HOME", home, 1) : -1;
}

static int remove_home(void **state)
{
	(void)state;
	(void)unlink(in_home("callgate"));
	(void)rmdir(in_home("callgate"));
	(void)rmdir(in_home("a/b/callgate"));
	(void)rmdir(in_home("a/b"));
	(void)rmdir(in_home("a"));
	return rmdir(home);
}

static void check_mode(const char *path, mode_t mode)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFDIR | mode);
}

static void test_it_is_made(void **state)
{
	_cleanup_close_ int first = own_directory_open(&which), second = own_directory_open(&which);

	(void)state;
	assert_true(first >= 0 && second >= 0);
	check_mode(in_home("callgate"), 0700);
}

static void test_parents_are_made(void **state)
{
	_cleanup_close_ int fd = -EBADF;

	(void)state;
	assert_int_equal(setenv("CALLGATE_TEST_HOME", in_home("a/b"), 1), 0);
	fd = own_directory_open(&which);
	assert_true(fd >= 0);
	check_mode(in_home("a"), 0700);
	check_mode(in_home("a/b"), 0700);
	check_mode(in_home("a/b/callgate"), 0700);
}

/* A relative path is none: then root's, or another user's own. */
static void test_paths(void **state)
{
	const char *saved = getenv("HOME");
	char path[PATH_MAX], expected[PATH_MAX] = "/var/lib/callgate", long_home[PATH_MAX];

	(void)state;
	assert_int_equal(own_directory_path(&which, path, sizeof(path)), 0);
	assert_string_equal(path, in_home("callgate"));
	assert_int_equal(setenv("CALLGATE_TEST_HOME", "relative", 1), 0);
	if (geteuid() != 0)
		snprintf(expected, sizeof(expected), "%s/.local/state/callgate", saved);
	assert_int_equal(own_directory_path(&which, path, sizeof(path)), 0);
	assert_string_equal(path, expected);
	memset(long_home, '/', sizeof(long_home) - 1);
	long_home[sizeof(long_home) - 1] = '\0';
	assert_int_equal(setenv("CALLGATE_TEST_HOME", long_home, 1), 0);
	assert_int_equal(own_directory_path(&which, path, sizeof(path)), -ENAMETOOLONG);
}

static void test_what_others_may_write_is_refused(void **state)
{
	static const mode_t modes[] = { 0770, 0707, 0777 };

	(void)state;
	assert_int_equal(mkdir(in_home("callgate"), 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		assert_int_equal(chmod(in_home("callgate"), modes[i]), 0);
		assert_int_equal(own_directory_open(&which), -EPERM);
	}
	if (geteuid() == 0) {
		assert_int_equal(chmod(in_home("callgate"), 0700), 0);
		assert_int_equal(chown(in_home("callgate"), 1, 1), 0);
		assert_int_equal(own_directory_open(&which), -EPERM);
	}
}

static void test_what_is_no_directory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("/tmp", in_home("callgate")), 0);
	assert_int_equal(own_directory_open(&which), -ENOTDIR); /* O_NOFOLLOW with O_DIRECTORY */
	assert_int_equal(setenv("CALLGATE_TEST_HOME", "/dev/null", 1), 0);
	assert_int_equal(own_directory_open(&which), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_it_is_made, make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_parents_are_made, make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_paths, make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_what_others_may_write_is_refused, make_home,
		                                remove_home),
		cmocka_unit_test_setup_teardown(test_what_is_no_directory_is_refused, make_home,
		                                remove_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
