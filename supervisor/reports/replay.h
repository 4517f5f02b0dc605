/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dry run: calls that were logged are decided again, by a policy and a profile that are not in
 * use yet, and those whose verdict would be another are kept, like with like.
 */
#pragma once

#include "common/text.h"
#include "supervisor/reports/replay_view.h"

enum { REPLAY_CHANGES_MAX = 500 }; /* kinds of changes that are told apart */

/* What one side decides by, and what it takes for it. */
struct replay_side {
	struct decider decider;
	_Atomic uint64_t limits[POLICY_LIMITS_MAX];
};

/* What a caller sees of a verdict. */
struct replay_verdict {
	int kind;      /* enum verdict_kind */
	int error;     /* errno of DENY, KILL and WOULD */
	int64_t value; /* of RETURN */
	bool asks;     /* a person, for a DENY */
};

struct replay_change {
	char *id, *call, *comm; /* of the first such event; comm may be NULL */
	struct replay_verdict before, after;
	const struct policy_rule
		*rule; /* of the new policy that decides, or NULL: the profile does */
	uint64_t count;
};

struct replay {
	struct replay_side *old; /* NULL: what was logged is compared with */
	struct replay_side *new;
	pid_t init; /* of the run that the events are of */
	uint64_t same, changed, as_written;
	uint64_t gaps[REPLAY_GAP_COUNT];
	size_t n_changes;
	struct replay_change changes[REPLAY_CHANGES_MAX];
};

/* Takes an event into account; one that is no call is passed over. 0 or -ENOMEM. */
_must_check_ int replay_event(struct replay *replay, const struct event_record *event);
void replay_deinit(struct replay *replay);

/* "DENY EPERM", "ALLOW", "FAKE 0", "ASK" */
void replay_verdict_text(struct text *text, const struct replay_verdict *verdict);
