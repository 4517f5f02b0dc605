/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a file, all of it at once. A diagnostic is one line:
 *
 *   file:line:column: /json/pointer: what is wrong; what was expected
 *
 * Readers of files collect diagnostics and go on where they can; commands print them. Strings from
 * the file arrive here already escaped for a terminal (text_escape_terminal).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "common/err.h"

enum diag_level {
	DIAG_WARNING,
	DIAG_ERROR,
};

/* A place in a file; line and column count from 1, in bytes; line 0 means the file as a whole. */
struct place {
	unsigned line;
	unsigned column;
};

struct diag {
	enum diag_level level;
	const char *id; /* stable name, static: "unknown-syscall" */
	struct place place;
	char *pointer; /* RFC 6901, or "" */
	char *message;
};

struct diags {
	char *file; /* as the user named it */
	struct diag *list;
	size_t count;   /* in list */
	size_t errors;  /* also those that are not in list */
	size_t dropped; /* not in list */
};

void diags_init(struct diags *diags, const char *file);
void diags_deinit(struct diags *diags);

/* Names the file after all, once it is known which of several was opened. */
void diags_set_file(struct diags *diags, const char *file);

/*
 * Adds one. Past DIAGS_MAX they are counted only, and warnings past half of it, so that they cannot
 * crowd out an error. Out of memory: counted only.
 */
enum { DIAGS_MAX = 200 };
_printf_(6, 7) void diags_add(struct diags *diags, enum diag_level level, const char *id,
                              struct place place, const char *pointer, const char *format, ...);

/* Whether one more of this level would be kept: else the work of describing it can be spared. */
bool diags_have_room(const struct diags *diags, enum diag_level level);

/* Writes all of the list to ret_sorted, in the order of the file, and returns how many they are. */
size_t diags_sorted(const struct diags *diags, const struct diag *ret_sorted[static DIAGS_MAX]);

/* Prints the errors (and the warnings if asked), in the order of the file, prefixed by prefix. */
void diags_print(const struct diags *diags, FILE *out, const char *prefix, bool with_warnings);

/* "file:line:column: /pointer: what is wrong" of the error that was added first, for one line. */
void diags_first_error(const struct diags *diags, char *buf, size_t size);
