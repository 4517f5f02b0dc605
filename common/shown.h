/* SPDX-License-Identifier: Apache-2.0 */
/* How messages about a file quote what stands in it. */
#pragma once

/* A string from the file for a message: escaped, quoted, cut. */
struct shown {
	char text[256];
};
const char *shown(struct shown *buf, const char *string);

/* `; did you mean "x"?`, or "". */
const char *meant(struct shown *buf, const char *name);
