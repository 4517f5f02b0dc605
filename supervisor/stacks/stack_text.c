/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_text.h"

#include <inttypes.h>
#include <string.h>

enum {
	FRAME_MAX = 1024, /* bytes of a frame's line */
	RESERVE = 64,     /* for what follows the frames in a line of JSON */
};

static const struct stack_module *frame_module(const struct stack *stack,
                                               const struct stack_frame *frame)
{
	return frame->module < stack->n_modules ? &stack->modules[frame->module] : NULL;
}

/* The file's name without its folders. */
static void module_name_text(struct text *text, const struct stack_module *module)
{
	const char *slash = memrchr(module->path, '/', module->path_length);
	const char *name = slash ? slash + 1 : module->path;
	size_t length = module->path_length - (size_t)(name - module->path);

	text_escape_terminal(text, name, length, SIZE_MAX);
}

/* "libc.so.6 mount+0xa"; without a symbol "libc.so.6+0xf7f37"; without a file the address. */
static void frame_text(struct text *text, const struct stack *stack,
                       const struct stack_frame *frame)
{
	const struct stack_module *module = frame_module(stack, frame);

	if (!module) {
		text_printf(text, "0x%" PRIx64, frame->ip);
		return;
	}
	module_name_text(text, module);
	if (frame->symbol_length == 0) {
		text_printf(text, "+0x%" PRIx64, frame->offset);
		return;
	}
	text_string(text, " ");
	text_escape_terminal(text, frame->symbol, frame->symbol_length, SIZE_MAX);
	text_printf(text, "+0x%" PRIx64, frame->symbol_offset);
}

void stack_text(struct text *text, const struct text_style *style, const struct stack *stack)
{
	char bytes[FRAME_MAX];
	struct text words = TEXT_OVER(bytes);
	const char *missing = stack_missing(stack->status);

	for (unsigned i = 0; i < stack->n_frames; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		text_clear(&words);
		text_printf(&words, "    #%u ", i);
		frame_text(&words, stack, frame);
		text_string(&words, frame->how == STACK_SCAN ? " ?" : "");
		event_text_line(text, style, bytes);
	}
	if (!missing || stack->status == STACK_REPEATED)
		return;
	text_printf(&words, "    no stack: %s", missing);
	event_text_line(text, style, bytes);
}

static void module_json(struct json_line *line, const struct stack_module *module,
                        const struct stack_frame *frame)
{
	json_line_bytes(line, "module", module->path, module->path_length);
	if (module->build_id_length > 0) {
		json_line_key(line, "build_id");
		text_string(line->text, "\"");
		for (unsigned i = 0; i < module->build_id_length; i++)
			text_printf(line->text, "%02x", module->build_id[i]);
		text_string(line->text, "\"");
	}
	json_line_hex(line, "offset", frame->offset);
}

static void frame_json(struct json_line *line, const struct stack *stack,
                       const struct stack_frame *frame)
{
	const struct stack_module *module = frame_module(stack, frame);

	text_printf(line->text, "{\"ip\":\"0x%" PRIx64 "\"", frame->ip);
	json_line_string(line, "how", stack_how_name(frame->how));
	if (module)
		module_json(line, module, frame);
	if (frame->symbol_length > 0) {
		json_line_bytes(line, "symbol", frame->symbol, frame->symbol_length);
		json_line_hex(line, "symbol_offset", frame->symbol_offset);
	}
	text_string(line->text, "}");
}

/* Appends a frame, or nothing where it would not leave room for the end of the line. */
static bool frame_fits(struct json_line *line, const struct stack *stack, unsigned index)
{
	struct text *text = line->text;
	size_t before = text->len;

	text_string(text, index > 0 ? "," : "");
	frame_json(line, stack, &stack->frames[index]);
	if (!text->overflow && text->size - text->len > RESERVE)
		return true;
	text->len = before;
	text->bytes[before] = '\0';
	text->overflow = false;
	return false;
}

void stack_json(struct json_line *line, const struct stack *stack)
{
	struct text *text = line->text;
	const char *missing = stack_missing(stack->status);
	unsigned shown = 0;

	if (missing)
		json_line_string(line, "stack.missing", missing);
	if (stack->status != STACK_UNWOUND || text->overflow ||
	    text->size - text->len < 2 * RESERVE)
		return;
	json_line_key(line, "stack");
	text_string(text, "[");
	while (shown < stack->n_frames && frame_fits(line, stack, shown))
		shown++;
	text_string(text, shown < stack->n_frames ? "],\"stack.truncated\":true" : "]");
}
