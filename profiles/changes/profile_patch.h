/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change of a profile's file that leaves everything else in it as it stands: layout, order, line
 * ends, what only its author understands. Pure: text in, text out.
 */
#pragma once

#include <stdio.h>

#include "profiles/profile.h"

/* A rule to add behind the others. Everything is borrowed. */
struct patch_rule {
	const char **names;
	size_t n_names;
	struct action action;
	const struct comparison *args;
	size_t n_args;
	const char *comment; /* left out in the OCI dialect, which has none; may be NULL */
};

/* A name to take out of a rule; the rule goes with its last name. */
struct patch_removal {
	const struct rule *rule; /* of the profile */
	const char *name;
};

struct patch {
	const struct patch_rule *rules;
	size_t n_rules;
	const struct patch_removal *removals;
	size_t n_removals;
};

/* A profile and the bytes it was read from. */
struct patch_source {
	const struct profile *profile;
	const char *bytes;
	size_t len;
};

/*
 * The file with the patch made. *ret_text is malloc'ed and NUL-terminated. -EINVAL where the bytes
 * are not those the profile was read from, or it is unconfined and has nothing to add to; -ENOMEM.
 */
_must_check_ int profile_patch(const struct patch_source *source, const struct patch *patch,
                               char **ret_text, size_t *ret_len);

/* The patch's rules as a policy for a supervisor that decides by profile otherwise. */
_must_check_ int profile_patch_policy(const char *profile, const struct patch *patch, FILE *out);

/* The same change as a JSON Patch (RFC 6902), its operations to be made in their order. */
_must_check_ int profile_patch_json(const struct patch_source *source, const struct patch *patch,
                                    FILE *out);
