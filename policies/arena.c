/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/arena.h"

#include <string.h>

enum { BLOCK_SIZE = 16 << 10 };

struct arena_block {
	struct arena_block *next;
	size_t size; /* of bytes */
	size_t used;
	_Alignas(max_align_t) char bytes[];
};

static struct arena_block *block_new(struct arena *arena, size_t wanted)
{
	size_t size = wanted > BLOCK_SIZE ? wanted : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	const size_t unit = _Alignof(max_align_t);
	struct arena_block *block = arena->blocks;
	size_t wanted;
	void *piece;

	if (__builtin_mul_overflow(count, size, &wanted) || wanted > ARENA_MAX)
		return NULL;
	wanted = (wanted + unit - 1) / unit * unit;
	if (wanted > ARENA_MAX - arena->used)
		return NULL;
	if (!block || block->size - block->used < wanted)
		block = block_new(arena, wanted);
	if (!block)
		return NULL;
	arena->used += wanted;
	piece = block->bytes + block->used;
	block->used += wanted;
	return piece;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1, 1);

	if (copy)
		memcpy(copy, bytes, length);
	return copy;
}

void arena_deinit(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}
