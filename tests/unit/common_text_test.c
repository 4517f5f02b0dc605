/* SPDX-License-Identifier: Apache-2.0 */
#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/cleanup.h"

enum {
	ROUNDS = 20000,
	SEED = 20261123,
};

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct {
	const char *input;
	size_t len;
	size_t max_columns;
	const char *output;
	size_t consumed;
} terminal_rows[] = {
	{ BYTES("redis"), 99, "redis", 5 },
	{ BYTES(""), 99, "", 0 },
	{ BYTES("a\n\t\r\"\\b"), 99, "a\\n\\t\\r\\\"\\\\b", 7 },
	{ BYTES("\033[31m"), 99, "\\x1b[31m", 5 },
	{ BYTES("\0\x7f"), 99, "\\x00\\x7f", 2 },
	{ BYTES("\xc2\x9b"), 99, "\\xc2\\x9b", 2 }, /* C1 CSI */
	{ BYTES("\x9b"), 99, "\\x9b", 1 },          /* the same, Latin-1 */
	{ BYTES("\xe2\x80\xae"
	        "x"),
	  99, "\\xe2\\x80\\xaex", 4 },                       /* U+202E */
	{ BYTES("\xe2\x81\xa6"), 99, "\\xe2\\x81\\xa6", 3 }, /* U+2066 */
	{ BYTES("\xd8\x9c"), 99, "\\xd8\\x9c", 2 },          /* U+061C */
	{ BYTES("gr\xc3\xbc\xc3\x9f"), 99, "gr\xc3\xbc\xc3\x9f", 6 },
	{ BYTES("\xf0\x9f\x90\xb3"), 99, "\xf0\x9f\x90\xb3", 4 },
	{ BYTES("\xc0\x80"), 99, "\\xc0\\x80", 2 },                   /* overlong */
	{ BYTES("\xed\xa0\x80"), 99, "\\xed\\xa0\\x80", 3 },          /* surrogate */
	{ BYTES("\xf4\x90\x80\x80"), 99, "\\xf4\\x90\\x80\\x80", 4 }, /* over U+10FFFF */
	{ BYTES("\xe2\x82"), 99, "\\xe2\\x82", 2 },                   /* cut short */
	{ BYTES("abcdef"), 4, "abcd", 4 },
	{ BYTES("abc\ndef"), 4, "abc", 3 }, /* \n needs two */
	{ BYTES("\xc3\xbc\xc3\xbc\xc3\xbc"), 2, "\xc3\xbc\xc3\xbc", 4 },
	{ BYTES("abc"), 0, "", 0 },
};

static void test_escapes_for_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(terminal_rows); i++) {
		char buf[64];
		struct text text = TEXT_OVER(buf);

		assert_int_equal(text_escape_terminal(&text, terminal_rows[i].input,
		                                      terminal_rows[i].len,
		                                      terminal_rows[i].max_columns),
		                 terminal_rows[i].consumed);
		assert_string_equal(text.bytes, terminal_rows[i].output);
		assert_int_equal(text.len, strlen(terminal_rows[i].output));
		assert_false(text.overflow);
	}
}

