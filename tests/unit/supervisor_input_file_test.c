/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/input_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/json.h"

static char path[] = "/tmp/callgate-input-XXXXXX";

static int read_it(const char *name, char **ret_bytes, size_t *ret_len, size_t *ret_errors)
{
	struct diags diags;
	int r;

	diags_init(&diags, "another name");
	r = input_file_read(name, &diags, ret_bytes, ret_len);
	assert_string_equal(diags.file, name);
	*ret_errors = diags.errors;
	diags_deinit(&diags);
	return r;
}

static void test_whole(void **state)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len, errors;

	(void)state;
	assert_int_equal(truncate(path, 3), 0);
	assert_int_equal(read_it(path, &bytes, &len, &errors), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "\0\0\0", 3);
	assert_int_equal(errors, 0);
}

/* A byte more than may be, so that who parses it can say so. */
static void test_too_big(void **state)
{
	_cleanup_free_ char *bytes = NULL;
	size_t len, errors;

	(void)state;
	assert_int_equal(truncate(path, JSON_MAX_BYTES + 4096), 0);
	assert_int_equal(read_it(path, &bytes, &len, &errors), 0);
	assert_int_equal(len, JSON_MAX_BYTES + 1);
}

static void test_failures(void **state)
{
	char *bytes = NULL;
	size_t len, errors;

	(void)state;
	assert_int_equal(read_it("/nonexistent", &bytes, &len, &errors), -ENOENT);
	assert_int_equal(errors, 1);
	assert_int_equal(read_it("/", &bytes, &len, &errors), -EISDIR);
	assert_int_equal(read_it("/dev/null", &bytes, &len, &errors), -EINVAL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_it(path, &bytes, &len, &errors), -EINVAL); /* and does not wait */
	assert_null(bytes);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
