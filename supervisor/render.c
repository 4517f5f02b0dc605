/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/render.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "profiles/constants.h"
#include "profiles/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/render_argument.h"
#include "supervisor/render_sockaddr.h"

enum {
	STRING_COLUMNS = 256, /* of one string in a line; JSON has all that was captured */
	NAME_SIZE = 32,
};

/* A call whose name has no row: six registers. */
static const struct signature nameless = {
	.name = "",
	.args = {
		{ "arg1", ARGUMENT_HEX, 0, NULL },
		{ "arg2", ARGUMENT_HEX, 0, NULL },
		{ "arg3", ARGUMENT_HEX, 0, NULL },
		{ "arg4", ARGUMENT_HEX, 0, NULL },
		{ "arg5", ARGUMENT_HEX, 0, NULL },
		{ "arg6", ARGUMENT_HEX, 0, NULL },
	},
};

struct call {
	const struct notification *notification;
	const struct signature *signature;
	const char *name;
	char name_bytes[NAME_SIZE];
};

/* One argument with everything needed to show it. */
struct shown {
	struct argument argument;
	uint64_t value; /* as the ABI of the caller passes it */
	enum capture_status status;
	const char *bytes;
	size_t length;
};

static void find_call(const struct notification *notification, struct call *ret_call)
{
	const struct seccomp_data *request = &notification->request.data;
	uint32_t arch = syscall_arch(request->arch, request->nr);
	char *bytes = ret_call->name_bytes;

	*ret_call = (struct call){ .notification = notification, .signature = &nameless };
	if (arch == 0) { /* an ABI nobody knows; to libseccomp 0 is the native one */
		snprintf(bytes, NAME_SIZE, "syscall_%d", request->nr);
		ret_call->name = bytes;
		return;
	}
	ret_call->name = syscall_name(arch, request->nr, bytes, NAME_SIZE);
	if (signature_find(arch, ret_call->name))
		ret_call->signature = signature_find(arch, ret_call->name);
}

static uint64_t abi_value(const struct seccomp_data *request, enum argument_type type, uint64_t raw)
{
	if (request->arch != AUDIT_ARCH_I386)
		return raw;
	return type == ARGUMENT_LONG ? (uint64_t)(int64_t)(int32_t)raw : (uint32_t)raw;
}

/* open(2): without one of these the mode is whatever the register held before. */
static bool creates_file(uint64_t flags)
{
	return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
}

/* False after the last argument that the kernel takes. */
static bool find_argument(const struct call *call, unsigned index, struct shown *ret_shown)
{
	const struct notification *notification = call->notification;
	const struct seccomp_data *request = &notification->request.data;
	const struct capture *capture = &notification->captures[index];
	struct argument argument = call->signature->args[index];

	if (!argument.name ||
	    (argument.type == ARGUMENT_OPEN_MODE && !creates_file(request->args[argument.length])))
		return false;
	if (argument.type == ARGUMENT_PROTOCOL)
		argument.constants = constants_protocol(request->args[argument.length]);
	*ret_shown = (struct shown){
		.argument = argument,
		.value = abi_value(request, argument.type, request->args[index]),
		.status = (enum capture_status)capture->status,
		.bytes = notification->bytes + capture->offset,
		.length = capture->length,
	};
	return true;
}

static bool is_read(const struct shown *shown)
{
	return shown->status == CAPTURE_WHOLE || shown->status == CAPTURE_CUT;
}

static void render_string(struct text *text, const struct shown *shown)
{
	size_t consumed;

	text_string(text, "\"");
	consumed = text_escape_terminal(text, shown->bytes, shown->length, STRING_COLUMNS);
	text_string(text, "\"");
	if (shown->status == CAPTURE_CUT || consumed < shown->length)
		text_string(text, "...");
}

/* The number in a member; false where the struct ends before it. */
static bool field_value(const struct shown *shown, const struct field *field, uint64_t *ret_value)
{
	uint32_t narrow;

	if (shown->length < field->offset || shown->length - field->offset < field->size)
		return false;
	if (field->size == sizeof(*ret_value)) {
		memcpy(ret_value, shown->bytes + field->offset, sizeof(*ret_value));
	} else {
		memcpy(&narrow, shown->bytes + field->offset, sizeof(narrow));
		*ret_value = narrow;
	}
	return true;
}

