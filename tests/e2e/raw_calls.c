/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_calls FILE: makes the system calls of a file, and none beside them that a test looks for.
 * The file is 64-bit words: an address, a size and a count, as many calls of a number and six
 * arguments, and then the bytes that the arguments point to, which go to that address.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS_MAX = 64 };

struct plan {
	uint64_t address, size, count;
};

int main(int argc, char **argv)
{
	static long calls[CALLS_MAX][7];
	struct plan plan;
	size_t length;
	void *memory;
	int fd;

	if (argc != 2 || (fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0)
		return 2;
	if (read(fd, &plan, sizeof(plan)) != sizeof(plan) || plan.count > CALLS_MAX)
		return 2;
	length = plan.count * sizeof(calls[0]);
	memory = mmap((void *)(uintptr_t)plan.address, plan.size, PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (memory == MAP_FAILED || read(fd, calls, length) != (ssize_t)length ||
	    read(fd, memory, plan.size) != (ssize_t)plan.size)
		return 2;
	close(fd);
	for (uint64_t i = 0; i < plan.count; i++)
		(void)syscall(calls[i][0], calls[i][1], calls[i][2], calls[i][3], calls[i][4],
		              calls[i][5], calls[i][6]);
	return 0;
}
