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
#include "profiles/signature_operations.h"
#include "profiles/syscalls.h"

enum {
	SET_MAX = 1024,    /* rows of a set; more means that it lacks its end */
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

static bool needs_length(enum argument_type type)
{
	const struct layout *layout = signature_layout(type);

	return layout && (layout->extent == LAYOUT_SIZED || layout->extent == LAYOUT_COUNTED);
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
		for (unsigned k = 0; k < i && argument->name; k++)
			if (strcmp(args[k].name, argument->name) == 0)
				fail_msg("%s: two arguments %s", name, argument->name);
	}
}

/* Every row there is: those of the syscalls, and those of their operations. */
static void each_row(void (*check)(const char *name, const struct argument args[6]))
{
	const struct signature *row;
	const struct operation_set *set;

	for (size_t i = 0; (row = signature_at(i)); i++)
		check(row->name, row->args);
	for (size_t i = 0; (set = operation_set_at(i)); i++)
		for (size_t k = 0; k < *set->count; k++)
			check(set->name, set->rows[k].args);
}

static void test_arguments(void **state)
{
	(void)state;
	each_row(check_arguments);
}

/* A negative int made 64 bits wide would never be found again among flags. */
static bool is_value(const struct argument *argument, const struct constant *row)
{
	if (argument->type == ARGUMENT_ENUM64 || argument->type == ARGUMENT_SIZE ||
	    argument->type == ARGUMENT_ADDRESS)
		return true;
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

static bool is_number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool lies_in_place(const struct field *field)
{
	const struct layout *layout = signature_layout(field->argument.type);

	return (layout && layout->extent == LAYOUT_ONE && field->size >= layout->size) ||
	       field->argument.type == ARGUMENT_NAME || field->argument.type == ARGUMENT_BITSET ||
	       (field->argument.type == ARGUMENT_SOCKADDR && field->size > 8);
}

static void check_field(const struct layout *layout, const struct field *field)
{
	const struct argument *argument = &field->argument;
	const struct field *other = &layout->fields[argument->length];

	if (!lies_in_place(field) && !is_number_size(field->size))
		fail_msg("%s: the size of %s", layout->name, argument->name);
	if (layout->extent != LAYOUT_SELF_SIZED || field->offset < layout->size)
		assert_true((size_t)field->offset + field->size <= layout->size);
	if (argument->constants)
		check_constants(layout->name, argument);
	if (!field_is_pointer(field))
		return;
	assert_true(argument->length < layout->n_fields);
	if (needs_length(argument->type) || argument->type == ARGUMENT_BYTES ||
	    argument->type == ARGUMENT_SOCKADDR)
		assert_true(is_size(other->argument.type));
}

/* Members that begin before the last one's end are those of a union: they begin where it does. */
static void check_layout(const struct layout *layout)
{
	size_t start = 0;
	size_t end = 0;

	assert_non_null(layout->name);
	assert_true(layout->n_fields > 0);
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];

		if (layout->form != LAYOUT_STRUCT)
			assert_true(*field->argument.name == '\0' || layout->n_fields > 1);
		check_field(layout, field);
		start = field->offset;
		if (start + field->size > end)
			end = start + field->size;
	}
	assert_true(end <= layout->size);
}

