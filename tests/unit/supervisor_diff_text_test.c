/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define ALLOWED                                                                                    \
	{                                                                                          \
		ACTION_ALLOW, 0                                                                    \
	}
#define DENIED                                                                                     \
	{                                                                                          \
		ACTION_ERRNO, 1                                                                    \
	}
#define CALL(abi, number, called)                                                                  \
	.arch = (abi), .nr = (number), .last_nr = (number), .name = (called)

enum { DIFFERENCES_MAX = 8 };

static const struct {
	struct difference differences[DIFFERENCES_MAX];
	size_t n;
	const char *expected;
} rows[] = {
	{ { { 0 } }, 0, "" },
	{ { { CALL(SCMP_ARCH_X86_64, 165, "mount"), .from = DENIED, .to = ALLOWED } },
	  1,
	  "a -> b: 1 difference\n\nx86_64:\n  mount             ERRNO(EPERM) -> ALLOW\n" },
	/* the same on two ABIs stands once; what is on one alone stands apart */
	{ { { CALL(SCMP_ARCH_X86_64, 165, "mount"), .from = DENIED, .to = ALLOWED },
	    { CALL(SCMP_ARCH_X86_64, 166, "umount2"), .from = DENIED, .to = ALLOWED },
	    { CALL(SCMP_ARCH_X86, 21, "mount"), .from = DENIED, .to = ALLOWED },
	    { CALL(SCMP_ARCH_X86, 22, "umount"), .from = DENIED, .to = ALLOWED },
	    { CALL(SCMP_ARCH_X86, 52, "umount2"), .from = DENIED, .to = ALLOWED } },
	  5,
	  "a -> b: 3 differences\n\nx86_64, x86:\n  ERRNO(EPERM) -> ALLOW: 2\n"
	  "    mount    umount2\n\nx86:\n  umount            ERRNO(EPERM) -> ALLOW\n" },
	/* arguments: those that matter, and only up to the last of them */
	{ { { CALL(SCMP_ARCH_X86_64, 16, "ioctl"), .args_mask = 5, .args = { 3, 7, 0x5412 },
	      .from = ALLOWED, .to = DENIED } },
	  1,
	  "a -> b: 1 difference\n\nx86_64:\n  ioctl(3, *, 0x5412)  ALLOW -> ERRNO(EPERM)\n" },
	/* numbers without a name: one, a range, all that come; of x32 without its bit */
	{ { { CALL(SCMP_ARCH_X86_64, 400, ""), .from = DENIED, .to = ALLOWED },
	    { .arch = SCMP_ARCH_X86_64, .nr = 402, .last_nr = 410, .from = DENIED, .to = ALLOWED },
	    { .arch = SCMP_ARCH_X86_64, .nr = 471, .last_nr = 1023, .from = DENIED, .to = ALLOWED },
	    { .arch = SCMP_ARCH_X32,
	      .nr = 0x40000000 + 13,
	      .last_nr = 0x40000000 + 14,
	      .from = DENIED,
	      .to = ALLOWED } },
	  4,
	  "a -> b: 4 differences\n\nx86_64:\n  ERRNO(EPERM) -> ALLOW: 3\n"
	  "    #400            #402-410        #471 and above\n\n"
	  "x32:\n  #13-14            ERRNO(EPERM) -> ALLOW\n" },
	{ { { .arch = SCMP_ARCH_X86,
	      .whole_abi = true,
	      .from = { ACTION_KILL_THREAD, 0 },
	      .from_by = DECIDED_BY_BAD_ARCH,
	      .to = ALLOWED,
	      .to_by = DECIDED_BY_DEFAULT },
	    { .whole_abi = true,
	      .from = { ACTION_KILL_THREAD, 0 },
	      .from_by = DECIDED_BY_BAD_ARCH,
	      .to = ALLOWED,
	      .to_by = DECIDED_BY_BAD_ARCH } },
	  2,
	  "a -> b: 2 differences\n\nx86:\n  every call        KILL_THREAD (an ABI it does not "
	  "cover) -> by the profile's rules\n\nevery other ABI:\n  every call        KILL_THREAD "
	  "(an ABI it does not cover) -> ALLOW (an ABI it does not cover)\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct difference list[DIFFERENCES_MAX];
		const struct profile_diff diff = { .list = list, .n = rows[i].n };
		const struct diff_view view = { .from = "a", .to = "b", .diff = &diff };
		char *bytes;
		size_t len;
		FILE *out = open_memstream(&bytes, &len);

		memcpy(list, rows[i].differences, sizeof(list));
		assert_int_equal(diff_text(out, &view, 80), 0);
		fclose(out);
		assert_string_equal(bytes, rows[i].expected);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
