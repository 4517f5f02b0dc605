/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/maps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <cmocka.h>

/* The mappings of a text: how many, and the last one. */
static unsigned count(const char *text, struct mapping *ret_last)
{
	const char *rest = text;
	unsigned found = 0;

	while (maps_next(&rest, text + strlen(text), ret_last))
		found++;
	return found;
}

static void test_file(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_int_equal(count("7f0423a00000-7f0423bb5000 r-xp 00026000 fe:01 1057013"
	                       "                    /usr/lib/x86_64-linux-gnu/libc.so.6\n",
	                       &mapping),
	                 1);
	assert_int_equal(mapping.low, 0x7f0423a00000);
	assert_int_equal(mapping.high, 0x7f0423bb5000);
	assert_int_equal(mapping.offset, 0x26000);
	assert_int_equal(mapping.device, makedev(0xfe, 1));
	assert_int_equal(mapping.inode, 1057013);
	assert_true(mapping.readable);
	assert_true(mapping.executable);
	assert_false(mapping.shared);
	assert_int_equal(mapping.path_length, strlen("/usr/lib/x86_64-linux-gnu/libc.so.6"));
	assert_memory_equal(mapping.path, "/usr/lib/x86_64-linux-gnu/libc.so.6",
	                    mapping.path_length);
}

static void test_shared(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_int_equal(
		count("7f0423a00000-7f0423bb5000 rw-s 00000000 00:01 7 /dev/zero\n", &mapping), 1);
	assert_true(mapping.shared);
}

static void test_no_file(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_int_equal(count("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"
	                       "                  [vsyscall]\n"
	                       "55e41b192000-55e41b193000 rw-p 00000000 00:00 0 \n",
	                       &mapping),
	                 2);
	assert_int_equal(mapping.inode, 0);
	assert_int_equal(mapping.path_length, 0);
	assert_false(mapping.executable);
}

/* What is in a path is the target's choice; the kernel writes a newline in one as \012. */
static void test_hostile_paths(void **state)
{
	static const char *const paths[] = {
		"/tmp/a b  c",       "/tmp/1-2 r-xp 0 0:0 1 /x", "/tmp/\\012x",
		"/tmp/\x1b[31m\xff", "/tmp/gone (deleted)",      "//",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct mapping mapping;
		char line[256] = "1000-2000 r-xp 00000000 00:01 7   ";

		strcat(line, paths[i]);
		strcat(line, "\n");
		assert_int_equal(count(line, &mapping), 1);
		assert_int_equal(mapping.path_length, strlen(paths[i]));
		assert_memory_equal(mapping.path, paths[i], mapping.path_length);
	}
}

static void test_not_a_mapping(void **state)
{
	static const char *const lines[] = {
		"\n",
		"1000-2000\n",
		"1000-2000 r-xp\n",
		"1000-2000 r-xp 0 00:01\n",
		"1000-2000 r-xp 0 00:01 x \n",
		"1000-2000 r-x 0 00:01 7 /a\n",
		"2000-1000 r-xp 0 00:01 7 /a\n",
		"1000-1000 r-xp 0 00:01 7 /a\n",
		"-2000 r-xp 0 00:01 7 /a\n",
		"11112222333344445-2 r-xp 0 00:01 7 /a\n", /* 2^64 and more */
		"1000-2000 r-xp 0 00:01 7 /cut",
	};
	struct mapping mapping;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(count(lines[i], &mapping), 0);
}

/* Whatever is cut or changed, what is found stays within the text. */
static void test_mutations(void **state)
{
	static const char text[] = "1000-2000 r-xp 00000000 00:01 7 /usr/bin/x\n"
				   "3000-4000 rw-p 00000000 00:00 0 [stack]\n";

	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		char *copy = strdup(text);
		size_t length = (size_t)rand() % sizeof(text);
		const char *rest = copy;
		struct mapping mapping;

		copy[(size_t)rand() % sizeof(text)] = (char)rand();
		copy = realloc(copy, length + 1);
		for (rest = copy; maps_next(&rest, copy + length, &mapping);) {
			assert_true(mapping.low < mapping.high);
			assert_true(mapping.path >= copy);
			assert_true(mapping.path + mapping.path_length <= copy + length);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),          cmocka_unit_test(test_shared),
		cmocka_unit_test(test_no_file),       cmocka_unit_test(test_hostile_paths),
		cmocka_unit_test(test_not_a_mapping), cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
