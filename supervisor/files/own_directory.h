/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories that callgate keeps between runs, as the XDG base directory specification has
 * them. Nobody but their user can write there; one for which that does not hold is not used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "common/err.h"

/* Where a kind of them is; the directory itself is "callgate" in it. */
struct own_directory {
	const char *variable;  /* "XDG_CACHE_HOME": an absolute path, else */
	const char *of_system; /* "/var/cache" for root */
	const char *in_home;   /* ".cache" for others */
};

/* Writes its path. -ENOENT where the environment names none, -ENAMETOOLONG. */
_must_check_ int own_directory_path(const struct own_directory *which, char *path, size_t size);

/* Opens it, made where it is not there: a descriptor, or -errno; -EPERM where it is not ours. */
_must_check_ int own_directory_open(const struct own_directory *which);

/* Whether it is of type (S_IFREG, S_IFDIR) and nobody else can have put anything into it. */
bool own_directory_is_ours(int fd, mode_t type);
