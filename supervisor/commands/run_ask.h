/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a run asks, and where the answers go. */
#pragma once

#include "policies/decide.h"
#include "supervisor/asking/asker.h"

/* What the user said of it. */
struct run_ask_options {
	const char *on;   /* NULL: the controlling terminal, if there is one */
	const char *save; /* NULL: answers are not kept */
};

/* Borrowed by the keeper; save is of asker.save. */
struct run_ask {
	bool may; /* something may be asked in this run */
	struct ask_save save;
	struct asker_options asker;
};

/*
 * Opens the terminal, where anything may be asked in this mode and by the policy in use. None
 * is no failure, but where the user named one: -errno, and it is said.
 */
_must_check_ int run_ask_open(const struct run_ask_options *options, enum mode mode,
                              const struct generations *policies, struct run_ask *ret_ask);
void run_ask_deinit(struct run_ask *ask);
