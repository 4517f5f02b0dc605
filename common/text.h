/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line under construction, in memory the caller gives. It never grows and never overruns: from
 * the first byte that does not fit on everything is dropped, and overflow remembers it. So the
 * bytes are always a prefix of what was asked for, cut between characters, and NUL-terminated.
 *
 * Strings that a target controls go through text_escape_terminal() or text_json_string(), never
 * through text_printf("%s"): they may hold escape sequences, control bytes and broken UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct text {
	char *bytes;
	size_t len;  /* without the final NUL */
	size_t size; /* of the memory, the NUL included; at least 1 */
	bool overflow;
};

/* A text over an array in scope. */
#define TEXT_OVER(array) ((struct text){ .bytes = text_start_(array), .size = sizeof(array) })

static inline char *text_start_(char *bytes)
{
	bytes[0] = '\0';
	return bytes;
}

void text_clear(struct text *text);
void text_append(struct text *text, const char *bytes, size_t len);
void text_string(struct text *text, const char *trusted);
_printf_(2, 3) void text_printf(struct text *text, const char *format, ...);

/*
 * Bytes as a C string's inside, for a terminal: printable ASCII and valid UTF-8 (without the C1
 * controls U+0080..U+009F and the characters that reorder text) as they are, \n \t \r \" \\ by
 * name, every other byte as \xNN. At most max_columns characters of output, then it stops; returns
 * the number of input bytes consumed.
 */
size_t text_escape_terminal(struct text *text, const char *bytes, size_t len, size_t max_columns);

/*
 * A message of ours that may quote what a file or a target said: as above, but quotes and
 * backslashes, which are ours as often as theirs, stay as they are.
 */
void text_escape_message(struct text *text, const char *message);

/*
 * A quoted JSON string. Control characters and those that reorder text become \uXXXX; each byte
 * that is not valid UTF-8 becomes U+FFFD, and *ret_lossy (may be NULL) is set to true when one did.
 */
void text_json_string(struct text *text, const char *bytes, size_t len, bool *ret_lossy);

/* Length in bytes of the valid UTF-8 sequence at bytes (RFC 3629), 0 where there is none. */
size_t text_utf8_length(const unsigned char *bytes, size_t len);
