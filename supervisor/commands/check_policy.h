/* SPDX-License-Identifier: Apache-2.0 */
/* What callgate check does with a policy. */
#pragma once

#include "supervisor/commands/profile_options.h"
#include "supervisor/freezing/freezer.h"
#include "supervisor/files/policy_file.h"

/* What is known of the host that the policy shall run on. */
struct check_host {
	bool asked;             /* else any host is meant */
	enum freezer_want want; /* what keeps it from freezing a target */
};

/*
 * Reads a policy and looks through it, beside the profile that it names (docker-default where it
 * names none), and on the host. 0, or -errno with diags saying why. Release with
 * loaded_policy_deinit() either way.
 */
_must_check_ int check_policy_open(const char *path, const struct profile_options *options,
                                   const struct check_host *host, struct loaded_policy *ret_loaded);

/* Prints what each rule does and of which class it is for each syscall, one line a rule. */
void check_policy_print(const struct policy *policy, bool json);

/* Prints whether the host can freeze a target, and if not, why. */
void check_host_print(const struct check_host *host, bool json);