static void test_layouts(void **state)
{
	(void)state;
	for (int type = 0; type < ARGUMENT_TYPE_COUNT; type++) {
		const struct layout *layout = signature_layout((enum argument_type)type);

		if (!layout != (type < ARGUMENT_FIRST_LAYOUT))
			fail_msg("type %d has no layout, or one too many", type);
		if (layout)
			check_layout(layout);
	}
	assert_int_equal(signature_layout(ARGUMENT_CLONE_ARGS)->size, 88);
	assert_int_equal(signature_layout(ARGUMENT_OPEN_HOW)->size, 24);
	assert_int_equal(signature_layout(ARGUMENT_MOUNT_ATTR)->size, 32);
	assert_int_equal(signature_layout(ARGUMENT_IOVEC)->size, 16);
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
	{ "clock_nanosleep_time64", "t", "i386: laid out otherwise" },
	{ "clock_settime64", "tp", "i386: laid out otherwise" },
	{ "futex_requeue", "waiters", "addresses only" },
	{ "init_module", "module_image", "a module" },
	{ "io_cancel", "iocb", "found by its address" },
	{ "io_pgetevents_time64", NULL, "i386: laid out otherwise" },
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
	{ "mq_timedreceive_time64", "abs_timeout", "i386: laid out otherwise" },
	{ "mq_timedsend_time64", "abs_timeout", "i386: laid out otherwise" },
	{ "msgctl", "buf", "a command that has no row, or limits" },
	{ "nfsservctl", "argp", "gone since Linux 3.1" },
	{ "open_by_handle_at", "handle", "a handle that only the kernel can read" },
	{ "ppoll_time64", "tmo_p", "i386: laid out otherwise" },
	{ "pselect6", NULL, "as many bits as the first argument says" },
	{ "pselect6_time64", NULL, "i386: laid out otherwise" },
	{ "ptrace", "data", "a set of registers" },
	{ "quotactl", "addr", "limits" },
	{ "quotactl_fd", "addr", "limits" },
	{ "recvmmsg", "msgvec", "filled in as much as read" },
	{ "recvmmsg_time64", NULL, "i386: laid out otherwise" },
	{ "rt_sigtimedwait_time64", "timeout", "i386: laid out otherwise" },
	{ "select", NULL, "as many bits as the first argument says" },
	{ "semctl", "arg", "limits, or a value for each semaphore" },
	{ "semtimedop_time64", "timeout", "i386: laid out otherwise" },
	{ "sendfile64", "offset", "i386: laid out otherwise" },
	{ "set_mempolicy", "nodemask", "as many bits as another argument says" },
	{ "setgroups32", "list", "i386: laid out otherwise" },
	{ "setsockopt", "optval", "a secret, an address list, or an option that has no row" },
	{ "settimeofday", "tz", "obsolete, and NULL but for the first call after boot" },
	{ "shmctl", "buf", "a command that has no row, or limits" },
	{ "sigaction", "act", "i386: laid out otherwise" },
	{ "sigprocmask", "set", "i386: laid out otherwise" },
	{ "socketcall", "args", "a call that has no row" },
	{ "stime", "t", "i386: laid out otherwise" },
	{ "timer_settime64", "new_value", "i386: laid out otherwise" },
	{ "timerfd_settime64", "new_value", "i386: laid out otherwise" },
	{ "utimensat_time64", "times", "i386: laid out otherwise" },
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

static void test_field_value(void **state)
{
	static const struct field half = { { "h", ARGUMENT_INT, 0, NULL }, 2, 2, true };
	static const struct field word = { { "w", ARGUMENT_UINT, 0, NULL }, 2, 2, true };
	static const struct field caps = { { "c", ARGUMENT_CAPABILITIES, 0, NULL }, 0, 4, true };
	static const char bytes[] = "\1\2\376\377\0\0\0\0\0\0\0\0\7\0\0";
	uint64_t value = 42;

	(void)state;
	assert_false(field_number(&half, bytes, 3, &value));
	assert_int_equal(value, 42);
	assert_true(field_number(&half, bytes, 4, &value));
	assert_int_equal(value, UINT64_MAX - 1);
	assert_true(field_number(&word, bytes, 4, &value));
	assert_int_equal(value, 0xfffe);
	assert_true(field_number(&caps, bytes, 15, &value)); /* the second half is not whole */
	assert_int_equal(value, 0xfffe0201);
	assert_true(field_number(&caps, bytes, 16, &value));
	assert_int_equal(value, 0x7fffe0201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_by_operation),
		cmocka_unit_test(test_field_value),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_opaque),
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
