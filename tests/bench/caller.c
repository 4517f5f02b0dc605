/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller NUMBER ARGUMENT COUNT THINK_NS: makes one syscall again and again, with so much work in
 * between, and prints the nanoseconds that a call took, on average, the work left out.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void think(uint64_t ns)
{
	uint64_t end = now_ns() + ns;

	while (now_ns() < end)
		;
}

int main(int argc, char **argv)
{
	long number = argc > 1 ? atol(argv[1]) : SYS_getppid;
	long argument = argc > 2 ? strtol(argv[2], NULL, 0) : 0;
	long count = argc > 3 ? atol(argv[3]) : 1000;
	uint64_t think_ns = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	uint64_t spent = 0;

	for (long i = 0; i < count; i++) {
		uint64_t start;

		if (think_ns)
			think(think_ns);
		start = now_ns();
		(void)syscall(number, argument, 0, 0, 0, 0, 0);
		spent += now_ns() - start;
	}
	printf("%.1f\n", (double)spent / (double)count);
	return 0;
}
