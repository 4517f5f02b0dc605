/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	NOBODY = 65534,
	MORE_MEMORY = 1 << 30, /* bytes, beside what is there */
};

static const char *const allowed[] = {
	"brk",         "clock_gettime", "close",        "dup",         "exit",
	"exit_group",  "fcntl",         "fstat",        "futex",       "getpid",
	"getppid",     "getrandom",     "gettid",       "lseek",       "madvise",
	"mmap",        "mprotect",      "poll",         "ppoll",       "mremap",
	"munmap",      "newfstatat",    "prctl",        "pread64",     "read",
	"recvmsg",     "rt_sigaction",  "rt_sigreturn", "sched_yield", "rt_sigprocmask",
	"sigaltstack", "write",
};

/* In a user namespace without a nobody it cannot be done; the filter holds there too. */
static void become_nobody(void)
{
	if (geteuid() == 0 && setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0)
		(void)!setresuid(NOBODY, NOBODY, NOBODY);
}

/* A compressed section may say that it is of any size. */
static int limit_memory(void)
{
	unsigned long pages = 0;
	struct rlimit limit;
	FILE *statm = fopen("/proc/self/statm", "re");
	int fields = 0;

	if (statm) {
		fields = fscanf(statm, "%*u %*u %*u %*u %*u %lu", &pages);
		(void)fclose(statm);
	}
	if (fields != 1)
		return -ENODATA;
	limit.rlim_cur = limit.rlim_max =
		pages * (rlim_t)sysconf(_SC_PAGESIZE) + (rlim_t)MORE_MEMORY;
	return setrlimit(RLIMIT_DATA, &limit) < 0 ? err_errno() : 0;
}

static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int result = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(allowed) && result == 0; i++) {
		int nr = seccomp_syscall_resolve_name(allowed[i]);

		if (nr >= 0) /* not every architecture has them all */
			result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0);
	}
	if (result == 0)
		result = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return result;
}

int confine(void)
{
	int result;

	become_nobody();
	(void)prctl(PR_SET_DUMPABLE, 0);
	result = limit_memory();
	return result < 0 ? result : filter_calls();
}
