/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/ways.h"

#include <stdlib.h>
#include <string.h>

#define PERFORM(name)                                                                              \
	{                                                                                          \
#name, WAY_PERFORM,                                                                \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}
#define FREEZE(name)                                                                               \
	{                                                                                          \
#name, WAY_FREEZE,                                                                 \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

static const struct way_row rows[] = {
	PERFORM(bind),
	FREEZE(chdir),
	PERFORM(chmod),
	PERFORM(chown),
	FREEZE(chroot),
	{ "connect", WAY_PERFORM, { .index = 1, .length = 2 } },
	PERFORM(creat),
	FREEZE(execve),
	FREEZE(execveat),
	PERFORM(fchmodat),
	PERFORM(fchmodat2),
	PERFORM(fchownat),
	PERFORM(futimesat),
	PERFORM(lchown),
	PERFORM(link),
	PERFORM(linkat),
	PERFORM(lremovexattr),
	PERFORM(lsetxattr),
	PERFORM(mkdir),
	PERFORM(mkdirat),
	PERFORM(mknod),
	PERFORM(mknodat),
	FREEZE(mount),
	PERFORM(open),
	PERFORM(openat),
	PERFORM(openat2),
	FREEZE(pivot_root),
	PERFORM(removexattr),
	PERFORM(rename),
	PERFORM(renameat),
	PERFORM(renameat2),
	PERFORM(rmdir),
	{ "sendmsg", WAY_PERFORM, { .index = 1, .message = true } },
	{ "sendto", WAY_PERFORM, { .index = 4, .length = 5 } },
	PERFORM(setxattr),
	PERFORM(symlink),
	PERFORM(symlinkat),
	PERFORM(truncate),
	FREEZE(umount2),
	PERFORM(unlink),
	PERFORM(unlinkat),
	PERFORM(utime),
	PERFORM(utimensat),
	PERFORM(utimes),
};

static int by_syscall(const void *name, const void *row)
{
	return strcmp(name, ((const struct way_row *)row)->syscall);
}

const struct way_row *way_find(const char *syscall)
{
	return bsearch(syscall, rows, ARRAY_SIZE(rows), sizeof(rows[0]), by_syscall);
}

const struct way_row *way_at(unsigned index)
{
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}
