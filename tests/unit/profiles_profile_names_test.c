/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile_names.h"

#include <linux/capability.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"

static void test_every_action_has_a_name_that_leads_back(void **state)
{
	enum action_kind kind;

	(void)state;
	for (int i = 0; i < ACTION_KIND_COUNT; i++) {
		assert_true(action_by_name(action_name((enum action_kind)i), &kind, NULL));
		assert_int_equal(kind, i);
	}
	assert_string_equal(action_name(ACTION_KILL_THREAD), "SCMP_ACT_KILL_THREAD");
	assert_true(action_by_name("SCMP_ACT_KILL", &kind, NULL));
	assert_int_equal(kind, ACTION_KILL_THREAD);
	assert_false(action_by_name("SCMP_ACT_ERRNO(1)", &kind, NULL));
	assert_false(action_by_name("scmp_act_allow", &kind, NULL));
}

static void test_every_operator_has_a_name_that_leads_back(void **state)
{
	enum compare op;

	(void)state;
	for (int i = 0; i < COMPARE_COUNT; i++) {
		assert_true(compare_by_name(compare_name((enum compare)i), &op, NULL));
		assert_int_equal(op, i);
	}
	assert_string_equal(compare_name(COMPARE_MASKED_EQ), "SCMP_CMP_MASKED_EQ");
}

static void test_every_capability_has_a_name_that_leads_back(void **state)
{
	unsigned number;

	(void)state;
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++) {
		assert_true(capability_by_name(capability_name(i), &number, NULL));
		assert_int_equal(number, i);
	}
	assert_string_equal(capability_name(CAP_SYS_ADMIN), "CAP_SYS_ADMIN");
	assert_null(capability_name(CAP_LAST_CAP + 1));
	assert_false(capability_by_name("SYS_ADMIN", &number, NULL));
}

/* What libseccomp calls the values is what runc's names say. */
static void test_names_architectures(void **state)
{
	static const struct {
		const char *name;
		const char *libseccomp;
	} rows[] = {
		{ "SCMP_ARCH_X86", "x86" },
		{ "SCMP_ARCH_X86_64", "x86_64" },
		{ "SCMP_ARCH_X32", "x32" },
		{ "SCMP_ARCH_ARM", "arm" },
		{ "SCMP_ARCH_AARCH64", "aarch64" },
		{ "SCMP_ARCH_MIPS", "mips" },
		{ "SCMP_ARCH_MIPS64", "mips64" },
		{ "SCMP_ARCH_MIPS64N32", "mips64n32" },
		{ "SCMP_ARCH_MIPSEL", "mipsel" },
		{ "SCMP_ARCH_MIPSEL64", "mipsel64" },
		{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32" },
		{ "SCMP_ARCH_PPC", "ppc" },
		{ "SCMP_ARCH_PPC64", "ppc64" },
		{ "SCMP_ARCH_PPC64LE", "ppc64le" },
		{ "SCMP_ARCH_RISCV64", "riscv64" },
		{ "SCMP_ARCH_S390", "s390" },
		{ "SCMP_ARCH_S390X", "s390x" },
	};
	uint32_t arch;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(arch_by_name(rows[i].name, &arch, NULL));
		assert_int_equal(arch, seccomp_arch_resolve_name(rows[i].libseccomp));
		assert_string_equal(arch_name(arch), rows[i].name);
		assert_true(arch_supported(arch));
	}
	assert_true(arch_by_name("SCMP_ARCH_LOONGARCH64", &arch, NULL));
	assert_int_equal(arch, 0xc0000102); /* AUDIT_ARCH_LOONGARCH64 */
	assert_false(arch_by_name("SCMP_ARCH_NATIVE", &arch, NULL));
	assert_false(arch_by_name("x86_64", &arch, NULL));
	assert_null(arch_name(1));
}

static void test_names_architectures_as_crun_does(void **state)
{
	uint32_t arch;

	(void)state;
	assert_true(arch_by_loose_name("SCMP_ARCH_x86_64", &arch));
	assert_int_equal(arch, SCMP_ARCH_X86_64);
	assert_true(arch_by_loose_name("AArch64", &arch));
	assert_int_equal(arch, SCMP_ARCH_AARCH64);
	assert_true(arch_by_loose_name("SCMP_ARCH_NATIVE", &arch));
	assert_int_equal(arch, seccomp_arch_native());
	assert_false(arch_by_loose_name("amd64", &arch));
	assert_false(arch_by_loose_name("scmp_arch_x86", &arch));
	assert_false(arch_by_loose_name("", &arch));
	assert_false(arch_by_loose_name("a-name-that-is-longer-than-the-longest", &arch));
}

static const struct {
	const char *written;
	const char *arch; /* in `architectures` */
	const char *host; /* in a gate */
} meant_rows[] = {
	{ "amd64", "SCMP_ARCH_X86_64", "amd64" },
	{ "x86_64", "SCMP_ARCH_X86_64", "amd64" },
	{ "SCMP_ARCH_X86_64", "SCMP_ARCH_X86_64", "amd64" },
	{ "arm64", "SCMP_ARCH_AARCH64", "arm64" },
	{ "AARCH64", "SCMP_ARCH_AARCH64", "arm64" },
	{ "i386", "SCMP_ARCH_X86", "x86" },
	{ "s390x", "SCMP_ARCH_S390X", "s390x" },
	{ "vax", NULL, NULL },
};

static void test_knows_what_was_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(meant_rows); i++) {
		const char *arch = arch_meant(meant_rows[i].written);
		const char *host = host_arch_meant(meant_rows[i].written);

		assert_string_equal(arch ? arch : "-",
		                    meant_rows[i].arch ? meant_rows[i].arch : "-");
		assert_string_equal(host ? host : "-",
		                    meant_rows[i].host ? meant_rows[i].host : "-");
	}
}

static void test_names_errnos(void **state)
{
	static const struct {
		const char *name;
		unsigned number;
	} rows[] = {
		{ "EPERM", 1 },    { "ENOSYS", 38 },     { "EAGAIN", 11 },    { "EWOULDBLOCK", 11 },
		{ "ENOTSUP", 95 }, { "EOPNOTSUPP", 95 }, { "EDEADLOCK", 35 }, { "EHWPOISON", 133 },
	};
	unsigned number;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(errno_by_name(rows[i].name, &number, NULL));
		assert_int_equal(number, rows[i].number);
	}
	assert_false(errno_by_name("eperm", &number, NULL));
	assert_false(errno_by_name("1", &number, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_action_has_a_name_that_leads_back),
		cmocka_unit_test(test_every_operator_has_a_name_that_leads_back),
		cmocka_unit_test(test_every_capability_has_a_name_that_leads_back),
		cmocka_unit_test(test_names_architectures),
		cmocka_unit_test(test_names_architectures_as_crun_does),
		cmocka_unit_test(test_knows_what_was_meant),
		cmocka_unit_test(test_names_errnos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
