/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of operations are found, and what they leave unread they leave for a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "tests/support/signature_rows.h"

/* A row after one for the same values is never found. */
static void test_operations(void **state)
{
	const struct operation_set *set;

	(void)state;
	for (size_t i = 0; (set = operation_set_at(i)); i++) {
		assert_non_null(signature_find(SCMP_ARCH_X86, set->name));
		assert_true(*set->count > 0);
		for (size_t k = 0; k < *set->count; k++) {
			const struct operation *row = &set->rows[k];

			if (row->value & ~(uint64_t)set->mask)
				fail_msg("%s: row %zu is never found", set->name, k);
			assert_true(set->second || row->second == 0);
			for (size_t j = 0; j < k; j++)
				if (set->rows[j].value == row->value &&
				    (set->rows[j].second == row->second ||
				     set->rows[j].second == ANY))
					fail_msg("%s: row %zu hides row %zu", set->name, j, k);
		}
	}
}

/* The memory behind these is not read, each for a reason. */
static const struct {
	const char *name;
	const char *argument;
	const char *reason;
} opaque[] = {
	{ "_newselect", NULL, "i386: as many bits as the first argument says" },
	{ "_sysctl", "args", "gone since Linux 5.5" },
	{ "add_key", "payload", "a secret" },
	{ "adjtimex", "buf", "filled in as much as read" },
	{ "bpf", "attr", "a command that has no row" },
	{ "clock_adjtime", "buf", "filled in as much as read" },
	{ "clock_adjtime64", "buf", "filled in as much as read" },
	{ "futex_requeue", "waiters", "addresses only" },
	{ "init_module", "module_image", "a module" },
	{ "io_cancel", "iocb", "found by its address" },
	{ "io_pgetevents_time64", "usig", "i386: laid out otherwise" },
	{ "io_submit", "iocbpp", "pointers to pointers, as many as one likes" },
	{ "io_uring_enter", "arg", "a signal set or another struct, by flags" },
	{ "io_uring_register", "arg", "another struct for each operation" },
	{ "ioctl", "argp", "a request that has no row, or a terminal's settings" },
	{ "kcmp", "slot", "three numbers that name a descriptor" },
	{ "kexec_load", "segments", "addresses only" },
	{ "keyctl", "payload", "a secret" },
	{ "landlock_add_rule", "rule_attr", "a type that has no row" },
	{ "listns", "req", "newer than what documents it" },
	{ "lsm_set_self_attr", "ctx", "another struct for each attribute" },
	{ "mbind", "nodemask", "as many bits as another argument says" },
	{ "migrate_pages", NULL, "as many bits as another argument says" },
	{ "mmap", "args", "i386: what the old mmap's registers would be" },
	{ "move_pages", NULL, "addresses and numbers, one a page" },
	{ "msgctl", "buf", "a command that has no row, or limits" },
	{ "nfsservctl", "argp", "gone since Linux 3.1" },
	{ "open_by_handle_at", "handle", "a handle that only the kernel can read" },
	{ "pselect6", NULL, "as many bits as the first argument says" },
	{ "pselect6_time64", NULL, "as many bits as the first argument says" },
	{ "ptrace", "data", "a set of registers" },
	{ "quotactl", "addr", "limits" },
	{ "quotactl_fd", "addr", "limits" },
	{ "recvmmsg", "msgvec", "filled in as much as read" },
	{ "recvmmsg_time64", "msgvec", "filled in as much as read" },
	{ "select", NULL, "as many bits as the first argument says" },
	{ "semctl", "arg", "limits, or a value for each semaphore" },
	{ "set_mempolicy", "nodemask", "as many bits as another argument says" },
	{ "setsockopt", "optval", "a secret, an address list, or an option that has no row" },
	{ "sendfile", "offset", "i386: an offset of 32 bits" },
	{ "setgroups", "list", "i386: groups of 16 bits" },
	{ "settimeofday", "tz", "obsolete, and NULL but for the first call after boot" },
	{ "shmctl", "buf", "a command that has no row, or limits" },
	{ "sigaction", "act", "i386: laid out otherwise" },
	{ "sigprocmask", "set", "i386: laid out otherwise" },
	{ "socketcall", "args", "a call that has no row" },
	{ "stime", "t", "i386: laid out otherwise" },
	{ "vm86", NULL, "i386: a set of registers" },
	{ "vm86old", NULL, "i386: a set of registers" },
};

static bool opaque_used[ARRAY_SIZE(opaque)];

static void check_opaque(const char *name, const struct argument args[6])
{
	for (unsigned i = 0; i < 6 && args[i].name; i++) {
		bool known = args[i].type != ARGUMENT_POINTER;

		for (size_t k = 0; k < ARRAY_SIZE(opaque) && !known; k++) {
			known = strcmp(opaque[k].name, name) == 0 &&
			        (!opaque[k].argument ||
			         strcmp(opaque[k].argument, args[i].name) == 0);
			opaque_used[k] |= known;
		}
		if (!known)
			fail_msg("%s: nothing says why %s is not read", name, args[i].name);
	}
}

static void test_opaque(void **state)
{
	(void)state;
	each_row(check_opaque);
	for (size_t i = 0; i < ARRAY_SIZE(opaque); i++)
		if (!opaque_used[i])
			fail_msg("%s: no such pointer is left unread", opaque[i].name);
}

/* A register that the operation does not look at is not an argument of the call. */
static void test_arguments_by_operation(void **state)
{
	static const struct {
		const char *name;
		struct seccomp_data call;
		unsigned length;
		const char *last;
	} rows[] = {
		{ "keyctl", { .args = { 0 } }, 3, "create" },
		{ "keyctl", { .args = { 18 } }, 1, "operation" },
		{ "keyctl", { .args = { 32 } }, 4, "watch_id" },
		{ "keyctl", { .args = { 99 } }, 5, "arg5" },
		{ "keyctl", { .args = { UINT64_MAX } }, 5, "arg5" },
		{ "keyctl", { .args = { 1ULL << 32 } }, 3, "create" }, /* an int to the kernel */
		{ "fcntl", { .args = { 3, 4 } }, 3, "flags" },
		{ "fcntl64", { .args = { 3, 1 } }, 2, "cmd" },
		{ "futex", { .args = { 0, 0x81 } }, 3, "val" },
		{ "setsockopt", { .args = { 3, 1, 13 } }, 5, "optlen" },
		{ "quotactl", { .args = { 0x80000100 } }, 2, "special" },
		{ "mount", { .args = { 0 } }, 5, "data" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct argument *args = signature_arguments(
			signature_find(SCMP_ARCH_X86, rows[i].name), &rows[i].call);
		unsigned length = 0;

		while (length < 6 && args[length].name)
			length++;
		assert_int_equal(length, rows[i].length);
		assert_string_equal(args[length - 1].name, rows[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_opaque),
		cmocka_unit_test(test_arguments_by_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
