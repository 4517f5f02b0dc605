/* SPDX-License-Identifier: Apache-2.0 */
/* The choices of one suggestion, from the candidates of each of its calls. */
#pragma once

#include "profiles/changes/suggestion.h"

/* Fills in choices and caps of a suggestion that has its calls. 0 or -ENOMEM. */
_must_check_ int suggestion_merge(const struct ruleset *ruleset, struct suggestion *suggestion);
