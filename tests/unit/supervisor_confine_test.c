/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/confine.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Bits of what a confined process found wrong. */
enum {
	NOT_CONFINED = 1,
	MAY_OPEN = 2,
	MAY_CONNECT = 4,
	MAY_START = 8,
	MAY_SIGNAL = 16,
	IS_ROOT = 32,
	NO_MEMORY = 64,
};

static bool has_memory(void)
{
	void *memory =
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit;

	return memory != MAP_FAILED && getrlimit(RLIMIT_DATA, &limit) != 0;
}

static int findings(void)
{
	int found = 0;

	if (confine() != 0)
		return NOT_CONFINED;
	if (open("/dev/null", O_RDONLY) >= 0 || errno != EPERM)
		found |= MAY_OPEN;
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		found |= MAY_CONNECT;
	if (fork() >= 0 || errno != EPERM)
		found |= MAY_START;
	if (kill(getppid(), 0) == 0 || errno != EPERM)
		found |= MAY_SIGNAL;
	if (setresuid(0, 0, 0) == 0)
		found |= IS_ROOT;
	if (!has_memory())
		found |= NO_MEMORY;
	return found;
}

static void test_confined(void **state)
{
	int wait_status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(findings());
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_true(WIFEXITED(wait_status));
	assert_int_equal(WEXITSTATUS(wait_status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
