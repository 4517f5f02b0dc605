/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target of worker_kill_test: THREADS threads make CALLS refused calls each and look at every
 * result. Exits 0 when all were as the profile says, 1 when one was not.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	long number;
	long argument;
	long result;
	int error;
} calls[] = {
	{ SYS_mount, 0, -1, EPERM },        /* the default action */
	{ SYS_clone3, 0, -1, ENOSYS },      /* a rule's own errno */
	{ SYS_keyctl, 0x7fff, -1, EACCES }, /* another rule's */
};

static long calls_each;
static _Atomic long wrong;

static void *make_calls(void *unused)
{
	for (long i = 0; i < calls_each; i++) {
		size_t which = (size_t)i % (sizeof(calls) / sizeof(calls[0]));
		long result;

		errno = 0;
		result = syscall(calls[which].number, calls[which].argument, 0, 0, 0, 0, 0);
		if (result != calls[which].result || errno != calls[which].error)
			atomic_fetch_add(&wrong, 1);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[16];
	int count = argc > 2 ? atoi(argv[2]) : 1;

	calls_each = argc > 1 ? atol(argv[1]) : 1;
	for (int i = 0; i < count && i < 16; i++)
		if (pthread_create(&threads[i], NULL, make_calls, NULL) != 0)
			return 2;
	for (int i = 0; i < count && i < 16; i++)
		pthread_join(threads[i], NULL);
	if (wrong)
		fprintf(stderr, "%ld wrong results\n", wrong);
	return wrong != 0;
}
