/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are to outlive the run: rules of a policy, in a file that the user named. */
#pragma once

#include "common/text.h"
#include "policies/policy.h"
#include "supervisor/asking/asked.h"
#include "supervisor/generations.h"

enum { ASK_SAVED_MAX = ASKED_ANSWERS_MAX };

struct ask_save {
	const char *path;                   /* where to; it need not be there yet */
	const struct generations *policies; /* the run's, or NULL */
	const struct policy
		*policy; /* the one in use at the last answer: its `when` goes with it */
	bool kept;       /* the file as it was has its backup */
	size_t n_added;  /* rules that this run has put into its own policy, */
	int32_t added[ASK_SAVED_MAX]; /* in front of which: indices as they were when it was read */
};

/*
 * Adds a rule that says of exactly this call what the person said. In the run's own policy it
 * stands before the rule that asked, in another file at the end. Appends to text what came of it.
 */
void ask_save(struct ask_save *save, const struct notification *notification, bool allow,
              struct text *text);

/*
 * The rule alone, as JSON; pure. when is the text of that member, or empty. -EOPNOTSUPP where no
 * rule says exactly that.
 */
_must_check_ int ask_save_rule(struct text *rule, const struct notification *notification,
                               bool allow, const char *when, size_t when_len);
