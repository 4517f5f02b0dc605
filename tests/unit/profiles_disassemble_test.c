/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/disassemble.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "profiles/compile.h"
#include "tests/support/profile_fixture.h"

#define RET(value) BPF_STMT(BPF_RET | BPF_K, value)

static char *listed(const struct filter *filter)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(disassemble(filter, out), 0);
	fclose(out);
	return text;
}

/* The first line of a program of this instruction and returns; a column of blanks is one. */
static const struct {
	struct sock_filter insn;
	const char *line;
} rows[] = {
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), " ld [0] ; syscall number" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), " ld [4] ; arch" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8), " ld [8] ; instruction pointer, low half" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12), " ld [12] ; instruction pointer, high half" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), " ld [16] ; args[0], low half" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 60), " ld [60] ; args[5], high half" },
	{ BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), " ld len" },
	{ BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), " ldx len" },
	{ BPF_STMT(BPF_LD | BPF_IMM, 7), " ld #0x7" },
	{ BPF_STMT(BPF_LDX | BPF_IMM, 255), " ldx #0xff" },
	{ BPF_STMT(BPF_LD | BPF_MEM, 15), " ld M[15]" },
	{ BPF_STMT(BPF_LDX | BPF_MEM, 0), " ldx M[0]" },
	{ BPF_STMT(BPF_ST, 1), " st M[1]" },
	{ BPF_STMT(BPF_STX, 2), " stx M[2]" },
	{ BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), " add #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), " add x" },
	{ BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), " sub #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0), " sub x" },
	{ BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 1), " mul #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), " mul x" },
	{ BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 1), " div #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), " div x" },
	{ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1), " and #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0), " and x" },
	{ BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), " or #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_OR | BPF_X, 0), " or x" },
	{ BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1), " xor #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0), " xor x" },
	{ BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1), " lsh #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_LSH | BPF_X, 0), " lsh x" },
	{ BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), " rsh #0x1" },
	{ BPF_STMT(BPF_ALU | BPF_RSH | BPF_X, 0), " rsh x" },
	{ BPF_STMT(BPF_ALU | BPF_NEG, 0), " neg" },
	{ BPF_STMT(BPF_MISC | BPF_TAX, 0), " tax" },
	{ BPF_STMT(BPF_MISC | BPF_TXA, 0), " txa" },
	{ BPF_STMT(BPF_JMP | BPF_JA, 1), " jmp l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1), " jeq #0x5, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1), " jeq x, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 0, 1), " jge #0x5, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 0, 1), " jge x, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 5, 0, 1), " jgt #0x5, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1), " jgt x, l1, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 5, 2, 1), " jset #0x5, l3, l2" },
	{ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 0, 1), " jset x, l1, l2" },
	{ BPF_STMT(BPF_RET | BPF_A, 0), " ret a" },
	{ RET(SECCOMP_RET_ALLOW), " ret #0x7fff0000 ; ALLOW" },
	{ RET(SECCOMP_RET_LOG), " ret #0x7ffc0000 ; LOG" },
	{ RET(SECCOMP_RET_TRACE | 7), " ret #0x7ff00007 ; TRACE 7" },
	{ RET(SECCOMP_RET_USER_NOTIF), " ret #0x7fc00000 ; USER_NOTIF" },
	{ RET(SECCOMP_RET_ERRNO | 1), " ret #0x50001 ; ERRNO EPERM" },
	{ RET(SECCOMP_RET_TRAP), " ret #0x30000 ; TRAP" },
	{ RET(SECCOMP_RET_KILL_THREAD), " ret #0x0 ; KILL_THREAD" },
	{ RET(SECCOMP_RET_KILL_PROCESS), " ret #0x80000000 ; KILL_PROCESS" },
};

static void squeeze_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ' || text[1] != ' ')
			*to++ = *text;
	*to = '\0';
}

static void test_opcodes(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sock_filter program[] = { rows[i].insn, RET(0), RET(0), RET(0) };
		struct filter filter = { .instructions = program, .count = 4 };
		char *text = listed(&filter);

		text[strcspn(text, "\n")] = '\0';
		squeeze_blanks(text);
		assert_string_equal(text, rows[i].line);
		free(text);
	}
}

