/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/explain_stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "tests/support/diags_text.h"

static struct json_document *document_of(const char *text)
{
	char *json = with_quotes(text);
	struct json_document *document = NULL;
	struct diags diags;

	diags_init(&diags, "");
	assert_int_equal(json_parse(json, strlen(json), &diags, &document), 0);
	diags_deinit(&diags);
	free(json);
	return document;
}

static const struct {
	const char *event;
	const char *frames; /* one a line */
} rows[] = {
	{ "{}", "" },
	{ "{'stack':{}}", "" },
	{ "{'stack':[]}", "" },
	{ "{'stack':[7,{}]}", "" },
	{ "{'stack':[{}]}", "#0 ?\n" },
	{ "{'stack':[{'symbol':3,'module':[],'ip':''}]}", "#0 ?\n" },
	{ "{'stack':[{'ip':'0x7f01','how':'scan'}]}", "#0 ?  0x7f01  [scan]\n" },
	{ "{'stack':[{'ip':'0x7f01','how':'cfi','module':'/lib/libc.so.6','build_id':'0a','offset':"
	  "'0xf9e1b','symbol':'socket','symbol_offset':'0xb'},{'module':'a.so','symbol':'open'}]}",
	  "#0 socket+0xb  /lib/libc.so.6+0xf9e1b  [cfi]\n#1 open  a.so\n" },
	{ "{'stack':[{'module':'a.so','offset':'0x10','symbol_offset':'0x7'}]}",
	  "#0 ?  a.so+0x10\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_document *document = document_of(rows[i].event);
		char bytes[1024];
		struct text text = TEXT_OVER(bytes);

		for (unsigned frame = 0; stack_frame_text(&text, json_root(document), frame);
		     frame++)
			text_string(&text, "\n");
		assert_string_equal(bytes, rows[i].frames);
		json_free(document);
	}
}

/* Frames past the most that are shown are not looked at. */
static void test_bounded(void **state)
{
	char event[1024] = "{'stack':[{}";
	struct json_document *document;

	(void)state;
	for (unsigned i = 0; i < STACK_FRAMES_MAX + 8; i++)
		strcat(event, ",{}");
	strcat(event, "]}");
	document = document_of(event);
	assert_non_null(stack_frame(json_root(document), STACK_FRAMES_MAX - 1));
	assert_null(stack_frame(json_root(document), STACK_FRAMES_MAX));
	json_free(document);
}

static void test_missing(void **state)
{
	struct json_document *said = document_of("{'stack.missing':'the thread had gone'}");
	struct json_document *unsaid = document_of("{'stack.missing':7}");

	(void)state;
	assert_string_equal(stack_missing_text(json_root(said)), "the thread had gone");
	assert_null(stack_missing_text(json_root(unsaid)));
	json_free(said);
	json_free(unsaid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
