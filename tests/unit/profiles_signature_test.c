/* SPDX-License-Identifier: Apache-2.0 */
/* The tables check themselves: what a row claims must be findable, complete and unambiguous. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "common/err.h"
#include "profiles/arguments/constants.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "tests/support/signature_rows.h"

enum {
	LAST_NUMBER = 456, /* the newest number of libseccomp 2.5.4 */
};

/* Linux 6.5 to 6.19, newer than libseccomp 2.5.4. */
static const char *const newer[] = {
	"cachestat",        "fchmodat2",
	"file_getattr",     "file_setattr",
	"futex_requeue",    "futex_wait",
	"futex_wake",       "getxattrat",
	"listmount",        "listns",
	"listxattrat",      "lsm_get_self_attr",
	"lsm_list_modules", "lsm_set_self_attr",
	"map_shadow_stack", "mseal",
	"open_tree_attr",   "removexattrat",
	"setxattrat",       "statmount",
	"uprobe",           "uretprobe",
};

static bool is_newer(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++)
		if (strcmp(newer[i], name) == 0)
			return true;
	return false;
}

/* A row out of order, or a name given twice, hides from the search. */
static void test_every_row_is_found(void **state)
{
	const struct signature *row;
	size_t i;

	(void)state;
	for (i = 0; (row = signature_at(i)); i++)
		if (signature_find(SCMP_ARCH_X86_64, row->name) != row &&
		    signature_find(SCMP_ARCH_X86, row->name) != row)
			fail_msg("%s is not found by its name", row->name);
	assert_true(i > 400);
}

static void test_names_are_syscalls(void **state)
{
	const struct signature *row;

	(void)state;
	for (size_t i = 0; (row = signature_at(i)); i++)
		if (!syscall_known(row->name) && !is_newer(row->name))
			fail_msg("%s is no syscall", row->name);
}

static void test_every_syscall_has_a_row(void **state)
{
	static const uint32_t archs[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86 };
	char name[64];

	(void)state;
	for (size_t a = 0; a < ARRAY_SIZE(archs); a++) {
		for (int nr = 0; nr <= LAST_NUMBER; nr++) {
			syscall_name(archs[a], nr, name, sizeof(name));
			if (strncmp(name, "syscall_", 8) != 0 && !signature_find(archs[a], name))
				fail_msg("%s has no row", name);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(newer); i++)
		if (!signature_find(SCMP_ARCH_X86_64, newer[i]))
			fail_msg("%s has no row", newer[i]);
	assert_null(signature_find(SCMP_ARCH_X86_64, "no_such_call"));
	assert_null(signature_find(SCMP_ARCH_X86_64, ""));
}

static void test_i386_has_its_own(void **state)
{
	const struct signature *native = signature_find(SCMP_ARCH_X86_64, "clone");
	const struct signature *compat = signature_find(SCMP_ARCH_X86, "clone");

	(void)state;
	assert_string_equal(native->args[4].name, "tls");
	assert_string_equal(compat->args[3].name, "tls");
	assert_int_equal(signature_length(signature_find(SCMP_ARCH_X86_64, "mmap")), 6);
	assert_int_equal(signature_length(signature_find(SCMP_ARCH_X86, "mmap")), 1);
	assert_int_equal(signature_length(signature_find(SCMP_ARCH_X86_64, "getpid")), 0);
}

static bool length_fits(const struct argument args[6], const struct argument *argument)
{
	const struct argument *other = &args[argument->length];

	switch (argument->type) {
	case ARGUMENT_BYTES:
	case ARGUMENT_SOCKADDR:
		return is_size(other->type);
	case ARGUMENT_OPEN_MODE:
		return other->constants == constants_open;
	case ARGUMENT_PROTOCOL:
		return other->constants == constants_family;
	default:
		return needs_length(argument->type) ? is_size(other->type) : argument->length == 0;
	}
}

static bool needs_constants(enum argument_type type)
{
	return type == ARGUMENT_ENUM || type == ARGUMENT_ENUM64 || type == ARGUMENT_FLAGS ||
	       type == ARGUMENT_FLAGS64 || type == ARGUMENT_CLONE_FLAGS ||
	       type == ARGUMENT_SOCK_TYPE;
}

static void check_arguments(const char *name, const struct argument args[6])
{
	unsigned length = 0;

	while (length < 6 && args[length].name)
		length++;
	for (unsigned i = 0; i < 6; i++) {
		const struct argument *argument = &args[i];

		if (!argument->name != (i >= length) ||
		    (argument->type == ARGUMENT_NONE) != (i >= length))
			fail_msg("%s: a hole before argument %u", name, i);
		if (argument->length >= 6 || !length_fits(args, argument))
			fail_msg("%s: the length of %s", name, argument->name);
		if (needs_constants(argument->type) && !argument->constants)
			fail_msg("%s: %s has no constants", name, argument->name);
		for (unsigned k = 0; k < i && i < length; k++)
			if (strcmp(args[k].name, argument->name) == 0)
				fail_msg("%s: two arguments %s", name, argument->name);
	}
}

static void test_arguments(void **state)
{
	(void)state;
	each_row(check_arguments);
}

static void check_row_constants(const char *name, const struct argument args[6])
{
	for (unsigned i = 0; i < 6 && args[i].name; i++)
		if (args[i].constants)
			check_constants(name, &args[i]);
}

static void test_constants(void **state)
{
	(void)state;
	each_row(check_row_constants);
}

static void test_protocol(void **state)
{
	(void)state;
	assert_non_null(constants_protocol(2));
	assert_ptr_equal(constants_protocol(2), constants_protocol(10));
	assert_ptr_equal(constants_protocol(2), constants_protocol(2 | 1ULL << 32));
	assert_non_null(constants_protocol(16));
	assert_null(constants_protocol(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row_is_found),
		cmocka_unit_test(test_names_are_syscalls),
		cmocka_unit_test(test_every_syscall_has_a_row),
		cmocka_unit_test(test_i386_has_its_own),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
