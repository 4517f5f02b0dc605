/* SPDX-License-Identifier: Apache-2.0 */
/* Watched kinds as a table, the busiest first (libsmartcols). */
#pragma once

#include <stdio.h>

#include "supervisor/reports/watch.h"

enum watch_order {
	WATCH_BY_RATE, /* then by count */
	WATCH_BY_COUNT,
	WATCH_BY_LAST,
	WATCH_ORDER_COUNT,
};

const char *watch_order_name(enum watch_order order); /* "rate" */

struct watch_top {
	enum watch_order order;
	unsigned rows;  /* at most so many kinds; 0: all */
	unsigned width; /* of the terminal; 0: as wide as it gets */
	bool colour;
};

/* RATE TOTAL LAST VERDICT WHO CALL ERRNO WHY. 0 or -errno. */
_must_check_ int watch_top_print(FILE *out, const struct watch_top *top, const struct watch *watch);
