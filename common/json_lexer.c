/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json_lexer.h"

#include <ctype.h>
#include <string.h>

#include "common/json.h"
#include "common/text.h"

/* cJSON copies a number into 64 bytes before it reads it. */
enum { NUMBER_MAX = 63 };

struct lexer {
	char *bytes;
	size_t len;
	size_t at;
	unsigned depth;
	struct diags *diags;
	struct json_layout layout;
};

static int note(struct json_offsets *offsets, size_t offset)
{
	if (offsets->count == offsets->room) {
		size_t room = offsets->room ? offsets->room * 2 : 64;
		uint32_t *grown = reallocarray(offsets->list, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		offsets->list = grown;
		offsets->room = room;
	}
	offsets->list[offsets->count++] = (uint32_t)offset;
	return 0;
}

void json_layout_deinit(struct json_layout *layout)
{
	free(layout->values.list);
	free(layout->ends.list);
	free(layout->lines.list);
	*layout = (struct json_layout){ 0 };
}

struct place json_layout_place(const struct json_layout *layout, size_t offset)
{
	const uint32_t *starts = layout->lines.list;
	size_t low = 0, high = layout->lines.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct place){ (unsigned)low + 1, (unsigned)(offset - starts[low]) + 1 };
}

static int note_lines(struct lexer *lexer)
{
	int r = note(&lexer->layout.lines, 0);

	for (size_t i = 0; r == 0 && i < lexer->len; i++)
		if (lexer->bytes[i] == '\n')
			r = note(&lexer->layout.lines, i + 1);
	return r;
}

/* The byte at offset bytes from here, -1 past the end. */
static int peek(const struct lexer *lexer, size_t offset)
{
	if (offset >= lexer->len - lexer->at)
		return -1;
	return (unsigned char)lexer->bytes[lexer->at + offset];
}

/* Reports what stands at the lexer's place, and what should. */
static int refuse(struct lexer *lexer, const char *expected)
{
	struct place place = json_layout_place(&lexer->layout, lexer->at);
	char shown[16];
	struct text text = TEXT_OVER(shown);

	if (lexer->at == lexer->len) {
		diags_add(lexer->diags, DIAG_ERROR, "json", place, "",
		          "the file ends too early; expected %s", expected);
		return -EBADMSG;
	}
	text_escape_terminal(&text, lexer->bytes + lexer->at, 1, 4);
	diags_add(lexer->diags, DIAG_ERROR, "json", place, "", "unexpected '%s'; expected %s",
	          text.bytes, expected);
	return -EBADMSG;
}

static void skip_space(struct lexer *lexer)
{
	while (lexer->at < lexer->len && memchr(" \t\r\n", lexer->bytes[lexer->at], 4))
		lexer->at++;
}

static int read_word(struct lexer *lexer, const char *word)
{
	size_t len = strlen(word);

	if (len > lexer->len - lexer->at || memcmp(lexer->bytes + lexer->at, word, len) != 0)
		return refuse(lexer, "a value (true, false and null are the only words)");
	lexer->at += len;
	return 0;
}

/* ---- numbers */

static int read_digits(struct lexer *lexer)
{
	if (!isdigit(peek(lexer, 0)))
		return refuse(lexer, "a digit");
	while (isdigit(peek(lexer, 0)))
		lexer->at++;
	return 0;
}

