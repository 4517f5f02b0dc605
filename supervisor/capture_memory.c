/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/capture_memory.h"

#include <string.h>

#include "supervisor/memory.h"

enum {
	STRING_MAX = 1024,
	BYTES_MAX = 64,
	SOCKADDR_MAX = 128, /* sizeof(struct sockaddr_storage): the kernel takes no more */
	LIST_MAX = 256,     /* bytes of a list of structs: 16 iovecs */
	STRINGS_MAX = 16,   /* of argv */
	/* Strings of an environment that are counted; they may be any number. */
	ENVIRONMENT_CHUNK = 512,
	ENVIRONMENT_CHUNKS = 4,
};

/* Where the bytes go, and how many fit. */
struct room {
	char *bytes;
	size_t size;
};

static struct capture unreadable(void)
{
	return (struct capture){ .status = CAPTURE_UNREADABLE };
}

static struct capture captured(size_t length, bool whole)
{
	return (struct capture){
		.status = whole ? CAPTURE_WHOLE : CAPTURE_CUT,
		.length = (uint16_t)length,
	};
}

static struct capture read_string(int memory, const struct capture_source *source, struct room room)
{
	bool terminated = false;
	ssize_t length =
		memory_read_string(memory, source->address, room.bytes,
	                           room.size < STRING_MAX ? room.size : STRING_MAX, &terminated);

	return length < 0 ? unreadable() : captured((size_t)length, terminated);
}

/* A buffer is shown as far as it goes. */
static struct capture read_buffer(int memory, const struct capture_source *source, struct room room)
{
	size_t want = room.size < BYTES_MAX ? room.size : BYTES_MAX;
	ssize_t count;

	if (want > source->length)
		want = (size_t)source->length;
	count = memory_read(memory, source->address, room.bytes, want);
	return count < 0 ? unreadable() : captured((size_t)count, (size_t)count == source->length);
}

/* Half an address or struct says nothing. */
static struct capture read_whole(int memory, const struct capture_source *source, struct room room,
                                 size_t max)
{
	size_t want = source->length < max ? (size_t)source->length : max;
	ssize_t count;

	if (want > room.size)
		return captured(0, false);
	count = memory_read(memory, source->address, room.bytes, want);
	if (count < 0 || (size_t)count < want)
		return unreadable();
	return captured(want, want == source->length);
}

/* The struct's own member says how much of it there is; a later kernel's may be longer. */
static struct capture read_self_sized(int memory, const struct capture_source *source,
                                      struct room room, const struct layout *layout)
{
	size_t want = layout->size < room.size ? layout->size : room.size;
	ssize_t count = memory_read(memory, source->address, room.bytes, want);
	uint32_t size = 0;

	if (count < 0 || (size_t)count < layout->self_size + sizeof(size))
		return unreadable();
	memcpy(&size, room.bytes + layout->self_size, sizeof(size));
	if (size < layout->self_size + sizeof(size)) /* 0 stands for the first version */
		return captured((size_t)count, true);
	if (size < (size_t)count)
		return captured(size, true);
	return captured((size_t)count, size == (size_t)count);
}

/* The elements that can be read, of as many as are said to be there. */
static struct capture read_list(int memory, const struct capture_source *source, struct room room,
                                size_t size)
{
	size_t most = (room.size < LIST_MAX ? room.size : LIST_MAX) / size;
	size_t count = source->length < most ? (size_t)source->length : most;
	ssize_t length = memory_read(memory, source->address, room.bytes, count * size);

	if (length < 0)
		return unreadable();
	length -= length % (ssize_t)size;
	return captured((size_t)length, (size_t)length / size == source->length);
}

/* Pointers up to one that is NULL, which is not kept. */
static struct capture read_pointers(int memory, const struct capture_source *source,
                                    struct room room)
{
	uint64_t pointers[STRINGS_MAX + 1];
	ssize_t length = memory_read(memory, source->address, pointers, sizeof(pointers));
	size_t most = room.size / sizeof(pointers[0]);
	size_t count = 0;
	bool whole;

	if (length < 0)
		return unreadable();
	if (most > STRINGS_MAX)
		most = STRINGS_MAX;
	if (most > (size_t)length / sizeof(pointers[0]))
		most = (size_t)length / sizeof(pointers[0]);
	while (count < most && pointers[count])
		count++;
	whole = (count + 1) * sizeof(pointers[0]) <= (size_t)length && !pointers[count];
	memcpy(room.bytes, pointers, count * sizeof(pointers[0]));
	return captured(count * sizeof(pointers[0]), whole);
}

/* How many pointers there are before NULL, as a uint32_t. */
static struct capture count_pointers(int memory, const struct capture_source *source,
                                     struct room room)
{
	uint64_t pointers[ENVIRONMENT_CHUNK];
	uint64_t address = source->address;
	uint32_t total = 0;
	bool whole = false;

	for (int chunk = 0; chunk < ENVIRONMENT_CHUNKS && !whole; chunk++) {
		ssize_t length = memory_read(memory, address, pointers, sizeof(pointers));
		size_t count = length < 0 ? 0 : (size_t)length / sizeof(pointers[0]);
		size_t i = 0;

		while (i < count && pointers[i])
			i++;
		total += (uint32_t)i;
		whole = i < count;
		if (!whole && count < ARRAY_SIZE(pointers))
			return unreadable();
		address += sizeof(pointers);
	}
	if (room.size < sizeof(total))
		return captured(0, false);
	memcpy(room.bytes, &total, sizeof(total));
	return captured(sizeof(total), whole);
}

static struct capture read_layout(int memory, const struct capture_source *source, struct room room,
                                  const struct layout *layout)
{
	struct capture_source one = *source;

	switch (layout->extent) {
	case LAYOUT_SELF_SIZED:
		return read_self_sized(memory, source, room, layout);
	case LAYOUT_COUNTED:
		return read_list(memory, source, room, layout->size);
	case LAYOUT_TERMINATED:
		return read_pointers(memory, source, room);
	case LAYOUT_ONE:
		one.length = layout->size;
		break;
	case LAYOUT_SIZED:
		break;
	}
	return read_whole(memory, &one, room, layout->size);
}

static struct capture read_source(int memory, const struct capture_source *source, struct room room)
{
	enum argument_type type = source->argument->type;
	const struct layout *layout = signature_layout(type);

	if (layout)
		return read_layout(memory, source, room, layout);
	if (type == ARGUMENT_PATH || type == ARGUMENT_STRING)
		return read_string(memory, source, room);
	if (type == ARGUMENT_SOCKADDR)
		return read_whole(memory, source, room, SOCKADDR_MAX);
	if (type == ARGUMENT_ENVIRONMENT)
		return count_pointers(memory, source, room);
	return read_buffer(memory, source, room);
}

struct capture capture_memory(struct notification *notification, int memory,
                              const struct capture_source *source, size_t reserve)
{
	size_t left = NOTIFICATION_BYTES - notification->used;
	struct room room = {
		.bytes = notification->bytes + notification->used,
		.size = left > reserve ? left - reserve : 0,
	};
	struct capture capture = memory < 0 ? unreadable() : read_source(memory, source, room);

	capture.offset = notification->used;
	notification->used += capture.length;
	return capture;
}
