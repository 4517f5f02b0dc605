/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	STACK = 0x7000, /* where the words are */
	CODE = 0x1000,  /* every address of it that ends in 0x..8 follows a call */
	JIT = 0x2000,   /* code that cannot be read */
};

static struct stack_snapshot snapshot;

static bool read_code(const void *context, const struct stack_range *range, uint64_t address,
                      unsigned char code[STACK_CALL_MAX])
{
	(void)context;
	memset(code, 0x90, STACK_CALL_MAX);
	if (address % 16 == 8)
		code[STACK_CALL_MAX - 5] = 0xe8;
	return range->low == CODE;
}

static const struct stack_scan scan = { .snapshot = &snapshot, .read_code = read_code };

static void fill(const uint64_t *words, size_t count)
{
	snapshot.sp = STACK;
	snapshot.size = (uint32_t)(count * sizeof(*words));
	memcpy(snapshot.bytes, words, snapshot.size);
	snapshot.n_ranges = 2;
	snapshot.ranges[0] = (struct stack_range){ .low = CODE, .high = CODE + 0x1000 };
	snapshot.ranges[1] = (struct stack_range){ .low = JIT, .high = JIT + 0x1000 };
}

#define FILL(...)                                                                                  \
	fill((const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8)

static void test_calls(void **state)
{
	static const struct {
		const char *bytes; /* STACK_CALL_MAX of them */
		bool calls;
	} rows[] = {
		{ "\x90\x90\xe8\x01\x02\x03\x04", true },  /* call rel32 */
		{ "\x90\x90\x90\x90\x90\xff\xd0", true },  /* call *%rax */
		{ "\x90\x90\x90\x90\x41\xff\xd4", true },  /* call *%r12 */
		{ "\x90\x90\x90\x90\x90\xff\x10", true },  /* call *(%rax) */
		{ "\x90\x90\x90\x90\xff\x50\x18", true },  /* call *0x18(%rax) */
		{ "\x90\x90\x90\xff\x54\x24\x08", true },  /* call *8(%rsp) */
		{ "\x90\xff\x90\x01\x02\x03\x04", true },  /* call *disp32(%rax) */
		{ "\x90\xff\x15\x01\x02\x03\x04", true },  /* call *disp32(%rip) */
		{ "\xff\x94\xc7\x01\x02\x03\x04", true },  /* call *disp32(%rdi,%rax,8) */
		{ "\xff\x14\xc5\x01\x02\x03\x04", true },  /* call *disp32(,%rax,8) */
		{ "\x90\x90\x90\x90\xff\x14\xc7", true },  /* call *(%rdi,%rax,8) */
		{ "\x90\x90\x90\x90\x90\xff\xe0", false }, /* jmp *%rax */
		{ "\x90\x90\x90\x90\x90\x0f\x05", false }, /* syscall */
		{ "\x90\x90\xe9\x01\x02\x03\x04", false }, /* jmp rel32 */
		{ "\x90\x90\x90\x90\xff\xd0\x90", false }, /* a call before another instruction */
		{ "\x90\x90\x90\x90\x90\x90\xff", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned char code[STACK_CALL_MAX];

		memcpy(code, rows[i].bytes, sizeof(code));
		assert_int_equal(stack_code_calls(code), rows[i].calls);
	}
}

static void test_return_addresses(void **state)
{
	uint64_t slot, address;

	(void)state;
	FILL(0, 42, CODE + 0x10, CODE + 0x18, STACK, CODE + 0x28);
	assert_true(stack_scan_return(&scan, 0, &slot, &address));
	assert_int_equal(slot, STACK + 24);
	assert_int_equal(address, CODE + 0x18);
	assert_true(stack_scan_return(&scan, slot + 1, &slot, &address));
	assert_int_equal(address, CODE + 0x28);
	assert_false(stack_scan_return(&scan, slot + 8, &slot, &address));
	/* What cannot be read proves nothing; nor does what is before a range's code. */
	FILL(JIT + 0x18, CODE, CODE + 1, CODE + 8 - STACK_CALL_MAX);
	assert_false(stack_scan_return(&scan, 0, &slot, &address));
}

static void test_frame_pointers(void **state)
{
	uint64_t pointer;

	(void)state;
	/* Slot 1 holds rbp and slot 2 the return address; slot 4 is the next such pair. */
	FILL(7, STACK + 32, CODE + 0x18, 9, 0, CODE + 0x28);
	assert_true(stack_scan_frame_pointer(&scan, 0, &pointer));
	assert_int_equal(pointer, STACK + 8);
	assert_false(stack_scan_frame_pointer(&scan, pointer + 8, &pointer));
	/* Code written at run time is taken at its word, if the chain goes on. */
	FILL(STACK + 16, JIT + 4, 1, 0);
	assert_true(stack_scan_frame_pointer(&scan, 0, &pointer));
	assert_int_equal(pointer, STACK);
}

static void test_no_frame_pointers(void **state)
{
	uint64_t pointer;

	(void)state;
	FILL(STACK + 16, CODE + 0x10, 0, 0); /* no return address beside it */
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
	FILL(STACK, CODE + 0x18, 0, 0); /* to itself */
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
	FILL(STACK + 12, CODE + 0x18, 0, 0, 0); /* not aligned */
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
	FILL(STACK + 16, CODE + 0x18, STACK, CODE + 0x18); /* a loop */
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
	FILL(STACK + 0x1000, CODE + 0x18); /* out of what was copied */
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
	FILL(UINT64_MAX - 7, CODE + 0x18);
	assert_false(stack_scan_frame_pointer(&scan, 0, &pointer));
}

/* Nothing is read out of bounds, whatever the stack holds and wherever it is (with sanitizers). */
static void test_random(void **state)
{
	uint64_t slot, address;

	(void)state;
	srand(2);
	for (int i = 0; i < 3000; i++) {
		uint64_t words[32];
		size_t count = (size_t)rand() % 33;

		for (size_t j = 0; j < count; j++)
			words[j] = (uint64_t)(rand() % 0x9000);
		fill(words, count);
		snapshot.size -= count > 0 ? (uint32_t)rand() % 8 : 0;
		snapshot.sp = i % 2 ? STACK : UINT64_MAX - (uint64_t)(rand() % 300);
		if (stack_scan_frame_pointer(&scan, (uint64_t)(rand() % 0x9000), &slot))
			assert_true(slot >= snapshot.sp && slot - snapshot.sp < snapshot.size);
		if (stack_scan_return(&scan, (uint64_t)(rand() % 0x9000), &slot, &address))
			assert_true(slot >= snapshot.sp && slot - snapshot.sp < snapshot.size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),          cmocka_unit_test(test_return_addresses),
		cmocka_unit_test(test_frame_pointers), cmocka_unit_test(test_no_frame_pointers),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
