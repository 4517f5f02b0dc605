/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts compared line by line, as diff -u prints it and patch(1) takes it. */
#pragma once

#include <stdio.h>

#include "common/err.h"

struct diff_side {
	const char *label; /* the file's name in the header; escaped for a terminal */
	const char *bytes;
	size_t len;
};

/*
 * Writes the difference with three lines of context, nothing where there is none. It is the
 * shortest there is, except that of two texts with thousands of lines between their first and last
 * difference all of these are replaced. 0; -ENOMEM; -EIO when out could not take it all.
 */
_must_check_ int unified_diff(const struct diff_side *from, const struct diff_side *to, FILE *out);
