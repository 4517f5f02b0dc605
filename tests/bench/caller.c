/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller NUMBER ARGUMENT COUNT THINK_NS [places]: makes one syscall again and again, with so much
 * work in between, and prints the nanoseconds that a call took, on average, the work left out. With
 * "places" the functions that lead to each call are others than before.
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

/* Makes the call by one of four call sites, each of which is a place of its own, and so on. */
__attribute__((noinline)) static void descend(unsigned path, unsigned depth, const long call[2])
{
	if (depth == 0) {
		(void)syscall(call[0], call[1], 0, 0, 0, 0, 0);
		return;
	}
	switch (path % 4) {
	case 0:
		descend(path / 4, depth - 1, call);
		__asm__ volatile("# first");
		break;
	case 1:
		descend(path / 4, depth - 1, call);
		__asm__ volatile("# second");
		break;
	case 2:
		descend(path / 4, depth - 1, call);
		__asm__ volatile("# third");
		break;
	default:
		descend(path / 4, depth - 1, call);
		__asm__ volatile("# last");
	}
}

int main(int argc, char **argv)
{
	long number = argc > 1 ? atol(argv[1]) : SYS_getppid;
	long argument = argc > 2 ? strtol(argv[2], NULL, 0) : 0;
	long count = argc > 3 ? atol(argv[3]) : 1000;
	uint64_t think_ns = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	unsigned depth = argc > 5 ? 3 : 0;
	const long call[] = { number, argument };
	uint64_t spent = 0;

	for (long i = 0; i < count; i++) {
		uint64_t start;

		if (think_ns)
			think(think_ns);
		start = now_ns();
		descend((unsigned)i, depth, call);
		spent += now_ns() - start;
	}
	printf("%.1f\n", (double)spent / (double)count);
	return 0;
}
