/* SPDX-License-Identifier: Apache-2.0 */
#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_clear(struct text *text)
{
	text->len = 0;
	text->bytes[0] = '\0';
	text->overflow = false;
}

/* A cut must not leave the head of a UTF-8 sequence: it would swallow what is shown after it. */
static void drop_cut_sequence(struct text *text)
{
	const unsigned char *bytes = (const unsigned char *)text->bytes;
	size_t start = text->len;

	while (start > 0 && text->len - start < 3 && (bytes[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || bytes[start - 1] < 0xc0)
		return;
	start--;
	if (text_utf8_length(bytes + start, text->len - start) == 0)
		text->len = start;
}

static void overflowed(struct text *text)
{
	text->overflow = true;
	drop_cut_sequence(text);
	text->bytes[text->len] = '\0';
}

void text_append(struct text *text, const char *bytes, size_t len)
{
	size_t room = text->size - 1 - text->len;
	size_t fitting = len < room ? len : room;

	if (text->overflow || len == 0)
		return;
	memcpy(text->bytes + text->len, bytes, fitting);
	text->len += fitting;
	text->bytes[text->len] = '\0';
	if (fitting < len)
		overflowed(text);
}

void text_string(struct text *text, const char *trusted)
{
	text_append(text, trusted, strlen(trusted));
}

void text_printf(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->len; /* the NUL's byte included */
	va_list arguments;
	int written;

	if (text->overflow)
		return;
	va_start(arguments, format);
	written = vsnprintf(text->bytes + text->len, room, format, arguments);
	va_end(arguments);
	if (written < 0) {
		overflowed(text);
	} else if ((size_t)written >= room) {
		text->len = text->size - 1;
		overflowed(text);
	} else {
		text->len += (size_t)written;
	}
}

/* The well-formed sequences of RFC 3629, section 4: the second byte's range shuts out the rest. */
static const struct {
	unsigned char lead_first, lead_last;
	unsigned char second_first, second_last;
	unsigned char length;
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* no overlong forms */
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 }, /* no overlong forms */
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* none above U+10FFFF */
};

static bool continues(const unsigned char *bytes, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t text_utf8_length(const unsigned char *bytes, size_t len)
{
	if (len == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (bytes[0] < sequences[i].lead_first || bytes[0] > sequences[i].lead_last)
			continue;
		if (len < sequences[i].length || bytes[1] < sequences[i].second_first ||
		    bytes[1] > sequences[i].second_last ||
		    !continues(bytes, 2, sequences[i].length))
			return 0;
		return sequences[i].length;
	}
	return 0;
}

static uint32_t code_point(const unsigned char *bytes, size_t length)
{
	uint32_t point = bytes[0];

	if (length > 1)
		point &= 0xffU >> (length + 1);
	for (size_t i = 1; i < length; i++)
		point = point << 6 | (bytes[i] & 0x3f);
	return point;
}

/* Characters that steer a terminal, or the order in which it shows the others. All below U+10000.
 */
static const struct {
	uint32_t first, last;
} steering[] = {
	{ 0x0000, 0x001f }, /* C0 */
	{ 0x007f, 0x009f }, /* DEL, C1 */
	{ 0x061c, 0x061c }, /* the Arabic letter mark */
	{ 0x200e, 0x200f }, /* left-to-right and right-to-left marks */
	{ 0x2028, 0x202e }, /* line and paragraph separators, bidirectional embeddings, overrides */
	{ 0x2066, 0x2069 }, /* bidirectional isolates */
};

static bool steers(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_SIZE(steering); i++)
		if (point >= steering[i].first && point <= steering[i].last)
			return true;
	return false;
}

/* A unit that must not be cut: an escape, a character. False where it does not fit. */
static bool append_whole(struct text *text, const char *bytes, size_t len)
{
	if (text->overflow || len > text->size - 1 - text->len) {
		text->overflow = true;
		return false;
	}
	text_append(text, bytes, len);
	return true;
}

enum { UNIT_SIZE = 8 }; /* the longest unit is "\uXXXX" */

/* The letter of a two-character escape that C and JSON share, or 0. */
static char escape_letter(unsigned char byte)
{
	static const char letters[256] = {
		['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
	};

	return letters[byte];
}

/* The output for the unit at bytes; returns its length, and what was consumed in *ret_consumed. */
static size_t terminal_unit(char unit[static UNIT_SIZE], const unsigned char *bytes, size_t len,
                            size_t *ret_consumed)
{
	size_t length = text_utf8_length(bytes, len);

	*ret_consumed = 1;
	if (escape_letter(bytes[0]))
		return (size_t)snprintf(unit, UNIT_SIZE, "\\%c", escape_letter(bytes[0]));
	if (length == 0 || steers(code_point(bytes, length)))
		return (size_t)snprintf(unit, UNIT_SIZE, "\\x%02x", bytes[0]);
	memcpy(unit, bytes, length);
	*ret_consumed = length;
	return length;
}

size_t text_escape_terminal(struct text *text, const char *bytes, size_t len, size_t max_columns)
{
	const unsigned char *input = (const unsigned char *)bytes;
	size_t consumed = 0, columns = 0;

	while (consumed < len) {
		char unit[UNIT_SIZE];
		size_t taken;
		size_t length = terminal_unit(unit, input + consumed, len - consumed, &taken);
		size_t width = taken > 1 ? 1 : length;

		if (width > max_columns - columns || !append_whole(text, unit, length))
			break;
		columns += width;
		consumed += taken;
	}
	return consumed;
}

static size_t json_unit(char unit[static UNIT_SIZE], const unsigned char *bytes, size_t len,
                        size_t *ret_consumed)
{
	size_t length = text_utf8_length(bytes, len);

	*ret_consumed = length > 0 ? length : 1;
	if (length == 0)
		return (size_t)snprintf(unit, UNIT_SIZE, "\xef\xbf\xbd"); /* U+FFFD */
	if (bytes[0] == '"' || bytes[0] == '\\')
		return (size_t)snprintf(unit, UNIT_SIZE, "\\%c", bytes[0]);
	if (steers(code_point(bytes, length)))
		return (size_t)snprintf(unit, UNIT_SIZE, "\\u%04x",
		                        (unsigned)code_point(bytes, length) & 0xffff);
	memcpy(unit, bytes, length);
	return length;
}

void text_json_string(struct text *text, const char *bytes, size_t len, bool *ret_lossy)
{
	const unsigned char *input = (const unsigned char *)bytes;
	size_t consumed = 0;

	text_append(text, "\"", 1);
	while (consumed < len) {
		char unit[UNIT_SIZE];
		size_t taken;
		size_t length = json_unit(unit, input + consumed, len - consumed, &taken);

		if (ret_lossy && text_utf8_length(input + consumed, len - consumed) == 0)
			*ret_lossy = true;
		if (!append_whole(text, unit, length))
			return;
		consumed += taken;
	}
	text_append(text, "\"", 1);
}

void text_escape_message(struct text *text, const char *message)
{
	while (*message) {
		size_t plain = strcspn(message, "\"\\");

		text_escape_terminal(text, message, plain, SIZE_MAX);
		message += plain;
		if (*message)
			text_append(text, message++, 1);
	}
}
