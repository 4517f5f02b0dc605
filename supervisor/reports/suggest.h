/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to become of each syscall that was denied: picked by rule or asked of a person, said, and
 * counted on the profile that comes of it.
 */
#pragma once

#include <stdio.h>

#include "common/text.h"
#include "profiles/changes/amend.h"
#include "supervisor/reports/denials.h"

enum suggest_fate {
	FATE_CHANGED,  /* by the choice */
	FATE_FINE,     /* there is nothing to mend */
	FATE_LEFT_OUT, /* it may do too much to be allowed unasked */
	FATE_HOPELESS, /* no rule can mend it */
	FATE_DENIED,   /* a person said so */
	FATE_IGNORED,  /* a person wants to hear no more of it */
};

struct suggest_item {
	const struct suggestion *suggestion;
	enum suggest_fate fate;
	const struct choice *choice; /* of FATE_CHANGED; of FATE_LEFT_OUT what would be */
	struct choice own;           /* where the choice is none of the suggestion's */
};

/* What the user asked for. */
struct suggest_wishes {
	bool allow;           /* allow also where another errno would do */
	unsigned error;       /* deny with this errno, allow nothing; 0: not asked for */
	bool narrow, wide;    /* with every condition there is, or with none */
	const char **include; /* syscalls to be allowed whatever they may do */
	size_t n_include;
};

struct suggest_items {
	struct suggest_item *list; /* one a suggestion */
	size_t n;
};

/* Decides each by rule. 0 or -ENOMEM. The suggestions outlive the result. */
_must_check_ int suggest_pick(const struct ruleset *ruleset, const struct suggestions *suggestions,
                              const struct suggest_wishes *wishes, struct suggest_items *ret_items);
void suggest_items_deinit(struct suggest_items *items);

/* Changes one item to deny with an errno. 0; -ENOENT where no rule can do that; -ENOMEM. */
_must_check_ int suggest_item_errno(const struct ruleset *ruleset, struct suggest_item *item,
                                    unsigned error);

/* Named outcomes of suggest_keep(). */
enum { SUGGEST_KEPT = 1 };

/*
 * New rules can alter what needed no mending: a name that is newer than all others makes those
 * before it denied like any other, no longer with ENOSYS. Such items get a rule that keeps their
 * answer. SUGGEST_KEPT where there are any, so that the change has to be made again; 0; -ENOMEM.
 */
_must_check_ int suggest_keep(const struct ruleset *ruleset, const struct ruleset *amended,
                              struct suggest_items *items);

/* The items with FATE_CHANGED as amend() takes them; malloc'ed. -ENOMEM. */
_must_check_ int suggest_chosen(const struct suggest_items *items, struct chosen **ret_chosen,
                                size_t *ret_n);

/* ---- words */

/* "unshare where flags == CLONE_NEWUSER", "statx": what the changes of a choice are about. */
void suggest_choice_text(struct text *text, const struct suggestion *suggestion,
                         const struct choice *choice);

/* " ×37 (ls, node)": how often, and whose. */
void suggest_calls_text(struct text *text, const struct suggestion *suggestion);

/* What is done about each item, and what else would help; one line each. */
void suggest_report(FILE *out, const struct ruleset *ruleset, const struct suggest_items *items);

/*
 * What the amended profile does beside what was chosen: calls that libseccomp opens with others,
 * and calls that are no longer newer than the profile, which runc answers with ENOSYS.
 */
void suggest_report_beside(FILE *out, const struct amendment *amendment);

/* ---- the replay */

struct suggest_replay {
	uint64_t allowed;
	uint64_t answered; /* denied with the errno that was chosen for them */
	uint64_t fine;     /* denied with one that needs no mending */
	uint64_t denied;   /* still */
	uint64_t unknown;  /* folded calls, which arguments will decide */
	uint64_t ignored;
};

/* Decides all calls of the events again, by the amended profile. */
void suggest_replay(const struct ruleset *amended, const struct suggest_items *items,
                    struct suggest_replay *ret_replay);

/* "replay: 37 calls allowed, 4 still denied" */
void suggest_replay_text(struct text *text, const struct suggest_replay *replay);

/* ---- asking */

/* Named outcomes of suggest_ask(). */
enum { SUGGEST_QUIT = 1 };

/*
 * Asks on a terminal, open at fd for reading and writing, what is to become of each open item; the
 * items come with what suggest_pick() made of them. 0, SUGGEST_QUIT, or -errno.
 */
_must_check_ int suggest_ask(int fd, const struct ruleset *ruleset, struct suggest_items *items);

/* Whether the answer to a question is yes. 0 or 1, or -errno. */
_must_check_ int suggest_confirm(int fd, const char *question);
