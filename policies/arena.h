/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given out piece by piece and released all at once: what a policy is made of. Its
 * pieces point to each other freely, and none has an owner but the arena.
 */
#pragma once

#include <stddef.h>

#include "common/cleanup.h"
#include "common/err.h"

struct arena_block;

enum { ARENA_MAX = 64 << 20 }; /* bytes: a file of a few megabytes must not cost gigabytes */

/* Zero at first. */
struct arena {
	struct arena_block *blocks;
	size_t used; /* of ARENA_MAX */
};

/* Zeroed memory for count objects of size bytes; NULL where there is no more, or ARENA_MAX is used
 * up. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of length bytes with a NUL after them; NULL where there is no more. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

void arena_deinit(struct arena *arena);
