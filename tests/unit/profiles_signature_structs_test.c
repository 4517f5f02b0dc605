/* SPDX-License-Identifier: Apache-2.0 */
/* Members lie within their structs, and numbers are read out of them as they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/signature_rows.h"

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

static void test_field_number(void **state)
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
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_field_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
