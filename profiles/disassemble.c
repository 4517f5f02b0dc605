/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/disassemble.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "profiles/resolve.h"
#include "profiles/syscalls.h"

/* What the accumulator holds. */
enum held {
	HELD_OTHER,
	HELD_NR,
	HELD_ARCH,
};

/* What is known at an instruction, whichever way it was reached. */
struct known {
	bool reached;
	enum held held;
	uint32_t audit_arch; /* 0: several, or none yet */
};

struct listing {
	const struct filter *filter;
	FILE *out;
	struct known known[BPF_MAXINSNS];
	bool target[BPF_MAXINSNS];
};

enum operand {
	OPERAND_NONE,
	OPERAND_K,      /* #0x5 */
	OPERAND_X,      /* x */
	OPERAND_A,      /* a */
	OPERAND_LOAD,   /* [16] */
	OPERAND_MEMORY, /* M[3] */
	OPERAND_LENGTH, /* len */
	OPERAND_GOTO,   /* a label */
};

struct opcode {
	const char *name;
	enum operand operand;
	bool jumps; /* two labels follow */
};

static const struct opcode opcodes[256] = {
	[BPF_LD | BPF_W | BPF_ABS] = { "ld", OPERAND_LOAD, false },
	[BPF_LD | BPF_W | BPF_LEN] = { "ld", OPERAND_LENGTH, false },
	[BPF_LDX | BPF_W | BPF_LEN] = { "ldx", OPERAND_LENGTH, false },
	[BPF_LD | BPF_IMM] = { "ld", OPERAND_K, false },
	[BPF_LDX | BPF_IMM] = { "ldx", OPERAND_K, false },
	[BPF_LD | BPF_MEM] = { "ld", OPERAND_MEMORY, false },
	[BPF_LDX | BPF_MEM] = { "ldx", OPERAND_MEMORY, false },
	[BPF_ST] = { "st", OPERAND_MEMORY, false },
	[BPF_STX] = { "stx", OPERAND_MEMORY, false },
	[BPF_ALU | BPF_ADD | BPF_K] = { "add", OPERAND_K, false },
	[BPF_ALU | BPF_ADD | BPF_X] = { "add", OPERAND_X, false },
	[BPF_ALU | BPF_SUB | BPF_K] = { "sub", OPERAND_K, false },
	[BPF_ALU | BPF_SUB | BPF_X] = { "sub", OPERAND_X, false },
	[BPF_ALU | BPF_MUL | BPF_K] = { "mul", OPERAND_K, false },
	[BPF_ALU | BPF_MUL | BPF_X] = { "mul", OPERAND_X, false },
	[BPF_ALU | BPF_DIV | BPF_K] = { "div", OPERAND_K, false },
	[BPF_ALU | BPF_DIV | BPF_X] = { "div", OPERAND_X, false },
	[BPF_ALU | BPF_AND | BPF_K] = { "and", OPERAND_K, false },
	[BPF_ALU | BPF_AND | BPF_X] = { "and", OPERAND_X, false },
	[BPF_ALU | BPF_OR | BPF_K] = { "or", OPERAND_K, false },
	[BPF_ALU | BPF_OR | BPF_X] = { "or", OPERAND_X, false },
	[BPF_ALU | BPF_XOR | BPF_K] = { "xor", OPERAND_K, false },
	[BPF_ALU | BPF_XOR | BPF_X] = { "xor", OPERAND_X, false },
	[BPF_ALU | BPF_LSH | BPF_K] = { "lsh", OPERAND_K, false },
	[BPF_ALU | BPF_LSH | BPF_X] = { "lsh", OPERAND_X, false },
	[BPF_ALU | BPF_RSH | BPF_K] = { "rsh", OPERAND_K, false },
	[BPF_ALU | BPF_RSH | BPF_X] = { "rsh", OPERAND_X, false },
	[BPF_ALU | BPF_NEG] = { "neg", OPERAND_NONE, false },
	[BPF_MISC | BPF_TAX] = { "tax", OPERAND_NONE, false },
	[BPF_MISC | BPF_TXA] = { "txa", OPERAND_NONE, false },
	[BPF_JMP | BPF_JA] = { "jmp", OPERAND_GOTO, false },
	[BPF_JMP | BPF_JEQ | BPF_K] = { "jeq", OPERAND_K, true },
	[BPF_JMP | BPF_JEQ | BPF_X] = { "jeq", OPERAND_X, true },
	[BPF_JMP | BPF_JGE | BPF_K] = { "jge", OPERAND_K, true },
	[BPF_JMP | BPF_JGE | BPF_X] = { "jge", OPERAND_X, true },
	[BPF_JMP | BPF_JGT | BPF_K] = { "jgt", OPERAND_K, true },
	[BPF_JMP | BPF_JGT | BPF_X] = { "jgt", OPERAND_X, true },
	[BPF_JMP | BPF_JSET | BPF_K] = { "jset", OPERAND_K, true },
	[BPF_JMP | BPF_JSET | BPF_X] = { "jset", OPERAND_X, true },
	[BPF_RET | BPF_K] = { "ret", OPERAND_K, false },
	[BPF_RET | BPF_A] = { "ret", OPERAND_A, false },
};

