/* SPDX-License-Identifier: Apache-2.0 */
/* What an event's line of JSON must be, whatever it says. */
#pragma once

#include <cjson/cJSON.h>

#include "common/text.h"

/* The object of a line: asserts that it is one line, of UTF-8, and fits. cJSON_Delete() it. */
cJSON *test_parse_line(const struct text *line);

/* A field as JSON text: strings with their quotes. */
struct test_field {
	const char *key;
	const char *json;
};

/* Asserts that the line has these fields, in their order, and no others. The last key is NULL. */
void test_assert_line(const struct text *line, const struct test_field *fields);