/* The next member that the bytes reach, from *index on, and its number; NULL after the last. */
static const struct field *next_field(const struct shown *shown, size_t *index, uint64_t *ret_value)
{
	const struct layout *layout = signature_layout(shown->argument.type);

	while (*index < layout->n_fields) {
		const struct field *field = &layout->fields[(*index)++];

		if (field_value(shown, field, ret_value))
			return field;
	}
	return NULL;
}

/* Pointers inside a struct differ from call to call and say nothing: JSON has them. */
static void render_struct(struct text *text, const struct shown *shown)
{
	const char *separator = "";
	const struct field *field;
	size_t index = 0;
	uint64_t value;

	text_string(text, "{");
	while ((field = next_field(shown, &index, &value))) {
		if (field->argument.type == ARGUMENT_POINTER || (!value && !field->always))
			continue;
		text_printf(text, "%s%s=", separator, field->argument.name);
		render_value(text, &field->argument, value);
		separator = ", ";
	}
	if (shown->status == CAPTURE_CUT)
		text_printf(text, "%s...", separator);
	text_string(text, "}");
}

static void render_argument(struct text *text, const struct shown *shown)
{
	if (!is_read(shown))
		render_value(text, &shown->argument, shown->value);
	else if (signature_layout(shown->argument.type))
		render_struct(text, shown);
	else if (shown->argument.type == ARGUMENT_SOCKADDR)
		render_sockaddr(text, shown->bytes, shown->length);
	else
		render_string(text, shown);
}

void render_call(struct text *text, const struct notification *notification)
{
	struct call call;
	struct shown shown;
	unsigned used;

	find_call(notification, &call);
	used = signature_used(call.signature, notification->request.data.args[0]);
	text_printf(text, "%s(", call.name);
	for (unsigned i = 0; i < used; i++) {
		if (!find_argument(&call, i, &shown))
			break;
		if (i > 0)
			text_string(text, ", ");
		render_argument(text, &shown);
	}
	text_string(text, ")");
}

static void render_json_struct(struct text *text, const struct shown *shown)
{
	const char *separator = "";
	const struct field *field;
	size_t index = 0;
	uint64_t value;

	text_string(text, "{");
	while ((field = next_field(shown, &index, &value))) {
		text_printf(text, "%s\"%s\":", separator, field->argument.name);
		render_json_value(text, &field->argument, value);
		separator = ",";
	}
	text_string(text, "}");
}

static void render_json_memory(struct text *text, const struct shown *shown)
{
	bool lossy = false;

	text_string(text, ",\"value\":");
	if (signature_layout(shown->argument.type))
		render_json_struct(text, shown);
	else if (shown->argument.type == ARGUMENT_SOCKADDR)
		render_json_sockaddr(text, shown->bytes, shown->length, &lossy);
	else
		text_json_string(text, shown->bytes, shown->length, &lossy);
	text_string(text, ",\"racy\":true");
	if (shown->status == CAPTURE_CUT)
		text_string(text, ",\"truncated\":true");
	if (lossy)
		text_string(text, ",\"lossy\":true");
}

static void render_json_argument(struct text *text, const struct shown *shown, uint64_t raw)
{
	const struct argument *argument = &shown->argument;
	uint32_t stray = render_stray_bits(argument->type, shown->value);

	text_printf(text, "{\"name\":\"%s\",\"raw\":\"0x%" PRIx64 "\",\"type\":\"%s\"",
	            argument->name, raw, render_type_name(argument->type));
	if (is_read(shown)) {
		render_json_memory(text, shown);
	} else if (shown->status == CAPTURE_UNREADABLE) {
		text_string(text, ",\"unreadable\":true");
	} else {
		text_string(text, ",\"value\":");
		render_json_value(text, argument, shown->value);
	}
	if (stray)
		text_printf(text, ",\"upper_bits\":\"0x%" PRIx32 "\"", stray);
	text_string(text, "}");
}

void render_json_arguments(struct text *text, const struct notification *notification)
{
	struct call call;
	struct shown shown;

	find_call(notification, &call);
	text_string(text, "[");
	for (unsigned i = 0; i < ARRAY_SIZE(call.signature->args); i++) {
		if (!find_argument(&call, i, &shown))
			break;
		if (i > 0)
			text_string(text, ",");
		render_json_argument(text, &shown, notification->request.data.args[i]);
	}
	text_string(text, "]");
}
