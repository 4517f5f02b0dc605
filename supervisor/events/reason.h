/* SPDX-License-Identifier: Apache-2.0 */
/* Why a call was decided as it was: the rule, or what kept the nearest rules from allowing it. */
#pragma once

#include "common/text.h"
#include "profiles/changes/fallback.h"
#include "supervisor/events/event.h"
#include "supervisor/performing/perform.h"

enum { REASON_NEAR_MAX = 5 };

enum reason_kind {
	REASON_RULE,    /* a rule says so */
	REASON_NO_RULE, /* the default action: no rule names the syscall */
	REASON_NEAR,    /* the default action: near[0] names it, but does not apply */
	REASON_NOTIFY,  /* the profile leaves the call to us, and nobody has a rule for it */
	REASON_NEWER,
	REASON_BAD_ARCH,
	REASON_POLICY,      /* a rule of the policy says so */
	REASON_ASK,         /* a rule of the policy wants a person to say so */
	REASON_FORGOTTEN,   /* a rule of a policy that was replaced long ago, and is not kept */
	REASON_DOUBT,       /* a rule of the policy could not see what it looks at */
	REASON_UNDONE,      /* allowed, but nobody could make the call for the target */
	REASON_UNPERFORMED, /* allowed, but it could not be made for the target: refusal says why */
	REASON_UNDECIDED,   /* refused as it was born, for nobody came to decide it */
	REASON_KIND_COUNT,
};

struct reason {
	enum reason_kind kind;
	const struct rule *rule;               /* that decided, or NULL */
	const struct policy_rule *policy_rule; /* likewise */
	const struct policy *policy;           /* that it is of, or NULL */
	unsigned doubt;                        /* errno of REASON_DOUBT */
	enum asked_by asked;                   /* what came of asking a person */
	enum perform_refusal refusal;          /* of REASON_UNPERFORMED */
	size_t n_near;
	struct near_miss near[REASON_NEAR_MAX]; /* nearest first */
};

/* Walks the profile: for what is shown, not for every call. */
void reason_find(const struct session *session, const struct verdict *verdict,
                 const struct seccomp_data *call, struct reason *ret_reason);

/* What programs do at the errno of a call that was denied, or would be; NULL: nothing is known. */
const struct fallback *reason_fallback(const struct verdict *verdict,
                                       const struct seccomp_data *call);

/* "matched", "no_match", "caps_missing", ... Static. */
const char *reason_name(const struct reason *reason);

/*
 * What decided, by name: "my.json#7", the rule's index in its profile or policy; "my.json#default".
 * False where nothing of them did.
 */
bool reason_rule_id(struct text *text, const struct session *session, const struct reason *reason);

/* "default (docker-default:633 needs CAP_SYS_ADMIN)", "rule my.json:12"; harmless on a terminal. */
void reason_text(struct text *text, const struct session *session, const struct seccomp_data *call,
                 const struct reason *reason);

/* "needs CAP_SYS_ADMIN", "domain < 38": what a near miss wants. */
void reason_near_text(struct text *text, const struct seccomp_data *call,
                      const struct near_miss *near);
