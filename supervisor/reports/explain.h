/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call explained: what a profile says to it and why, whether it would work without seccomp,
 * what the program makes of the answer, and what could be changed.
 */
#pragma once

#include "profiles/changes/change.h"
#include "profiles/changes/fallback.h"
#include "profiles/knowledge.h"
#include "profiles/plan.h"
#include "supervisor/events/event_read.h"
#include "supervisor/events/reason.h"

/* What is asked about: a call that a person typed, or one of an event. */
struct explain_subject {
	struct seccomp_data call;
	const char *text;                 /* as it was shown or typed; may hold anything */
	const char *note;                 /* what was assumed of it, or NULL */
	const struct event_record *event; /* NULL for a typed call */
	const char *policy; /* what a policy has to do with it (explain_policy.h), or NULL */
	/* False for a fold, which counts calls and keeps none of their arguments. */
	bool args_known;
	bool elsewhere; /* for another machine than this: its settings are not looked at */
};

/* Whether the kernel would do it if seccomp let it. */
enum alone_answer {
	ALONE_YES, /* as far as can be told */
	ALONE_NO,
	ALONE_CANNOT_TELL,
};

const char *alone_answer_name(enum alone_answer answer); /* "yes", "no", "cannot-tell" */

struct alone {
	enum alone_answer answer;
	uint64_t caps; /* any one of them is needed, or may be; 0: none is known to be */
	char words[1024];
};

struct explanation {
	const struct explain_subject *subject;
	const struct ruleset *ruleset;
	struct seccomp_data call; /* the subject's; of a fold one that the profile denies */
	uint32_t arch;            /* SCMP_ARCH_*; 0 for an ABI nobody knows */
	char name[SYSCALL_NAME_MAX];
	const struct signature *signature; /* or NULL */
	struct decision decision;
	enum plan_place place; /* where it is decided, in the mode of the event */
	enum plan_why place_why;
	size_t n_near;
	struct near_miss near[REASON_NEAR_MAX]; /* of a call that the default action refuses */
	int error; /* what the program sees; 0 where it is let through, or killed */
	const struct fallback *fallback;
	const struct knowledge *knowledge;
	struct alone alone;
	struct candidates candidates;
};

/*
 * 0, or -ENOMEM. Reads settings of this machine (/proc/sys, the security modules) unless the
 * subject is elsewhere. subject and ruleset outlive the result.
 */
_must_check_ int explanation_build(const struct ruleset *ruleset,
                                   const struct explain_subject *subject,
                                   struct explanation *ret_explanation);
void explanation_deinit(struct explanation *explanation);

/* Whether the profile lets the call through. */
bool explanation_allows(const struct explanation *explanation);

/*
 * The rule of a policy that decided the event before the profile came to it, "policy my.json:3"; it
 * may hold anything. NULL: none did.
 */
const char *explanation_policy(const struct explanation *explanation);

/*
 * Whether the event was decided otherwise, or with another errno: under another profile, or so.
 * What a policy decided says nothing about the profile.
 */
bool explanation_contradicts_event(const struct explanation *explanation);

/* "got 38 (AF_ALG)": the argument that a condition looks at, as the call has it. */
void explanation_got(struct text *text, const struct explanation *explanation,
                     const struct comparison *comparison);

/* The rule that a change adds, as a profile's text, on one line. */
void change_rule_text(struct text *text, const struct change *change);

/* Behind explain.c: of an explanation that is whole but for it. */
void alone_find(const struct explanation *explanation, struct alone *ret_alone);

void explain_text(FILE *out, const struct explanation *explanation, unsigned width);
void explain_json(FILE *out, const struct explanation *explanation);
