/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for reading: as text for a terminal, and as one JSON object. Pure formatting. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "profiles/plan.h"

struct show_options {
	unsigned width; /* columns of the text */
	bool why;       /* with what is known of each call that is not allowed outright */
};

/* 0, or -ENOMEM after a part of it. */
_must_check_ int show_text(FILE *out, const struct plan *plan, const struct show_options *options);
_must_check_ int show_json(FILE *out, const struct plan *plan);
