/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/bpf.h"

#include <stddef.h>
#include <string.h>

/* What the machine holds while it runs. */
struct machine {
	uint32_t a;
	uint32_t x;
	uint32_t memory[BPF_MEMWORDS];
};

enum insn_kind {
	INSN_NONE = 0, /* not for seccomp */
	INSN_LOAD,     /* k is an aligned offset into struct seccomp_data */
	INSN_MEMORY,   /* k is an index into the scratch memory */
	INSN_PLAIN,    /* k is a constant, or nothing */
	INSN_DIVIDE,   /* k is not 0 */
	INSN_SHIFT,    /* k is below 32 */
	INSN_GOTO,     /* k is a distance */
	INSN_JUMP,     /* jt and jf are distances */
	INSN_RETURN,
};

/* The opcodes that seccomp_check_filter() (kernel/seccomp.c) lets through. */
static const unsigned char insn_kinds[256] = {
	[BPF_LD | BPF_W | BPF_ABS] = INSN_LOAD,
	[BPF_LD | BPF_W | BPF_LEN] = INSN_PLAIN,
	[BPF_LDX | BPF_W | BPF_LEN] = INSN_PLAIN,
	[BPF_LD | BPF_IMM] = INSN_PLAIN,
	[BPF_LDX | BPF_IMM] = INSN_PLAIN,
	[BPF_LD | BPF_MEM] = INSN_MEMORY,
	[BPF_LDX | BPF_MEM] = INSN_MEMORY,
	[BPF_ST] = INSN_MEMORY,
	[BPF_STX] = INSN_MEMORY,
	[BPF_ALU | BPF_ADD | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_ADD | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_SUB | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_SUB | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_MUL | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_MUL | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_DIV | BPF_K] = INSN_DIVIDE,
	[BPF_ALU | BPF_DIV | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_AND | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_AND | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_OR | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_OR | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_XOR | BPF_K] = INSN_PLAIN,
	[BPF_ALU | BPF_XOR | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_LSH | BPF_K] = INSN_SHIFT,
	[BPF_ALU | BPF_LSH | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_RSH | BPF_K] = INSN_SHIFT,
	[BPF_ALU | BPF_RSH | BPF_X] = INSN_PLAIN,
	[BPF_ALU | BPF_NEG] = INSN_PLAIN,
	[BPF_MISC | BPF_TAX] = INSN_PLAIN,
	[BPF_MISC | BPF_TXA] = INSN_PLAIN,
	[BPF_JMP | BPF_JA] = INSN_GOTO,
	[BPF_JMP | BPF_JEQ | BPF_K] = INSN_JUMP,
	[BPF_JMP | BPF_JEQ | BPF_X] = INSN_JUMP,
	[BPF_JMP | BPF_JGE | BPF_K] = INSN_JUMP,
	[BPF_JMP | BPF_JGE | BPF_X] = INSN_JUMP,
	[BPF_JMP | BPF_JGT | BPF_K] = INSN_JUMP,
	[BPF_JMP | BPF_JGT | BPF_X] = INSN_JUMP,
	[BPF_JMP | BPF_JSET | BPF_K] = INSN_JUMP,
	[BPF_JMP | BPF_JSET | BPF_X] = INSN_JUMP,
	[BPF_RET | BPF_K] = INSN_RETURN,
	[BPF_RET | BPF_A] = INSN_RETURN,
};

/* Whether an instruction may stand where `after` more follow it. */
static bool insn_valid(const struct sock_filter *insn, unsigned after)
{
	if (insn->code >= 256)
		return false;
	switch ((enum insn_kind)insn_kinds[insn->code]) {
	case INSN_LOAD:
		return insn->k < sizeof(struct seccomp_data) && insn->k % 4 == 0;
	case INSN_MEMORY:
		return insn->k < BPF_MEMWORDS;
	case INSN_DIVIDE:
		return insn->k != 0;
	case INSN_SHIFT:
		return insn->k < 32;
	case INSN_GOTO:
		return insn->k < after;
	case INSN_JUMP:
		return insn->jt < after && insn->jf < after;
	case INSN_PLAIN:
	case INSN_RETURN:
		return true;
	case INSN_NONE:
		break;
	}
	return false;
}

static bool insn_stores(const struct sock_filter *insn)
{
	return insn->code == BPF_ST || insn->code == BPF_STX;
}

/*
 * Every word of the scratch memory must have been stored on every path that reads it, as
 * check_load_and_stores() (net/core/filter.c) wants it. reaching[i] is what all ways to i stored;
 * as there, a return counts as a way to the next instruction.
 */
