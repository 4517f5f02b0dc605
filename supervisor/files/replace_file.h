/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the user's changed in place: never half, never what others wrote meanwhile. */
#pragma once

#include <stddef.h>

#include "common/err.h"

struct file_change {
	const char *path;
	const char *old; /* what is expected to stand there; NULL: nothing is, no file */
	size_t old_len;
	const char *new;
	size_t new_len;
};

/*
 * Keeps the old contents beside the file as PATH.bak (.bak.1 and so on where that is taken, for a
 * backup is never overwritten), then puts the new ones in its place in one step (output_file.h). A
 * symbolic link stays one: what it leads to is changed, and kept beside that. *ret_backup is the
 * path of the backup, malloc'ed, or NULL where there was nothing to keep. -ESTALE where the file
 * holds something else; -EINVAL where it is no regular file; what the system calls say.
 */
_must_check_ int replace_file(const struct file_change *change, char **ret_backup);