/* --- what is known where --- */

static void reach(struct listing *listing, unsigned at, struct known from, bool as_target)
{
	struct known *known = &listing->known[at];

	listing->target[at] |= as_target;
	if (!known->reached) {
		*known = from;
		known->reached = true;
		return;
	}
	if (known->held != from.held)
		known->held = HELD_OTHER;
	if (known->audit_arch != from.audit_arch)
		known->audit_arch = 0;
}

static enum held held_by_load(uint32_t offset)
{
	if (offset == offsetof(struct seccomp_data, nr))
		return HELD_NR;
	return offset == offsetof(struct seccomp_data, arch) ? HELD_ARCH : HELD_OTHER;
}

/* What is known after an instruction that does not jump. */
static struct known after(const struct sock_filter *insn, struct known known)
{
	unsigned class = BPF_CLASS(insn->code);

	if (class == BPF_LD)
		known.held = BPF_MODE(insn->code) == BPF_ABS ? held_by_load(insn->k) : HELD_OTHER;
	else if (class == BPF_ALU || insn->code == (BPF_MISC | BPF_TXA))
		known.held = HELD_OTHER;
	return known;
}

/* Jumps go forward only, so one pass is enough. */
static void follow(struct listing *listing, unsigned at)
{
	const struct sock_filter *insn = &listing->filter->instructions[at];
	struct known known = listing->known[at], equal = known;

	if (BPF_CLASS(insn->code) == BPF_RET)
		return;
	if (BPF_CLASS(insn->code) != BPF_JMP) {
		reach(listing, at + 1, after(insn, known), false);
		return;
	}
	if (BPF_OP(insn->code) == BPF_JA) {
		reach(listing, at + 1 + insn->k, known, true);
		return;
	}
	if (known.held == HELD_ARCH && insn->code == (BPF_JMP | BPF_JEQ | BPF_K))
		equal.audit_arch = insn->k;
	reach(listing, at + 1 + insn->jt, equal, true);
	reach(listing, at + 1 + insn->jf, known, true);
}

/* --- one line --- */

static void write_operand(const struct sock_filter *insn, enum operand operand, unsigned at,
                          struct text *line)
{
	switch (operand) {
	case OPERAND_NONE:
		break;
	case OPERAND_K:
		text_printf(line, " #0x%x", insn->k);
		break;
	case OPERAND_X:
		text_string(line, " x");
		break;
	case OPERAND_A:
		text_string(line, " a");
		break;
	case OPERAND_LOAD:
		text_printf(line, " [%u]", insn->k);
		break;
	case OPERAND_MEMORY:
		text_printf(line, " M[%u]", insn->k);
		break;
	case OPERAND_LENGTH:
		text_string(line, " len");
		break;
	case OPERAND_GOTO:
		text_printf(line, " l%u", at + 1 + insn->k);
		break;
	}
}

static void explain_load(uint32_t offset, struct text *comment)
{
	const unsigned args = offsetof(struct seccomp_data, args);
	const unsigned pointer = offsetof(struct seccomp_data, instruction_pointer);
	bool high = offset % 8 == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 4 : 0);

	if (offset >= args)
		text_printf(comment, "args[%u], %s half", (offset - args) / 8,
		            high ? "high" : "low");
	else if (offset >= pointer)
		text_printf(comment, "instruction pointer, %s half", high ? "high" : "low");
	else
		text_string(comment, held_by_load(offset) == HELD_NR ? "syscall number" : "arch");
}

