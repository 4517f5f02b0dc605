/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/syscalls.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

static const struct {
	uint32_t arch;
	int nr;
	const char *name;
} names[] = {
	{ SCMP_ARCH_X86_64, 0, "read" },
	{ SCMP_ARCH_X86_64, 165, "mount" },
	{ SCMP_ARCH_X86_64, 456, "futex_requeue" },
	{ SCMP_ARCH_X86_64, 457, "statmount" },
	{ SCMP_ARCH_X86_64, 462, "mseal" },
	{ SCMP_ARCH_X86_64, 469, "file_setattr" },
	{ SCMP_ARCH_X86_64, 335, "uretprobe" },
	{ SCMP_ARCH_X86_64, 9999, "syscall_9999" },
	{ SCMP_ARCH_X86_64, -1, "syscall_-1" },
	{ SCMP_ARCH_X86_64, -10001, "syscall_-10001" }, /* no pseudo name of libseccomp's */
	{ SCMP_ARCH_X86, 3, "read" },
	{ SCMP_ARCH_X86, 102, "socketcall" },
	{ SCMP_ARCH_X86, 359, "socket" },
	{ SCMP_ARCH_X86, 462, "mseal" },
	{ SCMP_ARCH_X86, 335, "rt_tgsigqueueinfo" },
	{ SCMP_ARCH_X32, 0x40000000, "read" },
	{ SCMP_ARCH_X32, 0x40000000 | 514, "ioctl" },
	{ SCMP_ARCH_X32, 0x40000000 | 462, "mseal" },
	{ SCMP_ARCH_X32, 0x40000000 | 1000, "syscall_1000" },
	{ SCMP_ARCH_AARCH64, 63, "read" },
	{ SCMP_ARCH_AARCH64, 462, "mseal" },
	{ 0x1234, 1, "syscall_1" },
	{ 0, 1, "syscall_1" }, /* which to libseccomp is the native ABI */
};

static void test_names(void **state)
{
	char buf[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(syscall_name(names[i].arch, names[i].nr, buf, sizeof(buf)),
		                    names[i].name);
	assert_string_equal(syscall_name(SCMP_ARCH_X86_64, 165, buf, 4), "mou");
}

static void test_known(void **state)
{
	(void)state;
	assert_true(syscall_known("read"));
	assert_true(syscall_known("socketcall")); /* of another ABI */
	assert_false(syscall_known("READ"));
	assert_false(syscall_known(""));
	assert_false(syscall_known("0"));
	assert_false(syscall_known("frobnicate"));
}

static void test_walk(void **state)
{
	static const struct {
		uint32_t arch;
		int nr, next;
	} rows[] = {
		{ SCMP_ARCH_X86_64, -1, 0 },
		{ SCMP_ARCH_X86_64, 0, 1 },
		{ SCMP_ARCH_X86_64, 1023, -1 },
		{ SCMP_ARCH_X32, -1, 0x40000000 },
		{ SCMP_ARCH_X32, 0x40000000 + 1023, -1 },
		{ SCMP_ARCH_ARM, -1, 0 },
		{ SCMP_ARCH_ARM, 1023, 0xf0001 },
		{ SCMP_ARCH_ARM, 0xf000f, -1 },
		{ SCMP_ARCH_MIPS, -1, 4000 },
		{ SCMP_ARCH_MIPSEL64, 5999, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(syscall_next(rows[i].arch, rows[i].nr), rows[i].next);
	assert_int_equal(syscall_plain_number(SCMP_ARCH_X32, 0x40000000 + 7), 7);
	assert_int_equal(syscall_plain_number(SCMP_ARCH_X86_64, 7), 7);
	assert_true(syscall_named(SCMP_ARCH_X86_64, 165));
	assert_true(syscall_named(SCMP_ARCH_X86_64, 462)); /* mseal, newer than libseccomp */
	assert_true(syscall_named(SCMP_ARCH_X32, 0x40000000 + 462));
	assert_false(syscall_named(SCMP_ARCH_X86_64, 400));
	assert_false(syscall_named(SCMP_ARCH_X86_64, -1));
	assert_false(syscall_named(SCMP_ARCH_X86, -101)); /* a pseudo number */
}

static void test_archs(void **state)
{
	static const struct {
		uint32_t audit_arch;
		int nr;
		uint32_t arch;
		const char *name;
	} rows[] = {
		{ AUDIT_ARCH_X86_64, 0, SCMP_ARCH_X86_64, "x86_64" },
		{ AUDIT_ARCH_X86_64, 0x40000000, SCMP_ARCH_X32, "x32" },
		{ AUDIT_ARCH_X86_64, -1, SCMP_ARCH_X86_64, "x86_64" },
		{ AUDIT_ARCH_I386, 0x40000000, SCMP_ARCH_X86, "x86" },
		{ AUDIT_ARCH_AARCH64, 0, SCMP_ARCH_AARCH64, "aarch64" },
		{ AUDIT_ARCH_ARM, 0, SCMP_ARCH_ARM, "arm" },
		{ 0x4000003e, 0, SCMP_ARCH_X32, "x32" },
		{ 0x12345678, 0, 0, "arch 0x00000000" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(syscall_arch(rows[i].audit_arch, rows[i].nr), rows[i].arch);
		assert_string_equal(syscall_arch_name(rows[i].arch, buf, sizeof(buf)),
		                    rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_archs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
