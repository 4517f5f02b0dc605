/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flat profile: one that says for a single host what its original says for many. No gates, one
 * list of architectures, and the names of rules with the same action and conditions under one
 * rule. It is a profile like any other, in the OCI dialect: to be written out, or resolved again.
 */
#pragma once

#include "profiles/ruleset.h"

/* What one rule does, without its names. */
struct flat_rule {
	struct action action;
	const struct comparison
		*args; /* as struct rule has them; borrowed until flatten_finish() */
	size_t n_args;
};

struct flatten;

/* Takes the default action, architectures, flags and listener from the ruleset's profile. */
_must_check_ int flatten_new(const struct ruleset *ruleset, struct flatten **ret_flatten);
void flatten_free(struct flatten *flatten);
DEFINE_CLEANUP(struct flatten *, flatten_free)

/* Another default action than the original's. */
void flatten_default(struct flatten *flatten, struct action action);

/*
 * Adds a rule for one name, which is borrowed until flatten_finish(). It joins an earlier rule with
 * the same action and conditions, unless a rule between the two has this name: what the rules of
 * one name say in which order stays as it is.
 */
_must_check_ int flatten_add(struct flatten *flatten, const char *name,
                             const struct flat_rule *rule);

/* The profile, its names sorted within each rule. flatten is empty then. */
_must_check_ int flatten_finish(struct flatten *flatten, struct profile **ret_profile);

/* The whole profile of the ruleset, flat: it resolves to the same ruleset. */
_must_check_ int profile_flatten(const struct ruleset *ruleset, struct profile **ret_profile);
