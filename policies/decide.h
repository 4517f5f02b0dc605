/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a notified call. */
#pragma once

#include "policies/policy.h"
#include "profiles/ruleset.h"

enum mode {
	MODE_ENFORCE,  /* the exact answer */
	MODE_COMPLAIN, /* everything is allowed; what would be refused is marked */
	MODE_ASK,      /* a person is asked about what the profile refuses */
	MODE_COUNT,
};

enum verdict_kind {
	VERDICT_DENY = 0, /* zero, so that a verdict nobody made is a denial */
	VERDICT_ALLOW,
	VERDICT_WOULD,  /* allowed by complain mode; error says what enforce would answer */
	VERDICT_KILL,   /* the process dies, and the call is refused */
	VERDICT_RETURN, /* the call is skipped, and returns value */
	VERDICT_KIND_COUNT,
};

/* How an ALLOW is to be answered. Whoever cannot do it so refuses the call. */
enum allow_by {
	ALLOW_BY_CONTINUE,
	ALLOW_BY_PERFORM, /* make the call for the target, from what the view has copied */
	ALLOW_BY_FREEZE,  /* freeze the target, see that nothing changed, CONTINUE, thaw */
};

/* What came of asking a person. */
enum asked_by {
	ASKED_NOT,        /* nobody was to be asked, or nobody has answered yet */
	ASKED_USER,       /* a person said so */
	ASKED_REMEMBERED, /* a person had said so before, of all calls like this one */
	ASKED_TIMEOUT,    /* no answer in time: denied */
	ASKED_NOBODY,     /* there is nobody to ask, or too much is asked at once: denied */
	ASKED_CHANGED,    /* the answer was for memory that has changed meanwhile: denied */
	ASKED_BY_COUNT,
};

struct verdict {
	enum verdict_kind kind;
	/*
	 * errno of DENY and KILL, 1..4094; of WOULD the one it would be. A DENY with 0 is
	 * SCMP_ACT_ERRNO(0): the call is skipped and returns 0, so the answer is val 0.
	 */
	uint16_t error;
	uint8_t by;             /* enum decided_by: the profile's part */
	uint8_t allow_by;       /* enum allow_by */
	struct action action;   /* what the profile or the policy's rule says */
	int32_t rule;           /* index into the profile's rules, -1 where none decided */
	int32_t policy_rule;    /* index into the policy's rules, -1 where none decided */
	uint32_t generation;    /* of that policy; 0 where no policy had a part in it */
	int64_t value;          /* of RETURN */
	uint16_t ask_seconds;   /* of a refusal: ask a person for so long first; 0: do not ask */
	uint8_t asked_by;       /* enum asked_by */
	uint16_t asked_seconds; /* how long the call waited for the answer */
	uint16_t doubt;  /* the errno with which policy_rule could not see what it looks at; or 0 */
	uint8_t refusal; /* of an allow that could not be performed: enum perform_refusal; 0 */
	bool silent;     /* makes no event */
};

/* What calls are decided by. All of it is borrowed, and may be shared by calls and processes. */
struct decider {
	const struct ruleset *ruleset;
	enum mode mode;
	const struct policy *policy; /* NULL: the profile alone */
	/* Of a policy with limits: POLICY_LIMITS_MAX words (policies/limit.h), and their clock. */
	_Atomic uint64_t *limits;
	uint64_t (*now_ms)(void);
};

/*
 * Decides by the policy's rules, else by the profile's, and the mode. Cannot fail: where a rule
 * cannot see what it wants to look at, the call is refused.
 */
void decide(const struct decider *decider, struct view *view, struct verdict *ret_verdict);

const char *mode_name(enum mode mode);                 /* "enforce" */
const char *verdict_name(enum verdict_kind kind);      /* for people: "DENY" */
const char *verdict_json_name(enum verdict_kind kind); /* for programs: "deny", "would_deny" */
const char *asked_by_name(enum asked_by by);           /* "user"; NULL for ASKED_NOT */
