/* SPDX-License-Identifier: Apache-2.0 */
/* Options as rows: one table gives getopt_long(3) its list, the help its text, and the parse. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/err.h"

struct option_row {
	const char *name;     /* "profile" for --profile */
	const char *argument; /* "NAME|FILE", or NULL for a switch */
	const char *help;
	/* Sets target from the argument (NULL for a switch): 0, or -EINVAL after saying why. */
	int (*set)(void *target, const char *argument);
};

/* Named outcomes of options_parse(). */
enum { OPTIONS_HELP = 1 };

/*
 * Parses up to the first word that is no option, or "--". 0 and *ret_rest is the index of that
 * word; OPTIONS_HELP for --help; -EINVAL after one line on standard error.
 */
_must_check_ int options_parse(int argc, char **argv, const struct option_row *rows, void *target,
                               int *ret_rest);

/*
 * The same, with options and other words in any order: argv is reordered so that the others come
 * last, and *ret_rest is the index of the first of them.
 */
_must_check_ int options_parse_mixed(int argc, char **argv, const struct option_row *rows,
                                     void *target, int *ret_rest);

/* One aligned line for each option. */
void options_help(const struct option_row *rows, FILE *out);
