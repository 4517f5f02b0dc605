/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that only the target itself can make, for they change what it is or where it stands: what a
 * policy looks at is copied and resolved as for the others, and freezing.h lets them go on.
 */
#include "supervisor/performing/perform.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* The strings of a mount(2) that are no paths of the target's: its source may be anything. */
struct mount_text {
	char source[PATH_MAX];
	char type[PATH_MAX];
};

static int copy_text(struct performance *performance, unsigned index, char *buf, size_t size)
{
	uint64_t address = performance->call.args[index];
	int result;

	if (address == 0)
		return 0;
	result = perform_string(performance, address, buf, size);
	if (result == 0)
		perform_show(performance, index, buf, strlen(buf));
	return result;
}

static int prepare_mount(struct performance *performance)
{
	struct mount_text *text = calloc(1, sizeof(*text));
	int result;

	if (!text)
		return -ENOMEM;
	performance->copy = text;
	result = copy_text(performance, 2, text->type, sizeof(text->type));
	return result < 0 ? result : copy_text(performance, 0, text->source, sizeof(text->source));
}

#define FOLLOWED(start, argument)                                                                  \
	{                                                                                          \
		.at = (start), .path = (argument), .last = PERFORM_FOLLOW                          \
	}
#define NO_PATH                                                                                    \
	{                                                                                          \
		.at = PERFORM_NO_ARGUMENT                                                          \
	}

const struct operation_row perform_frozen_rows[] = {
	{ __NR_execve,
	  { .frozen = true, .trace = "exe", .paths = { FOLLOWED(PERFORM_CWD, 0), NO_PATH } } },
	{ __NR_execveat,
	  { .frozen = true,
	    .trace = "exe",
	    .paths = { { .at = 0, .path = 1, .last = PERFORM_UNLESS_NOFOLLOW }, NO_PATH },
	    .has_flags = true,
	    .flags = 4,
	    .known_flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH } },
	{ __NR_chdir,
	  { .frozen = true, .trace = "cwd", .paths = { FOLLOWED(PERFORM_CWD, 0), NO_PATH } } },
	{ __NR_chroot,
	  { .frozen = true, .trace = "root", .paths = { FOLLOWED(PERFORM_CWD, 0), NO_PATH } } },
	{ __NR_mount,
	  { .frozen = true,
	    .prepare = prepare_mount,
	    .paths = { FOLLOWED(PERFORM_CWD, 1), NO_PATH } } },
	{ __NR_umount2,
	  { .frozen = true,
	    .has_flags = true,
	    .flags = 1,
	    .known_flags = MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW,
	    .paths = { FOLLOWED(PERFORM_CWD, 0), NO_PATH } } },
	{ __NR_pivot_root,
	  { .frozen = true, .paths = { FOLLOWED(PERFORM_CWD, 0), FOLLOWED(PERFORM_CWD, 1) } } },
};
const size_t perform_frozen_count = ARRAY_SIZE(perform_frozen_rows);
