/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "supervisor/memory.h"

#define PAGE_SIZE ((size_t)4096)

/* Two pages of 'x', and nothing mapped behind them. */
static char *two_pages(void)
{
	char *pages = mmap(NULL, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                   -1, 0);

	assert_true(pages != MAP_FAILED);
	memset(pages, 'x', 2 * PAGE_SIZE);
	assert_int_equal(munmap(pages + 2 * PAGE_SIZE, PAGE_SIZE), 0);
	return pages;
}

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* `before` bytes of 'x' in front of the unmapped page, the NUL (if any) after `nul` of them. */
static void test_strings_at_the_edge(void **state)
{
	static const struct {
		size_t before;
		size_t nul; /* SIZE_MAX: none */
		size_t size;
		ssize_t result;
		bool terminated;
	} rows[] = {
		{ 1, 0, 64, 0, true },                               /* "" in the last byte */
		{ 6, 5, 64, 5, true },                               /* NUL in the last byte */
		{ 6, SIZE_MAX, 64, -EFAULT, false },                 /* no NUL before the end */
		{ 6, SIZE_MAX, 6, 6, false },                        /* just fits, no NUL */
		{ 6, 5, 6, 5, true },                                /* just fits with its NUL */
		{ 6, 5, 5, 5, false },                               /* the NUL is one too far */
		{ PAGE_SIZE + 10, PAGE_SIZE + 9, 8192, 4105, true }, /* over a page border */
		{ PAGE_SIZE + 10, 9, 8192, 9, true },                /* NUL is the page's last */
		{ PAGE_SIZE + 10, 10, 8192, 10, true },              /* NUL is the next's first */
		{ PAGE_SIZE + 10, SIZE_MAX, 8192, -EFAULT, false },
		{ PAGE_SIZE + 10, SIZE_MAX, 4096, 4096, false }, /* PATH_MAX without a NUL */
		{ 6, 5, 0, 0, false },
	};
	_cleanup_close_ int memory = memory_open(getpid());
	static char buf[2 * PAGE_SIZE];

	(void)state;
	assert_true(memory >= 0);
	assert_true(fcntl(memory, F_GETFD) & FD_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *pages = two_pages();
		char *start = pages + 2 * PAGE_SIZE - rows[i].before;
		bool terminated = !rows[i].terminated;

		if (rows[i].nul != SIZE_MAX)
			start[rows[i].nul] = '\0';
		assert_int_equal(memory_read_string(memory, address_of(start), buf, rows[i].size,
		                                    &terminated),
		                 rows[i].result);
		if (rows[i].result >= 0) {
			assert_int_equal(terminated, rows[i].terminated);
			assert_memory_equal(buf, start, rows[i].result);
		} else {
			assert_int_equal(terminated, !rows[i].terminated); /* untouched */
		}
		assert_int_equal(munmap(pages, 2 * PAGE_SIZE), 0);
	}
}

static void test_partial_reads(void **state)
{
	_cleanup_close_ int memory = memory_open(getpid());
	char *pages = two_pages();
	uint64_t end = address_of(pages) + 2 * PAGE_SIZE;
	char buf[2 * PAGE_SIZE];

	(void)state;
	assert_int_equal(memory_read(memory, end - 10, buf, sizeof(buf)), 10);
	assert_int_equal(memory_read(memory, end - PAGE_SIZE - 10, buf, sizeof(buf)),
	                 PAGE_SIZE + 10);
	assert_int_equal(memory_read(memory, end - 10, buf, 4), 4);
	assert_int_equal(memory_read(memory, end, buf, 0), 0);
	assert_int_equal(memory_read(memory, end, buf, 1), -EFAULT);
	munmap(pages, 2 * PAGE_SIZE);
}

static void test_bad_addresses(void **state)
{
	static const uint64_t addresses[] = {
		0,          1,          0x0000800000000000, 0x7fffffffffffffff,
		1ULL << 63, UINT64_MAX, UINT64_MAX - 4095,  0xffffffffff600000,
	};
	_cleanup_close_ int memory = memory_open(getpid());
	bool terminated;
	char buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		assert_int_equal(memory_read(memory, addresses[i], buf, sizeof(buf)), -EFAULT);
		assert_int_equal(
			memory_read_string(memory, addresses[i], buf, sizeof(buf), &terminated),
			-EFAULT);
	}
	assert_int_equal(memory_read(-EBADF, address_of(buf), buf, sizeof(buf)), -EBADF);
}

