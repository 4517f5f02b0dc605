/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/json_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/err.h"

static void nested(struct json_out *json)
{
	json_out_object(json, NULL);
	json_out_string(json, "name", "mount");
	json_out_array(json, "list");
	json_out_int(json, NULL, -3);
	json_out_bool(json, NULL, true);
	json_out_object(json, NULL);
	json_out_close(json, '}');
	json_out_close(json, ']');
	json_out_hex(json, "value", UINT64_MAX);
	json_out_string(json, "none", NULL);
	json_out_close(json, '}');
}

static void strings(struct json_out *json)
{
	json_out_array(json, NULL);
	json_out_string(json, NULL, "");
	json_out_string(json, NULL, "quote \" backslash \\ tab \t");
	json_out_string(json, NULL, "\x1b[31m");
	json_out_string(json, NULL, "caf\xc3\xa9");
	json_out_string(json, NULL, "broken \xc3");
	json_out_close(json, ']');
}

static const struct {
	void (*write)(struct json_out *json);
	const char *expected;
} rows[] = {
	{ nested, "{\"name\":\"mount\",\"list\":[-3,true,{}],\"value\":\"0xffffffffffffffff\","
	          "\"none\":null}\n" },
	{ strings,
	  "[\"\",\"quote \\\" backslash \\\\ tab \\u0009\",\"\\u001b[31m\",\"caf\xc3\xa9\","
	  "\"broken \xef\xbf\xbd\"]\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_out json = { 0 };
		char *bytes;
		size_t len;

		json.out = open_memstream(&bytes, &len);
		rows[i].write(&json);
		fclose(json.out);
		assert_string_equal(bytes, rows[i].expected);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
