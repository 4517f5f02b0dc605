/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy has to do with a call, in a line. */
#pragma once

#include "common/text.h"
#include "supervisor/events/event_read.h"

/*
 * "policy web.json: rule 3 (line 14) decides: DENY EPERM"; or that none of its rules does, or which
 * one looks at what is not known of the call. event is NULL for a typed call. Limits are taken for
 * unused. Harmless on a terminal.
 */
void explain_policy_text(struct text *text, const struct policy *policy,
                         const struct ruleset *ruleset, const struct seccomp_data *call,
                         const struct event_record *event);

/* "decided by a rule of the policy web.json, line 14"; false where the event says no such thing. */
bool explain_policy_event_text(struct text *text, const struct event_record *event);
