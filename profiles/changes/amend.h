/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chosen suggestions made: the file's new text, proven to mean what was chosen and nothing else on
 * the ruleset's host.
 */
#pragma once

#include "profiles/changes/profile_patch.h"
#include "profiles/changes/suggestion.h"

struct chosen {
	const struct suggestion *suggestion;
	const struct choice *choice; /* of the suggestion, or suggestion_errno()'s */
};

struct amendment {
	struct patch patch; /* of the two lists below */
	struct patch_rule *rules;
	struct patch_removal *removals;
	char **comments; /* of the rules */
	char *text;      /* of the amended file; NUL-terminated */
	size_t len;
	struct profile *profile; /* read back from text */
	struct ruleset *ruleset;
	struct profile_diff *diff; /* from the present profile to that one */
	struct change *changes;    /* all that were chosen */
	size_t n_changes;
	/* What is not as it should be: then nothing may be done with the text. NULL: all is well.
	 */
	const char *fault;
};

/*
 * Makes them. comment begins each rule's comment: "callgate suggest 2026-11-24". What is chosen is
 * borrowed. 0, also with a fault, which is a bug of ours; -EINVAL as profile_patch(); -ENOMEM.
 */
_must_check_ int amend(const struct patch_source *source, const struct ruleset *ruleset,
                       const struct chosen *chosen, size_t n_chosen, const char *comment,
                       struct amendment **ret_amendment);
void amendment_free(struct amendment *amendment);
DEFINE_CLEANUP(struct amendment *, amendment_free)
