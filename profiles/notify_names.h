/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a notifying variant has to speak of. Behind profiles/notify_variant.h. */
#pragma once

#include "profiles/ruleset.h"

struct name_list {
	char **names; /* sorted, each once */
	size_t n_names;
};

/*
 * The names of the profile's rules that libseccomp knows, and with tables also those of every
 * syscall that its tables have for the ruleset's ABIs.
 */
_must_check_ int name_list_make(const struct ruleset *ruleset, bool tables,
                                struct name_list *ret_list);
void name_list_deinit(struct name_list *list);

/* Whether libseccomp keeps the rules of other syscalls under this one: socketcall and ipc. */
bool name_is_multiplexer(const char *name);

/* Whether one of the ruleset's ABIs has it as a call of such a one. */
bool name_is_multiplexed(const struct ruleset *ruleset, const char *name);
