/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/fallback.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "profiles/syscalls.h"

static const struct {
	const char *name;
	int nr;
	uint64_t first; /* argument */
	int error;      /* 0: no fallback is known */
} rows[] = {
	{ "clone3", 435, 0, ENOSYS },
	{ "keyctl", 250, 0, ENOSYS },
	{ "socket", 41, 38, EAFNOSUPPORT },
	{ "socket", 41, UINT64_C(0x700000026), EAFNOSUPPORT },
	{ "socket", 41, 40, EAFNOSUPPORT },
	{ "socket", 41, 2, 0 },
	{ "mount", 165, 0, 0 },
	{ "fsopen", 430, 0, ENOSYS },
	{ "move_mount", 429, 0, 0 },
	{ "unshare", 272, 0, 0 },
	{ "io_uring_setup", 425, 0, ENOSYS },
	{ "rseq", 334, 0, 0 },
	{ "listns", 470, 0, ENOSYS },      /* younger than all architectures' numbering */
	{ "syscall_900", 900, 0, ENOSYS }, /* and so is what has no name yet */
	{ "syscall_-1", -1, 0, 0 },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct seccomp_data call = {
			.arch = AUDIT_ARCH_X86_64,
			.nr = rows[i].nr,
			.args = { rows[i].first },
		};
		const struct fallback *fallback = fallback_find(rows[i].name, &call);

		assert_int_equal(fallback ? fallback->error : 0, rows[i].error);
		assert_null(fallback_at(&call, EPERM));
		assert_null(fallback_at(&call, 0));
		assert_ptr_equal(fallback_at(&call, ENOSYS),
		                 rows[i].error == ENOSYS ? fallback : NULL);
		assert_ptr_equal(fallback_at(&call, EAFNOSUPPORT),
		                 rows[i].error == EAFNOSUPPORT ? fallback : NULL);
	}
}

static void test_what_is_used_together(void **state)
{
	const struct seccomp_data enter = { .arch = AUDIT_ARCH_X86_64, .nr = 426 };

	(void)state;
	assert_ptr_equal(fallback_together("keyctl"), fallback_together("add_key"));
	assert_string_equal(fallback_together("keyctl")[0], "add_key");
	assert_null(fallback_together("keyctl")[3]);
	assert_null(fallback_together("read"));
	assert_null(fallback_door("keyctl"));
	assert_null(fallback_door("read"));
	assert_string_equal(fallback_door("io_uring_setup"), "io_uring_setup");
	assert_string_equal(fallback_door("io_uring_enter"), "io_uring_setup");
	assert_non_null(fallback_find("io_uring_enter", &enter));
	assert_null(fallback_at(&enter, ENOSYS)); /* its caller has come through the door */
}

/* An ABI that nobody knows has no numbering to go by. */
static void test_unknown_abi(void **state)
{
	const struct seccomp_data call = { .arch = 1, .nr = 900 };

	(void)state;
	assert_null(fallback_find("syscall_900", &call));
}

static void test_newer_calls_are_found_and_exist(void **state)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64 };

	(void)state;
	for (size_t i = 0; i < NEWER_CALLS; i++) {
		const struct newer_call *newer = &newer_calls[i];

		assert_true(syscall_known(newer->fallback.name));
		assert_true(syscall_known(newer->older));
		assert_ptr_equal(fallback_find(newer->fallback.name, &call), &newer->fallback);
		assert_int_equal(newer->fallback.error, ENOSYS);
	}
}

static void test_every_errno_means_something(void **state)
{
	(void)state;
	for (int error = 1; error < 4096; error++)
		assert_true(strlen(errno_meaning(error)) > 0);
	assert_string_not_equal(errno_meaning(EPERM), errno_meaning(ENOSYS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_is_used_together),
		cmocka_unit_test(test_unknown_abi),
		cmocka_unit_test(test_newer_calls_are_found_and_exist),
		cmocka_unit_test(test_every_errno_means_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
