/* SPDX-License-Identifier: Apache-2.0 */
/* The memory read is this process's own, and hostile: short, unmapped, with counts that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "supervisor/capture_memory.h"
#include "supervisor/memory.h"

#define PAGE_SIZE ((size_t)4096)

static struct notification notification;
static char *edge; /* the last byte of a page with none after it, and one */
static int memory;

static uint64_t address_of(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static void expect(enum argument_type type, uint64_t address, uint64_t length,
                   enum capture_status status, const void *bytes, size_t captured)
{
	const struct argument argument = { "argument", type, 0, NULL };
	struct capture_source source = { &argument, address, length };
	struct capture capture;

	memset(&notification, 0, sizeof(notification));
	notification.used = 5; /* something was captured before */
	capture = capture_memory(&notification, memory, &source, 0);
	assert_int_equal(capture.status, status);
	assert_int_equal(capture.length, captured);
	assert_int_equal(capture.offset, 5);
	assert_int_equal(notification.used, 5 + captured);
	if (captured > 0)
		assert_memory_equal(notification.bytes + capture.offset, bytes, captured);
}

static int open_memory(void **state)
{
	char *pages = mmap(NULL, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                   -1, 0);

	(void)state;
	memory = memory_open(getpid());
	if (memory < 0 || pages == MAP_FAILED || munmap(pages + PAGE_SIZE, PAGE_SIZE) < 0)
		return -1;
	memset(pages, 1, PAGE_SIZE);
	edge = pages + PAGE_SIZE;
	return 0;
}

static int close_memory(void **state)
{
	(void)state;
	close(memory);
	return munmap(edge - PAGE_SIZE, PAGE_SIZE);
}

static void test_structs(void **state)
{
	static const char bytes[512] = "a struct, whatever it means";

	(void)state;
	expect(ARGUMENT_TIMESPEC, address_of(bytes), 0, CAPTURE_WHOLE, bytes, 16);
	expect(ARGUMENT_TIMESPEC, address_of(edge) - 16, 0, CAPTURE_WHOLE, edge - 16, 16);
	expect(ARGUMENT_TIMESPEC, address_of(edge) - 15, 0, CAPTURE_UNREADABLE, NULL, 0);
	expect(ARGUMENT_TIMESPEC, 1, 0, CAPTURE_UNREADABLE, NULL, 0);
	expect(ARGUMENT_OPEN_HOW, address_of(bytes), 24, CAPTURE_WHOLE, bytes, 24);
	expect(ARGUMENT_OPEN_HOW, address_of(bytes), 0, CAPTURE_WHOLE, bytes, 0);
	expect(ARGUMENT_OPEN_HOW, address_of(bytes), UINT64_MAX, CAPTURE_CUT, bytes, 24);
	expect(ARGUMENT_SOCKADDR, address_of(bytes), 129, CAPTURE_CUT, bytes, 128);
}

/* The first member says how long the struct is. */
static void test_self_sized(void **state)
{
	uint32_t attr[32] = { 48 };
	uint32_t *last = (uint32_t *)(void *)(edge - 48);

	(void)state;
	expect(ARGUMENT_SCHED_ATTR, address_of(attr), 0, CAPTURE_WHOLE, attr, 48);
	attr[0] = 4096;
	expect(ARGUMENT_SCHED_ATTR, address_of(attr), 0, CAPTURE_CUT, attr, 56);
	attr[0] = 0;
	expect(ARGUMENT_SCHED_ATTR, address_of(attr), 0, CAPTURE_WHOLE, attr, 56);
	attr[0] = 56;
	expect(ARGUMENT_SCHED_ATTR, address_of(attr), 0, CAPTURE_WHOLE, attr, 56);
	*last = 48; /* all there is */
	expect(ARGUMENT_SCHED_ATTR, address_of(last), 0, CAPTURE_WHOLE, last, 48);
	*last = 56; /* more than there is */
	expect(ARGUMENT_SCHED_ATTR, address_of(last), 0, CAPTURE_CUT, last, 48);
	expect(ARGUMENT_SCHED_ATTR, address_of(edge) - 3, 0, CAPTURE_UNREADABLE, NULL, 0);
	memset(last, 1, 48);
}

static void test_lists(void **state)
{
	static const char bytes[512] = "a list";
	static const struct {
		uint64_t count;
		enum capture_status status;
		size_t captured;
	} rows[] = {
		{ 0, CAPTURE_WHOLE, 0 },
		{ 1, CAPTURE_WHOLE, 16 },
		{ 16, CAPTURE_WHOLE, 256 },
		{ 17, CAPTURE_CUT, 256 },
		{ UINT64_MAX, CAPTURE_CUT, 256 },
		{ UINT64_MAX / 16 + 2, CAPTURE_CUT, 256 }, /* times 16 it is 16 again */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(ARGUMENT_IOVEC, address_of(bytes), rows[i].count, rows[i].status, bytes,
		       rows[i].captured);
	expect(ARGUMENT_IOVEC, address_of(edge) - 40, 3, CAPTURE_CUT, edge - 40, 32);
	expect(ARGUMENT_IOVEC, address_of(edge) - 15, 1, CAPTURE_CUT, NULL, 0);
	expect(ARGUMENT_IOVEC, address_of(edge), 1, CAPTURE_UNREADABLE, NULL, 0);
}

static void test_argv(void **state)
{
	uint64_t pointers[40] = { 1, 2, 0, 4 };

	(void)state;
	expect(ARGUMENT_ARGV, address_of(pointers), 0, CAPTURE_WHOLE, pointers, 16);
	expect(ARGUMENT_ARGV, address_of(pointers) + 16, 0, CAPTURE_WHOLE, NULL, 0);
	for (size_t i = 0; i < 40; i++)
		pointers[i] = i + 1;
	expect(ARGUMENT_ARGV, address_of(pointers), 0, CAPTURE_CUT, pointers, 128);
	pointers[16] = 0;
	expect(ARGUMENT_ARGV, address_of(pointers), 0, CAPTURE_WHOLE, pointers, 128);
	expect(ARGUMENT_ARGV, address_of(edge) - 20, 0, CAPTURE_CUT, edge - 20, 16);
	expect(ARGUMENT_ARGV, address_of(edge), 0, CAPTURE_UNREADABLE, NULL, 0);
}

static void test_environment(void **state)
{
	static uint64_t pointers[3000];
	uint32_t count = 0;

	(void)state;
	expect(ARGUMENT_ENVIRONMENT, address_of(pointers), 0, CAPTURE_WHOLE, &count, 4);
	for (size_t i = 0; i < 2999; i++)
		pointers[i] = 1;
	count = 2048;
	expect(ARGUMENT_ENVIRONMENT, address_of(pointers), 0, CAPTURE_CUT, &count, 4);
	count = 2047;
	expect(ARGUMENT_ENVIRONMENT, address_of(pointers + 2999 - 2047), 0, CAPTURE_WHOLE, &count,
	       4);
	expect(ARGUMENT_ENVIRONMENT, address_of(edge) - 32, 0, CAPTURE_UNREADABLE, NULL, 0);
	expect(ARGUMENT_ENVIRONMENT, 1, 0, CAPTURE_UNREADABLE, NULL, 0);
}

/* Whatever is asked for, no more than what is left; and nothing where there is no memory. */
static void test_room(void **state)
{
	static const enum argument_type types[] = {
		ARGUMENT_PATH,     ARGUMENT_BYTES, ARGUMENT_SOCKADDR,   ARGUMENT_ENVIRONMENT,
		ARGUMENT_TIMESPEC, ARGUMENT_IOVEC, ARGUMENT_SCHED_ATTR, ARGUMENT_ARGV,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		for (uint16_t left = 0; left < 300; left++) {
			const struct argument argument = { "argument", types[i], 0, NULL };
			struct capture_source source = { &argument, address_of(edge) - PAGE_SIZE,
				                         100 };
			struct capture capture;

			memset(&notification, 0, sizeof(notification));
			notification.used = NOTIFICATION_BYTES - left;
			capture = capture_memory(&notification, memory, &source, 0);
			assert_true(capture.length <= left);
			assert_true(notification.used <= NOTIFICATION_BYTES);
			capture = capture_memory(&notification, -ESRCH, &source, 0);
			assert_int_equal(capture.status, CAPTURE_UNREADABLE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structs),     cmocka_unit_test(test_self_sized),
		cmocka_unit_test(test_lists),       cmocka_unit_test(test_argv),
		cmocka_unit_test(test_environment), cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, open_memory, close_memory);
}
