/* SPDX-License-Identifier: Apache-2.0 */
/* A rule added to a policy's file, everything else in it as it stands. Pure: text in, text out. */
#pragma once

#include <stddef.h>

#include "common/err.h"

/* What stands there, as profile_patch.h has it of profiles. */
struct policy_text {
	const char *bytes;
	size_t len;
};

/*
 * The file with a rule, JSON text, in front of the rule with that index, or behind the last where
 * there is none such; laid out as its neighbours are. *ret_text is malloc'ed. -EINVAL where the
 * text has no list of rules; -ENOMEM.
 */
_must_check_ int policy_insert(const struct policy_text *policy, const char *rule, size_t index,
                               char **ret_text, size_t *ret_len);

/* A member of the rule with that index, as it stands in the text; len 0 where it has none. */
_must_check_ int policy_member(const struct policy_text *policy, size_t index, const char *key,
                               struct policy_text *ret_member);
