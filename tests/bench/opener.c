/* SPDX-License-Identifier: Apache-2.0 */
/* opener PATH COUNT: opens a file again and again; prints the nanoseconds of an openat, on average.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[2]) : 1000;
	uint64_t spent = 0;

	for (long i = 0; i < count; i++) {
		uint64_t start = now_ns();
		int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

		spent += now_ns() - start;
		if (fd < 0)
			return 1;
		close(fd);
	}
	printf("%.1f\n", (double)spent / (double)count);
	return 0;
}
