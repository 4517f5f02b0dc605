/* SPDX-License-Identifier: Apache-2.0 */
/* One register of one syscall: its words, and its JSON value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "supervisor/events/render_argument.h"

#define MINUS(n) ((uint64_t) - (n))
#define INT_MINUS(n) ((uint64_t)(uint32_t) - (n))

struct row {
	const char *name;
	unsigned index;
	uint64_t value;
	const char *text;
	const char *json; /* NULL: the text as a string */
};

static void expect_row(const struct row *row)
{
	const struct signature *signature = signature_find(SCMP_ARCH_X86_64, row->name);
	char bytes[512], json_bytes[512], expected[512];
	struct text text = TEXT_OVER(bytes), json = TEXT_OVER(json_bytes);

	assert_non_null(signature);
	render_value(&text, &signature->args[row->index], row->value);
	assert_string_equal(bytes, row->text);
	render_json_value(&json, &signature->args[row->index], row->value);
	snprintf(expected, sizeof(expected), "\"%s\"", row->text);
	assert_string_equal(json_bytes, row->json ? row->json : expected);
}

static void expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect_row(&rows[i]);
}

static void test_numbers(void **state)
{
	static const struct row rows[] = {
		{ "close", 0, 3, "3", "3" },
		{ "close", 0, INT_MINUS(1), "-1", "-1" },
		{ "close", 0, MINUS(1), "-1", "-1" },
		{ "fchdir", 0, MINUS(100), "AT_FDCWD", NULL },
		{ "fchdir", 0, INT_MINUS(100), "AT_FDCWD", NULL },
		{ "pidfd_getfd", 0, MINUS(10000), "PIDFD_SELF_THREAD", NULL },
		{ "getpgid", 0, MINUS(1), "-1", "-1" },
		{ "listen", 1, 0x7fffffff, "2147483647", "2147483647" },
		{ "eventfd", 0, UINT32_MAX, "4294967295", "4294967295" },
		{ "setuid", 0, INT_MINUS(1), "-1", NULL },
		{ "setuid", 0, MINUS(1), "-1", NULL },
		{ "setuid", 0, INT_MINUS(2), "4294967294", "4294967294" },
		{ "lseek", 1, MINUS(8), "-8", "-8" },
		{ "lseek", 1, MINUS(1LL << 53), "-9007199254740992", "-9007199254740992" },
		{ "lseek", 1, MINUS((1LL << 53) + 1), "-9007199254740993", NULL },
		{ "munmap", 1, 1ULL << 53, "9007199254740992", "9007199254740992" },
		{ "munmap", 1, (1ULL << 53) + 1, "9007199254740993", NULL },
		{ "munmap", 1, UINT64_MAX, "18446744073709551615", NULL },
		{ "munmap", 0, 0, "NULL", "null" },
		{ "munmap", 0, UINT64_MAX, "0xff…", "\"0xffffffffffffffff\"" },
		{ "munmap", 0, 0xffffff, "0xffffff", NULL },
		{ "munmap", 0, 0x7ffd1234567, "0x7f…", "\"0x7ffd1234567\"" },
		{ "ptrace", 3, 0, "0", NULL },
		{ "umask", 0, 022, "022", NULL },
		{ "umask", 0, 0, "0", NULL },
		{ "ustat", 0, 0x100103, "makedev(0x1, 0x103)", NULL },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

static void test_names(void **state)
{
	static const struct row rows[] = {
		{ "lseek", 2, 2, "SEEK_END", NULL },
		{ "lseek", 2, 9, "9", NULL },
		{ "lseek", 2, MINUS(1), "-1", NULL },
		{ "socket", 0, 0, "AF_UNSPEC", NULL },
		{ "socket", 0, 99, "99", NULL },
		{ "ioctl", 1, 0x5412, "TIOCSTI", NULL },
		{ "ioctl", 1, 0xc0de, "0xc0de", NULL },
		{ "ptrace", 0, 16, "PTRACE_ATTACH", NULL },
		{ "ptrace", 0, 0x4206, "PTRACE_SEIZE", NULL },
		{ "ptrace", 0, 1ULL << 32 | 16, "0x100000010",
		  NULL }, /* the kernel reads 64 bits */
		{ "prctl", 0, 22, "PR_SET_SECCOMP", NULL },
		{ "keyctl", 1, MINUS(3), "KEY_SPEC_SESSION_KEYRING", NULL },
		{ "keyctl", 1, INT_MINUS(3), "KEY_SPEC_SESSION_KEYRING", NULL },
		{ "keyctl", 1, 0x7ffdfffffffd, "0x7ffdfffffffd", NULL },
		{ "add_key", 4, INT_MINUS(5), "KEY_SPEC_USER_SESSION_KEYRING", NULL },
		{ "add_key", 4, 164635654, "164635654", "164635654" },
		{ "kill", 1, 9, "SIGKILL", NULL },
		{ "kill", 1, 0, "0", NULL },
		{ "kill", 1, 40, "SIGRT_8", NULL },
		{ "kill", 1, 65, "65", NULL },
		{ "kill", 1, MINUS(3), "-3", NULL },
		{ "bpf", 0, 5, "BPF_PROG_LOAD", NULL },
		{ "reboot", 0, 0xfee1dead, "LINUX_REBOOT_MAGIC1", NULL },
		{ "reboot", 0, MINUS(0x11e2153), "LINUX_REBOOT_MAGIC1", NULL }, /* as an int */
		{ "setrlimit", 0, 7, "RLIMIT_NOFILE", NULL },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

static void test_flags(void **state)
{
	static const struct row rows[] = {
		{ "unshare", 0, 0x10000000, "CLONE_NEWUSER", NULL },
		{ "unshare", 0, 0, "0", NULL },
		{ "unshare", 0, 0x80, "CLONE_NEWTIME", NULL },
		{ "unshare", 0, 0x10000001, "CLONE_NEWUSER|0x1", NULL },
		{ "unshare", 0, 1ULL << 40, "0x10000000000", NULL },
		{ "clone", 0, 0x10000011, "CLONE_NEWUSER|SIGCHLD", NULL },
		{ "clone", 0, 17, "SIGCHLD", NULL },
		{ "clone", 0, 0x10000080, "CLONE_NEWUSER|128", NULL }, /* no CLONE_NEWTIME */
		{ "clone", 0, 0, "0", NULL },
		{ "setns", 1, 0x40000000, "CLONE_NEWNET", NULL },
		{ "umount2", 1, 10, "MNT_DETACH|UMOUNT_NOFOLLOW", NULL },
		{ "mount", 3, 0x8000001, "MS_RDONLY|0x8000000", NULL },
		{ "mount", 3, 0xc0ed5000, "MS_MGC_VAL|MS_BIND|MS_REC", NULL },
		{ "mmap", 2, 7, "PROT_READ|PROT_WRITE|PROT_EXEC", NULL },
		{ "mmap", 2, 0, "PROT_NONE", NULL },
		{ "mmap", 3, 0x22, "MAP_PRIVATE|MAP_ANONYMOUS", NULL },
		{ "mmap", 3, 3, "MAP_SHARED_VALIDATE", NULL },
		{ "personality", 0, 0xffffffff, "0xffffffff", NULL },
		{ "personality", 0, 0, "PER_LINUX", NULL },
		{ "personality", 0, 0x40008, "PER_LINUX32|ADDR_NO_RANDOMIZE", NULL },
		{ "mbind", 2, 0x8002, "MPOL_BIND|MPOL_F_STATIC_NODES", NULL },
		{ "quotactl", 0, 0x80000201, "Q_QUOTAON|GRPQUOTA", NULL },
		{ "access", 1, 0, "F_OK", NULL },
		{ "access", 1, 5, "R_OK|X_OK", NULL },
		{ "mknod", 1, 020666, "S_IFCHR|0666", NULL },
		{ "mknod", 1, 0666, "0666", NULL },
		{ "shmctl", 1, 0, "IPC_RMID", NULL },
		{ "socket", 1, 02000001, "SOCK_STREAM|SOCK_CLOEXEC", NULL },
		{ "socket", 1, 7, "0x7", NULL },
		{ "futex", 1, 128, "FUTEX_WAIT_PRIVATE", NULL },
		{ "open", 1, 010003, "O_DSYNC|0x3", NULL },
		{ "open", 1, 04110000, "O_RDONLY|O_SYNC|O_LARGEFILE", NULL },
		{ "open", 1, 020200002, "O_RDWR|O_TMPFILE", NULL },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
}

/* What a filter that compares 64 bits does not see; JSON has it beside the value. */
static void test_upper_bits(void **state)
{
	static const struct row rows[] = {
		{ "socket", 0, 1ULL << 32 | 40, "AF_VSOCK /* upper bits 0x1 */", "\"AF_VSOCK\"" },
		{ "socket", 0, 0xfffffffe00000002, "AF_INET /* upper bits 0xfffffffe */",
		  "\"AF_INET\"" },
		{ "socket", 0, 0xffffffff00000002, "AF_INET /* upper bits 0xffffffff */",
		  "\"AF_INET\"" },
		{ "close", 0, 1ULL << 63 | 3, "3 /* upper bits 0x80000000 */", "3" },
		{ "close", 0, 0xfffffffe80000000, "-2147483648 /* upper bits 0xfffffffe */",
		  "-2147483648" },
		{ "open", 1, 1ULL << 32, "O_RDONLY /* upper bits 0x1 */", "\"O_RDONLY\"" },
		{ "clone", 0, 1ULL << 32 | 17, "SIGCHLD /* upper bits 0x1 */", "\"SIGCHLD\"" },
	};

	(void)state;
	expect_rows(rows, ARRAY_SIZE(rows));
	assert_int_equal(render_stray_bits(ARGUMENT_INT, 1ULL << 32), 1);
	assert_int_equal(render_stray_bits(ARGUMENT_INT, MINUS(1)), 0);
	assert_int_equal(render_stray_bits(ARGUMENT_UINT, UINT32_MAX), 0);
	assert_int_equal(render_stray_bits(ARGUMENT_SIZE, UINT64_MAX), 0);
}

static void test_type_names(void **state)
{
	(void)state;
	for (int type = 0; type < ARGUMENT_TYPE_COUNT; type++)
		assert_non_null(render_type_name((enum argument_type)type));
	assert_string_equal(render_type_name(ARGUMENT_FLAGS64), "flags");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),    cmocka_unit_test(test_names),
		cmocka_unit_test(test_flags),      cmocka_unit_test(test_upper_bits),
		cmocka_unit_test(test_type_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
