/* SPDX-License-Identifier: Apache-2.0 */
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

#include "supervisor/target.h"

/* A word of an argv: its characters are not const. */
#define WORD(literal) ((char[]){ literal })

static char directory[] = "/tmp/callgate-target-XXXXXX";

static void make_file(const char *name, mode_t mode)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "exit 5\n", 7), 7);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int setup(void **state)
{
	char path[256];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/folder", directory);
	assert_int_equal(mkdir(path, 0700), 0);
	make_file("program", 0700);
	make_file("plain", 0600);
	snprintf(path, sizeof(path), "/nowhere:%s", directory);
	return setenv("PATH", path, 1);
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "/bin/rm -r %s", directory);
	return system(command);
}

static void test_find(void **state)
{
	static const struct {
		const char *name; /* with @ for the directory */
		int result;
	} rows[] = {
		{ "program", 0 },          { "plain", -EACCES },     { "folder", -EACCES },
		{ "absent", -ENOENT },     { "", -ENOENT },          { "@/program", 0 },
		{ "@/plain", -EACCES },    { "@/folder", -EACCES },  { "@/absent", -ENOENT },
		{ "@/plain/x", -ENOTDIR }, { "./program", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct target_command command = { 0 };
		char name[128], expected[128];
		char *arguments[] = { name, NULL };

		snprintf(name, sizeof(name), "%s%s", rows[i].name[0] == '@' ? directory : "",
		         rows[i].name + (rows[i].name[0] == '@'));
		assert_int_equal(target_command_find(arguments, &command), rows[i].result);
		if (rows[i].result != 0)
			continue;
		snprintf(expected, sizeof(expected), "%s/program", directory);
		assert_string_equal(command.path, expected);
		assert_string_equal(command.script[0], "/bin/sh");
		assert_string_equal(command.script[1], expected);
		assert_null(command.script[2]);
		target_command_deinit(&command);
	}
}

static int run(char **arguments)
{
	struct filter none = { 0 };
	struct target_command command;
	struct target target;
	struct signals_inherited signals = { 0 };
	int status;

	sigemptyset(&signals.mask);
	assert_int_equal(target_command_find(arguments, &command), 0);
	assert_int_equal(target_start(&command, &none, &signals, -EBADF, &target), 0);
	assert_int_equal(target.listener, -EBADF);
	assert_int_equal(waitpid(target.pid, &status, 0), target.pid);
	target_deinit(&target);
	target_command_deinit(&command);
	return status;
}

/* A filter without notifications needs no listener; a file without "#!" is a script, as env has it.
 */
static void test_start(void **state)
{
	char *shell[] = {
		WORD("/bin/sh"), WORD("-c"), WORD("exit $1"), WORD("sh"), WORD("42"), NULL
	};
	char *script[] = { WORD("program"), WORD("argument"), NULL };

	(void)state;
	assert_int_equal(WEXITSTATUS(run(shell)), 42);
	assert_int_equal(WEXITSTATUS(run(script)), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
