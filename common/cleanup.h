/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Release by scope. A variable that owns something says so in its declaration:
 *
 *   _cleanup_close_ int fd = -EBADF;
 *   _cleanup_free_ char *line = NULL;
 *   _cleanup_(profile_freep) struct profile *profile = NULL;
 *
 * and hands it on with TAKE_PTR or TAKE_FD as the last step before success.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

/* Defines name##p(T **), for _cleanup_, from a destructor that accepts NULL. */
#define DEFINE_CLEANUP(type, destructor)                                                           \
	static inline void destructor##p(type *p)                                                  \
	{                                                                                          \
		if (*p)                                                                            \
			destructor(*p);                                                            \
	}

#define TAKE_PTR(ptr)                                                                              \
	({                                                                                         \
		__typeof__(ptr) taken_ = (ptr);                                                    \
		(ptr) = NULL;                                                                      \
		taken_;                                                                            \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -EBADF;                                                                     \
		taken_;                                                                            \
	})

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Closes and returns -EBADF, so that "fd = fd_close(fd)" cannot be closed twice. errno survives. */
static inline int fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return -EBADF;
}

static inline void cleanup_close(int *fd)
{
	*fd = fd_close(*fd);
}

static inline void cleanup_closedir(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)
