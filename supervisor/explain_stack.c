/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/explain_stack.h"

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

/* "socket+0xb": the frame's function, and how far in it. */
static void symbol_text(struct text *text, const cJSON *frame)
{
	const char *symbol = string_of(frame, "symbol"),
		   *offset = string_of(frame, "symbol_offset");

	text_string(text, symbol ? symbol : "?");
	if (symbol && offset)
		text_printf(text, "+%s", offset);
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
	const char *how;

	if (!frame)
		return false;
	how = string_of(frame, "how");
	text_printf(text, "#%u ", index);
	symbol_text(text, frame);
	module_text(text, frame);
	if (how)
		text_printf(text, "  [%s]", how);
	return true;
}
