/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/support/diags_text.h"

/* ---- what is refused, what is warned of */

static const struct {
	const char *json;
	const char *diags; /* "" for none */
} rows[] = {
	{ "{}", "" },
	{ " \t\r\n[ ] \n", "" },
	{ "null", "" },
	{ "-0.5e+10", "" },
	{ "[true, false, null, 0, -1, 1e9, '']", "" },
	{ "{'a': {'b': [1, {'c': 2}]}}", "" },
	{ "'\\\\ \\/ \\b \\f \\n \\r \\t \\u00e4 \\ud83d\\udc33'", "" },
	{ "'gr\xc3\xbc\xc3\x9f'", "" },
	{ "", "f:1:1: the file ends too early; expected a value\n" },
	{ "\n  ", "f:2:3: the file ends too early; expected a value\n" },
	{ "[1,]", "f:1:4: unexpected ']'; expected a value\n" },
	{ "[1 2]", "f:1:4: unexpected '2'; expected ',' or ']' after the element\n" },
	{ "{'a':1,}", "f:1:8: unexpected '}'; expected a key in double quotes\n" },
	{ "{a:1}", "f:1:2: unexpected 'a'; expected a key in double quotes\n" },
	{ "{'a' 1}", "f:1:6: unexpected '1'; expected ':' after the key\n" },
	{ "{'a':1 'b':2}", "f:1:8: unexpected '\\\"'; expected ',' or '}' after the member\n" },
	{ "{} {}", "f:1:4: unexpected '{'; expected nothing after the value\n" },
	{ "[1] // x", "f:1:5: unexpected '/'; expected nothing after the value\n" },
	{ "\xef\xbb\xbf{}", "f:1:1: unexpected '\\xef'; expected a value\n" },
	{ "tru", "f:1:1: unexpected 't'; expected a value (true, false and null are the only "
	         "words)\n" },
	{ "nullx", "f:1:5: unexpected 'x'; expected nothing after the value\n" },
	{ "NaN", "f:1:1: unexpected 'N'; expected a value\n" },
	{ "01", "f:1:1: unexpected '0'; expected a number without leading zeros\n" },
	{ "-01", "f:1:2: unexpected '0'; expected a number without leading zeros\n" },
	{ "[1.]", "f:1:4: unexpected ']'; expected a digit\n" },
	{ "[.5]", "f:1:2: unexpected '.'; expected a value\n" },
	{ "[+1]", "f:1:2: unexpected '+'; expected a value\n" },
	{ "[-]", "f:1:3: unexpected ']'; expected a digit\n" },
	{ "[1e]", "f:1:4: unexpected ']'; expected a digit\n" },
	{ "0x10", "f:1:2: unexpected 'x'; expected nothing after the value\n" },
	{ "1234567890123456789012345678901234567890123456789012345678901234",
	  "f:1:1: unexpected '1'; expected a number of at most 63 characters\n" },
	{ "'abc", "f:1:5: the file ends too early; expected the closing '\"' of a string\n" },
	{ "'a\nb'", "f:1:3: unexpected '\\n'; expected no control character in a string, but its "
	            "escape\n" },
	{ "'\\x41'",
	  "f:1:2: unexpected '\\\\'; expected an escape that JSON has: \\\" \\\\ \\/ \\b "
	  "\\f \\n \\r \\t \\u\n" },
	{ "'\\u12g4'", "f:1:2: unexpected '\\\\'; expected four hexadecimal digits after \\u\n" },
	{ "'x\\u0000'", "f:1:3: unexpected '\\\\'; expected no NUL character in a string\n" },
	{ "'\xc0\x80'", "f:1:2: unexpected '\\xc0'; expected valid UTF-8\n" },
	{ "'\xed\xa0\x80'", "f:1:2: unexpected '\\xed'; expected valid UTF-8\n" },
	{ "'\xff'", "f:1:2: unexpected '\\xff'; expected valid UTF-8\n" },
	{ "{'a':1,\n 'b':2,\n 'a':3}", "f:3:6: warning: /a: the same key stands at line 1 "
	                               "already; the last one counts\n" },
	{ "{'a':1,'\\u0061':3}", "f:1:17: warning: /a: the same key stands at line 1 already; "
	                         "the last one counts\n" },
	{ "[{'a':1},{'a':1,'A':2}]", "" },
	{ "'\\ud800'", "f:1:2: warning: half of a surrogate pair; it is read as U+FFFD\n" },
	{ "'\\udc00\\ud83d\\u0041'",
	  "f:1:2: warning: half of a surrogate pair; it is read as U+FFFD\n"
	  "f:1:8: warning: half of a surrogate pair; it is read as U+FFFD\n" },
};

