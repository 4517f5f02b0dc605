/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain_stack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/stacks/symbolize.h"

static const char *string_of(const cJSON *frame, const char *key)
{
	const cJSON *member = json_member(frame, key);

	return cJSON_IsString(member) && member->valuestring[0] ? member->valuestring : NULL;
}

const cJSON *stack_frame(const cJSON *event, unsigned index)
{
	const cJSON *stack = json_member(event, "stack"), *frame;

	if (!cJSON_IsArray(stack) || index >= STACK_FRAMES_MAX)
		return NULL;
	frame = cJSON_GetArrayItem(stack, (int)index);
	return cJSON_IsObject(frame) ? frame : NULL;
}

const char *stack_missing_text(const cJSON *event)
{
	return string_of(event, "stack.missing");
}

/* The bytes of a hexadecimal string: how many, 0 where it is none, or too long. */
static size_t hex_bytes(const char *hex, unsigned char *bytes, size_t max)
{
	size_t length = strlen(hex) / 2;

	if (length > max || strspn(hex, "0123456789abcdefABCDEF") != 2 * length)
		return 0;
	for (size_t i = 0; i < length; i++) {
		const char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return length;
}

/* Only of a file that is known to be the one that ran. */
static void look_up(const cJSON *frame, unsigned index, struct symbolized *symbolized)
{
	const char *offset = string_of(frame, "offset"), *id = string_of(frame, "build_id");
	unsigned char build_id[STACK_BUILD_ID_MAX];
	struct symbolize_frame wanted = { .module = string_of(frame, "module"),
		                          .build_id = build_id,
		                          .offset = offset ? strtoull(offset, NULL, 16) : 0,
		                          .innermost = index == 0 };

	if (wanted.module && offset && id)
		wanted.build_id_length = hex_bytes(id, build_id, sizeof(build_id));
	if (wanted.build_id_length == 0 || symbolize(&wanted, symbolized) < 0)
		*symbolized = (struct symbolized){ 0 };
}

/* "socket+0xb": the frame's function, and how far in it, by the event or else by the file. */
static void symbol_text(struct text *text, const cJSON *frame, const struct symbolized *symbolized)
{
	const char *symbol = string_of(frame, "symbol"),
		   *offset = string_of(frame, "symbol_offset");

	if (symbol)
		text_printf(text, "%s%s%s", symbol, offset ? "+" : "", offset ? offset : "");
	else if (symbolized->symbol[0])
		text_printf(text, "%s+0x%" PRIx64, symbolized->symbol, symbolized->offset);
	else
		text_string(text, "?");
}

/* "/lib/libc.so.6+0xf9e1b"; the address where the event names no file. */
static void module_text(struct text *text, const cJSON *frame)
{
	const char *module = string_of(frame, "module"), *offset = string_of(frame, "offset");
	const char *ip = string_of(frame, "ip");

	if (module)
		text_printf(text, "  %s%s%s", module, offset ? "+" : "", offset ? offset : "");
	else if (ip)
		text_printf(text, "  %s", ip);
}

bool stack_frame_text(struct text *text, const cJSON *event, unsigned index)
{
	const cJSON *frame = stack_frame(event, index);
	struct symbolized symbolized;
	const char *how;

	if (!frame)
		return false;
	look_up(frame, index, &symbolized);
	how = string_of(frame, "how");
	text_printf(text, "#%u ", index);
	symbol_text(text, frame, &symbolized);
	module_text(text, frame);
	if (symbolized.file[0])
		text_printf(text, "  %s:%d", symbolized.file, symbolized.line);
	if (how)
		text_printf(text, "  [%s]", how);
	return true;
}
