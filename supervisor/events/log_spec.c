/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "supervisor/events/log.h"

static const struct {
	const char *prefix;
	enum log_format format;
} formats[] = {
	{ "text:", LOG_TEXT },
	{ "json:", LOG_JSON },
};

/* Decimal digits alone: strtol(3) would take a sign and blanks. */
static int parse_descriptor(const char *digits, int *ret_fd)
{
	int fd = 0;

	if (!*digits)
		return -EINVAL;
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9' || fd > (INT_MAX - 9) / 10)
			return -EINVAL;
		fd = fd * 10 + (*digits - '0');
	}
	*ret_fd = fd;
	return 0;
}

static int parse_place(const char *place, struct log_spec *spec)
{
	if (!*place)
		return -EINVAL;
	if (strcmp(place, "-") == 0) {
		spec->fd = STDERR_FILENO;
		return 0;
	}
	if (strncmp(place, "fd:", strlen("fd:")) == 0)
		return parse_descriptor(place + strlen("fd:"), &spec->fd);
	spec->path = place;
	return 0;
}

int log_spec_parse(const char *argument, struct log_spec *ret_spec)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		struct log_spec spec = { .format = formats[i].format, .fd = -1 };
		size_t length = strlen(formats[i].prefix);
		int r;

		if (strncmp(argument, formats[i].prefix, length) != 0)
			continue;
		r = parse_place(argument + length, &spec);
		if (r == 0)
			*ret_spec = spec;
		return r;
	}
	return -EINVAL;
}
