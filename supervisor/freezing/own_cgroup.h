/* SPDX-License-Identifier: Apache-2.0 */
/* Where our own cgroup of the unified hierarchy stands in the file system (cgroups(7)). */
#pragma once

#include <stddef.h>

#include "common/err.h"

/*
 * From the texts of /proc/self/mountinfo and /proc/self/cgroup, both NUL-terminated: the directory
 * of the cgroup, NUL-terminated. -ENOENT where no cgroup2 is mounted, or where what is mounted does
 * not show it; -ENAMETOOLONG. Pure.
 */
_must_check_ int own_cgroup_parse(const char *mountinfo, const char *membership, char *buf,
                                  size_t size);

/* The same of this process. -ENOENT also where /proc cannot be read. */
_must_check_ int own_cgroup_find(char *buf, size_t size);
