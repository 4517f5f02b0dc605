/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a notified call. */
#pragma once

#include "profiles/ruleset.h"

enum mode {
	MODE_ENFORCE,  /* the profile's exact answer */
	MODE_COMPLAIN, /* everything is allowed; what would be refused is marked */
	MODE_COUNT,
};

enum verdict_kind {
	VERDICT_DENY = 0, /* zero, so that a verdict nobody made is a denial */
	VERDICT_ALLOW,
	VERDICT_WOULD, /* allowed by complain mode; error says what enforce would answer */
	VERDICT_KILL,  /* the process dies, and the call is refused */
	VERDICT_KIND_COUNT,
};

struct verdict {
	enum verdict_kind kind;
	/*
	 * errno of DENY and KILL, 1..4094; of WOULD the one it would be. A DENY with 0 is
	 * SCMP_ACT_ERRNO(0): the call is skipped and returns 0, so the answer is val 0.
	 */
	uint16_t error;
	uint8_t by;           /* enum decided_by */
	struct action action; /* what the profile says */
	int32_t rule;         /* index into the profile's rules, -1 where no rule decided */
};

/* Decides by the profile's rules and the mode. Cannot fail. */
void decide(const struct ruleset *ruleset, enum mode mode, const struct seccomp_data *call,
            struct verdict *ret_verdict);

const char *mode_name(enum mode mode);                 /* "enforce" */
const char *verdict_name(enum verdict_kind kind);      /* for people: "DENY" */
const char *verdict_json_name(enum verdict_kind kind); /* for programs: "deny", "would_deny" */
