/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/glob.h"

#include <string.h>

/* ---- one element of a pattern */

/* The end of a set that begins at pattern ("[...]"), or NULL where it has none. */
static const char *set_end(const char *pattern)
{
	const char *at = pattern + 1;

	if (*at == '!' || *at == '^')
		at++;
	if (*at == ']') /* the first one is a member */
		at++;
	for (; *at && *at != ']'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at : NULL;
}

static unsigned char set_member(const char **at)
{
	if (**at == '\\')
		(*at)++;
	return (unsigned char)*(*at)++;
}

static bool set_has(const char *pattern, const char *end, unsigned char byte)
{
	const char *at = pattern + 1;
	bool negated = *at == '!' || *at == '^', found = false;

	if (negated)
		at++;
	while (at < end) {
		unsigned char low = set_member(&at), high = low;

		if (*at == '-' && at + 1 < end) {
			at++;
			high = set_member(&at);
		}
		if (byte >= low && byte <= high)
			found = true;
	}
	return found != negated;
}

/* The element after one byte's match, or NULL where the byte does not match the element. */
static const char *match_byte(enum glob_kind kind, const char *pattern, char byte)
{
	const char *end;

	switch (*pattern) {
	case '\0':
		return NULL;
	case '?':
		return kind == GLOB_PATH && byte == '/' ? NULL : pattern + 1;
	case '[':
		end = set_end(pattern);
		if (!end || (kind == GLOB_PATH && byte == '/') ||
		    !set_has(pattern, end, (unsigned char)byte))
			return NULL;
		return end + 1;
	default:
		pattern += *pattern == '\\';
		return *pattern == byte ? pattern + 1 : NULL;
	}
}

/* ---- stars */

/* Where to go on after a mismatch: the star takes one byte, or one component, more. */
struct retry {
	const char *pattern; /* after the star; NULL: there was none */
	size_t at;           /* the first byte that it does not take yet */
	bool components;     /* it takes whole components */
};

struct matcher {
	enum glob_kind kind;
	const char *pattern, *text;
	size_t at, length;
	const char *start;
	struct retry star;  /* within a component */
	struct retry stars; /* across them */
};

/* Takes the star that pattern stands at. */
static void take_star(struct matcher *matcher)
{
	const char *star = matcher->pattern;
	bool starts = star == matcher->start || star[-1] == '/';

	while (*matcher->pattern == '*')
		matcher->pattern++;
	if (matcher->kind == GLOB_PATH && matcher->pattern == star + 1) {
		matcher->star = (struct retry){ matcher->pattern, matcher->at, false };
		return;
	}
	matcher->stars = (struct retry){ matcher->pattern, matcher->at, false };
	matcher->star.pattern = NULL;
	if (matcher->kind == GLOB_PATH && starts && *matcher->pattern == '/') {
		matcher->stars.pattern = ++matcher->pattern;
		matcher->stars.components = true;
	}
}

static bool retry_star(struct matcher *matcher)
{
	struct retry *star = &matcher->star;

	if (!star->pattern || star->at >= matcher->length || matcher->text[star->at] == '/')
		return false;
	matcher->pattern = star->pattern;
	matcher->at = ++star->at;
	return true;
}

static bool retry_stars(struct matcher *matcher)
{
	struct retry *stars = &matcher->stars;
	const char *slash;

	if (!stars->pattern || stars->at >= matcher->length)
		return false;
	if (stars->components) {
		slash = memchr(matcher->text + stars->at, '/', matcher->length - stars->at);
		if (!slash)
			return false;
		stars->at = (size_t)(slash - matcher->text);
	}
	matcher->star.pattern = NULL;
	matcher->pattern = stars->pattern;
	matcher->at = ++stars->at;
	return true;
}

bool glob_match(enum glob_kind kind, const char *pattern, const char *text, size_t length)
{
	struct matcher matcher = {
		.kind = kind, .pattern = pattern, .text = text, .length = length, .start = pattern
	};

	while (matcher.at < length || *matcher.pattern) {
		const char *next = NULL;

		if (*matcher.pattern == '*') {
			take_star(&matcher);
			continue;
		}
		if (matcher.at < length)
			next = match_byte(kind, matcher.pattern, text[matcher.at]);
		if (next) {
			matcher.pattern = next;
			matcher.at++;
		} else if (!retry_star(&matcher) && !retry_stars(&matcher)) {
			return false;
		}
	}
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static const char *check_path(const char *pattern)
{
	if (pattern[0] != '/' && strncmp(pattern, "**", 2) != 0)
		return "an absolute path";
	if (strstr(pattern, "//") || strstr(pattern, "/./") || strstr(pattern, "/../") ||
	    ends_with(pattern, "/.") || ends_with(pattern, "/.."))
		return "a path without //, /./ and /../, as paths are resolved first";
	if (pattern[1] && ends_with(pattern, "/"))
		return "a path without a slash at its end: the directory, or /** after it for what "
		       "is in it";
	return NULL;
}

const char *glob_check(enum glob_kind kind, const char *pattern)
{
	for (const char *at = pattern; *at; at++) {
		if (*at == '\\') {
			if (!*++at)
				return "a character after the last \\";
		} else if (*at == '[') {
			at = set_end(at);
			if (!at)
				return "a ] for every [, or \\[ for the character";
		}
	}
	return kind == GLOB_PATH ? check_path(pattern) : NULL;
}