static const struct {
	const char *input;
	size_t len;
	const char *output;
	bool lossy;
} json_rows[] = {
	{ BYTES("redis"), "\"redis\"", false },
	{ BYTES(""), "\"\"", false },
	{ BYTES("a\"b\\c/"), "\"a\\\"b\\\\c/\"", false },
	{ BYTES("\n\033\0"), "\"\\u000a\\u001b\\u0000\"", false },
	{ BYTES("\x7f\xc2\x9b"), "\"\\u007f\\u009b\"", false },
	{ BYTES("\xe2\x80\xae"), "\"\\u202e\"", false },
	{ BYTES("\xf0\x9f\x90\xb3"), "\"\xf0\x9f\x90\xb3\"", false },
	{ BYTES("a\xff\xfe"
	        "b"),
	  "\"a\xef\xbf\xbd\xef\xbf\xbd"
	  "b\"",
	  true },
	{ BYTES("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"", true },
	{ BYTES("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"", false }, /* a genuine U+FFFD loses nothing */
};

static void test_writes_json_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(json_rows); i++) {
		char buf[64];
		struct text text = TEXT_OVER(buf);
		bool lossy = false;

		text_json_string(&text, json_rows[i].input, json_rows[i].len, &lossy);
		assert_string_equal(text.bytes, json_rows[i].output);
		assert_int_equal(lossy, json_rows[i].lossy);
	}
}

static const struct {
	const char *input;
	size_t len, length;
} utf8_rows[] = {
	{ BYTES("a"), 1 },
	{ BYTES(""), 0 },
	{ BYTES("\x80"), 0 },
	{ BYTES("\xc1\xbf"), 0 },
	{ BYTES("\xc2\x80"), 2 },
	{ BYTES("\xdf\xbf"
	        "a"),
	  2 },
	{ BYTES("\xdf"), 0 },
	{ BYTES("\xe0\x9f\xbf"), 0 },
	{ BYTES("\xe0\xa0\x80"), 3 },
	{ BYTES("\xed\x9f\xbf"), 3 },
	{ BYTES("\xed\xa0\x80"), 0 },
	{ BYTES("\xee\x80\x80"), 3 },
	{ BYTES("\xef\xbf"), 0 },
	{ BYTES("\xe1\x80\x41"), 0 },
	{ BYTES("\xf0\x8f\xbf\xbf"), 0 },
	{ BYTES("\xf0\x90\x80\x80"), 4 },
	{ BYTES("\xf4\x8f\xbf\xbf"), 4 },
	{ BYTES("\xf4\x90\x80\x80"), 0 },
	{ BYTES("\xf1\x80\x80"), 0 },
	{ BYTES("\xf5\x80\x80\x80"), 0 },
	{ BYTES("\xff"), 0 },
};

static void test_knows_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(utf8_rows); i++)
		assert_int_equal(text_utf8_length((const unsigned char *)utf8_rows[i].input,
		                                  utf8_rows[i].len),
		                 utf8_rows[i].length);
}

static void test_stops_at_the_first_byte_that_does_not_fit(void **state)
{
	char buf[8];
	struct text text = TEXT_OVER(buf);

	(void)state;
	text_append(&text, "1234567", 7);
	assert_false(text.overflow);
	text_append(&text, "", 0);
	assert_false(text.overflow);
	text_append(&text, "8", 1);
	assert_true(text.overflow);
	assert_string_equal(text.bytes, "1234567");

	text_clear(&text);
	assert_false(text.overflow);
	text_printf(&text, "%s-%d", "abcde", 1234);
	assert_true(text.overflow);
	assert_string_equal(text.bytes, "abcde-1");
	text_clear(&text);
	text_printf(&text, "%s", "abcdefg");
	assert_false(text.overflow);

	text_clear(&text);
	text_string(&text, "12345678");
	text.bytes[0] = '\0';
	text.len = 0; /* room again, yet what was dropped stays dropped */
	text_string(&text, "x");
	text_printf(&text, "%d", 1);
	assert_int_equal(text_escape_terminal(&text, "x", 1, 9), 0);
	assert_string_equal(text.bytes, "");
}

static void test_cuts_between_characters(void **state)
{
	char buf[6];
	struct text text = TEXT_OVER(buf);

	(void)state;
	text_string(&text, "abcd\xc3\xbc");
	assert_string_equal(text.bytes, "abcd");
	text_clear(&text);
	text_printf(&text, "%s", "ab\xf0\x9f\x90\xb3");
	assert_string_equal(text.bytes, "ab");
	text_clear(&text);
	text_string(&text, "abc\xc3\xbc"
	                   "d");
	assert_string_equal(text.bytes, "abc\xc3\xbc");
	text_clear(&text);
	assert_int_equal(text_escape_terminal(&text, "ab\033", 3, 9), 2);
	assert_string_equal(text.bytes, "ab");
	assert_true(text.overflow);
}

static size_t random_bytes(char *bytes, size_t size)
{
	size_t len = (size_t)rand() % size;

	for (size_t i = 0; i < len; i++) {
		/* Half of the bytes from where UTF-8's edges and the controls are. */
		static const unsigned char edges[] = { 0x00, 0x1b, 0x7f, 0x80, 0x9b, 0xbf,
			                               0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0,
			                               0xf4, 0xff, '"',  '\\', '\n', 0xa0 };

		bytes[i] = (char)(rand() % 2 ? edges[(size_t)rand() % sizeof(edges)] : rand());
	}
	return len;
}

static void assert_utf8(const char *bytes, size_t len)
{
	for (size_t i = 0, length; i < len; i += length) {
		length = text_utf8_length((const unsigned char *)bytes + i, len - i);
		assert_int_not_equal(length, 0);
	}
}

