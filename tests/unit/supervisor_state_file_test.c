/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/state_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"

static char home[64];
static char path[PATH_MAX];

static int make_home(void **state)
{
	(void)state;
	strcpy(home, "/tmp/callgate-state-XXXXXX");
	return mkdtemp(home) ? setenv("XDG_STATE_HOME", home, 1) : -1;
}

static int remove_home(void **state)
{
	char directory[96];

	(void)state;
	snprintf(directory, sizeof(directory), "%s/callgate", home);
	(void)unlink(path);
	(void)rmdir(path);
	(void)rmdir(directory); /* fails where a temporary file was left behind */
	return rmdir(home);
}

static void put(int fd, const char *bytes)
{
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
}

static void check_contents(const char *expected)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char found[64];
	ssize_t n = read(fd, found, sizeof(found) - 1);

	assert_true(n >= 0);
	found[n] = '\0';
	assert_string_equal(found, expected);
}

static void test_the_last_run_takes_the_place(void **state)
{
	_cleanup_close_ int first = state_file_start(), second = -EBADF;
	struct stat status;

	(void)state;
	assert_true(first >= 0);
	assert_int_equal(state_file_path(path, sizeof(path)), 0);
	assert_int_equal(strncmp(path, home, strlen(home)), 0);
	assert_string_equal(path + strlen(home), "/callgate/last.jsonl");
	put(first, "first\n");
	check_contents("first\n");
	assert_true(state_file_is_last(first));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);

	second = state_file_start();
	assert_true(second >= 0);
	put(second, "second\n");
	put(first, "still going on\n");
	check_contents("second\n");
	assert_false(state_file_is_last(first));
	assert_true(state_file_is_last(second));
}

/* What stands in the place is replaced, and a link's target is not written to. */
static void test_links_are_replaced(void **state)
{
	_cleanup_close_ int fd = state_file_start();

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(state_file_path(path, sizeof(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_false(state_file_is_last(fd));
	assert_int_equal(symlink("/nonexistent/file", path), 0);
	fd = fd_close(fd);
	fd = state_file_start();
	assert_true(fd >= 0);
	put(fd, "new\n");
	check_contents("new\n");
}

static void test_a_place_that_cannot_be_written_to(void **state)
{
	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "/dev/null", 1), 0);
	assert_int_equal(state_file_start(), -ENOTDIR);
	assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
	fd_close(state_file_start());
	assert_int_equal(state_file_path(path, sizeof(path)), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(state_file_start(), -EISDIR);
}

static void test_paths_that_do_not_fit(void **state)
{
	char small[96];
	size_t len;

	(void)state;
	assert_int_equal(state_file_path(small, sizeof(small)), 0);
	len = strlen(small);
	assert_int_equal(state_file_path(small, len + 1), 0);
	assert_int_equal(state_file_path(small, len), -ENAMETOOLONG);
	assert_int_equal(state_file_path(small, 8), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_last_run_takes_the_place, make_home,
		                                remove_home),
		cmocka_unit_test_setup_teardown(test_links_are_replaced, make_home, remove_home),
		cmocka_unit_test_setup_teardown(test_a_place_that_cannot_be_written_to, make_home,
		                                remove_home),
		cmocka_unit_test_setup_teardown(test_paths_that_do_not_fit, make_home, remove_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
