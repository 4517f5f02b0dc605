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

bool stack_frame_text(struct text *text, const cJSON *event, unsigned index)
{
	const cJSON *frame = stack_frame(event, index);
	const char *symbol, *module, *offset, *source, *how;

	if (!frame)
		return false;
	symbol = string_of(frame, "symbol");
	module = string_of(frame, "module");
	offset = string_of(frame, "offset");
	source = string_of(frame, "source");
	how = string_of(frame, "how");
	text_printf(text, "#%-2u %s", index, symbol ? symbol : "?");
	if (module)
		text_printf(text, "  %s", module);
	if (offset)
		text_printf(text, "%s%s", module ? "+" : "  ", offset);
	else if (!module && string_of(frame, "ip"))
		text_printf(text, "  %s", string_of(frame, "ip"));
	if (source)
		text_printf(text, "  %s", source);
	if (how)
		text_printf(text, "  [%s]", how);
	return true;
}
