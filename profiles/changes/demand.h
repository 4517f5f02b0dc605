/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel itself asks of who makes a call, seccomp apart: capabilities, settings, and that
 * it has the call at all. From the man pages and the kernel's sources; what an LSM, a file's owner
 * or a device says is not in here.
 */
#pragma once

#include "profiles/arguments/call_test.h"
#include "profiles/profile.h"

enum demand_kind {
	DEMAND_NOTHING, /* no capability */
	DEMAND_CAPS,    /* any one of caps, in the user namespace that owns what is changed */
	DEMAND_DEPENDS, /* on what note says: a capability, or none */
	DEMAND_GONE,    /* no kernel since the version in `until` has it */
};

enum setting_says {
	SETTING_REFUSES, /* with from..to the kernel refuses the call to who holds none of caps */
	SETTING_FREES,   /* with from..to who holds none of caps needs none */
	SETTING_TOLD,    /* what the demand's note says of it is not the whole of it */
};

/* A file below /proc/sys with a number. */
struct setting {
	const char *path; /* "user/max_user_namespaces"; NULL after the last */
	int from, to;
	uint64_t caps;
	enum setting_says says;
};

enum { SETTINGS_MAX = 3 };

struct demand {
	const char *name;
	struct call_test test;
	enum demand_kind kind;
	uint64_t caps;
	const char *note;               /* one clause, or NULL */
	struct kernel_version until;    /* of DEMAND_GONE */
	const struct setting *settings; /* at most SETTINGS_MAX; may be NULL */
};

/* Of several rows of a name the first whose test holds. NULL: nothing is asked that we know of. */
const struct demand *demand_find(const char *syscall_name, const struct seccomp_data *call);

/* The first Linux that has the syscall: 0.0 for what is older than 3.17, or unknown here. */
struct kernel_version syscall_since(const char *syscall_name);

/* The rows one after the other, for tests: NULL after the last. */
const struct demand *demand_at(size_t index);