static int parse(const char *json, size_t len, struct diags *diags,
                 struct json_document **ret_document)
{
	diags_init(diags, "f");
	return json_parse(json, len, diags, ret_document);
}

static void test_accepts_json_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(json_freep) struct json_document *document = NULL;
		_cleanup_free_ char *json = with_quotes(rows[i].json), *text = NULL;
		struct diags diags;
		int r = parse(json, strlen(json), &diags, &document);

		text = diags_text(&diags);
		assert_string_equal(text, rows[i].diags);
		assert_int_equal(r, diags.errors ? -EBADMSG : 0);
		assert_int_equal(!document, r < 0);
		diags_deinit(&diags);
	}
}

static void test_refuses_a_nul_byte(void **state)
{
	static const char *const files[] = { "{\0}", "[\0]", "\"\0\"", "{}\0" };
	static const size_t lens[] = { 3, 3, 3, 3 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct json_document *document = NULL;
		struct diags diags;

		assert_int_equal(parse(files[i], lens[i], &diags, &document), -EBADMSG);
		diags_deinit(&diags);
	}
}

static void test_replaces_half_a_pair_as_go_does(void **state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;

	(void)state;
	assert_int_equal(parse("\"a\\ud800b\"", 10, &diags, &document), 0);
	assert_string_equal(json_root(document)->valuestring, "a\xef\xbf\xbd"
	                                                      "b");
	diags_deinit(&diags);
}

/* ---- bounds */

static void nest(char *json, size_t depth)
{
	memset(json, '[', depth);
	memset(json + depth, ']', depth);
}

static void test_bounds_depth(void **state)
{
	char json[2 * (JSON_MAX_DEPTH + 1)];
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;
	char pointer[256];
	const cJSON *node;

	(void)state;
	nest(json, JSON_MAX_DEPTH);
	assert_int_equal(parse(json, 2UL * JSON_MAX_DEPTH, &diags, &document), 0);
	for (node = json_root(document); node->child;)
		node = node->child;
	json_pointer(document, node, pointer, sizeof(pointer));
	assert_int_equal(strlen(pointer), 2 * (JSON_MAX_DEPTH - 1));
	diags_deinit(&diags);

	nest(json, JSON_MAX_DEPTH + 1);
	assert_int_equal(parse(json, sizeof(json), &diags, &document), -EBADMSG);
	assert_string_equal(diags.list[0].message,
	                    "unexpected '['; expected at most 64 levels of nesting");
	diags_deinit(&diags);
}

static void test_bounds_size(void **state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	_cleanup_free_ char *json = malloc(JSON_MAX_BYTES + 1);
	struct diags diags;

	(void)state;
	memset(json, ' ', JSON_MAX_BYTES + 1);
	json[0] = '1';
	assert_int_equal(parse(json, JSON_MAX_BYTES + 1, &diags, &document), -EFBIG);
	assert_int_equal(diags.errors, 1);
	diags_deinit(&diags);
	assert_int_equal(parse(json, JSON_MAX_BYTES, &diags, &document), 0);
	diags_deinit(&diags);
}

/* ---- places and pointers */

static const char placed[] = "{ \"a\": 1,\n"
			     "  \"b/c\": [true,\n"
			     "\t{ \"~\": \"x\", \"e\\u001b\": {} } ]\n"
			     "}";

