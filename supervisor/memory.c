/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The smallest page there is; a larger one only makes more reads of a long string. */
#define PAGE 4096

/*
 * /proc/TID/mem, not process_vm_readv(2), although it costs an open: where the target has put
 * userfaultfd under the page, process_vm_readv waits for the target's own handler, for ever if it
 * likes, and this file answers EIO at once (Linux 6.18). It also reads pages that are PROT_NONE,
 * which the kernel itself would refuse; for showing what was asked for, that does no harm.
 */
static int open_as(pid_t tid, int access)
{
	char path[sizeof("/proc/4294967295/mem")];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/mem", (unsigned)tid);
	fd = open(path, access | O_CLOEXEC);
	return fd < 0 ? err_errno() : fd;
}

int memory_open(pid_t tid)
{
	return open_as(tid, O_RDONLY);
}

int memory_open_writable(pid_t tid)
{
	return open_as(tid, O_RDWR);
}

ssize_t memory_read(int memory, uint64_t address, void *buf, size_t size)
{
	ssize_t count;

	if (size == 0)
		return 0;
	if (address > INT64_MAX) /* no file offset, and no user address on any 64-bit ABI */
		return -EFAULT;
	do {
		count = pread(memory, buf, size, (off_t)address);
	} while (count < 0 && errno == EINTR);
	if (count > 0)
		return count;
	if (count == 0) /* the thread has died or has executed another program */
		return -ESRCH;
	return errno == EIO ? -EFAULT : err_errno();
}

ssize_t memory_read_string(int memory, uint64_t address, char *buf, size_t size,
                           bool *ret_terminated)
{
	size_t length = 0;

	while (length < size) {
		uint64_t at = address + length;
		size_t in_page = PAGE - at % PAGE;
		size_t want = size - length < in_page ? size - length : in_page;
		ssize_t count = memory_read(memory, at, buf + length, want);
		const char *nul;

		if (count < 0)
			return count;
		nul = memchr(buf + length, '\0', (size_t)count);
		if (nul) {
			*ret_terminated = true;
			return nul - buf;
		}
		length += (size_t)count;
	}
	*ret_terminated = false;
	return (ssize_t)length;
}

int memory_write(int memory, uint64_t address, const void *buf, size_t size)
{
	ssize_t count;

	if (address > INT64_MAX)
		return -EFAULT;
	do {
		count = pwrite(memory, buf, size, (off_t)address);
	} while (count < 0 && errno == EINTR);
	if (count == 0)
		return -ESRCH;
	return count == (ssize_t)size ? 0 : -EFAULT;
}
