/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From calls that a profile denied to what could be changed in it: one suggestion a syscall, with
 * its choices from the narrowest to the widest. What many calls have in common becomes one rule;
 * but calls that may do much are not lumped together with harmless ones of the same name.
 */
#pragma once

#include <cjson/cJSON.h>

#include "profiles/changes/change.h"
#include "profiles/changes/fallback.h"

/* A call that was denied, or would have been. */
struct observed {
	struct seccomp_data call;
	bool has_args;      /* else only its number is known: it was folded with others */
	bool enforced;      /* it was denied in earnest, not in complain mode */
	uint64_t count;     /* how often */
	const char *comm;   /* whose; a target wrote it; may be NULL */
	const char *text;   /* as the terminal showed it; may be NULL */
	const cJSON *event; /* the object, where it has a stack; else NULL */
};

/* One way to mend a suggestion's calls: changes of the profile that go together. */
struct choice {
	enum change_kind kind; /* never CHANGE_CAPABILITY */
	struct change *changes;
	size_t n_changes;
	enum severity severity;   /* of what it opens, the worst */
	const char *severity_why; /* one clause, static; may be NULL */
	bool unsafe;              /* as struct candidate has it */
};

enum suggestion_state {
	SUGGESTION_OPEN,     /* at least some of the calls can be mended: there are choices */
	SUGGESTION_ALLOWED,  /* the profile allows all of them as it is */
	SUGGESTION_FALLBACK, /* denied with the errno at which programs go another way */
	SUGGESTION_HOPELESS, /* no rule can allow them */
};

enum {
	CHOICES_MAX = 4,
	CHOICE_RULES_MAX = 4, /* of one choice; calls that differ more are not told apart */
};

struct suggestion {
	char name[SYSCALL_NAME_MAX];
	uint32_t arch;          /* SCMP_ARCH_* of the first call */
	enum severity severity; /* of its calls, not of what a choice opens */
	enum suggestion_state state;
	const struct observed **calls; /* the denied ones, in the order of the events */
	size_t n_calls;
	uint64_t count, allowed_count; /* of the calls denied at present, and of those allowed */
	const struct fallback *fallback;
	struct choice choices[CHOICES_MAX]; /* narrowest first: none allows more than the next */
	size_t n_choices;
	uint64_t caps; /* with these, rule would allow caps_count of the calls; 0: none would */
	const struct rule *caps_rule;
	uint64_t caps_count;
};

struct suggestions {
	struct suggestion *list; /* in the order of the events */
	size_t n;
};

/* The ruleset and what was observed outlive the result. 0 or -ENOMEM. */
_must_check_ int suggestions_find(const struct ruleset *ruleset, const struct observed *observed,
                                  size_t n_observed, struct suggestions *ret_suggestions);
void suggestions_deinit(struct suggestions *suggestions);

/* The choice of a kind, or NULL. */
const struct choice *suggestion_choice(const struct suggestion *suggestion, enum change_kind kind);

/*
 * A choice that denies the calls with another errno: for who asks for it. *ret_choice has no
 * changes where no rule can say so; release with choice_deinit(). 0 or -ENOMEM.
 */
_must_check_ int suggestion_errno(const struct ruleset *ruleset,
                                  const struct suggestion *suggestion, unsigned error,
                                  struct choice *ret_choice);
void choice_deinit(struct choice *choice);

/* Whether the conditions of a change hold for a call; whose name is looked at is the caller's. */
bool change_covers(const struct change *change, const struct seccomp_data *call);

/* Whether a ruleset does to a call what the change wants: allow it, or deny it so. */
bool change_mends(const struct change *change, const struct ruleset *ruleset,
                  const struct seccomp_data *call);

/* Whether a difference that opens something is what one of the changes is there for. */
bool changes_state(const struct change *changes, size_t n, const struct difference *difference);

/*
 * What is wrong with the difference that changes make: they open what they do not say, or close
 * something. NULL where nothing is.
 */
const char *changes_fault(const struct change *changes, size_t n, const struct profile_diff *diff);