/* In the order of the file. */
static const struct {
	struct place place;
	const char *pointer;
} places[] = {
	{ { 1, 1 }, "" },
	{ { 1, 8 }, "/a" },
	{ { 2, 10 }, "/b~1c" },
	{ { 2, 11 }, "/b~1c/0" },
	{ { 3, 2 }, "/b~1c/1" },
	{ { 3, 9 }, "/b~1c/1/~0" },
	{ { 3, 25 }, "/b~1c/1/e\x1b" },
};

static void test_knows_where_each_value_ends(void **state)
{
	static const char *const values[] = { placed, "1",
		                              "[true,\n\t{ \"~\": \"x\", "
		                              "\"e\\u001b\": {} } ]" };
	_cleanup_(json_freep) struct json_document *document = NULL;
	const cJSON *nodes[3];
	struct diags diags;

	(void)state;
	assert_int_equal(parse(placed, strlen(placed), &diags, &document), 0);
	nodes[0] = json_root(document);
	nodes[1] = nodes[0]->child;
	nodes[2] = nodes[1]->next;
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct json_span span = json_span(document, nodes[i]);

		assert_int_equal(span.end - span.start, strlen(values[i]));
		assert_memory_equal(placed + span.start, values[i], strlen(values[i]));
	}
	diags_deinit(&diags);
}

static void check_places(const struct json_document *document, const cJSON *node, size_t *row)
{
	struct place place = json_place(document, node);
	const cJSON *child;
	char pointer[64];

	json_pointer(document, node, pointer, sizeof(pointer));
	assert_true(*row < ARRAY_SIZE(places));
	assert_int_equal(place.line, places[*row].place.line);
	assert_int_equal(place.column, places[*row].place.column);
	assert_string_equal(pointer, places[*row].pointer);
	(*row)++;
	cJSON_ArrayForEach (child, node) {
		check_places(document, child, row);
	}
}

static void test_knows_where_each_value_stands(void **state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;
	size_t row = 0;

	(void)state;
	assert_int_equal(parse(placed, strlen(placed), &diags, &document), 0);
	check_places(document, json_root(document), &row);
	assert_int_equal(row, ARRAY_SIZE(places));
	diags_deinit(&diags);
}

static void test_complains_with_an_escaped_pointer(void **state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	_cleanup_free_ char *text = NULL;
	const cJSON *node;
	struct diags diags;

	(void)state;
	assert_int_equal(parse(placed, strlen(placed), &diags, &document), 0);
	node = json_root(document)->child->next->child->next->child->next;
	json_complain(document, node, &diags, DIAG_ERROR, "id", "%d wrong", 3);
	text = diags_text(&diags);
	assert_string_equal(text, "f:3:25: /b~1c/1/e\\x1b: 3 wrong\n");
	diags_deinit(&diags);
}

static void test_cuts_a_pointer(void **state)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;
	char pointer[4];

	(void)state;
	assert_int_equal(parse("{\"abcdef\":1}", 12, &diags, &document), 0);
	json_pointer(document, json_root(document)->child, pointer, sizeof(pointer));
	assert_string_equal(pointer, "/ab");
	diags_deinit(&diags);
}

/* ---- values */

static void test_takes_the_last_of_equal_keys(void **state)
{
	static const char json[] = "{\"a\":1,\"A\":2,\"a\":3}";
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;
	uint64_t value;

	(void)state;
	assert_int_equal(parse(json, strlen(json), &diags, &document), 0);
	assert_int_equal(json_uint(document, json_member(json_root(document), "a"), 9, &value), 0);
	assert_int_equal(value, 3);
	assert_null(json_member(json_root(document), "b"));
	assert_null(json_member(json_member(json_root(document), "a"), "b"));
	diags_deinit(&diags);
}

