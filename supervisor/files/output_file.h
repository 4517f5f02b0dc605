/* SPDX-License-Identifier: Apache-2.0 */
/* What a command made, put where the user wants it: all of it, or nothing. */
#pragma once

#include <stddef.h>

#include "common/err.h"

/*
 * Makes len bytes the contents of path. A regular file, or one that is not there yet, is replaced
 * in one step, so that no reader finds half of it; a file that was there keeps its mode. A device
 * or FIFO is written to. Failures are those of the system calls, -errno.
 */
_must_check_ int output_file_write(const char *path, const void *bytes, size_t len);

/* Writes len bytes to a descriptor. 0, or -errno; then a part of them may be written. */
_must_check_ int output_write_all(int fd, const void *bytes, size_t len);
