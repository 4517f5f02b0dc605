/* SPDX-License-Identifier: Apache-2.0 */
/* The differences of two profiles for reading: text for a terminal, or JSON. Pure formatting. */
#pragma once

#include <stdio.h>

#include "profiles/profile_diff.h"

/* The two profiles, as the user named them, and what differs. */
struct diff_view {
	const char *from, *to;
	const struct profile_diff *diff;
};

/*
 * Calls that change alike on the same ABIs stand together. Prints nothing where there is no
 * difference. 0 or -ENOMEM.
 */
_must_check_ int diff_text(FILE *out, const struct diff_view *view, unsigned width);

/* One object: "from", "to", "same", "differences". */
void diff_json(FILE *out, const struct diff_view *view);