static const struct {
	const char *json;
	uint64_t max;
	int result;
	uint64_t value;
} numbers[] = {
	{ "0", UINT64_MAX, 0, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551614", UINT64_MAX, 0, UINT64_MAX - 1 },
	{ "9007199254740993", UINT64_MAX, 0, 9007199254740993 }, /* 2^53 + 1: no double */
	{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
	{ "5", 5, 0, 5 },
	{ "6", 5, -ERANGE, 0 },
	{ "-1", UINT64_MAX, -EINVAL, 0 },
	{ "-0", UINT64_MAX, -EINVAL, 0 },
	{ "1.0", UINT64_MAX, -EINVAL, 0 },
	{ "1e3", UINT64_MAX, -EINVAL, 0 },
	{ "1E3", UINT64_MAX, -EINVAL, 0 },
	{ "'1'", UINT64_MAX, -EINVAL, 0 },
	{ "true", UINT64_MAX, -EINVAL, 0 },
	{ "null", UINT64_MAX, -EINVAL, 0 },
	{ "[1]", UINT64_MAX, -EINVAL, 0 },
};

static void test_reads_integers_from_the_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		_cleanup_(json_freep) struct json_document *document = NULL;
		_cleanup_free_ char *json = with_quotes(numbers[i].json);
		struct diags diags;
		uint64_t value = 0;

		assert_int_equal(parse(json, strlen(json), &diags, &document), 0);
		assert_int_equal(json_uint(document, json_root(document), numbers[i].max, &value),
		                 numbers[i].result);
		assert_int_equal(value, numbers[i].value);
		diags_deinit(&diags);
	}
}

/* ---- damage */

/* Whatever is accepted has a place for every node: location lookups assert it. */
static void visit(const struct json_document *document, const cJSON *node)
{
	const cJSON *child;

	assert_true(json_place(document, node).line > 0);
	cJSON_ArrayForEach (child, node) {
		visit(document, child);
	}
}

static void try_bytes(const char *json, size_t len)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct diags diags;
	int r = parse(json, len, &diags, &document);

	if (r == 0) {
		visit(document, json_root(document));
	} else {
		assert_int_equal(r, -EBADMSG);
		assert_int_equal(diags.errors, 1);
		assert_true(diags.list[diags.count - 1].place.line > 0);
	}
	diags_deinit(&diags);
}

static const char whole[] = "{\"a\\u00e4\\ud83d\\udc33\": [1.5e-3, true, {\"b\": null}],\n"
			    " \"\xc3\xbc\": \"\\n\"}";

static void test_every_prefix_ends_too_early(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(whole); len++) {
		_cleanup_free_ char *prefix =
			malloc(len + 1); /* so that a sanitizer sees the end */
		struct json_document *document = NULL;
		struct diags diags;

		memcpy(prefix, whole, len);
		assert_int_equal(parse(prefix, len, &diags, &document), -EBADMSG);
		diags_deinit(&diags);
	}
}

static void test_survives_every_byte_in_every_place(void **state)
{
	char copy[sizeof(whole)];

	(void)state;
	for (size_t at = 0; at < strlen(whole); at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(copy, whole, sizeof(whole));
			copy[at] = (char)byte;
			try_bytes(copy, strlen(whole));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_json_and_nothing_else),
		cmocka_unit_test(test_refuses_a_nul_byte),
		cmocka_unit_test(test_replaces_half_a_pair_as_go_does),
		cmocka_unit_test(test_bounds_depth),
		cmocka_unit_test(test_bounds_size),
		cmocka_unit_test(test_knows_where_each_value_stands),
		cmocka_unit_test(test_knows_where_each_value_ends),
		cmocka_unit_test(test_complains_with_an_escaped_pointer),
		cmocka_unit_test(test_cuts_a_pointer),
		cmocka_unit_test(test_takes_the_last_of_equal_keys),
		cmocka_unit_test(test_reads_integers_from_the_digits),
		cmocka_unit_test(test_every_prefix_ends_too_early),
		cmocka_unit_test(test_survives_every_byte_in_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
