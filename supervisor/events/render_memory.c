/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/render_memory.h"

#include <inttypes.h>
#include <string.h>

#include "supervisor/events/render_argument.h"
#include "supervisor/events/render_sockaddr.h"

enum { STRING_COLUMNS = 256 }; /* of one string in a line; JSON has all that was captured */

/* What is written into, and whether as text or as JSON. */
struct writer {
	struct text *text;
	const struct notification *notification;
	bool json;
	bool cut;
	bool lossy;
};

static void write_memory(struct writer *writer, const struct memory_view *view);

static void write_string(struct writer *writer, const char *bytes, size_t length, bool cut)
{
	size_t consumed;

	writer->cut |= cut;
	if (writer->json) {
		text_json_string(writer->text, bytes, length, &writer->lossy);
		return;
	}
	text_string(writer->text, "\"");
	consumed = text_escape_terminal(writer->text, bytes, length, STRING_COLUMNS);
	text_string(writer->text, "\"");
	if (cut || consumed < length)
		text_string(writer->text, "...");
}

/* The numbers of the bits that are set. */
static void write_bitset(struct writer *writer, const char *bytes, size_t length)
{
	const char *separator = "";

	text_string(writer->text, "[");
	for (size_t bit = 0; bit < 8 * length; bit++) {
		if (!(bytes[bit / 8] & 1 << bit % 8))
			continue;
		text_printf(writer->text, "%s%zu", separator, bit);
		separator = writer->json ? "," : " ";
	}
	text_string(writer->text, "]");
}

static void write_number(struct writer *writer, const struct argument *argument, uint64_t value)
{
	(writer->json ? render_json_value : render_value)(writer->text, argument, value);
}

/* Two pointers to one place may have other lengths: what was read for the longer has both. */
static const struct nested_capture *find_nested(const struct notification *notification,
                                                enum argument_type type, uint64_t address)
{
	const struct nested_capture *found = NULL;

	for (unsigned i = 0; i < NOTIFICATION_NESTED && i < notification->n_nested; i++) {
		const struct nested_capture *nested = &notification->nested[i];

		if (nested->address == address && nested->type == type &&
		    (!found || nested->capture.length > found->capture.length))
			found = nested;
	}
	return found;
}

/* How many bytes, of those that a pointer points to, belong to it: a length counts elements. */
static size_t pointed_length(const struct argument *argument, uint64_t length)
{
	const struct layout *layout = signature_layout(argument->type);

	if (argument->type == ARGUMENT_PATH || argument->type == ARGUMENT_STRING)
		return SIZE_MAX;
	if (layout && layout->extent == LAYOUT_COUNTED)
		return length < NOTIFICATION_BYTES ? (size_t)length * layout->size : SIZE_MAX;
	return (size_t)length;
}

/* A pointer in captured memory: what it points to, where that was captured too. */
static void write_pointed(struct writer *writer, const struct argument *argument, uint64_t address,
                          uint64_t length)
{
	const struct nested_capture *nested =
		find_nested(writer->notification, argument->type, address);
	size_t belongs = pointed_length(argument, length);
	struct memory_view view = {
		.notification = writer->notification,
		.argument = argument,
		.address = address,
	};

	if (!nested || !capture_is_read(&nested->capture)) {
		writer->cut |= address != 0;
		write_number(writer, argument, address);
		return;
	}
	view.bytes = capture_bytes(writer->notification, &nested->capture, &view.length);
	view.cut = nested->capture.status == CAPTURE_CUT;
	if (view.length > belongs)
		view.length = belongs;
	else if (belongs != SIZE_MAX)
		view.cut = view.length < belongs;
	write_memory(writer, &view);
}

/* A member that is no number: characters, bits, an address or a struct that lies in place. */
static bool write_in_place(struct writer *writer, const struct field *field, const char *bytes,
                           size_t length)
{
	struct memory_view view = {
		.notification = writer->notification,
		.argument = &field->argument,
		.bytes = bytes,
		.length = length,
	};

	switch (field->argument.type) {
	case ARGUMENT_NAME:
		write_string(writer, bytes, strnlen(bytes, length), false);
		return true;
	case ARGUMENT_BITSET:
		write_bitset(writer, bytes, length);
		return true;
	case ARGUMENT_SOCKADDR:
		break;
	default:
		if (!signature_layout(field->argument.type))
			return false;
	}
	write_memory(writer, &view);
	return true;
}

static void write_field(struct writer *writer, const struct layout *layout,
                        const struct field *field, const char *bytes, size_t length)
{
	size_t left = length > field->offset ? length - field->offset : 0;
	uint64_t value = 0;
	uint64_t extent = 0;

	if (!field_is_pointer(field) && write_in_place(writer, field, bytes + field->offset,
	                                               left < field->size ? left : field->size))
		return;
	(void)field_number(field, bytes, length, &value);
	(void)field_number(&layout->fields[field->argument.length], bytes, length, &extent);
	if (field_is_pointer(field))
		write_pointed(writer, &field->argument, value, extent);
	else
		write_number(writer, &field->argument, value);
}

