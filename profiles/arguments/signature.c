/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/arguments/signature.h"

#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "profiles/arguments/signature_rows.h"

struct topic {
	const struct signature *rows;
	const size_t *count;
};

#define TOPIC(name)                                                                                \
	{                                                                                          \
		signatures_##name, &signatures_##name##_count                                      \
	}

static const struct topic topics[] = {
	TOPIC(paths),  TOPIC(descriptors), TOPIC(sockets), TOPIC(processes),
	TOPIC(memory), TOPIC(system),      TOPIC(compat),
};

static const struct topic i386 = TOPIC(i386);

static int compare_name(const void *name, const void *row)
{
	return strcmp(name, ((const struct signature *)row)->name);
}

static const struct signature *topic_find(const struct topic *topic, const char *name)
{
	return bsearch(name, topic->rows, *topic->count, sizeof(*topic->rows), compare_name);
}

const struct signature *signature_find(uint32_t arch, const char *syscall_name)
{
	const struct signature *found = NULL;

	if (arch == SCMP_ARCH_X86)
		found = topic_find(&i386, syscall_name);
	for (size_t i = 0; !found && i < ARRAY_SIZE(topics); i++)
		found = topic_find(&topics[i], syscall_name);
	return found;
}

const struct signature *signature_at(size_t index)
{
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		if (index < *topics[i].count)
			return &topics[i].rows[index];
		index -= *topics[i].count;
	}
	return index < *i386.count ? &i386.rows[index] : NULL;
}

unsigned signature_length(const struct signature *signature)
{
	unsigned length = 0;

	while (length < ARRAY_SIZE(signature->args) && signature->args[length].name)
		length++;
	return length;
}

bool argument_is_pointer(enum argument_type type)
{
	return type >= ARGUMENT_POINTER;
}

bool argument_is_32_bit(enum argument_type type)
{
	static const bool narrow[ARGUMENT_TYPE_COUNT] = {
		[ARGUMENT_INT] = true,         [ARGUMENT_UINT] = true,
		[ARGUMENT_FD] = true,          [ARGUMENT_PID] = true,
		[ARGUMENT_MODE] = true,        [ARGUMENT_OPEN_MODE] = true,
		[ARGUMENT_ENUM] = true,        [ARGUMENT_FLAGS] = true,
		[ARGUMENT_CLONE_FLAGS] = true, [ARGUMENT_SOCK_TYPE] = true,
		[ARGUMENT_PROTOCOL] = true,    [ARGUMENT_DEVICE] = true,
		[ARGUMENT_SIGNAL] = true,
	};

	return narrow[type];
}
