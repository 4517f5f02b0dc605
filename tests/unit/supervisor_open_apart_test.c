/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/performing/open_apart.h"

static int apart(const char *path, uint64_t flags)
{
	return open_apart(AT_FDCWD, path, &(struct open_how){ .flags = flags });
}

static void test_the_file(void **state)
{
	_cleanup_close_ int zero = apart("/dev/zero", O_RDWR);
	char byte = 'x';

	(void)state;
	assert_true(zero >= 0);
	assert_int_equal(fcntl(zero, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(zero, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(read(zero, &byte, 1), 1);
	assert_int_equal(byte, 0);
}

static void test_relative(void **state)
{
	_cleanup_close_ int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int null = open_apart(dev, "null", &(struct open_how){ .flags = O_PATH });

	(void)state;
	assert_true(null >= 0);
}

static void test_errors(void **state)
{
	static const struct {
		const char *path;
		uint64_t flags;
		int error;
	} rows[] = {
		{ "/dev/none", O_RDONLY, -ENOENT },
		{ "/dev/null/x", O_RDONLY, -ENOTDIR },
		{ "/dev", O_RDWR, -EISDIR },
		{ "/dev/null", UINT64_MAX, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(apart(rows[i].path, rows[i].flags), rows[i].error);
}

static unsigned count_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_nothing_is_left(void **state)
{
	unsigned before = count_descriptors();

	(void)state;
	assert_int_equal(apart("/dev/none", O_RDONLY), -ENOENT);
	assert_int_equal(count_descriptors(), before);
	(void)close(apart("/dev/null", O_RDONLY));
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
}

/* Somebody without capabilities, and not dumpable: 0 where it is closed to itself. */
static int look_at_oneself(const char *file)
{
	char path[64];
	int own, result;

	(void)!setresgid(65534, 65534, 65534);
	(void)!setresuid(65534, 65534, 65534);
	(void)prctl(PR_SET_DUMPABLE, 0);
	snprintf(path, sizeof(path), "/proc/%d/%s", getpid(), file);
	own = open(path, O_RDONLY | O_CLOEXEC);
	result = apart(path, O_RDONLY);
	return own >= 0 && result == -EACCES ? 0 : 1;
}

static void test_not_as_oneself(void **state)
{
	static const char *const files[] = { "maps", "fd", "fd/0", "cwd" };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(look_at_oneself(files[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_file),       cmocka_unit_test(test_relative),
		cmocka_unit_test(test_errors),         cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_not_as_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
