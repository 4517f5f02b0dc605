/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs do when a syscall fails: which errno sends them another way. A call that is denied
 * with that errno needs no rule that allows it.
 */
#pragma once

#include <linux/seccomp.h>

struct fallback {
	const char *name;
	int error;          /* at which programs go another way */
	const char *reader; /* who does, and which way: one clause */
};

/*
 * Of a call, with its syscall's name in any ABI. NULL where nothing is known: the errno then
 * decides only how the failure reads.
 */
const struct fallback *fallback_find(const char *syscall_name, const struct seccomp_data *call);

/* What an errno says to a program that looks at nothing else: one clause. Never NULL. */
const char *errno_meaning(int error);
