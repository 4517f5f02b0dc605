/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watched kinds on a terminal: a line each as they come, whose count goes on in place while the
 * line is still on the screen; one that has left it comes again at the bottom.
 */
#pragma once

#include <stdio.h>

#include "supervisor/reports/watch.h"

enum {
	WATCH_ROWS_MAX = 512,
	WATCH_NEW_A_DRAW = 4, /* lines that one draw adds: 40 a second can still be read */
};

struct watch_screen {
	FILE *out;
	struct text_style style;
	unsigned rows; /* of the terminal */
	/* The kinds whose lines are on the screen, the newest last. */
	const struct watch_kind *lines[WATCH_ROWS_MAX];
	size_t n_lines;
};

/* Draws what has changed. True where more waits for the next draw. */
bool watch_screen_draw(struct watch_screen *screen, struct watch *watch);
