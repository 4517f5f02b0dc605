/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "supervisor/asking/question.h"
#include "tests/support/notification.h"

static void test_text(void **state)
{
	static const uint64_t args[6] = { 0, 1, 0 };
	struct notification notification;
	struct test_session test;
	char bytes[4096];
	struct text text = TEXT_OVER(bytes);

	(void)state;
	test_session_open(&test, "my.json", test_profile, MODE_ASK);
	test_call(&notification, &test, "keyctl", args);
	question_text(&text, &test.session, &notification, 3);
	assert_string_equal(bytes,
	                    "callgate: sh[4242] (/bin/sh) asks for "
	                    "keyctl(KEYCTL_GET_KEYRING_ID, 1, 0)  ×3\n"
	                    "  rule my.json:7; severity high (the kernel keyring belongs to no "
	                    "namespace, so all containers share it)\n");
	test_session_close(&test);
}

/* Two lines, whatever a target is called and asks for. */
static void test_hostile(void **state)
{
	static const uint64_t args[6] = { 4096, 0 };
	struct notification notification;
	struct test_session test;
	char path[1500], bytes[8192];
	struct text text = TEXT_OVER(bytes);
	unsigned lines = 0;

	(void)state;
	memset(path, '\x1b', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	test_session_open(&test, "my.json", test_profile, MODE_ASK);
	test_call(&notification, &test, "swapon", args);
	test_memory(&notification, 0, path, sizeof(path));
	memcpy(notification.caller.comm, "\n\033[2J\xc2\x9b", 8);
	memcpy(notification.caller.exe, "/\r\n\x9b", 4);
	notification.caller.exe_length = 4;
	question_text(&text, &test.session, &notification, 1);
	for (size_t i = 0; i < text.len; i++) {
		lines += bytes[i] == '\n';
		assert_true(bytes[i] == '\n' || (unsigned char)bytes[i] >= ' ');
		assert_true(bytes[i] != '\x7f');
	}
	assert_int_equal(lines, 2);
	assert_true(text.len < 1000);
	test_session_close(&test);
}

static void test_keys_fit(void **state)
{
	char bytes[256];
	struct text text = TEXT_OVER(bytes);

	(void)state;
	question_keys(&text, ASK_SECONDS_MAX);
	assert_true(text.len <= QUESTION_KEYS_COLUMNS);
}

static void test_replies(void **state)
{
	static const struct {
		char key;
		enum ask_scope scope;
		enum ask_answer answer;
	} rows[] = {
		{ 'a', ASK_ONCE, ASK_ALLOW },   { 'p', ASK_PROCESS, ASK_ALLOW },
		{ 'r', ASK_RUN, ASK_ALLOW },    { 'd', ASK_ONCE, ASK_DENY },
		{ '\r', ASK_ONCE, ASK_DENY },   { '\n', ASK_ONCE, ASK_DENY },
		{ 'P', ASK_PROCESS, ASK_DENY }, { 'D', ASK_RUN, ASK_DENY },
	};
	unsigned known = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct question_reply reply;

		assert_true(question_reply(rows[i].key, &reply));
		assert_int_equal(reply.scope, rows[i].scope);
		assert_int_equal(reply.answer, rows[i].answer);
	}
	for (int key = 0; key < 256; key++) {
		struct question_reply reply;

		known += question_reply((char)key, &reply);
	}
	assert_int_equal(known, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_keys_fit),
		cmocka_unit_test(test_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
