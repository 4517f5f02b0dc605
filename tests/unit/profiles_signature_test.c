/* SPDX-License-Identifier: Apache-2.0 */
/* The tables check themselves: what a row claims must be findable, complete and unambiguous. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "common/err.h"
#include "profiles/constants.h"
#include "profiles/signature.h"
#include "profiles/syscalls.h"

enum {
	SET_MAX = 200,     /* rows of a set; more means that it lacks its end */
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

static bool is_size(enum argument_type type)
{
	return type == ARGUMENT_SIZE || type == ARGUMENT_UINT || type == ARGUMENT_INT;
}

static bool length_fits(const struct signature *row, const struct argument *argument)
{
	const struct argument *other = &row->args[argument->length];

	switch (argument->type) {
	case ARGUMENT_BYTES:
	case ARGUMENT_SOCKADDR:
	case ARGUMENT_CLONE_ARGS:
	case ARGUMENT_OPEN_HOW:
	case ARGUMENT_MOUNT_ATTR:
		return is_size(other->type);
	case ARGUMENT_OPEN_MODE:
		return other->constants == constants_open;
	case ARGUMENT_PROTOCOL:
		return other->constants == constants_family;
	default:
		return argument->length == 0;
	}
}

static bool needs_constants(enum argument_type type)
{
	return type == ARGUMENT_ENUM || type == ARGUMENT_ENUM64 || type == ARGUMENT_FLAGS ||
	       type == ARGUMENT_FLAGS64 || type == ARGUMENT_CLONE_FLAGS ||
	       type == ARGUMENT_SOCK_TYPE;
}

static void check_arguments(const struct signature *row)
{
	unsigned length = signature_length(row);

	for (unsigned i = 0; i < ARRAY_SIZE(row->args); i++) {
		const struct argument *argument = &row->args[i];

		assert_true(!!argument->name == (i < length));
		assert_true((argument->type == ARGUMENT_NONE) == (i >= length));
		if (argument->length >= ARRAY_SIZE(row->args) || !length_fits(row, argument))
			fail_msg("%s: the length of %s", row->name, argument->name);
		if (needs_constants(argument->type) && !argument->constants)
			fail_msg("%s: %s has no constants", row->name, argument->name);
		for (unsigned k = 0; k < i && argument->name; k++)
			if (strcmp(row->args[k].name, argument->name) == 0)
				fail_msg("%s: two arguments %s", row->name, argument->name);
	}
}

static void test_arguments(void **state)
{
	const struct signature *row;

	(void)state;
	for (size_t i = 0; (row = signature_at(i)); i++)
		check_arguments(row);
}

/* A negative int made 64 bits wide would never be found again among flags. */
static bool is_value(const struct argument *argument, const struct constant *row)
{
	if (argument->type == ARGUMENT_ENUM || argument->type == ARGUMENT_HEX ||
	    argument->type == ARGUMENT_FD || argument->type == ARGUMENT_INT)
		return row->value <= UINT32_MAX || (int64_t)row->value == (int32_t)row->value;
	return row->value >> 32 != UINT32_MAX && (!row->mask || !(row->value & ~row->mask));
}

/* Whether the earlier row takes away what the later one would be recognised by. */
static bool hides(const struct argument *argument, const struct constant *earlier,
                  const struct constant *later)
{
	if (earlier->mask || later->mask)
		return earlier->mask == later->mask && earlier->value == later->value;
	if (argument->type == ARGUMENT_FLAGS || argument->type == ARGUMENT_FLAGS64)
		return earlier->value == 0 || (later->value & earlier->value) == earlier->value;
	return earlier->value == later->value;
}

static void check_constants(const char *name, const struct argument *argument)
{
	const struct constant *set = argument->constants;
	size_t count = 0;

	while (set[count].name)
		assert_true(++count < SET_MAX);
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		if (!is_value(argument, &set[i]))
			fail_msg("%s: the value of %s", name, set[i].name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(set[i].name, set[k].name) == 0 ||
			    hides(argument, &set[k], &set[i]))
				fail_msg("%s: %s hides %s", name, set[k].name, set[i].name);
	}
}

static void test_constants(void **state)
{
	const struct signature *row;

	(void)state;
	for (size_t i = 0; (row = signature_at(i)); i++)
		for (unsigned k = 0; k < signature_length(row); k++)
			if (row->args[k].constants)
				check_constants(row->name, &row->args[k]);
}

static void check_layout(const struct layout *layout)
{
	size_t end = 0;

	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];

		assert_true(field->size == 4 || field->size == 8);
		assert_true(field->offset >= end);
		end = (size_t)field->offset + field->size;
		if (field->argument.constants)
			check_constants("member", &field->argument);
	}
	assert_true(end == layout->size);
}

static void test_layouts(void **state)
{
	size_t layouts = 0;

	(void)state;
	for (int type = 0; type < ARGUMENT_TYPE_COUNT; type++) {
		const struct layout *layout = signature_layout((enum argument_type)type);

		if (!layout)
			continue;
		check_layout(layout);
		layouts++;
	}
	assert_int_equal(layouts, 3);
	assert_int_equal(signature_layout(ARGUMENT_CLONE_ARGS)->size, 88);
	assert_int_equal(signature_layout(ARGUMENT_OPEN_HOW)->size, 24);
	assert_int_equal(signature_layout(ARGUMENT_MOUNT_ATTR)->size, 32);
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

/* A register that the operation does not look at is not an argument of the call. */
static void test_used_by_operation(void **state)
{
	static const struct {
		const char *name;
		uint64_t operation;
		unsigned used;
	} rows[] = {
		{ "keyctl", 0, 3 },  { "keyctl", 18, 1 },         { "keyctl", 10, 5 },
		{ "keyctl", 32, 5 }, { "keyctl", UINT64_MAX, 5 }, { "keyctl", 1ULL << 32, 3 },
		{ "mount", 0, 5 },   { "getpid", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(signature_used(signature_find(SCMP_ARCH_X86_64, rows[i].name),
		                                rows[i].operation),
		                 rows[i].used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_used_by_operation),
		cmocka_unit_test(test_every_row_is_found),
		cmocka_unit_test(test_names_are_syscalls),
		cmocka_unit_test(test_every_syscall_has_a_row),
		cmocka_unit_test(test_i386_has_its_own),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
