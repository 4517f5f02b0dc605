/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and constants of arguments. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "policies/policy_reader.h"
#include "profiles/arguments/constants.h"

enum {
	NAME_MAX_LENGTH = 63,
	SIGNALS = 65,
};

/* ---- names */

static const struct constant *find_in(const struct constant *set, const char *name,
                                      struct near *near)
{
	for (; set && set->name; set++) {
		if (strcmp(set->name, name) == 0)
			return set;
		near_offer(near, set->name);
	}
	return NULL;
}

/* A protocol's name belongs to one family, so it is good whatever family the rule is about. */
static const struct constant *find_protocol(const char *name, struct near *near)
{
	const struct constant *found = NULL;

	for (uint64_t family = 0; family < AF_MAX && !found; family++)
		found = find_in(constants_protocol(family), name, near);
	return found;
}

static bool find_signal(const char *name, struct constant *ret_constant)
{
	for (int number = 1; number < SIGNALS; number++) {
		const char *abbreviation = sigabbrev_np(number);

		if (!abbreviation || strncmp(name, "SIG", 3) != 0 ||
		    strcmp(name + 3, abbreviation) != 0)
			continue;
		*ret_constant =
			(struct constant){ .name = abbreviation, .value = (uint64_t)number };
		return true;
	}
	return false;
}

static bool find_constant(const struct argument *argument, const char *name, struct near *near,
                          struct constant *ret_constant)
{
	const struct constant *found = NULL;

	if (argument->type == ARGUMENT_FD && strcmp(name, "AT_FDCWD") == 0) {
		*ret_constant = (struct constant){ .value = (uint64_t)AT_FDCWD };
		return true;
	}
	if (argument->type == ARGUMENT_SIGNAL)
		return find_signal(name, ret_constant);
	if (argument->type == ARGUMENT_PROTOCOL)
		found = find_protocol(name, near);
	else
		found = find_in(argument->constants, name, near);
	if (!found)
		return false;
	*ret_constant = *found;
	return true;
}

/* ---- one part of a string */

/* "0x10", "16", "020", "-1", as C has them. */
static bool parse_number(const char *text, uint64_t *ret_value)
{
	bool negative = text[0] == '-';
	const char *digits = text + negative;
	char *end;

	if (digits[0] < '0' || digits[0] > '9')
		return false;
	errno = 0;
	*ret_value = strtoull(digits, &end, 0);
	if (errno || *end || (negative && *ret_value > INT64_MAX))
		return false;
	if (negative)
		*ret_value = -*ret_value;
	return true;
}

static bool read_part(struct policy_reader *reader, const cJSON *node,
                      const struct argument *argument, const char *part,
                      struct constant *ret_constant)
{
	struct near near = near_to(part);
	struct shown wrong, hint;

	*ret_constant = (struct constant){ 0 };
	if (parse_number(part, &ret_constant->value))
		return true;
	if (find_constant(argument, part, &near, ret_constant))
		return true;
	policy_error(reader, node, "unknown-constant",
	             "%s is no number, and no constant of %s; expected %s%s", shown(&wrong, part),
	             argument->name,
	             argument->constants || argument->type == ARGUMENT_PROTOCOL
	                     ? "a number or a name as in the man page"
	                     : "a number",
	             meant(&hint, near.best));
	return false;
}

/* The part before the next '|' in buf; NULL after the last. */
static const char *next_part(const char *string, char buf[static NAME_MAX_LENGTH + 1])
{
	size_t length = strcspn(string, "|");
	const char *end = string + length;

	while (length > 0 && *string == ' ') {
		string++;
		length--;
	}
	while (length > 0 && string[length - 1] == ' ')
		length--;
	if (length > NAME_MAX_LENGTH)
		length = NAME_MAX_LENGTH;
	memcpy(buf, string, length);
	buf[length] = '\0';
	return *end ? end + 1 : NULL;
}

/* ---- values */

static bool read_json_number(struct policy_reader *reader, const cJSON *node, uint64_t *ret_value)
{
	double number = node->valuedouble;

	if (json_uint(reader->document, node, UINT64_MAX, ret_value) == 0)
		return true;
	if (number < 0 && number >= INT32_MIN && (double)(int64_t)number == number) {
		*ret_value = (uint64_t)(int64_t)number;
		return true;
	}
	policy_error(reader, node, "wrong-number",
	             "not a number that an argument can have; expected an integer up to "
	             "18446744073709551615, or from -2147483648");
	return false;
}

bool policy_value(struct policy_reader *reader, const cJSON *node, const struct argument *argument,
                  uint64_t *ret_value)
{
	char part[NAME_MAX_LENGTH + 1];
	struct constant constant;
	const char *rest;

	if (!policy_is(reader, node, MEMBER_NUMBER))
		return false;
	if (cJSON_IsNumber(node))
		return read_json_number(reader, node, ret_value);
	*ret_value = 0;
	for (rest = node->valuestring; rest;) {
		rest = next_part(rest, part);
		if (!read_part(reader, node, argument, part, &constant))
			return false;
		*ret_value |= constant.value;
	}
	return true;
}

/* ---- flags */

static size_t count_parts(const cJSON *node)
{
	size_t parts = 1;

	if (cJSON_IsString(node))
		for (const char *at = node->valuestring; *at; at++)
			parts += *at == '|';
	return parts;
}

size_t policy_flags_room(const cJSON *node)
{
	size_t room = 0;

	if (!node)
		return 0;
	for (const cJSON *at = policy_list_next(node, NULL); at; at = policy_list_next(node, at))
		room += count_parts(at);
	return room;
}

/* A value of 0 is a flag only where it is one of a field of bits, as O_RDONLY is. */
static void add_flag(struct policy_reader *reader, const cJSON *node,
                     const struct constant *constant, struct flag_bits *ret_flags, size_t *ret_n)
{
	uint64_t mask = constant->mask ? constant->mask : constant->value;

	if (mask == 0)
		policy_error(reader, node, "no-bits",
		             "a flag without bits is neither set nor not; "
		             "expected one with bits");
	else
		ret_flags[(*ret_n)++] =
			(struct flag_bits){ .mask = mask, .value = constant->value };
}

static void read_flag_names(struct policy_reader *reader, const cJSON *node,
                            const struct argument *argument, struct flag_bits *ret_flags,
                            size_t *ret_n)
{
	char part[NAME_MAX_LENGTH + 1];
	struct constant constant;
	const char *rest;

	for (rest = node->valuestring; rest;) {
		rest = next_part(rest, part);
		if (read_part(reader, node, argument, part, &constant))
			add_flag(reader, node, &constant, ret_flags, ret_n);
	}
}

void policy_flags(struct policy_reader *reader, const cJSON *node, const struct argument *argument,
                  struct flag_bits *ret_flags, size_t *ret_n)
{
	struct constant constant = { 0 };

	for (const cJSON *at = policy_list_next(node, NULL); at; at = policy_list_next(node, at)) {
		if (!policy_is(reader, at, MEMBER_NUMBER))
			continue;
		if (cJSON_IsString(at))
			read_flag_names(reader, at, argument, ret_flags, ret_n);
		else if (read_json_number(reader, at, &constant.value))
			add_flag(reader, at, &constant, ret_flags, ret_n);
	}
}