static int read_number_parts(struct lexer *lexer)
{
	int r;

	if (peek(lexer, 0) == '-')
		lexer->at++;
	if (peek(lexer, 0) == '0' && isdigit(peek(lexer, 1)))
		return refuse(lexer, "a number without leading zeros");
	r = read_digits(lexer);
	if (r == 0 && peek(lexer, 0) == '.') {
		lexer->at++;
		r = read_digits(lexer);
	}
	if (r == 0 && (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E')) {
		lexer->at++;
		if (peek(lexer, 0) == '+' || peek(lexer, 0) == '-')
			lexer->at++;
		r = read_digits(lexer);
	}
	return r;
}

static int read_number(struct lexer *lexer)
{
	size_t start = lexer->at;
	int r = read_number_parts(lexer);

	if (r == 0 && lexer->at - start > NUMBER_MAX) {
		lexer->at = start;
		return refuse(lexer, "a number of at most 63 characters");
	}
	return r;
}

/* ---- strings */

/* The value of four hexadecimal digits, offset bytes from here; -1 if they are none. */
static int peek_hex4(const struct lexer *lexer, size_t offset)
{
	int value = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = peek(lexer, offset + i);

		if (!isxdigit(digit))
			return -1;
		value = value * 16 + (isdigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
	}
	return value;
}

static bool low_surrogate(int unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool high_surrogate(int unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static void replace_surrogate(struct lexer *lexer)
{
	diags_add(lexer->diags, DIAG_WARNING, "surrogate",
	          json_layout_place(&lexer->layout, lexer->at), "",
	          "half of a surrogate pair; it is read as U+FFFD");
	memcpy(lexer->bytes + lexer->at, "\\ufffd", 6);
	lexer->at += 6;
}

/* At the backslash of \uXXXX. */
static int read_unicode_escape(struct lexer *lexer)
{
	int unit = peek_hex4(lexer, 2);

	if (unit < 0)
		return refuse(lexer, "four hexadecimal digits after \\u");
	if (unit == 0)
		return refuse(lexer, "no NUL character in a string");
	if (high_surrogate(unit) && peek(lexer, 6) == '\\' && peek(lexer, 7) == 'u' &&
	    low_surrogate(peek_hex4(lexer, 8)))
		lexer->at += 12;
	else if (high_surrogate(unit) || low_surrogate(unit))
		replace_surrogate(lexer);
	else
		lexer->at += 6;
	return 0;
}

static int read_escape(struct lexer *lexer)
{
	int letter = peek(lexer, 1);

	if (letter == 'u')
		return read_unicode_escape(lexer);
	if (letter <= 0 || !strchr("\"\\/bfnrt", letter))
		return refuse(lexer,
		              "an escape that JSON has: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
	lexer->at += 2;
	return 0;
}

static int read_character(struct lexer *lexer)
{
	int byte = peek(lexer, 0);
	size_t length;

	if (byte < 0)
		return refuse(lexer, "the closing '\"' of a string");
	if (byte < 0x20)
		return refuse(lexer, "no control character in a string, but its escape");
	if (byte == '\\')
		return read_escape(lexer);
	length = text_utf8_length((const unsigned char *)lexer->bytes + lexer->at,
	                          lexer->len - lexer->at);
	if (length == 0)
		return refuse(lexer, "valid UTF-8");
	lexer->at += length;
	return 0;
}

static int read_string(struct lexer *lexer)
{
	int r;

	lexer->at++;
	while (peek(lexer, 0) != '"') {
		r = read_character(lexer);
		if (r < 0)
			return r;
	}
	lexer->at++;
	return 0;
}

/* ---- values */

static int read_value(struct lexer *lexer);

static int read_member(struct lexer *lexer)
{
	int r;

	if (peek(lexer, 0) != '"')
		return refuse(lexer, "a key in double quotes");
	r = read_string(lexer);
	if (r < 0)
		return r;
	skip_space(lexer);
	if (peek(lexer, 0) != ':')
		return refuse(lexer, "':' after the key");
	lexer->at++;
	return read_value(lexer);
}

/* The two kinds of container differ in their brackets and in what stands between the commas. */
struct container {
	char close;
	int (*read_item)(struct lexer *lexer);
	const char *after_item;
};

static const struct container object = { '}', read_member, "',' or '}' after the member" };
static const struct container array = { ']', read_value, "',' or ']' after the element" };

static int read_items(struct lexer *lexer, const struct container *container)
{
	lexer->at++;
	skip_space(lexer);
	if (peek(lexer, 0) == container->close) {
		lexer->at++;
		return 0;
	}
	for (;;) {
		int r = container->read_item(lexer);

		if (r < 0)
			return r;
		skip_space(lexer);
		if (peek(lexer, 0) != ',' && peek(lexer, 0) != container->close)
			return refuse(lexer, container->after_item);
		if (lexer->bytes[lexer->at++] == container->close)
			return 0;
		skip_space(lexer);
	}
}

static int read_container(struct lexer *lexer, const struct container *container)
{
	int r;

	if (lexer->depth == JSON_MAX_DEPTH)
		return refuse(lexer, "at most 64 levels of nesting");
	lexer->depth++;
	r = read_items(lexer, container);
	lexer->depth--;
	return r;
}

static int read_kind(struct lexer *lexer)
{
	int byte = peek(lexer, 0);

	if (byte == '{')
		return read_container(lexer, &object);
	if (byte == '[')
		return read_container(lexer, &array);
	if (byte == '"')
		return read_string(lexer);
	if (byte == '-' || isdigit(byte))
		return read_number(lexer);
	if (byte == 't')
		return read_word(lexer, "true");
	if (byte == 'f')
		return read_word(lexer, "false");
	if (byte == 'n')
		return read_word(lexer, "null");
	return refuse(lexer, "a value");
}

static int read_value(struct lexer *lexer)
{
	struct json_layout *layout = &lexer->layout;
	size_t index = layout->values.count;
	int r;

	skip_space(lexer);
	r = note(&layout->values, lexer->at);
	if (r == 0)
		r = note(&layout->ends, lexer->at);
	if (r == 0)
		r = read_kind(lexer);
	if (r == 0)
		layout->ends.list[index] = (uint32_t)lexer->at;
	return r;
}

static int read_file(struct lexer *lexer)
{
	int r = note_lines(lexer);

	if (r == 0)
		r = read_value(lexer);
	if (r < 0)
		return r;
	skip_space(lexer);
	if (lexer->at < lexer->len)
		return refuse(lexer, "nothing after the value");
	return 0;
}

int json_lex(char *bytes, size_t len, struct diags *diags, struct json_layout *ret_layout)
{
	struct lexer lexer = { .bytes = bytes, .len = len, .diags = diags };
	int r = read_file(&lexer);

	if (r < 0) {
		json_layout_deinit(&lexer.layout);
		return r;
	}
	*ret_layout = lexer.layout;
	return 0;
}
