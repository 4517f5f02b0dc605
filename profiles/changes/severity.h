/* SPDX-License-Identifier: Apache-2.0 */
/* How much a call that a profile comes to allow may do beyond the program that makes it. */
#pragma once

#include <linux/seccomp.h>
#include <stdint.h>

enum severity {
	SEVERITY_LOW,    /* the program's own business */
	SEVERITY_MEDIUM, /* blocked on purpose, or nobody here knows it */
	SEVERITY_HIGH,   /* has been, or is, a way out of a container */
};

/*
 * Of a syscall name, any ABI's. With call the worst that it may be with these arguments; with NULL
 * with any. *ret_why (may be NULL) is one clause, static, or NULL where there is nothing to say.
 */
enum severity severity_of(const char *syscall_name, const struct seccomp_data *call,
                          const char **ret_why);

const char *severity_name(enum severity severity); /* "low", "medium", "high" */
