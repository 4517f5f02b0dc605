/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/arguments/typed_call.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "tests/support/diags_text.h"

static const uint32_t archs[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 };

static int parse(const char *text, struct typed_call *ret_call, char **ret_diags)
{
	struct diags diags;
	int r;

	diags_init(&diags, "call");
	r = typed_call_parse(text, archs, ARRAY_SIZE(archs), &diags, ret_call);
	*ret_diags = diags_text(&diags);
	diags_deinit(&diags);
	return r;
}

static const struct {
	const char *text;
	uint32_t arch;
	int nr;
	unsigned n_args;
	uint64_t args[6];
	unsigned pointers;
	bool missing;
	size_t length; /* 0: all of it */
} good[] = {
	{ "getpid()", SCMP_ARCH_X86_64, 39, 0, { 0 }, 0, false, 0 },
	{ "getpid", SCMP_ARCH_X86_64, 39, 0, { 0 }, 0, false, 0 },
	{ "socket(AF_ALG, SOCK_SEQPACKET|SOCK_CLOEXEC, 0)",
	  SCMP_ARCH_X86_64,
	  41,
	  3,
	  { 38, 0x80005, 0 },
	  0,
	  false,
	  0 },
	{ "fcntl(3, F_SETFL, O_RDONLY|O_NONBLOCK)",
	  SCMP_ARCH_X86_64,
	  72,
	  3,
	  { 3, 4, 0x800 },
	  0,
	  false,
	  0 },
	{ "fcntl(3, F_GETFL)", SCMP_ARCH_X86_64, 72, 2, { 3, 3 }, 0, false, 0 },
	{ "rt_sigprocmask(SIG_UNBLOCK, ~[KILL STOP], NULL, 8)",
	  SCMP_ARCH_X86_64,
	  14,
	  4,
	  { 1, 1, 0, 8 },
	  2,
	  false,
	  0 },
	{ "execve(\"/x\", [\"a\", \"b]\"], 0x7f… /* 25 vars */)",
	  SCMP_ARCH_X86_64,
	  59,
	  3,
	  { 1, 1, 1 },
	  7,
	  false,
	  0 },
	{ "socket(AF_INET,SOCK_RAW,IPPROTO_ICMP)",
	  SCMP_ARCH_X86_64,
	  41,
	  3,
	  { 2, 3, 1 },
	  0,
	  false,
	  0 },
	{ "mount(\"tmp,\\\"fs\", \"/m)nt\"..., \"tmpfs\", MS_RDONLY|MS_NOSUID, NULL) = -1 EPERM "
	  "(x)",
	  SCMP_ARCH_X86_64,
	  165,
	  5,
	  { 1, 1, 1, 3, 0 },
	  7,
	  false,
	  65 },
	{ "clone(CLONE_NEWUSER|SIGCHLD)", SCMP_ARCH_X86_64, 56, 1, { 0x10000011 }, 0, true, 0 },
	{ "clone3({flags=CLONE_VM|CLONE_FS, set_tid=[1, \"}\"]}, 88)",
	  SCMP_ARCH_X86_64,
	  435,
	  2,
	  { 1, 88 },
	  1,
	  false,
	  0 },
	{ " unshare ( 0x10000000 ) ", SCMP_ARCH_X86_64, 272, 1, { 0x10000000 }, 0, false, 23 },
	{ "openat(AT_FDCWD, \"/x\", O_WRONLY|O_CREAT, 0644)",
	  SCMP_ARCH_X86_64,
	  257,
	  4,
	  { UINT64_C(0xffffffffffffff9c), 1, 0101, 0644 },
	  2,
	  false,
	  0 },
	{ "kill(-1, SIGKILL)", SCMP_ARCH_X86_64, 62, 2, { UINT64_MAX, 9 }, 0, false, 0 },
	{ "io_uring_setup(8, 0x7ffd…)", SCMP_ARCH_X86_64, 425, 2, { 8, 1 }, 2, false, 0 },
	{ "io_uring_setup(8, 0x7ffd...)", SCMP_ARCH_X86_64, 425, 2, { 8, 1 }, 2, false, 0 },
	{ "syscall_900(1, -2, 0x3)",
	  SCMP_ARCH_X86_64,
	  900,
	  3,
	  { 1, UINT64_MAX - 1, 3 },
	  0,
	  false,
	  0 },
	{ "syscall_165(NULL)", SCMP_ARCH_X86_64, 165, 1, { 0 }, 0, true, 0 },
	{ "listns(0)", SCMP_ARCH_X86_64, 470, 1, { 0 }, 0, true, 0 },
	/* Names that only i386 has, whose registers have 32 bits. */
	{ "stime(-1)", SCMP_ARCH_X86, 25, 1, { UINT32_MAX }, 0, false, 0 },
	{ "socketcall(SYS_SOCKET, 0xffffcc00)",
	  SCMP_ARCH_X86,
	  102,
	  2,
	  { 1, 0xffffcc00 },
	  0,
	  false,
	  0 },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct typed_call call;
		char *diags;

		assert_int_equal(parse(good[i].text, &call, &diags), 0);
		assert_string_equal(diags, "");
		free(diags);
		assert_int_equal(call.arch, good[i].arch);
		assert_int_equal(call.call.arch, good[i].arch == SCMP_ARCH_X86 ? AUDIT_ARCH_I386
		                                                               : AUDIT_ARCH_X86_64);
		assert_int_equal(call.call.nr, good[i].nr);
		assert_int_equal(call.n_args, good[i].n_args);
		assert_memory_equal(call.call.args, good[i].args, sizeof(good[i].args));
		assert_int_equal(call.pointers, good[i].pointers);
		assert_int_equal(call.missing, good[i].missing);
		assert_int_equal(call.length,
		                 good[i].length ? good[i].length : strlen(good[i].text));
	}
}

