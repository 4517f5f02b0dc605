/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What events say was denied, as often as it was: calls that are alike are one entry. A log may
 * name several profiles; each call belongs to the one that denied it.
 */
#pragma once

#include "profiles/changes/suggestion.h"
#include "supervisor/events/event_read.h"

enum {
	DENIALS_MAX = 100000, /* different ones; more are only counted */
	DENIAL_PROFILES_MAX = 64,
};

/* A profile that events name. */
struct denial_profile {
	char *name;
	uint64_t calls;
};

struct denial;

struct denials {
	struct denial *entries; /* by their keys, in the order of the events */
	size_t n;
	struct denial_profile profiles[DENIAL_PROFILES_MAX];
	size_t n_profiles;
	uint64_t calls;      /* all of them */
	uint64_t left_out;   /* beyond the bounds above */
	uint64_t unreadable; /* events that do not say which call, or whose verdict is unknown */
	uint64_t by_policy;  /* calls that a policy's rule denied: no profile mends them */
	bool incomplete;     /* the run had kinds of calls that are not in its events */
	struct event_skips skips;
};

/*
 * Adds the denials of a file ("-": standard input). first_only: it has the first call of each kind,
 * and a summary with their counts, as state_file.h says. 0 or -errno.
 */
_must_check_ int denials_read(const char *path, bool first_only, struct denials *denials);
void denials_deinit(struct denials *denials);

/* The profile that most calls name, or NULL. */
const struct denial_profile *denials_main_profile(const struct denials *denials);

/*
 * The calls that profile (NULL: any) denied. The list is malloc'ed, what it points to belongs to
 * denials. -ENOMEM.
 */
_must_check_ int denials_of(const struct denials *denials, const char *profile,
                            struct observed **ret_observed, size_t *ret_n);
