/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/file_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NONE                                                                                       \
	{                                                                                          \
		.size = -1                                                                         \
	}
#define STATE(inode_, size_, seconds)                                                              \
	{                                                                                          \
		.inode = inode_, .size = size_, .modified = { seconds, 0 }, .changed = {           \
			seconds,                                                                   \
			0                                                                          \
		}                                                                                  \
	}

/* Looks at one file, in their order. */
static const struct {
	struct file_state state;
	enum file_watch_verdict verdict;
} looks[] = {
	/* what it is at first is told once it is at rest */
	{ STATE(1, 10, 5), FILE_WATCH_AGAIN },
	{ STATE(1, 10, 5), FILE_WATCH_CHANGED },
	{ STATE(1, 10, 5), FILE_WATCH_SAME },
	/* written in pieces */
	{ STATE(1, 4, 6), FILE_WATCH_AGAIN },
	{ STATE(1, 8, 6), FILE_WATCH_AGAIN },
	{ STATE(1, 8, 6), FILE_WATCH_CHANGED },
	/* touched: that it is the same is for who reads it to find out */
	{ STATE(1, 8, 7), FILE_WATCH_AGAIN },
	{ STATE(1, 8, 7), FILE_WATCH_CHANGED },
	/* another file, as old and as long */
	{ STATE(2, 8, 7), FILE_WATCH_AGAIN },
	{ STATE(2, 8, 7), FILE_WATCH_CHANGED },
	/* there and back before it was at rest */
	{ STATE(3, 8, 7), FILE_WATCH_AGAIN },
	{ STATE(2, 8, 7), FILE_WATCH_SAME },
	/* gone for a moment, and for good */
	{ NONE, FILE_WATCH_AGAIN },
	{ STATE(2, 8, 7), FILE_WATCH_SAME },
	{ NONE, FILE_WATCH_AGAIN },
	{ NONE, FILE_WATCH_CHANGED },
	{ NONE, FILE_WATCH_SAME },
	{ STATE(4, 1, 9), FILE_WATCH_AGAIN },
	{ STATE(4, 1, 9), FILE_WATCH_CHANGED },
};

static void test_looks(void **state)
{
	struct file_watch watch;

	(void)state;
	file_watch_init(&watch);
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++)
		if (file_watch_look(&watch, &looks[i].state) != looks[i].verdict)
			fail_msg("look %zu", i);
}

/* A file that is not there from the start is a change too: what was read of it is gone. */
static void test_never_there(void **state)
{
	const struct file_state none = NONE;
	struct file_watch watch;

	(void)state;
	file_watch_init(&watch);
	assert_int_equal(file_watch_look(&watch, &none), FILE_WATCH_AGAIN);
	assert_int_equal(file_watch_look(&watch, &none), FILE_WATCH_CHANGED);
}

static void test_state_of_a_file(void **state)
{
	char path[] = "/tmp/callgate-file-watch-XXXXXX";
	int fd = mkstemp(path);
	struct file_state found;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "12345", 5), 5);
	found = file_state_of(path);
	assert_int_equal(found.size, 5);
	assert_int_not_equal(found.inode, 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_state_of(path).size, -1);
	assert_int_equal(file_state_of(path).inode, 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_never_there),
		cmocka_unit_test(test_state_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
