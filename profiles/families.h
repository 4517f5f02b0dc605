/* SPDX-License-Identifier: Apache-2.0 */
/* Families of calls of which one does what another is denied for. */
#pragma once

#include <stddef.h>

enum {
	FAMILY_TARGET = 1, /* the others do all that it does, so to deny it alone is vain */
	FAMILY_WAY = 2,    /* does what the targets do */
	FAMILY_MEMBERS_MAX = 14,
};

struct family {
	const char *does; /* "opens files" */
	struct {
		const char *name; /* NULL after the last, where there is room */
		unsigned role;
	} members[FAMILY_MEMBERS_MAX];
};

/* The families one after the other; NULL after the last. */
const struct family *family_at(size_t index);
