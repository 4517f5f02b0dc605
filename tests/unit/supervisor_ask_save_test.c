/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "supervisor/asking/ask_save.h"
#include "tests/support/notification.h"

static const struct {
	const char *syscall;
	uint64_t args[6];
	const char *memory; /* behind argument 0, or NULL */
	bool allow;
	const char *when;
	const char *rule; /* NULL: no rule says so */
} rows[] = {
	{ "umask",
	  { 18 },
	  NULL,
	  true,
	  "",
	  "{ \"names\": [\"umask\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
	  "[{ \"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": \"0x12\" }], "
	  "\"comment\": \"a person's answer\" }" },
	{ "keyctl",
	  { 0, UINT64_MAX - 2, 0 },
	  NULL,
	  false,
	  "{\"uid\":0}",
	  "{ \"names\": [\"keyctl\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 13, \"args\": "
	  "[{ \"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": \"0x0\" }, "
	  "{ \"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": \"0xfffffffffffffffd\" }, "
	  "{ \"index\": 2, \"op\": \"SCMP_CMP_EQ\", \"value\": \"0x0\" }], "
	  "\"when\": {\"uid\":0}, \"comment\": \"a person's answer\" }" },
	/* the string itself, whatever a glob would make of it */
	{ "swapon",
	  { 4096, 0 },
	  "/a*\"\\",
	  true,
	  "",
	  "{ \"names\": [\"swapon\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
	  "[{ \"index\": 0, \"op\": \"string\", \"value\": \"/a\\\\*\\\"\\\\\\\\\" }, "
	  "{ \"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": \"0x0\" }], "
	  "\"comment\": \"a person's answer\" }" },
	{ "swapon", { 4096, 0 }, "/\xff", true, "", NULL },
	{ "swapon", { 4096, 0 }, NULL, true, "", NULL }, /* what is there was not read */
};

static void test_rules(void **state)
{
	struct test_session test;

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ASK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct notification notification;
		char bytes[4096];
		struct text rule = TEXT_OVER(bytes);
		int r;

		test_call(&notification, &test, rows[i].syscall, rows[i].args);
		if (rows[i].memory)
			test_memory(&notification, 0, rows[i].memory, strlen(rows[i].memory) + 1);
		r = ask_save_rule(&rule, &notification, rows[i].allow, rows[i].when,
		                  strlen(rows[i].when));
		assert_int_equal(r, rows[i].rule ? 0 : -EOPNOTSUPP);
		if (rows[i].rule)
			assert_string_equal(bytes, rows[i].rule);
	}
	test_session_close(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
