/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policies/policy_patch.h"

static const struct {
	const char *before;
	size_t index;
	const char *after; /* NULL: -EINVAL */
} rows[] = {
	{ "{\n  \"rules\": []\n}\n", SIZE_MAX, "{\n  \"rules\": [\n    NEW\n  ]\n}\n" },
	{ "{\"rules\":[1,2]}", 0, "{\"rules\":[NEW,1,2]}" },
	{ "{\"rules\":[1,2]}", 1, "{\"rules\":[1,NEW,2]}" },
	{ "{\"rules\":[1,2]}", 2, "{\"rules\":[1,2,NEW]}" },
	{ "{\r\n\t\"rules\": [\r\n\t\t1\r\n\t],\r\n\t\"name\": \"x\"\r\n}", SIZE_MAX,
	  "{\r\n\t\"rules\": [\r\n\t\t1,\r\n\t\tNEW\r\n\t],\r\n\t\"name\": \"x\"\r\n}" },
	{ "{\n \"rules\": [\n  1,\n  2\n ]\n}", 1, "{\n \"rules\": [\n  1,\n  NEW,\n  2\n ]\n}" },
	{ "{}", 0, NULL },
	{ "{\"rules\":{}}", 0, NULL },
	{ "{\"rules\":[", 0, NULL },
};

static void test_insert(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy_text text = { rows[i].before, strlen(rows[i].before) };
		char *after = NULL;
		size_t len = 0;
		int r = policy_insert(&text, "NEW", rows[i].index, &after, &len);

		assert_int_equal(r, rows[i].after ? 0 : -EINVAL);
		if (rows[i].after) {
			assert_string_equal(after, rows[i].after);
			assert_int_equal(len, strlen(after));
		}
		free(after);
	}
}

static void test_member(void **state)
{
	static const char bytes[] = "{\"rules\":[{\"when\": { \"uid\": 0 }},{}]}";
	const struct policy_text text = { bytes, strlen(bytes) };
	struct policy_text member;

	(void)state;
	assert_int_equal(policy_member(&text, 0, "when", &member), 0);
	assert_int_equal(member.len, strlen("{ \"uid\": 0 }"));
	assert_memory_equal(member.bytes, "{ \"uid\": 0 }", member.len);
	assert_int_equal(policy_member(&text, 1, "when", &member), 0);
	assert_int_equal(member.len, 0);
	assert_int_equal(policy_member(&text, 2, "when", &member), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_insert),
		cmocka_unit_test(test_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