static bool memory_valid(const struct filter *filter, uint16_t *reaching)
{
	memset(reaching, 0xff, filter->count * sizeof(*reaching));
	reaching[0] = 0;
	for (unsigned i = 0; i < filter->count; i++) {
		const struct sock_filter *insn = &filter->instructions[i];
		enum insn_kind kind = insn_kinds[insn->code];
		uint16_t stored = reaching[i];

		if (insn_stores(insn))
			stored |= (uint16_t)(1U << insn->k);
		else if (kind == INSN_MEMORY && !(stored & (1U << insn->k)))
			return false;
		if (kind == INSN_JUMP) {
			reaching[i + 1 + insn->jt] &= stored;
			reaching[i + 1 + insn->jf] &= stored;
		} else if (kind == INSN_GOTO) {
			reaching[i + 1 + insn->k] &= stored;
		} else if (i + 1 < filter->count) {
			reaching[i + 1] &= stored;
		}
	}
	return true;
}

int bpf_check(const struct filter *filter)
{
	uint16_t reaching[BPF_MAXINSNS];

	if (filter->count == 0 || filter->count > BPF_MAXINSNS)
		return -EINVAL;
	for (unsigned i = 0; i < filter->count; i++)
		if (!insn_valid(&filter->instructions[i], filter->count - i - 1))
			return -EINVAL;
	if (insn_kinds[filter->instructions[filter->count - 1].code] != INSN_RETURN)
		return -EINVAL;
	return memory_valid(filter, reaching) ? 0 : -EINVAL;
}

static void run_alu(struct machine *machine, const struct sock_filter *insn)
{
	uint32_t operand = BPF_SRC(insn->code) == BPF_X ? machine->x : insn->k;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		machine->a += operand;
		break;
	case BPF_SUB:
		machine->a -= operand;
		break;
	case BPF_MUL:
		machine->a *= operand;
		break;
	case BPF_AND:
		machine->a &= operand;
		break;
	case BPF_OR:
		machine->a |= operand;
		break;
	case BPF_XOR:
		machine->a ^= operand;
		break;
	case BPF_LSH:
		machine->a <<= operand & 31;
		break;
	case BPF_RSH:
		machine->a >>= operand & 31;
		break;
	case BPF_NEG:
		machine->a = -machine->a;
		break;
	}
}

/* Division by an X of 0 ends the program with 0, SECCOMP_RET_KILL_THREAD. */
static bool run_divide(struct machine *machine, const struct sock_filter *insn)
{
	uint32_t operand = BPF_SRC(insn->code) == BPF_X ? machine->x : insn->k;

	if (operand == 0)
		return false;
	machine->a /= operand;
	return true;
}

static bool jump_taken(const struct machine *machine, const struct sock_filter *insn)
{
	uint32_t operand = BPF_SRC(insn->code) == BPF_X ? machine->x : insn->k;

	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return machine->a == operand;
	case BPF_JGT:
		return machine->a > operand;
	case BPF_JGE:
		return machine->a >= operand;
	default:
		return machine->a & operand; /* BPF_JSET */
	}
}

static uint32_t loaded(const struct machine *machine, const struct sock_filter *insn,
                       const struct seccomp_data *call)
{
	uint32_t word;

	switch (BPF_MODE(insn->code)) {
	case BPF_ABS:
		memcpy(&word, (const char *)call + insn->k, sizeof(word));
		return word;
	case BPF_LEN:
		return sizeof(*call);
	case BPF_MEM:
		return machine->memory[insn->k];
	default:
		return insn->k; /* BPF_IMM */
	}
}

uint32_t bpf_run_checked(const struct filter *filter, const struct seccomp_data *call)
{
	struct machine machine = { 0 };
	const struct sock_filter *insn = filter->instructions;

	for (;; insn++) {
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			machine.a = loaded(&machine, insn, call);
			break;
		case BPF_LDX:
			machine.x = loaded(&machine, insn, call);
			break;
		case BPF_ST:
			machine.memory[insn->k] = machine.a;
			break;
		case BPF_STX:
			machine.memory[insn->k] = machine.x;
			break;
		case BPF_ALU:
			if (BPF_OP(insn->code) != BPF_DIV)
				run_alu(&machine, insn);
			else if (!run_divide(&machine, insn))
				return SECCOMP_RET_KILL_THREAD;
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA)
				insn += insn->k;
			else
				insn += jump_taken(&machine, insn) ? insn->jt : insn->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(insn->code) == BPF_A ? machine.a : insn->k;
		default:
			if (BPF_MISCOP(insn->code) == BPF_TAX)
				machine.x = machine.a;
			else
				machine.a = machine.x;
		}
	}
}

int bpf_run(const struct filter *filter, const struct seccomp_data *call, __u32 *ret_action)
{
	int r;

	r = bpf_check(filter);
	if (r < 0)
		return r;
	*ret_action = bpf_run_checked(filter, call);
	return 0;
}
