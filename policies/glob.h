/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs, in the two ways that rules need them. The whole text must match, byte by byte.
 *
 *              GLOB_PATH                                  GLOB_TEXT
 *   *          any bytes but '/'                          any bytes
 *   **         any bytes                                  as *
 *   ** and /   after a '/' or at the start: any number    as *, and a '/'
 *              of whole components, also none
 *   ?          any byte but '/'                           any byte
 *   [a-z_]     one of these bytes, never '/'; [!a-z], [^a-z] none of these
 *   \x         x itself
 *
 * So /etc/ and ** match all that is below /etc, and not /etc itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum glob_kind {
	GLOB_PATH,
	GLOB_TEXT,
};

/*
 * What is wrong with a pattern, in words that follow "expected"; NULL where nothing is. A path that
 * can never match is a slip, for those that it is put to are absolute and resolved.
 */
const char *glob_check(enum glob_kind kind, const char *pattern);

/* Needs no memory; at most length * length * strlen(pattern) steps, in practice length. */
bool glob_match(enum glob_kind kind, const char *pattern, const char *text, size_t length);
