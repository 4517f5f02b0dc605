/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/json_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/events/writer.h"

cJSON *test_parse_line(const struct text *line)
{
	cJSON *object;

	assert_false(line->overflow);
	assert_in_range(line->len, 2, WRITER_LINE_MAX);
	assert_ptr_equal(strchr(line->bytes, '\n'), line->bytes + line->len - 1);
	for (size_t i = 0, step; i < line->len; i += step) {
		step = text_utf8_length((unsigned char *)line->bytes + i, line->len - i);
		assert_int_not_equal(step, 0);
	}
	object = cJSON_Parse(line->bytes);
	assert_true(cJSON_IsObject(object));
	return object;
}

void test_assert_line(const struct text *line, const struct test_field *fields)
{
	cJSON *object = test_parse_line(line);
	const cJSON *node = object->child;

	for (; fields->key; fields++, node = node->next) {
		char *json;

		assert_non_null(node);
		assert_string_equal(node->string, fields->key);
		json = cJSON_PrintUnformatted(node);
		assert_string_equal(json, fields->json);
		free(json);
	}
	assert_null(node);
	cJSON_Delete(object);
}
