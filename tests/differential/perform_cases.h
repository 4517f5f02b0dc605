/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

/* One line: what was called on which path, and its result or errno. */
void say(const char *what, const char *path, long result);

/* Calls that name a socket address. */
void try_unix(void);
void try_inet(void);

/* Removes what is in the working directory, and makes the tree that the paths lead into. */
void setup(void);
void write_file(const char *path, mode_t mode);
