/* SPDX-License-Identifier: Apache-2.0 */
/* This kernel against our idea of it: the programs it accepts, and the verdicts of its filters. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "profiles/compile.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"

/* What a child leaves for its parent, in shared memory. */
struct outcome {
	int installed; /* 0 or errno of seccomp(2) */
	int error;     /* errno of the call, 0 for success */
	size_t calls;  /* made */
	struct seccomp_data wrong;
	bool failed; /* wrong holds the call that did not end as wanted */
};

static struct outcome *outcome;

static int share_outcome(void **state)
{
	(void)state;
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);
	return outcome == MAP_FAILED ? -1 : 0;
}

static int install(const struct filter *filter)
{
	const struct sock_fprog program = { filter->count, filter->instructions };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return errno;
	return 0;
}

/* cmocka catches these to go on with the next test, which is not for the child to do. */
static void restore_signals(void)
{
	static const int caught[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		(void)signal(caught[i], SIG_DFL);
}

/* Runs body in a child under the filter; its wait status. */
static int in_child(const struct filter *filter, void (*body)(const void *), const void *argument)
{
	int status;
	pid_t pid;

	memset(outcome, 0, sizeof(*outcome));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		restore_signals();
		outcome->installed = install(filter);
		if (outcome->installed == 0)
			body(argument);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* ---- random programs */

#define INSTRUCTION(code, value) ((struct sock_filter)BPF_STMT(code, value))

enum { PROGRAMS = 800, BODY_MAX = 12, PROGRAM_MAX = BODY_MAX + 6 };

static const uint16_t opcodes[] = {
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LDX | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_MEM,
	BPF_ST,
	BPF_STX,
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
};

/* Mostly within bounds: what is out of them must be refused by both. */
static struct sock_filter random_instruction(uint64_t *state, unsigned left)
{
	struct sock_filter insn = { .code = opcodes[random_below(state, ARRAY_SIZE(opcodes))] };
	unsigned class = BPF_CLASS(insn.code);

	if (random_below(state, 200) == 0)
		insn.code = (uint16_t)random_below(state, 512);
	insn.jt = (uint8_t)random_below(state, left + 1);
	insn.jf = (uint8_t)random_below(state, left + 1);
	if (insn.code == (BPF_LD | BPF_W | BPF_ABS))
		insn.k = random_below(state, 4) ? 16 + 4 * (uint32_t)random_below(state, 12)
		                                : 4 * (uint32_t)random_below(state, 2);
	else if (insn.code == (BPF_JMP | BPF_JA))
		insn.k = (uint32_t)random_below(state, left + 1);
	else if (class == BPF_ST || class == BPF_STX || BPF_MODE(insn.code) == BPF_MEM)
		insn.k = (uint32_t)random_below(state, 3);
	else
		insn.k = (uint32_t)random_values[random_below(state, ARRAY_SIZE(random_values))] &
		         (random_below(state, 3) ? 31 : UINT32_MAX);
	return insn;
}

/* getpid(2) gets an errno of 1..2048 that the body computes; every other call is allowed. */
static void random_program(uint64_t *state, struct sock_filter *code, struct filter *ret_filter)
{
	unsigned body = 1 + (unsigned)random_below(state, BODY_MAX), n = 0;

	code[n++] = INSTRUCTION(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpid, 1, 0);
	code[n++] = INSTRUCTION(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (unsigned i = 0; i < body; i++)
		code[n++] = random_instruction(state, body - i - 1);
	code[n++] = INSTRUCTION(BPF_ALU | BPF_AND | BPF_K, 0x7ff);
	code[n++] = INSTRUCTION(BPF_ALU | BPF_ADD | BPF_K, SECCOMP_RET_ERRNO + 1);
	code[n++] = INSTRUCTION(BPF_RET | BPF_A, 0);
	*ret_filter = (struct filter){ .instructions = code, .count = (unsigned short)n };
}

static void call_getpid(const void *argument)
{
	const struct seccomp_data *call = argument;
	const uint64_t *args = (const uint64_t *)call->args;

	errno = 0;
	(void)syscall(SYS_getpid, args[0], args[1], args[2], args[3], args[4], args[5]);
	outcome->error = errno;
}

static void check_program(uint64_t seed, size_t *accepted, size_t *killed)
{
	struct seccomp_data call = { .nr = SYS_getpid, .arch = AUDIT_ARCH_X86_64 };
	struct sock_filter code[PROGRAM_MAX];
	uint64_t state = seed * 2 + 1;
	struct filter filter;
	uint32_t action = 0;
	int r, status;

	random_program(&state, code, &filter);
	for (int i = 0; i < 6; i++)
		call.args[i] = random_values[random_below(&state, ARRAY_SIZE(random_values))];
	r = bpf_run(&filter, &call, &action);
	status = in_child(&filter, call_getpid, &call);
	if (outcome->installed != -r)
		fail_msg("seed %ju: seccomp(2) %d, bpf_run %d", (uintmax_t)seed, outcome->installed,
		         r);
	if (r < 0)
		return;
	*accepted += 1;
	if (action == SECCOMP_RET_KILL_THREAD) {
		*killed += 1;
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	} else if (outcome->error != (int)(action & SECCOMP_RET_DATA)) {
		fail_msg("seed %ju: kernel %d, bpf_run %#x", (uintmax_t)seed, outcome->error,
		         action);
	}
}

static void test_random_programs(void **state)
{
	size_t accepted = 0, killed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= PROGRAMS; seed++)
		check_program(seed, &accepted, &killed);
	print_message("%zu accepted, %zu refused, %zu killed\n", accepted, PROGRAMS - accepted,
	              killed);
	assert_true(accepted > PROGRAMS / 4 && accepted < PROGRAMS);
}

#if defined(__x86_64__)

/* ---- the default profile's verdicts */

struct default_filter {
	struct fixture fixture;
	struct plan *plan;
	struct filter filter;
};

static void compile_file(const char *path, struct default_filter *ret_filter)
{
	const struct plan_options options = { .deny_in_kernel = true };

	assert_int_equal(fixture_load(&ret_filter->fixture, path, fixture_host()), 0);
	assert_int_equal(plan_build(ret_filter->fixture.ruleset, &options, &ret_filter->plan), 0);
	assert_int_equal(filter_compile(ret_filter->plan, &ret_filter->filter), 0);
	assert_false(ret_filter->filter.notifies);
}

static void default_filter_free(struct default_filter *filter)
{
	filter_deinit(&filter->filter);
	plan_free(filter->plan);
	fixture_free(&filter->fixture);
}

/* A call of an i386 program, made from here: five arguments, the low 32 bits of each. */
static long call_i386(int nr, const uint64_t *args)
{
	long result;

	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"(nr), "b"((uint32_t)args[0]), "c"((uint32_t)args[1]),
	                   "d"((uint32_t)args[2]), "S"((uint32_t)args[3]), "D"((uint32_t)args[4])
	                 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

/* The errno of a call, 0 for success. */
static int error_of(const struct seccomp_data *call)
{
	const uint64_t *args = (const uint64_t *)call->args;
	long result;

	if (call->arch == AUDIT_ARCH_I386) {
		result = call_i386(call->nr, args);
		return result < 0 ? (int)-result : 0;
	}
	errno = 0;
	result = syscall((long)call->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	return result == -1 ? errno : 0;
}

static void note_wrong(const struct seccomp_data *call, int error)
{
	if (outcome->failed)
		return;
	outcome->failed = true;
	outcome->wrong = *call;
	outcome->error = error;
}

/* The kernel's own trampolines: no filter sees them since Linux 6.14 (__secure_computing()). */
static bool is_unfiltered(const struct seccomp_data *call)
{
	enum { NR_URETPROBE = 335, NR_UPROBE = 336 };

	return call->arch == AUDIT_ARCH_X86_64 &&
	       (call->nr == NR_URETPROBE || call->nr == NR_UPROBE);
}

/* Makes a call if the profile denies it, for then it is harmless; the errno must be the profile's.
 */
static void try_denied(const struct ruleset *ruleset, const struct seccomp_data *call)
{
	struct decision decision;
	int error;

	ruleset_evaluate(ruleset, call, &decision);
	if (decision.action.kind != ACTION_ERRNO || is_unfiltered(call))
		return;
	error = error_of(call);
	outcome->calls++;
	if (error != decision.action.number)
		note_wrong(call, error);
}

struct abi_run {
	const struct ruleset *ruleset;
	uint32_t arch;
	unsigned first;
};

static void try_all_numbers(const void *argument)
{
	enum { NUMBERS = 600 };
	static const uint64_t fillers[] = { 0, UINT64_MAX, UINT64_C(0x100000000) };
	const struct abi_run *run = argument;

	for (unsigned nr = 0; nr < NUMBERS; nr++)
		for (size_t i = 0; i < ARRAY_SIZE(fillers); i++) {
			struct seccomp_data call = { .arch = run->arch,
				                     .nr = (int)(run->first | nr) };

			for (int k = 0; k < 6; k++)
				call.args[k] = fillers[i];
			try_denied(run->ruleset, &call);
		}
}

/* Whether this kernel runs i386 calls at all (CONFIG_IA32_EMULATION, ia32_emulation=). */
static bool has_i386(void)
{
	static const uint64_t none[6];
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		restore_signals();
		_exit(call_i386(20, none) == getpid() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void check_run(const struct default_filter *filter, struct abi_run run, size_t at_least)
{
	int status;

	run.ruleset = filter->fixture.ruleset;
	status = in_child(&filter->filter, try_all_numbers, &run);
	assert_int_equal(outcome->installed, 0);
	if (!WIFEXITED(status) || outcome->failed)
		fail_msg("arch %x nr %d: errno %d, status %#x", run.arch, outcome->wrong.nr,
		         outcome->error, status);
	print_message("arch %x from %#x: %zu calls\n", run.arch, run.first, outcome->calls);
	assert_true(outcome->calls >= at_least);
}

static void test_denials_of_every_abi(void **state)
{
	struct default_filter filter;

	(void)state;
	compile_file(PROFILE_FILE("moby-default.json"), &filter);
	check_run(&filter, (struct abi_run){ .arch = AUDIT_ARCH_X86_64 }, 300);
	/* Without x32 in the kernel the filter still speaks first. */
	check_run(&filter, (struct abi_run){ .arch = AUDIT_ARCH_X86_64, .first = 0x40000000 }, 300);
	if (has_i386())
		check_run(&filter, (struct abi_run){ .arch = AUDIT_ARCH_I386 }, 300);
	default_filter_free(&filter);
}

/* Harmless whether allowed or not: what is allowed fails or does nothing, and not with EPERM. */
static const struct seccomp_data argument_calls[] = {
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_personality, .args = { 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_personality, .args = { UINT64_MAX } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_personality, .args = { 8 } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_personality, .args = { 4 } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_personality, .args = { 0 } },
	/* type -1: EINVAL from the kernel */
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 1, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 37, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 38, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 39, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 40, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 41, 0xffffffff } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_socket, .args = { 0x100000028, 0xffffffff } },
	/* CLONE_SIGHAND without CLONE_VM: EINVAL; CLONE_NEWUSER, CLONE_NEWNS */
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_clone, .args = { 0x800 } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_clone, .args = { 0x10000800 } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_clone, .args = { 0x20800 } },
	{ .arch = AUDIT_ARCH_X86_64, .nr = SYS_close, .args = { UINT32_MAX } },
	{ .arch = AUDIT_ARCH_I386, .nr = 136, .args = { 0xffffffff } }, /* personality */
	{ .arch = AUDIT_ARCH_I386, .nr = 136, .args = { 4 } },
	{ .arch = AUDIT_ARCH_I386, .nr = 359, .args = { 1, 0xffffffff } }, /* socket */
	{ .arch = AUDIT_ARCH_I386, .nr = 359, .args = { 38, 0xffffffff } },
	{ .arch = AUDIT_ARCH_I386, .nr = 359, .args = { 40, 0xffffffff } },
	{ .arch = AUDIT_ARCH_I386, .nr = 120, .args = { 0x800 } }, /* clone */
	{ .arch = AUDIT_ARCH_I386, .nr = 120, .args = { 0x10000800 } },
	{ .arch = AUDIT_ARCH_I386, .nr = 6, .args = { UINT32_MAX } }, /* close */
};

static void try_argument_call(const void *argument)
{
	const struct seccomp_data *call = argument;

	outcome->error = error_of(call);
}

static void test_argument_rules(void **state)
{
	struct default_filter filter;
	size_t denied = 0, allowed = 0;
	bool i386 = has_i386();

	(void)state;
	compile_file(PROFILE_FILE("moby-default.json"), &filter);
	for (size_t i = 0; i < ARRAY_SIZE(argument_calls); i++) {
		const struct seccomp_data *call = &argument_calls[i];
		struct decision decision;
		bool as_denied;

		if (call->arch == AUDIT_ARCH_I386 && !i386)
			continue;
		ruleset_evaluate(filter.fixture.ruleset, call, &decision);
		assert_int_equal(in_child(&filter.filter, try_argument_call, call), 0);
		assert_int_equal(outcome->installed, 0);
		as_denied = outcome->error == EPERM;
		if (as_denied != (decision.action.kind == ACTION_ERRNO))
			fail_msg("arch %x nr %d a0 %#llx: errno %d, action %u", call->arch,
			         call->nr, call->args[0], outcome->error, decision.action.kind);
		denied += as_denied;
		allowed += !as_denied;
	}
	assert_true(denied >= 5 && allowed >= 5);
	default_filter_free(&filter);
}

/* ABIs that a profile does not cover are killed. */
static void test_foreign_abis_are_killed(void **state)
{
	static const struct seccomp_data calls[] = {
		{ .arch = AUDIT_ARCH_X86_64, .nr = 0x40000000 | SYS_getpid },
		{ .arch = AUDIT_ARCH_I386, .nr = 20 },
	};
	struct default_filter filter;
	bool i386 = has_i386();

	(void)state;
	compile_file(PROFILE_FILE("seccomp_syscall_test1.json"), &filter);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int status;

		if (calls[i].arch == AUDIT_ARCH_I386 && !i386)
			continue;
		status = in_child(&filter.filter, try_argument_call, &calls[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
	default_filter_free(&filter);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_programs),
#if defined(__x86_64__)
		cmocka_unit_test(test_denials_of_every_abi),
		cmocka_unit_test(test_argument_rules),
		cmocka_unit_test(test_foreign_abis_are_killed),
#endif
	};

	return cmocka_run_group_tests(tests, share_outcome, NULL);
}
