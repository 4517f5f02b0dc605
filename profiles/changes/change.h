/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What could be changed so that a denied call is denied more gently, or allowed: candidates for one
 * call, each with what it opens beyond the call, found by resolving the changed profile and
 * comparing it with the present one. Nothing here writes a file: profiles/patch does.
 */
#pragma once

#include "profiles/changes/fallback.h"
#include "profiles/profile_diff.h"
#include "profiles/changes/severity.h"
#include "profiles/arguments/signature.h"

enum change_kind {
	CHANGE_ERRNO,      /* deny with another errno, at which programs go another way */
	CHANGE_ALLOW_ARGS, /* allow the syscall with what this call's arguments say */
	CHANGE_ALLOW,      /* allow the syscall, whatever its arguments */
	CHANGE_CAPABILITY, /* give the container what a rule of the profile waits for */
	CHANGE_KIND_COUNT,
};

const char *change_kind_name(enum change_kind kind); /* "errno", "allow-args", ... */

/* What a change is: the rule to add, or the capabilities to give. */
struct change {
	enum change_kind kind;
	/* Of all kinds but CHANGE_CAPABILITY: a rule of one name for every ABI of the profile. */
	char name[SYSCALL_NAME_MAX];
	struct action action;
	struct comparison args[6]; /* all must hold; no index repeats */
	unsigned n_args;
	/*
	 * A rule that now denies the call and would collide with the new one, or go before it: the
	 * name has to go out of it first. NULL: adding the rule is enough.
	 */
	const struct rule *instead;
	uint64_t caps; /* of CHANGE_CAPABILITY: bit N is capability N */
};

/* The present profile with changes made: for evaluating, planning and comparing. */
struct changed {
	struct profile profile; /* shares everything but its rules with the original */
	struct ruleset *ruleset;
	char ***names;          /* of each of its rules */
	struct change *changes; /* copies: its new rules borrow from them */
};

/*
 * Makes changes in a copy, all at once. -EBADMSG where the runtimes would refuse the result (rules
 * that collide), -ENOMEM. The ruleset and its profile outlive the result.
 */
_must_check_ int changed_build(const struct ruleset *ruleset, const struct change *changes,
                               size_t n_changes, struct changed **ret_changed);
void changed_free(struct changed *changed);
DEFINE_CLEANUP(struct changed *, changed_free)

/* How a change alters the decisions, in syscalls by name: of any ABI, each counted once. */
struct change_effect {
	size_t opened;  /* some calls of it are allowed that were not; the call's own too */
	size_t closed;  /* some calls of it are no longer allowed */
	size_t altered; /* some are denied before and after, but otherwise */
};

void change_effect(const struct profile_diff *diff, struct change_effect *ret_effect);

/* Whether diff->list[index] opens a syscall that no entry before it opens: change_effect()'s. */
bool difference_opens(const struct profile_diff *diff, size_t index);

/* A change that was tried: changed_build() made it, and ruleset_evaluate() says it works. */
struct candidate {
	struct change change;
	enum severity severity;   /* of what is opened, the worst; LOW where nothing is */
	const char *severity_why; /* one clause, static; may be NULL */
	bool unsafe; /* libseccomp may compile it wrong: good under callgate, not for a runtime */
	struct changed *changed;   /* owned; outlives the next */
	struct profile_diff *diff; /* owned; from the present profile to the changed one */
	struct change_effect effect;
};

enum { CANDIDATES_MAX = 8 };

struct candidates {
	struct candidate *list; /* narrowest first */
	size_t n;
};

/*
 * The changes that would mend the denial of call, narrowest first; none where it is allowed, or
 * where no rule can be written for it (an ABI that the profile does not cover, a number that
 * libseccomp has no name for). -ENOMEM. The ruleset outlives the result.
 */
_must_check_ int candidates_find(const struct ruleset *ruleset, const struct seccomp_data *call,
                                 struct candidates *ret_candidates);
void candidates_deinit(struct candidates *candidates);

/*
 * What programs do when a call is denied, as fallback_find() has it; NULL where the profile allows
 * what they begin with, for then it is too late to go another way.
 */
const struct fallback *change_fallback(const struct ruleset *ruleset, const char *name,
                                       const struct seccomp_data *call);

/* Drops those that look at arguments: for calls whose arguments nobody knows. */
void candidates_drop_conditions(struct candidates *candidates);

/*
 * Whether an argument says what a call does (a flag, a family, a command, a signal), and not whom
 * it does it to (a descriptor, an address, a size): only such belong into a rule.
 */
bool argument_tells(const struct argument *argument);

/*
 * The condition that argument index has this value: in the low 32 bits where the kernel takes no
 * more of it (signature rows say so), else exactly.
 */
struct comparison argument_equals(const struct argument *argument, unsigned index, uint64_t value);
