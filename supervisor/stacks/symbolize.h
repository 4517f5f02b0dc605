/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a frame of an event to its line of source, late: by the file as it is now, and by its debug
 * information where that is installed (or where DEBUGINFOD_URLS says that it may be fetched). Takes
 * long, and reads a file that may be the target's: for a command that a person called. One of
 * symbolize.c (libdw) and symbolize_none.c is built.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { SYMBOLIZED_MAX = 512 };

/* What a frame of an event says. */
struct symbolize_frame {
	const char *module; /* path */
	const unsigned char *build_id;
	size_t build_id_length; /* 0: any file will do */
	uint64_t offset;        /* in the file */
	bool innermost;         /* else it is a return address, and what is wanted is the call */
};

struct symbolized {
	char symbol[SYMBOLIZED_MAX]; /* as the file has it, cut to fit; empty where it has none */
	uint64_t offset;             /* of the frame in it */
	char file[SYMBOLIZED_MAX];   /* of source; empty where there is no debug information */
	int line;                    /* 0: not known */
};

/*
 * 0, and what is known, which may be nothing. -ENOSYS where this build has no libdw, -ENOENT where
 * there is no such file, -ESTALE where it is not the one that ran, -EBADMSG where it is no ELF
 * file, -ERANGE where it has nothing at this offset.
 */
_must_check_ int symbolize(const struct symbolize_frame *frame, struct symbolized *ret_symbolized);
