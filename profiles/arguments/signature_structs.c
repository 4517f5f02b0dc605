/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/arguments/signature_structs.h"

#include <string.h>

enum { CAPABILITIES_HIGH = 12 }; /* sizeof(struct __user_cap_data_struct): the second one */

const struct layout *signature_layout(enum argument_type type)
{
	static const struct layout *const topics[] = {
		layouts_bpf, layouts_devices, layouts_files, layouts_processes, layouts_sockets,
	};

	for (size_t i = 0; type >= ARGUMENT_FIRST_LAYOUT && i < ARRAY_SIZE(topics); i++)
		if (topics[i][type].fields)
			return &topics[i][type];
	return NULL;
}

bool argument_is_read(enum argument_type type, bool compat)
{
	const struct layout *layout = signature_layout(type);

	if (layout)
		return layout->compat || !compat;
	if (type == ARGUMENT_ENVIRONMENT)
		return !compat;
	return type == ARGUMENT_PATH || type == ARGUMENT_STRING || type == ARGUMENT_BYTES ||
	       type == ARGUMENT_SOCKADDR;
}

bool field_is_pointer(const struct field *field)
{
	const struct layout *layout = signature_layout(field->argument.type);

	return field->size == sizeof(uint64_t) && argument_is_read(field->argument.type, false) &&
	       !(layout && layout->extent == LAYOUT_ONE);
}

static bool is_signed(enum argument_type type)
{
	return type == ARGUMENT_INT || type == ARGUMENT_LONG || type == ARGUMENT_FD ||
	       type == ARGUMENT_PID;
}

bool field_number(const struct field *field, const char *bytes, size_t length, uint64_t *ret_value)
{
	uint64_t value = 0;
	uint32_t high = 0;

	if (field->size > sizeof(value) || length < field->offset ||
	    length - field->offset < field->size)
		return false;
	memcpy(&value, bytes + field->offset, field->size); /* little-endian, as x86 is */
	if (field->size < sizeof(value) && is_signed(field->argument.type) &&
	    value >> (8 * field->size - 1))
		value |= UINT64_MAX << 8 * field->size;
	if (field->argument.type == ARGUMENT_CAPABILITIES &&
	    length >= (size_t)field->offset + CAPABILITIES_HIGH + sizeof(high))
		memcpy(&high, bytes + field->offset + CAPABILITIES_HIGH, sizeof(high));
	*ret_value = value | (uint64_t)high << 32;
	return true;
}
