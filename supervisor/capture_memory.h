/* SPDX-License-Identifier: Apache-2.0 */
/* Copies what one pointer points to into a notification: a string, bytes, an address, a struct. */
#pragma once

#include "profiles/arguments/signature.h"
#include "supervisor/notification.h"

struct capture_source {
	const struct argument *argument;
	uint64_t address;
	uint64_t length; /* what the argument or the member that holds the length says */
};

/*
 * Reads once, as much as the type says and as there is room for beside reserve bytes. memory is
 * memory_open()'s result, which may be an error: then nothing is read.
 */
struct capture capture_memory(struct notification *notification, int memory,
                              const struct capture_source *source, size_t reserve);
