/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/filter_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "supervisor/files/output_file.h"
#include "supervisor/files/own_directory.h"

/* In front of each file; then the key, then the instructions. Written and read on one machine. */
struct cache_header {
	char magic[8];
	uint64_t key_len;
	uint64_t count;
};

static const char cache_magic[8] = { 'c', 'a', 'l', 'l', 'g', 'a', 't', 'e' };

struct cache_key {
	char *bytes;
	size_t len;
	char name[17]; /* of the file: FNV-1a of the key in hexadecimal */
};

static void cache_key_deinit(struct cache_key *key)
{
	free(key->bytes);
}

static uint64_t fnv1a(const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static int cache_key_init(const struct plan *plan, struct cache_key *ret_key)
{
	int r;

	r = filter_cache_key(plan, &ret_key->bytes, &ret_key->len);
	if (r < 0)
		return r;
	snprintf(ret_key->name, sizeof(ret_key->name), "%016jx",
	         (uintmax_t)fnv1a(ret_key->bytes, ret_key->len));
	return 0;
}

static const struct own_directory cache = { "XDG_CACHE_HOME", "/var/cache", ".cache" };

static bool read_whole(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool header_fits(const struct cache_header *header, const struct cache_key *key)
{
	return memcmp(header->magic, cache_magic, sizeof(cache_magic)) == 0 &&
	       header->key_len == key->len && header->count > 0 && header->count <= BPF_MAXINSNS;
}

/* The key in the file equals ours, byte for byte: the name is only a hash. */
static bool key_equal(int fd, const struct cache_key *key)
{
	_cleanup_free_ char *found = malloc(key->len + 1);

	return found && read_whole(fd, found, key->len) && memcmp(found, key->bytes, key->len) == 0;
}

static int read_filter(int fd, const struct cache_key *key, struct filter *ret_filter)
{
	struct sock_filter *instructions;
	struct cache_header header;

	if (!read_whole(fd, &header, sizeof(header)) || !header_fits(&header, key) ||
	    !key_equal(fd, key))
		return -EBADMSG;
	instructions = calloc(header.count, sizeof(*instructions));
	if (!instructions)
		return -ENOMEM;
	if (!read_whole(fd, instructions, header.count * sizeof(*instructions))) {
		free(instructions);
		return -EBADMSG;
	}
	*ret_filter = (struct filter){
		.instructions = instructions,
		.count = (unsigned short)header.count,
	};
	return 0;
}

static int cache_load(int directory, const struct cache_key *key, const struct plan *plan,
                      struct filter *ret_filter)
{
	_cleanup_close_ int fd = -EBADF;
	struct filter filter = { 0 };
	struct seccomp_data call;
	int r;

	/* O_NONBLOCK: a FIFO in its place must not hold us. */
	fd = openat(directory, key->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno();
	if (!own_directory_is_ours(fd, S_IFREG))
		return -EPERM;
	r = read_filter(fd, key, &filter);
	if (r < 0)
		return r;
	r = filter_verify(&filter, plan, &call);
	if (r < 0) {
		filter_deinit(&filter);
		return r;
	}
	filter_describe(plan, &filter);
	*ret_filter = filter;
	return 0;
}

static bool write_filter(int fd, const struct cache_key *key, const struct filter *filter)
{
	struct cache_header header = { .key_len = key->len, .count = filter->count };

	memcpy(header.magic, cache_magic, sizeof(cache_magic));
	return output_write_all(fd, &header, sizeof(header)) == 0 &&
	       output_write_all(fd, key->bytes, key->len) == 0 &&
	       output_write_all(fd, filter->instructions,
	                        filter->count * sizeof(*filter->instructions)) == 0;
}

/* Another start that writes the same filter makes the same file: the last rename wins. */
static void cache_store(int directory, const struct cache_key *key, const struct filter *filter)
{
	_cleanup_close_ int fd = -EBADF;
	char name[64];

	snprintf(name, sizeof(name), "%s.%d", key->name, getpid());
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (!write_filter(fd, key, filter) || renameat(directory, name, directory, key->name) < 0)
		(void)unlinkat(directory, name, 0);
}

int filter_obtain(struct plan *plan, struct filter *ret_filter)
{
	_cleanup_(cache_key_deinit) struct cache_key key = { 0 };
	_cleanup_close_ int directory = own_directory_open(&cache);
	int r;

	if (directory >= 0 && cache_key_init(plan, &key) < 0)
		directory = fd_close(directory);
	if (directory >= 0 && cache_load(directory, &key, plan, ret_filter) == 0)
		return 0;
	r = filter_compile(plan, ret_filter);
	if (r == 0 && directory >= 0)
		cache_store(directory, &key, ret_filter);
	return r;
}
