/* SPDX-License-Identifier: Apache-2.0 */
/* callgate check --replay: which logged calls would be decided otherwise. */
#pragma once

#include "supervisor/commands/profile_options.h"

struct check_replay {
	const char *events;  /* a file, "-", or "last" for the last run's */
	const char *against; /* a policy or a profile; NULL: what was logged is compared with */
	const char *wanted;  /* likewise: what is to be checked */
	struct profile_options profile;
	bool json;
};

/* The exit status: 0 where nothing would change, 1 where something would, 2 for trouble. */
int check_replay(const struct check_replay *check);
