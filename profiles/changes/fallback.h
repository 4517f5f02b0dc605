/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs do when a syscall fails: which errno sends them another way. A call that is denied
 * with that errno needs no rule that allows it.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>

struct fallback {
	const char *name;
	int error;          /* at which programs go another way */
	const char *reader; /* who does, and which way: one clause */
};

/* A call that programs try first: at ENOSYS, and at nothing else, they make an older one. */
struct newer_call {
	struct fallback fallback;
	const char *older; /* the call that they make then */
	const char *who;
	bool only_32_bit; /* an ABI with 64-bit registers has no such call */
};

enum { NEWER_CALLS = 20 };

extern const struct newer_call newer_calls[NEWER_CALLS];

/*
 * Of a call, with its syscall's name in any ABI. NULL where nothing is known: the errno then
 * decides only how the failure reads.
 */
const struct fallback *fallback_find(const char *syscall_name, const struct seccomp_data *call);

/*
 * The same, where error is the one at which programs go another way; else NULL. Cheap for others.
 * NULL too for what programs do not call unless the door, as below, was open to them.
 */
const struct fallback *fallback_at(const struct seccomp_data *call, int error);

/* The calls that programs use together with one, itself among them, NULL at the end; or NULL. */
const char *const *fallback_together(const char *syscall_name);

/*
 * Of those the one with which programs begin: io_uring_setup. Who came through it goes no other way
 * any more. NULL where they begin with any.
 */
const char *fallback_door(const char *syscall_name);

/* What an errno says to a program that looks at nothing else: one clause. Never NULL. */
const char *errno_meaning(int error);
