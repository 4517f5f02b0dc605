/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/maps.h"

#include <string.h>
#include <sys/sysmacros.h>

/* A line that is read from left to right; valid until something else stood there than expected. */
struct line {
	const char *at;
	const char *end;
	bool valid;
};

static int digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return 16;
}

/* A number, and the byte that must end it. */
static uint64_t number(struct line *line, int base, char stop)
{
	const char *start = line->at;
	uint64_t value = 0;

	for (; line->at < line->end && digit(*line->at) < base; line->at++)
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit(*line->at), &value))
			line->valid = false;
	if (line->at == start || line->at == line->end || *line->at != stop)
		line->valid = false;
	else
		line->at++;
	return value;
}

/* "r-xp " */
static const char *permissions(struct line *line)
{
	const char *start = line->at;

	if (line->end - line->at < 5 || line->at[4] != ' ') {
		line->valid = false;
		return "----";
	}
	line->at += 5;
	return start;
}

static bool parse(struct line line, struct mapping *ret_mapping)
{
	struct mapping mapping = { 0 };
	unsigned major, minor;
	const char *letters;

	mapping.low = number(&line, 16, '-');
	mapping.high = number(&line, 16, ' ');
	letters = permissions(&line);
	mapping.readable = letters[0] == 'r';
	mapping.executable = letters[2] == 'x';
	mapping.shared = letters[3] == 's';
	mapping.offset = number(&line, 16, ' ');
	major = (unsigned)number(&line, 16, ':');
	minor = (unsigned)number(&line, 16, ' ');
	mapping.device = makedev(major, minor);
	mapping.inode = number(&line, 10, ' ');
	if (!line.valid || mapping.low >= mapping.high)
		return false;
	while (line.at < line.end && *line.at == ' ')
		line.at++;
	mapping.path = line.at;
	mapping.path_length = (size_t)(line.end - line.at);
	*ret_mapping = mapping;
	return true;
}

bool maps_next(const char **rest, const char *end, struct mapping *ret_mapping)
{
	const char *newline;

	while (*rest < end && (newline = memchr(*rest, '\n', (size_t)(end - *rest)))) {
		struct line line = { .at = *rest, .end = newline, .valid = true };

		*rest = newline + 1;
		if (parse(line, ret_mapping))
			return true;
	}
	return false;
}
