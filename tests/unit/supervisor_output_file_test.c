/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/output_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char directory[64];

static const char *in_directory(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/callgate-output-XXXXXX");
	umask(027);
	return mkdtemp(directory) ? 0 : -1;
}

/* Removes what is in the directory, and counts it. */
static unsigned empty(void)
{
	DIR *stream = opendir(directory);
	struct dirent *entry;
	unsigned n = 0;

	while ((entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			n += unlinkat(dirfd(stream), entry->d_name, 0) == 0;
	closedir(stream);
	return n;
}

static int teardown(void **state)
{
	(void)state;
	(void)empty();
	return rmdir(directory);
}

static void check_file(const char *name, const char *contents, mode_t mode)
{
	char bytes[64] = "";
	struct stat status;
	FILE *file = fopen(in_directory(name), "re");

	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, sizeof(bytes) - 1, file), strlen(contents));
	assert_string_equal(bytes, contents);
	assert_int_equal(fstat(fileno(file), &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
	fclose(file);
}

static void write_file(const char *name, mode_t mode)
{
	FILE *file = fopen(in_directory(name), "we");

	fputs("before", file);
	fclose(file);
	assert_int_equal(chmod(in_directory(name), mode), 0);
}

static void test_new(void **state)
{
	(void)state;
	assert_int_equal(output_file_write(in_directory("f"), "a\0b", 3), 0);
	assert_int_equal(umask(027), 027);
	{
		char bytes[8];
		int fd = open(in_directory("f"), O_RDONLY | O_CLOEXEC);

		assert_int_equal(read(fd, bytes, sizeof(bytes)), 3);
		assert_memory_equal(bytes, "a\0b", 3);
		close(fd);
	}
	assert_int_equal(output_file_write(in_directory("g"), "", 0), 0);
	check_file("g", "", 0640);
	assert_int_equal(empty(), 2);
}

static void test_replaces(void **state)
{
	int fd;
	char bytes[8] = "";
	(void)state;

	write_file("f", 0604);
	fd = open(in_directory("f"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(output_file_write(in_directory("f"), "after", 5), 0);
	check_file("f", "after", 0604);
	/* who has it open still reads what it was */
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 6);
	assert_string_equal(bytes, "before");
	close(fd);
	assert_int_equal(empty(), 1);
}

static void test_keeps_a_link(void **state)
{
	char link[128];
	struct stat status;
	(void)state;

	write_file("f", 0600);
	strcpy(link, in_directory("link"));
	assert_int_equal(symlink(in_directory("f"), link), 0);
	assert_int_equal(output_file_write(link, "after", 5), 0);
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	check_file("f", "after", 0600);
}

static void test_failures(void **state)
{
	(void)state;
	assert_int_equal(output_file_write(in_directory("none/f"), "x", 1), -ENOENT);
	assert_int_equal(output_file_write(directory, "x", 1), -EISDIR);
	assert_int_equal(output_file_write("/dev/full", "x", 1), -ENOSPC);
	assert_int_equal(output_file_write("/dev/null", "x", 1), 0);
	assert_int_equal(empty(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keeps_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
