/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a run, and the cgroup that it takes. */
#pragma once

#include "policies/decide.h"
#include "supervisor/freezing/freezer.h"
#include "supervisor/generations.h"

/*
 * Reads the policy as the first generation, and makes a leaf where calls are to be allowed while
 * the target is frozen; else *freezer stays as it is. What is wrong is said: -errno then, and
 * -EOPNOTSUPP where this host cannot freeze.
 */
_must_check_ int run_policy_open(const char *path, enum mode mode, struct generations *policies,
                                 struct freezer *freezer);
