/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct spec_row {
	const char *argument;
	int result;
	struct log_spec spec;
} spec_rows[] = {
	{ "json:-", 0, { LOG_JSON, 2, NULL, false } },
	{ "text:-", 0, { LOG_TEXT, 2, NULL, false } },
	{ "json:fd:0", 0, { LOG_JSON, 0, NULL, false } },
	{ "text:fd:2147483639", 0, { LOG_TEXT, 2147483639, NULL, false } },
	{ "json:a/b:c", 0, { LOG_JSON, -1, "a/b:c", false } },
	{ "text:./-", 0, { LOG_TEXT, -1, "./-", false } },
	{ "json:./fd:1", 0, { LOG_JSON, -1, "./fd:1", false } },
	{ "json:", -EINVAL, { 0 } },
	{ "json:fd:", -EINVAL, { 0 } },
	{ "json:fd:-1", -EINVAL, { 0 } },
	{ "json:fd:+1", -EINVAL, { 0 } },
	{ "json:fd: 1", -EINVAL, { 0 } },
	{ "json:fd:1x", -EINVAL, { 0 } },
	{ "json:fd:99999999999", -EINVAL, { 0 } },
	{ "json", -EINVAL, { 0 } },
	{ "JSON:-", -EINVAL, { 0 } },
	{ "xml:-", -EINVAL, { 0 } },
	{ "", -EINVAL, { 0 } },
};

static void test_specs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spec_rows); i++) {
		struct log_spec spec = { 0 };

		assert_int_equal(log_spec_parse(spec_rows[i].argument, &spec), spec_rows[i].result);
		assert_int_equal(spec.format, spec_rows[i].spec.format);
		assert_int_equal(spec.fd, spec_rows[i].spec.fd);
		if (spec_rows[i].spec.path)
			assert_string_equal(spec.path, spec_rows[i].spec.path);
		else
			assert_null(spec.path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