static void test_gone(void **state)
{
	_cleanup_close_ int memory = -EBADF;
	pid_t child = fork();
	char buf[16];

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		pause();
		_exit(0);
	}
	memory = memory_open(child);
	assert_true(memory >= 0);
	assert_int_equal(memory_read(memory, address_of(&child), buf, sizeof(child)),
	                 sizeof(child));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(memory_read(memory, address_of(&child), buf, sizeof(child)), -ESRCH);
	assert_int_equal(memory_open(child), -ENOENT);
}

/* A page behind the NUL may be one that hangs its reader (FUSE): it is not even looked at. */
static void test_next_page_is_not_touched(void **state)
{
	_cleanup_close_ int memory = memory_open(getpid());
	char *pages = two_pages();
	unsigned char resident = 1;
	bool terminated = false;
	char buf[64];

	(void)state;
	pages[PAGE_SIZE - 1] = '\0';
	assert_int_equal(madvise(pages + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	assert_int_equal(memory_read_string(memory, address_of(pages) + PAGE_SIZE - 4, buf,
	                                    sizeof(buf), &terminated),
	                 3);
	assert_int_equal(mincore(pages + PAGE_SIZE, PAGE_SIZE, &resident), 0);
	assert_int_equal(resident & 1, 0);
	assert_int_equal(memory_read(memory, address_of(pages) + PAGE_SIZE - 4, buf, sizeof(buf)),
	                 sizeof(buf));
	assert_int_equal(mincore(pages + PAGE_SIZE, PAGE_SIZE, &resident), 0);
	assert_int_equal(resident & 1, 1); /* so the check above could have failed */
	munmap(pages, 2 * PAGE_SIZE);
}

/* Gives the page to a userfaultfd that nobody serves; its descriptor, or -1 where not allowed. */
static int fault_for_ever(char *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = address_of(page), .len = PAGE_SIZE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	return fd;
}

/* The reason for /proc/TID/mem: a page that its owner never delivers does not hold the reader. */
static void test_userfaultfd(void **state)
{
	_cleanup_close_ int memory = memory_open(getpid());
	_cleanup_close_ int fault = -1;
	char *pages = two_pages();
	bool terminated = false;
	char buf[64];

	(void)state;
	assert_int_equal(madvise(pages + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	fault = fault_for_ever(pages + PAGE_SIZE);
	if (fault < 0)
		skip();
	alarm(10); /* dies rather than hangs */
	assert_int_equal(memory_read(memory, address_of(pages) + PAGE_SIZE, buf, sizeof(buf)),
	                 -EFAULT);
	assert_int_equal(memory_read_string(memory, address_of(pages) + PAGE_SIZE - 4, buf,
	                                    sizeof(buf), &terminated),
	                 -EFAULT);
	pages[PAGE_SIZE - 1] = '\0';
	assert_int_equal(memory_read_string(memory, address_of(pages) + PAGE_SIZE - 4, buf,
	                                    sizeof(buf), &terminated),
	                 3);
	assert_true(terminated);
	alarm(0);
	munmap(pages, 2 * PAGE_SIZE);
}

static void test_write(void **state)
{
	_cleanup_close_ int memory = memory_open_writable(getpid());
	_cleanup_close_ int read_only = memory_open(getpid());
	char *pages = two_pages();
	uint32_t number = 1;

	(void)state;
	assert_int_equal(memory_write(memory, address_of(&number), &(uint32_t){ 42 }, 4), 0);
	assert_int_equal(number, 42);
	assert_int_equal(memory_write(memory, address_of(pages + 2 * PAGE_SIZE), &number, 4),
	                 -EFAULT);
	assert_int_equal(memory_write(memory, UINT64_MAX - 8, &number, 4), -EFAULT);
	assert_int_equal(memory_write(read_only, address_of(&number), &number, 4), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_strings_at_the_edge),
		cmocka_unit_test(test_partial_reads),
		cmocka_unit_test(test_bad_addresses),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_userfaultfd),
		cmocka_unit_test(test_next_page_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
