/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/stack_child.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Not inlined and not a tail call, so that it has a frame of its own. */
__attribute__((noinline)) void stack_child_waits_here(void)
{
	for (volatile int forever = 1; forever;)
		(void)pause();
}

/* One call of pause(2) for ever, with a stack pointer that is of no use. */
static void wait_nowhere(void)
{
#ifdef __x86_64__
	__asm__ volatile("mov $16, %%rsp\n1: mov %0, %%rax\n syscall\n jmp 1b"
	                 :
	                 : "i"(SYS_pause)
	                 : "memory", "rax", "rcx", "r11");
#endif
}

/* "NR ..." of proc_pid_syscall(5); "running" until the child sleeps in its call. */
static bool is_in_pause(pid_t pid, char *line, size_t size)
{
	char path[64], start[16];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	snprintf(start, sizeof(start), "%d ", SYS_pause);
	file = fopen(path, "re");
	assert_non_null(file);
	if (!fgets(line, (int)size, file))
		line[0] = '\0';
	fclose(file);
	return strncmp(line, start, strlen(start)) == 0;
}

pid_t stack_child_start(bool nowhere)
{
	pid_t pid = fork();
	char line[256];

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (nowhere)
			wait_nowhere();
		stack_child_waits_here();
		_exit(1);
	}
	while (!is_in_pause(pid, line, sizeof(line)))
		(void)usleep(100);
	return pid;
}

void stack_child_end(pid_t pid)
{
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

void stack_child_notification(pid_t pid, struct notification *notification)
{
	unsigned long long sp, pc;
	char line[256];

	assert_true(is_in_pause(pid, line, sizeof(line)));
	assert_int_equal(sscanf(line, "%*s %*x %*x %*x %*x %*x %*x %llx %llx", &sp, &pc), 2);
	notification_prepare(notification);
	notification->request.pid = (uint32_t)pid;
	notification->request.data.nr = SYS_pause;
	notification->request.data.arch = AUDIT_ARCH_X86_64;
	notification->request.data.instruction_pointer = pc;
	notification->caller.pid = pid;
	notification->attempts = 1;
}
