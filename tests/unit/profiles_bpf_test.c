/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/bpf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { PROGRAM_MAX = 8 };

#define LOAD(word) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, word)
#define IMM(value) BPF_STMT(BPF_LD | BPF_IMM, value)
#define IMMX(value) BPF_STMT(BPF_LDX | BPF_IMM, value)
#define ALU(op, source, value) BPF_STMT(BPF_ALU | BPF_##op | BPF_##source, value)
#define JUMP(op, source, value, yes, no) BPF_JUMP(BPF_JMP | BPF_##op | BPF_##source, value, yes, no)
#define RETK(value) BPF_STMT(BPF_RET | BPF_K, value)
#define RETA BPF_STMT(BPF_RET | BPF_A, 0)

/* nr, arch, both words of the instruction pointer, then low and high words of the arguments */
static const struct seccomp_data call = {
	.nr = 7,
	.arch = 0xc000003e,
	.instruction_pointer = 0x1111111122222222,
	.args = { 0x100000002, 5, 0, 0, 0, 0xffffffffeeeeeeee },
};

static struct filter filter_over(const struct sock_filter *program, struct sock_filter *copy)
{
	struct filter filter = { .instructions = copy };

	while (filter.count < PROGRAM_MAX &&
	       (program[filter.count].code || program[filter.count].k ||
	        program[filter.count].jt)) {
		copy[filter.count] = program[filter.count];
		filter.count++;
	}
	return filter;
}

static const struct {
	struct sock_filter program[PROGRAM_MAX];
	uint32_t result;
} runs[] = {
	{ { RETK(0x7fff0000) }, 0x7fff0000 },
	{ { LOAD(0), RETA }, 7 },
	{ { LOAD(4), RETA }, 0xc000003e },
	{ { LOAD(8), RETA }, 0x22222222 },
	{ { LOAD(16), RETA }, 2 },
	{ { LOAD(20), RETA }, 1 },
	{ { LOAD(60), RETA }, 0xffffffff },
	{ { BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RETA }, sizeof(struct seccomp_data) },
	{ { BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA },
	  sizeof(struct seccomp_data) },
	{ { IMM(9), ALU(ADD, K, 4), RETA }, 13 },
	{ { IMM(9), IMMX(4), ALU(SUB, X, 0), RETA }, 5 },
	{ { IMM(3), ALU(SUB, K, 4), RETA }, UINT32_MAX },
	{ { IMM(0x80000001), ALU(MUL, K, 2), RETA }, 2 },
	{ { IMM(9), ALU(DIV, K, 4), RETA }, 2 },
	{ { IMM(9), IMMX(4), ALU(DIV, X, 0), RETA }, 2 },
	{ { IMM(9), IMMX(0), ALU(DIV, X, 0), RETK(5) }, 0 },
	{ { IMM(12), ALU(AND, K, 10), RETA }, 8 },
	{ { IMM(12), ALU(OR, K, 10), RETA }, 14 },
	{ { IMM(12), ALU(XOR, K, 10), RETA }, 6 },
	{ { IMM(1), ALU(LSH, K, 31), RETA }, 0x80000000 },
	{ { IMM(0x80000000), ALU(RSH, K, 31), RETA }, 1 },
	{ { IMM(1), IMMX(33), ALU(LSH, X, 0), RETA }, 2 },
	{ { IMM(1), BPF_STMT(BPF_ALU | BPF_NEG, 0), RETA }, UINT32_MAX },
	{ { IMM(5), BPF_STMT(BPF_MISC | BPF_TAX, 0), IMM(9), BPF_STMT(BPF_MISC | BPF_TXA, 0),
	    RETA },
	  5 },
	{ { IMM(5), BPF_STMT(BPF_ST, 15), IMM(9), BPF_STMT(BPF_LD | BPF_MEM, 15), RETA }, 5 },
	{ { IMMX(6), BPF_STMT(BPF_STX, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RETA }, 6 },
	{ { IMM(5), BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LDX | BPF_MEM, 1),
	    BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA },
	  5 },
	{ { BPF_STMT(BPF_JMP | BPF_JA, 1), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), JUMP(JEQ, K, 5, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), JUMP(JEQ, K, 6, 1, 0), RETK(1), RETK(2) }, 1 },
	{ { IMM(5), JUMP(JGT, K, 5, 1, 0), RETK(1), RETK(2) }, 1 },
	{ { IMM(5), JUMP(JGE, K, 5, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(0xffffffff), JUMP(JGT, K, 5, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), JUMP(JSET, K, 4, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), JUMP(JSET, K, 2, 1, 0), RETK(1), RETK(2) }, 1 },
	{ { IMM(5), IMMX(5), JUMP(JEQ, X, 9, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), IMMX(4), JUMP(JGT, X, 9, 1, 0), RETK(1), RETK(2) }, 2 },
	{ { IMM(5), IMMX(6), JUMP(JGE, X, 9, 1, 0), RETK(1), RETK(2) }, 1 },
	{ { IMM(5), IMMX(4), JUMP(JSET, X, 9, 1, 0), RETK(1), RETK(2) }, 2 },
};