/* seccomp(2) calls them so; SECCOMP_RET_ stands in front. */
static const struct {
	uint32_t action;
	const char *name;
} return_names[] = {
	{ SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS" },
	{ SECCOMP_RET_KILL_THREAD, "KILL_THREAD" },
	{ SECCOMP_RET_TRAP, "TRAP" },
	{ SECCOMP_RET_ERRNO, "ERRNO" },
	{ SECCOMP_RET_USER_NOTIF, "USER_NOTIF" },
	{ SECCOMP_RET_TRACE, "TRACE" },
	{ SECCOMP_RET_LOG, "LOG" },
	{ SECCOMP_RET_ALLOW, "ALLOW" },
};

static void explain_return(uint32_t value, struct text *comment)
{
	uint32_t action = value & SECCOMP_RET_ACTION_FULL, number = value & SECCOMP_RET_DATA;
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(return_names); i++)
		if (return_names[i].action == action)
			text_string(comment, return_names[i].name);
	if (action == SECCOMP_RET_ERRNO)
		text_printf(comment, " %s", err_name((int)number, name, sizeof(name)));
	else if (number)
		text_printf(comment, " %u", number);
}

/* A number that a syscall's is compared with: the x32 bit, or a name where the ABI is known. */
static void explain_number(const struct known *known, uint32_t number, struct text *comment)
{
	uint32_t arch = syscall_arch(known->audit_arch, (int)number);
	char name[64], arch_name[32];

	if (number == X32_BIT && known->audit_arch == AUDIT_ARCH_X86_64)
		text_string(comment, "x32");
	else if (arch)
		text_printf(comment, "%s %s", syscall_arch_name(arch, arch_name, sizeof(arch_name)),
		            syscall_name(arch, (int)number, name, sizeof(name)));
}

static void explain_jump(const struct known *known, uint32_t value, struct text *comment)
{
	char name[32];

	if (known->held == HELD_ARCH)
		text_string(comment, syscall_arch_name(value, name, sizeof(name)));
	else if (known->held == HELD_NR)
		explain_number(known, value, comment);
}

static void explain(const struct known *known, const struct sock_filter *insn, struct text *comment)
{
	const struct opcode *opcode = &opcodes[insn->code];

	if (!known->reached)
		text_string(comment, "never reached");
	else if (opcode->operand == OPERAND_LOAD)
		explain_load(insn->k, comment);
	else if (insn->code == (BPF_RET | BPF_K))
		explain_return(insn->k, comment);
	else if (opcode->jumps && opcode->operand == OPERAND_K)
		explain_jump(known, insn->k, comment);
}

static int write_line(struct listing *listing, unsigned at)
{
	enum { NAME_WIDTH = 4, COMMENT_COLUMN = 34 };
	const struct sock_filter *insn = &listing->filter->instructions[at];
	const struct opcode *opcode = &opcodes[insn->code];
	char label[16] = "", line_bytes[96], comment_bytes[128];
	struct text line = TEXT_OVER(line_bytes), comment = TEXT_OVER(comment_bytes);

	if (listing->target[at])
		snprintf(label, sizeof(label), "l%u:", at);
	text_printf(&line, "%-7s%-*s", label, opcode->operand == OPERAND_NONE ? 0 : NAME_WIDTH,
	            opcode->name);
	write_operand(insn, opcode->operand, at, &line);
	if (opcode->jumps)
		text_printf(&line, ", l%u, l%u", at + 1 + insn->jt, at + 1 + insn->jf);
	explain(&listing->known[at], insn, &comment);
	if (comment.len == 0)
		return fprintf(listing->out, "%s\n", line.bytes) < 0 ? -EIO : 0;
	return fprintf(listing->out, "%-*s ; %s\n", COMMENT_COLUMN, line.bytes, comment.bytes) < 0
	               ? -EIO
	               : 0;
}

int disassemble(const struct filter *filter, FILE *out)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	int r = 0;

	if (!listing)
		return -ENOMEM;
	listing->filter = filter;
	listing->out = out;
	listing->known[0].reached = true;
	for (unsigned i = 0; i < filter->count; i++)
		if (listing->known[i].reached)
			follow(listing, i);
	for (unsigned i = 0; i < filter->count && r == 0; i++)
		r = write_line(listing, i);
	free(listing);
	return r;
}
