/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/module_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/cleanup.h"

/* A file of our own that we map, and how /proc shows it. */
struct mapped {
	char path[64];
	void *address;
	struct stat status;
	struct mapping mapping;
	char text[512]; /* its line */
};

static void map_file(struct mapped *mapped, const char *content)
{
	int fd;

	strcpy(mapped->path, "/tmp/callgate-module-XXXXXX");
	fd = mkstemp(mapped->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	mapped->address = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(mapped->address != MAP_FAILED);
	assert_int_equal(fstat(fd, &mapped->status), 0);
	close(fd);
}

static void find_mapping(struct mapped *mapped)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(mapped->text, sizeof(mapped->text), maps)) {
		const char *rest = mapped->text;

		found = maps_next(&rest, mapped->text + strlen(mapped->text), &mapped->mapping) &&
		        mapped->mapping.low == (uint64_t)(uintptr_t)mapped->address;
	}
	fclose(maps);
	assert_true(found);
}

static int setup(void **state)
{
	struct mapped *mapped = calloc(1, sizeof(*mapped));

	map_file(mapped, "the file that was mapped");
	*state = mapped;
	return 0;
}

static int teardown(void **state)
{
	struct mapped *mapped = *state;

	(void)unlink(mapped->path);
	munmap(mapped->address, 4096);
	free(mapped);
	return 0;
}

static void assert_opens(const struct mapped *mapped)
{
	int fd = module_file_open(getpid(), &mapped->mapping);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_ino, mapped->status.st_ino);
	close(fd);
}

static void test_opens(void **state)
{
	find_mapping(*state);
	assert_opens(*state);
}

static void test_replaced(void **state)
{
	struct mapped *mapped = *state;
	int fd, other;

	assert_int_equal(unlink(mapped->path), 0);
	other = open(mapped->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(other >= 0);
	close(other);
	find_mapping(mapped);
	fd = module_file_open(getpid(), &mapped->mapping);
	if (fd >= 0) /* by the kernel's link, which takes a capability */
		assert_opens(mapped);
	else
		assert_int_equal(fd, -ENOENT);
	fd_close(fd);
}

/* Another file at the same path is never taken for it, where there is no link to go by. */
static void test_other_inode(void **state)
{
	struct mapped *mapped = *state;

	find_mapping(mapped);
	mapped->mapping.low++; /* no such link */
	mapped->mapping.inode++;
	assert_int_equal(module_file_open(getpid(), &mapped->mapping), -ENOENT);
	mapped->mapping.inode--;
	assert_opens(mapped);
}

/* A device is not opened: that alone may do something. */
static void test_device(void **state)
{
	static const char path[] = "/dev/null";
	struct mapping mapping = { .path = path, .path_length = strlen(path) };
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	mapping.inode = status.st_ino;
	assert_true(module_file_open(getpid(), &mapping) < 0);
}

static void test_long_path(void **state)
{
	static char path[8192];
	struct mapping mapping = { .path = path, .path_length = sizeof(path), .inode = 1 };

	(void)state;
	memset(path, '/', sizeof(path));
	assert_int_equal(module_file_open(getpid(), &mapping), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_inode, setup, teardown),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