static void test_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct sock_filter copy[PROGRAM_MAX];
		struct filter filter = filter_over(runs[i].program, copy);
		uint32_t result;
		int r = bpf_run(&filter, &call, &result);

		if (r != 0 || result != runs[i].result)
			fail_msg("row %zu: %d, %#x", i, r, result);
	}
}

/* Each would read, jump or run outside, or is an instruction that seccomp does not take. */
static const struct sock_filter refused[][PROGRAM_MAX] = {
	{ { 0 } },
	{ IMM(1) }, /* runs off the end */
	{ RETK(1), IMM(1) },
	{ LOAD(64), RETA }, /* after struct seccomp_data */
	{ LOAD(0xfffffffc), RETA },
	{ LOAD(2), RETA },                               /* not aligned */
	{ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RETA }, /* only words */
	{ BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RETA },
	{ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RETA },
	{ IMM(1), BPF_STMT(BPF_ST, 16), RETA },
	{ BPF_STMT(BPF_LD | BPF_MEM, 0), RETA }, /* never stored */
	{ IMM(1), JUMP(JEQ, K, 1, 0, 1), BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0), RETA },
	{ IMM(1), ALU(DIV, K, 0), RETA },
	{ IMM(1), ALU(LSH, K, 32), RETA },
	{ IMM(1), ALU(RSH, K, 32), RETA },
	{ IMM(1), ALU(MOD, K, 3), RETA }, /* classic BPF has it, seccomp has not */
	{ BPF_STMT(BPF_JMP | BPF_JA, 1), RETK(1) },
	{ BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RETK(1) }, /* backwards */
	{ JUMP(JEQ, K, 0, 1, 0), RETK(1) },
	{ JUMP(JEQ, K, 0, 0, 1), RETK(1) },
	{ BPF_STMT(BPF_RET | BPF_X, 0) },
	{ { .code = 0x100 | BPF_RET } }, /* beyond eight bits */
	{ { .code = 0xffff } },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sock_filter copy[PROGRAM_MAX];
		struct filter filter = filter_over(refused[i], copy);
		uint32_t result;

		if (bpf_run(&filter, &call, &result) != -EINVAL)
			fail_msg("row %zu", i);
	}
}

static void test_size(void **state)
{
	struct filter filter = { .count = BPF_MAXINSNS + 1 };
	uint32_t result;

	(void)state;
	filter.instructions = calloc(filter.count, sizeof(*filter.instructions));
	assert_non_null(filter.instructions);
	for (unsigned i = 0; i < filter.count; i++)
		filter.instructions[i] = (struct sock_filter)IMM(i);
	filter.instructions[BPF_MAXINSNS] = (struct sock_filter)RETK(3);
	assert_int_equal(bpf_run(&filter, &call, &result), -EINVAL);
	filter.instructions[BPF_MAXINSNS - 1] = (struct sock_filter)RETK(4);
	filter.count = BPF_MAXINSNS;
	assert_int_equal(bpf_run(&filter, &call, &result), 0);
	assert_int_equal(result, 4);
	filter_deinit(&filter);
	assert_null(filter.instructions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