/* The program of a small filter, and what is known on each of its ways. */
static void test_comments(void **state)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 4, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 4, 3),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40000208, 3, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 11, 1, 0),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_ERRNO | 38),
	};
	struct filter filter = { .instructions = program, .count = ARRAY_SIZE(program) };
	char *text = listed(&filter);
	(void)state;

	assert_string_equal(text, "       ld   [4]                    ; arch\n"
	                          "       jeq  #0xc000003e, l3, l2    ; x86_64\n"
	                          "l2:    jeq  #0x40000003, l7, l9    ; x86\n"
	                          "l3:    ld   [0]                    ; syscall number\n"
	                          "       jge  #0x40000000, l6, l5    ; x32\n"
	                          "l5:    jeq  #0x3b, l10, l9         ; x86_64 execve\n"
	                          "l6:    jeq  #0x40000208, l10, l9   ; x32 execve\n"
	                          "l7:    ld   [0]                    ; syscall number\n"
	                          "       jeq  #0xb, l10, l9          ; x86 execve\n"
	                          "l9:    ret  #0x7fff0000            ; ALLOW\n"
	                          "l10:   ret  #0x50026               ; ERRNO ENOSYS\n");
	free(text);
}

/* What two ways know differently is not said, and what no way leads to is. */
static void test_doubt(void **state)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 1),
		RET(0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 1, 1),
		RET(SECCOMP_RET_ALLOW),
		RET(SECCOMP_RET_LOG),
	};
	struct filter filter = { .instructions = program, .count = ARRAY_SIZE(program) };
	char *text = listed(&filter);
	(void)state;

	assert_string_equal(text, "       ld   [4]                    ; arch\n"
	                          "       jeq  #0xc000003e, l2, l2    ; x86_64\n"
	                          "l2:    ld   [0]                    ; syscall number\n"
	                          "       jeq  #0x3b, l4, l5\n"
	                          "l4:    ret  #0x0                   ; KILL_THREAD\n"
	                          "l5:    and  #0x1\n"
	                          "       jeq  #0x3b, l8, l8\n"
	                          "       ret  #0x7fff0000            ; never reached\n"
	                          "l8:    ret  #0x7ffc0000            ; LOG\n");
	free(text);
}

/* Reads the two labels of a jump, or the one of a jmp: that and the opcode's number tell it all. */
static void check_line(const struct filter *filter, unsigned at, const char *line)
{
	const struct sock_filter *insn = &filter->instructions[at];
	unsigned k, jt, jf;

	if (line[0] == 'l')
		assert_int_equal(strtoul(line + 1, NULL, 10), at);
	line += 12;
	if (BPF_CLASS(insn->code) == BPF_RET) {
		assert_int_equal(sscanf(line, "#0x%x", &k), 1);
		assert_int_equal(k, insn->k);
	} else if (BPF_CLASS(insn->code) == BPF_LD && BPF_MODE(insn->code) == BPF_ABS) {
		assert_int_equal(sscanf(line, "[%u]", &k), 1);
		assert_int_equal(k, insn->k);
	} else if (insn->code == (BPF_JMP | BPF_JA)) {
		assert_int_equal(sscanf(line, "l%u", &k), 1);
		assert_int_equal(k, at + 1 + insn->k);
	} else if (BPF_CLASS(insn->code) == BPF_JMP) {
		assert_int_equal(sscanf(line, "#0x%x, l%u, l%u", &k, &jt, &jf), 3);
		assert_true(k == insn->k && jt == at + 1 + insn->jt && jf == at + 1 + insn->jf);
	}
}

static void test_every_instruction_once(void **state)
{
	const struct plan_options options = { .deny_in_kernel = true };
	struct fixture fixture;
	struct plan *plan = NULL;
	struct filter filter = { 0 };
	unsigned n = 0;
	char *text, *rest;
	(void)state;

	assert_int_equal(fixture_load(&fixture, PROFILE_FILE("moby-default.json"), fixture_host()),
	                 0);
	assert_int_equal(plan_build(fixture.ruleset, &options, &plan), 0);
	assert_int_equal(filter_compile(plan, &filter), 0);
	text = listed(&filter);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		check_line(&filter, n++, line);
	assert_int_equal(n, filter.count);
	free(text);
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_every_instruction_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