static void test_random_bytes_are_harmless_on_a_terminal(void **state)
{
	(void)state;
	srand(SEED);
	for (int round = 0; round < ROUNDS; round++) {
		char input[32], buf[sizeof(input) * 4 + 1];
		struct text text = TEXT_OVER(buf);
		size_t len = random_bytes(input, sizeof(input));

		text.size = 1 + (size_t)rand() % sizeof(buf);
		assert_in_range(text_escape_terminal(&text, input, len, (size_t)rand() % 99), 0,
		                len);
		assert_in_range(text.len, 0, text.size - 1);
		assert_int_equal(text.bytes[text.len], '\0');
		assert_utf8(text.bytes, text.len);
		for (size_t i = 0; i < text.len; i++) {
			assert_true((unsigned char)text.bytes[i] >= 0x20);
			assert_true(text.bytes[i] != 0x7f);
		}
	}
}

static void test_random_bytes_are_json(void **state)
{
	(void)state;
	srand(SEED);
	for (int round = 0; round < ROUNDS; round++) {
		char input[32], buf[sizeof(input) * 6 + 3];
		struct text text = TEXT_OVER(buf);
		size_t len = random_bytes(input, sizeof(input));
		bool lossy = false;
		cJSON *node;

		text_json_string(&text, input, len, &lossy);
		assert_false(text.overflow);
		assert_utf8(text.bytes, text.len);
		node = cJSON_ParseWithOpts(text.bytes, NULL, true);
		assert_non_null(node);
		if (!lossy && !memchr(input, '\0', len)) { /* cJSON's strings end at a NUL */
			assert_int_equal(strlen(node->valuestring), len);
			assert_memory_equal(node->valuestring, input, len);
		}
		cJSON_Delete(node);
	}
}

/* Valid UTF-8 of any code point but NUL comes back byte for byte, and is never called lossy. */
static void test_valid_utf8_round_trips(void **state)
{
	(void)state;
	for (uint32_t point = 1; point <= 0x10ffff; point += point < 0x3000 ? 1 : 97) {
		char input[8], buf[16];
		struct text text = TEXT_OVER(buf);
		bool lossy = false;
		size_t len = 0;
		cJSON *node;

		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		if (point >= 0x10000) {
			input[len++] = (char)(0xf0 | point >> 18);
			input[len++] = (char)(0x80 | (point >> 12 & 0x3f));
		} else if (point >= 0x800) {
			input[len++] = (char)(0xe0 | point >> 12);
		}
		if (point >= 0x800)
			input[len++] = (char)(0x80 | (point >> 6 & 0x3f));
		else if (point >= 0x80)
			input[len++] = (char)(0xc0 | point >> 6);
		input[len++] = (char)(point < 0x80 ? point : (0x80 | (point & 0x3f)));
		assert_int_equal(text_utf8_length((const unsigned char *)input, len), len);
		text_json_string(&text, input, len, &lossy);
		assert_false(lossy);
		node = cJSON_ParseWithOpts(text.bytes, NULL, true);
		assert_non_null(node);
		assert_int_equal(strlen(node->valuestring), len);
		assert_memory_equal(node->valuestring, input, len);
		cJSON_Delete(node);
	}
}

static void test_message(void **state)
{
	static const struct {
		const char *message, *escaped;
	} rows[] = {
		{ "", "" },
		{ "no such \"name\"", "no such \"name\"" },
		{ "a\\b", "a\\b" },
		{ "red \033[31m \"\n\"", "red \\x1b[31m \"\\n\"" },
		{ "\xff\xc2\x9b", "\\xff\\xc2\\x9b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char bytes[64];
		struct text text = TEXT_OVER(bytes);

		text_escape_message(&text, rows[i].message);
		assert_string_equal(bytes, rows[i].escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_escapes_for_the_terminal),
		cmocka_unit_test(test_writes_json_strings),
		cmocka_unit_test(test_knows_utf8),
		cmocka_unit_test(test_stops_at_the_first_byte_that_does_not_fit),
		cmocka_unit_test(test_cuts_between_characters),
		cmocka_unit_test(test_random_bytes_are_harmless_on_a_terminal),
		cmocka_unit_test(test_random_bytes_are_json),
		cmocka_unit_test(test_valid_utf8_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
