/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/files/file_watch.h"

#include <sys/stat.h>

struct file_state file_state_of(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return (struct file_state){ .size = -1 };
	return (struct file_state){
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.modified = status.st_mtim,
		.changed = status.st_ctim,
	};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same(const struct file_state *a, const struct file_state *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

/* No file has all of it 0. */
void file_watch_init(struct file_watch *watch)
{
	*watch = (struct file_watch){ 0 };
}

enum file_watch_verdict file_watch_look(struct file_watch *watch, const struct file_state *state)
{
	bool at_rest = same(state, &watch->seen);

	watch->seen = *state;
	if (same(state, &watch->known))
		return FILE_WATCH_SAME;
	if (!at_rest)
		return FILE_WATCH_AGAIN;
	watch->known = *state;
	return FILE_WATCH_CHANGED;
}
