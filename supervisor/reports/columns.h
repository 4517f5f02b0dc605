/* SPDX-License-Identifier: Apache-2.0 */
/* Names and prose laid out for a terminal's width; nothing is ever cut. */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum { COLUMNS_DEFAULT = 80 };

/* The width to write to out: of its terminal, or COLUMNS_DEFAULT where it is none. */
unsigned columns_of(FILE *out);

/* The names in aligned columns, read downwards, each line indented by indent. */
void columns_print(FILE *out, unsigned width, unsigned indent, const char *const *names, size_t n);

/*
 * Words (separated by spaces) wrapped at width. The cursor stands at column at; later lines are
 * indented by indent. Ends with a newline.
 */
void columns_wrap(FILE *out, unsigned width, unsigned at, unsigned indent, const char *words);