static const struct {
	const char *text;
	const char *diags;
} bad[] = {
	{ "", "call:1:1: the end; expected a syscall's name\n" },
	{ "(1)", "call:1:1: \"(1)\"; expected a syscall's name\n" },
	{ "unshar(0)", "call:1:1: unshar: unknown syscall; did you mean unshare?\n" },
	{ "stim(0)", "call:1:1: stim: unknown syscall; did you mean stime?\n" },
	{ "syscall_99999999999(0)", "call:1:1: syscall_99999999999: unknown syscall\n" },
	{ "syscall_-1(0)", "call:1:1: syscall_: unknown syscall\n" },
	{ "open(\"/x\", O_RDONYL|FOO, 0)",
	  "call:1:12: O_RDONYL: unknown constant for flags; did you mean O_RDONLY?\n"
	  "call:1:21: FOO: unknown constant for flags\n" },
	{ "kill(1, SIGKLL, 3)", "call:1:9: SIGKLL: unknown constant for sig; did you mean SIGILL?\n"
	                        "call:1:17: one argument too many; it has 2\n" },
	{ "getpid(MAP_SHARED)", "call:1:8: one argument too many; it has 0\n" },
	{ "syscall_900(AF_INET)", "call:1:13: AF_INET: unknown constant; expected a number\n" },
	{ "unshare(0x1ffffffffffffffff)", "call:1:9: not a number of 64 bits\n" },
	{ "unshare(12ab)", "call:1:9: not a number of 64 bits\n" },
	{ "unshare(-)", "call:1:9: not a number of 64 bits\n" },
	{ "mount(\"a, 0)", "call:1:7: a string without its end\n"
	                   "call:1:13: the end; expected \",\" or \")\"\n" },
	{ "clone3({a, 0)", "call:1:8: a brace without its end\n"
	                   "call:1:14: the end; expected \",\" or \")\"\n" },
	{ "unshare(0", "call:1:10: the end; expected \",\" or \")\"\n" },
	{ "unshare(,)", "call:1:9: \",)\"; expected a number, a constant or a string\n"
	                "call:1:10: one argument too many; it has 1\n" },
	{ "unshare(0) 7", "call:1:12: \"7\" after the call\n" },
	{ "unshare(\033)", "call:1:9: \"\\x1b)\"; expected a number, a constant or a string\n" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct typed_call call;
		char *diags;

		assert_int_equal(parse(bad[i].text, &call, &diags), -EBADMSG);
		assert_string_equal(diags, bad[i].diags);
		free(diags);
	}
}

/* Every prefix of a call ends without harm, and what is no call is said to be none. */
static void test_truncated(void **state)
{
	static const char text[] =
		"mount(\"a\\\"b\", {x=[1]}, 0x7f…, MS_RDONLY|MS_NOSUID, NULL) = 0";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *prefix = strndup(text, len);
		struct typed_call call;
		char *diags;
		int r = parse(prefix, &call, &diags);

		assert_int_equal(r == 0, diags[0] == '\0');
		free(diags);
		free(prefix);
	}
}

/* A name is the number that the table of names gives it back, on every ABI. */
static void test_every_name(void **state)
{
	char buf[64], typed[64];

	(void)state;
	for (int nr = -1; (nr = syscall_next(SCMP_ARCH_X86_64, nr)) >= 0;) {
		struct typed_call call;
		char *diags;

		snprintf(typed, sizeof(typed), "%s()",
		         syscall_name(SCMP_ARCH_X86_64, nr, buf, sizeof(buf)));
		assert_int_equal(parse(typed, &call, &diags), 0);
		assert_int_equal(call.call.nr, nr);
		free(diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_every_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
