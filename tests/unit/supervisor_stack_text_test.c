/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "supervisor/events/writer.h"

static struct stack stack;
static char bytes[WRITER_LINE_MAX + 1];

static void add_module(const char *path)
{
	struct stack_module *module = &stack.modules[stack.n_modules++];

	module->path_length = (uint16_t)strlen(path);
	memcpy(module->path, path, module->path_length);
	module->build_id_length = 2;
	module->build_id[0] = 0x0a;
	module->build_id[1] = 0xff;
}

static void add_frame(unsigned module, const char *symbol, enum stack_how how)
{
	struct stack_frame *frame = &stack.frames[stack.n_frames++];

	*frame = (struct stack_frame){ .ip = 0x7f0423bafe5a,
		                       .offset = 0x10fe5a,
		                       .symbol_offset = 0xa,
		                       .module = (uint8_t)module,
		                       .how = (uint8_t)how,
		                       .symbol_length = (uint8_t)strlen(symbol) };
	memcpy(frame->symbol, symbol, frame->symbol_length);
}

static int setup(void **state)
{
	(void)state;
	memset(&stack, 0, sizeof(stack));
	stack.status = STACK_UNWOUND;
	return 0;
}

static const char *text_lines(void)
{
	struct text text = TEXT_OVER(bytes);

	stack_text(&text, &(struct text_style){ 0 }, &stack);
	return bytes;
}

/* The fields as an object. The caller deletes it. */
static cJSON *json(void)
{
	struct text text = TEXT_OVER(bytes);
	struct json_line line = { .text = &text };
	cJSON *object;

	text_string(&text, "{\"first\":0");
	stack_json(&line, &stack);
	text_string(&text, "}");
	object = cJSON_Parse(bytes);
	assert_non_null(object);
	return object;
}

static const char *string(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

static void test_text(void **state)
{
	(void)state;
	add_module("/usr/lib/x86_64-linux-gnu/libc.so.6");
	add_module("/app (deleted)");
	add_frame(0, "mount", STACK_CFI);
	add_frame(1, "", STACK_FP);
	add_frame(STACK_NO_MODULE, "", STACK_SCAN);
	assert_string_equal(text_lines(), "    #0 libc.so.6 mount+0xa\n"
	                                  "    #1 app (deleted)+0x10fe5a\n"
	                                  "    #2 0x7f0423bafe5a ?\n");
}

/* The names are the target's choice. */
static void test_hostile_names(void **state)
{
	cJSON *object;

	(void)state;
	add_module("/tmp/\x1b[2J\n\xff");
	add_frame(0, "f\n\x1b]0;x\x07", STACK_CFI);
	for (const char *byte = text_lines(); *byte; byte++)
		assert_true(*byte == '\n' || (*byte >= ' ' && *byte < 127));
	assert_ptr_equal(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
	object = json();
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(object, "stack")), 1);
	cJSON_Delete(object);
}

static void test_json(void **state)
{
	const cJSON *frame;
	cJSON *object;

	(void)state;
	add_module("/lib/libc.so.6");
	add_frame(0, "mount", STACK_FP);
	add_frame(STACK_NO_MODULE, "", STACK_SCAN);
	object = json();
	frame = cJSON_GetArrayItem(cJSON_GetObjectItem(object, "stack"), 0);
	assert_string_equal(string(frame, "ip"), "0x7f0423bafe5a");
	assert_string_equal(string(frame, "how"), "fp");
	assert_string_equal(string(frame, "module"), "/lib/libc.so.6");
	assert_string_equal(string(frame, "build_id"), "0aff");
	assert_string_equal(string(frame, "offset"), "0x10fe5a");
	assert_string_equal(string(frame, "symbol"), "mount");
	assert_string_equal(string(frame, "symbol_offset"), "0xa");
	frame = cJSON_GetArrayItem(cJSON_GetObjectItem(object, "stack"), 1);
	assert_string_equal(string(frame, "how"), "scan");
	assert_null(cJSON_GetObjectItem(frame, "module"));
	assert_null(cJSON_GetObjectItem(frame, "symbol"));
	assert_null(cJSON_GetObjectItem(object, "stack.truncated"));
	cJSON_Delete(object);
}

static void test_missing(void **state)
{
	cJSON *object;

	(void)state;
	stack.status = STACK_NOWHERE;
	assert_string_equal(text_lines(), "    no stack: the stack pointer points nowhere\n");
	object = json();
	assert_string_equal(string(object, "stack.missing"), "the stack pointer points nowhere");
	assert_null(cJSON_GetObjectItem(object, "stack"));
	cJSON_Delete(object);
	stack.status = STACK_REPEATED; /* JSON only: the line that it repeats has it */
	assert_string_equal(text_lines(), "");
}

/* As many frames as the line has room for, and it stays JSON. */
static void test_truncated(void **state)
{
	char path[STACK_PATH_MAX];
	cJSON *object;
	int shown;

	(void)state;
	memset(path, '\x01', sizeof(path) - 1); /* six bytes each */
	path[sizeof(path) - 1] = '\0';
	add_module(path);
	for (int i = 0; i < STACK_FRAMES_MAX; i++)
		add_frame(0, "f", STACK_CFI);
	object = json();
	shown = cJSON_GetArraySize(cJSON_GetObjectItem(object, "stack"));
	assert_true(shown > 0 && shown < STACK_FRAMES_MAX);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(object, "stack.truncated")));
	cJSON_Delete(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_text, setup),
		cmocka_unit_test_setup(test_hostile_names, setup),
		cmocka_unit_test_setup(test_json, setup),
		cmocka_unit_test_setup(test_missing, setup),
		cmocka_unit_test_setup(test_truncated, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