static bool is_address(enum argument_type type)
{
	return type == ARGUMENT_ADDRESS || type == ARGUMENT_OUT || type == ARGUMENT_POINTER;
}

/*
 * Whether the bytes reach the member, and it says something: text leaves out what is 0 unless that
 * has a meaning, and addresses that differ from call to call.
 */
static bool is_shown(const struct writer *writer, const struct field *field, const char *bytes,
                     size_t length)
{
	uint64_t value;

	if (field->size > sizeof(value) || field->argument.type == ARGUMENT_BITSET)
		return length > field->offset;
	if (!field_number(field, bytes, length, &value))
		return false;
	return writer->json || field->always || (value && !is_address(field->argument.type));
}

static void write_fields(struct writer *writer, const struct layout *layout, const char *bytes,
                         size_t length)
{
	const char *separator = "";

	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];

		if (!is_shown(writer, field, bytes, length))
			continue;
		text_string(writer->text, separator);
		if (layout->form == LAYOUT_STRUCT)
			text_printf(writer->text,
			            writer->json ? "\"%s\":" : "%s=", field->argument.name);
		write_field(writer, layout, field, bytes, length);
		separator = writer->json ? "," : ", ";
	}
}

static void write_element(struct writer *writer, const struct layout *layout, const char *bytes,
                          size_t length, bool cut)
{
	struct text *text = writer->text;
	bool braces = layout->form == LAYOUT_STRUCT;
	size_t start;

	text_string(text, braces ? "{" : "");
	start = text->len;
	write_fields(writer, layout, bytes, length);
	if (text->len == start && !braces) /* less than one value */
		text_string(text, writer->json ? "null" : layout->form == LAYOUT_BARE ? "[]" : "");
	if (cut && !writer->json)
		text_string(text, braces && text->len > start ? ", ..." : "...");
	text_string(text, braces ? "}" : "");
}

/* JSON needs no list around one value. */
static bool has_brackets(const struct writer *writer, const struct layout *layout)
{
	if (layout->extent == LAYOUT_COUNTED || layout->extent == LAYOUT_TERMINATED)
		return true;
	return layout->form == LAYOUT_LIST && (!writer->json || layout->n_fields > 1);
}

static void write_layout(struct writer *writer, const struct layout *layout,
                         const struct memory_view *view)
{
	bool list = layout->extent == LAYOUT_COUNTED || layout->extent == LAYOUT_TERMINATED;
	bool brackets = has_brackets(writer, layout);
	size_t at = 0;

	text_string(writer->text, brackets ? "[" : "");
	do {
		size_t left = view->length - at;

		if (list && left < layout->size)
			break;
		if (at > 0)
			text_string(writer->text, writer->json ? "," : ", ");
		write_element(writer, layout, view->bytes + at,
		              left < layout->size ? left : layout->size, view->cut && !list);
		at += layout->size;
	} while (list && !writer->text->overflow);
	if (list && view->cut && !writer->json)
		text_string(writer->text, at > 0 ? ", ..." : "...");
	text_string(writer->text, brackets ? "]" : "");
}

/* Where it is and how many strings it has, never what they say. */
static void write_environment(struct writer *writer, const struct memory_view *view)
{
	uint32_t count = 0;

	if (view->length >= sizeof(count))
		memcpy(&count, view->bytes, sizeof(count));
	if (writer->json) {
		text_printf(writer->text, "{\"count\":%" PRIu32 "}", count);
		return;
	}
	render_value(writer->text, view->argument, view->address);
	text_printf(writer->text, " /* %" PRIu32 "%s var%s */", count, view->cut ? "+" : "",
	            count == 1 ? "" : "s");
}

static void write_memory(struct writer *writer, const struct memory_view *view)
{
	enum argument_type type = view->argument->type;
	const struct layout *layout = signature_layout(type);

	writer->cut |= view->cut;
	if (layout)
		write_layout(writer, layout, view);
	else if (type == ARGUMENT_ENVIRONMENT)
		write_environment(writer, view);
	else if (type != ARGUMENT_SOCKADDR)
		write_string(writer, view->bytes, view->length, view->cut);
	else if (writer->json)
		render_json_sockaddr(writer->text, view->bytes, view->length, &writer->lossy);
	else
		render_sockaddr(writer->text, view->bytes, view->length);
}

void render_memory(struct text *text, const struct memory_view *view)
{
	struct writer writer = { .text = text, .notification = view->notification };

	write_memory(&writer, view);
}

void render_json_memory(struct text *text, const struct memory_view *view, bool *ret_cut,
                        bool *ret_lossy)
{
	struct writer writer = {
		.text = text,
		.notification = view->notification,
		.json = true,
	};

	write_memory(&writer, view);
	*ret_cut |= writer.cut;
	*ret_lossy |= writer.lossy;
}
