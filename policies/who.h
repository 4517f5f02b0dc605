/* SPDX-License-Identifier: Apache-2.0 */
/* `when`: what a rule wants of the caller. */
#pragma once

#include "common/err.h"
#include "policies/view.h"

struct id_range {
	uint32_t first, last;
};

/* The texts that globs are put to. */
enum who_text {
	WHO_EXE,            /* GLOB_PATH; the others GLOB_TEXT */
	WHO_COMM,           /* the process chooses its own */
	WHO_CONTAINER_ID,   /* no container: does not match */
	WHO_CONTAINER_NAME, /* likewise */
	WHO_METADATA,       /* likewise */
	WHO_TEXT_COUNT,
};

enum who_process {
	WHO_ANY,
	WHO_INIT, /* the first process of the target */
	WHO_EXEC, /* any but that one */
};

/* Some globs, of which one must match; n 0: the text does not matter. */
struct globs {
	const char *const *globs;
	size_t n;
};

struct who_annotation {
	const char *key;
	struct globs globs;
};

/* All of it must hold. Borrowed pointers. */
struct who {
	const struct id_range *uids, *gids; /* effective ones; n 0: they do not matter */
	size_t n_uids, n_gids;
	enum who_process process;
	struct globs texts[WHO_TEXT_COUNT];
	const struct who_annotation *annotations;
	size_t n_annotations;
};

/* 1 where it holds, 0 where not; -errno where the caller could not be seen. */
_must_check_ int who_holds(const struct who *who, struct view *view);
