/* SPDX-License-Identifier: Apache-2.0 */
/* For a reader that finds a name which libseccomp does not know: newer than it, or misspelt. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	NEWER_MAX = 64,
	SYSCALL_NAME_SIZE = 64,
};

/* Syscalls that are newer than libseccomp, once they were looked for; zero at first. */
struct newer_syscalls {
	char names[NEWER_MAX][32];
	size_t count;
};

bool syscall_is_newer(struct newer_syscalls *newer, const char *name);

/*
 * Writes the nearest of all syscalls' names to ret_name, "" if none is near. A third of a
 * millisecond: readers do it for the first SEARCHES_MAX names only.
 */
enum { SEARCHES_MAX = 16 };
void syscall_nearest(const char *wrong, char ret_name[static SYSCALL_NAME_SIZE]);
