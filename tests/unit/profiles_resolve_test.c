/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define ERRNO "'defaultAction':'SCMP_ACT_ERRNO'"
#define ALLOW "'action':'SCMP_ACT_ALLOW'"

#define GATED(gates) "{" ERRNO ",'syscalls':[{'names':['read']," ALLOW "," gates "}]}"

static const struct {
	const char *profile;
	bool counts;
	enum miss why;
} gate_rows[] = {
	{ GATED("'includes':{'caps':['CAP_CHOWN']}"), true, 0 },
	{ GATED("'includes':{'caps':['CAP_CHOWN','CAP_SYS_ADMIN']}"), false, MISS_CAPS },
	{ GATED("'excludes':{'caps':['CAP_CHOWN','CAP_SYS_ADMIN']}"), false, MISS_EXCLUDED },
	{ GATED("'excludes':{'caps':['CAP_SYS_ADMIN']}"), true, 0 },
	{ GATED("'includes':{'arches':['amd64','arm64']}"), true, 0 },
	{ GATED("'includes':{'arches':['s390x']}"), false, MISS_ARCH },
	{ GATED("'includes':{'arches':['x86']}"), false, MISS_ARCH },
	{ GATED("'excludes':{'arches':['amd64']}"), false, MISS_EXCLUDED },
	{ GATED("'includes':{'minKernel':'6.1'}"), true, 0 },
	{ GATED("'includes':{'minKernel':'6.2'}"), false, MISS_KERNEL },
	{ GATED("'includes':{'minKernel':'5.20'}"), true, 0 },
	{ GATED("'excludes':{'minKernel':'4.8'}"), false, MISS_EXCLUDED },
	{ GATED("'excludes':{'minKernel':'7.0'}"), true, 0 },
	/* podman knows no minKernel */
	{ "{" ERRNO ",'defaultErrno':'EPERM','syscalls':[{'names':['read']," ALLOW
	  ",'includes':{'minKernel':'6.2'}}]}",
	  true, 0 },
};

static void test_gates(void **state)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(gate_rows); i++) {
		struct fixture fixture;
		struct decision decision;
		struct near_miss miss;
		size_t n;

		assert_int_equal(fixture_parse(&fixture, gate_rows[i].profile, fixture_host()), 0);
		ruleset_evaluate(fixture.ruleset, &call, &decision);
		n = ruleset_near_misses(fixture.ruleset, &call, &miss, 1);
		if ((decision.action.kind == ACTION_ALLOW) != gate_rows[i].counts ||
		    n != !gate_rows[i].counts || (n > 0 && miss.why != gate_rows[i].why))
			fail_msg("row %zu", i);
		fixture_free(&fixture);
	}
}

static const struct {
	uint32_t arch;
	const char *name;
	int result;
	struct numbers numbers;
} number_rows[] = {
	{ SCMP_ARCH_X86_64, "socket", 0, { 41, -1, 0, -1 } },
	{ SCMP_ARCH_X86, "socket", 0, { 359, 102, 1, -1 } },
	{ SCMP_ARCH_X86, "send", 0, { -1, 102, 9, -109 } },
	{ SCMP_ARCH_X86_64, "send", 0, { -1, -1, 0, -109 } },
	{ SCMP_ARCH_X86, "sendmmsg", 0, { 345, 102, 20, -1 } },
	{ SCMP_ARCH_X86, "shmctl", 0, { 396, 117, 24, -1 } },
	{ SCMP_ARCH_X86, "semtimedop", 0, { -1, 117, 4, -204 } },
	{ SCMP_ARCH_X86, "socketcall", 0, { 102, -1, 0, -1 } },
	{ SCMP_ARCH_X32, "read", 0, { 0x40000000, -1, 0, -1 } },
	{ SCMP_ARCH_X32, "ioctl", 0, { 0x40000000 | 514, -1, 0, -1 } },
	{ SCMP_ARCH_X86_64, "frobnicate", -ENOENT, { 0, 0, 0, 0 } },
	{ SCMP_ARCH_X86_64, "READ", -ENOENT, { 0, 0, 0, 0 } },
	{ SCMP_ARCH_X86_64, "", -ENOENT, { 0, 0, 0, 0 } },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(number_rows); i++) {
		struct numbers numbers = { 0, 0, 0, 0 };
		int r = numbers_resolve(number_rows[i].arch, number_rows[i].name, &numbers);

		if (r != number_rows[i].result || numbers.direct != number_rows[i].numbers.direct ||
		    numbers.mux != number_rows[i].numbers.mux ||
		    numbers.mux_call != number_rows[i].numbers.mux_call ||
		    numbers.pseudo != number_rows[i].numbers.pseudo)
			fail_msg("%s: %d, %d %d %ju", number_rows[i].name, r, numbers.direct,
			         numbers.mux, (uintmax_t)numbers.mux_call);
	}
}

static void test_widths(void **state)
{
	(void)state;
	assert_false(scmp_arch_is_32_bit(SCMP_ARCH_X86_64));
	assert_true(scmp_arch_is_32_bit(SCMP_ARCH_X86));
	assert_true(scmp_arch_is_32_bit(SCMP_ARCH_X32));
	assert_false(scmp_arch_is_32_bit(SCMP_ARCH_AARCH64));
	assert_true(scmp_arch_is_32_bit(SCMP_ARCH_ARM));
	assert_true(scmp_arch_is_32_bit(SCMP_ARCH_MIPS64N32));
	assert_int_equal(scmp_arch_audit(SCMP_ARCH_X32), AUDIT_ARCH_X86_64);
	assert_int_equal(scmp_arch_audit(SCMP_ARCH_ARM), AUDIT_ARCH_ARM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gates),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
