/* SPDX-License-Identifier: Apache-2.0 */
/* What callgate run does for a policy that has a target frozen. */
#pragma once

#include "policies/decide.h"
#include "supervisor/freezer.h"

/*
 * Makes a leaf where the policy needs one; else *freezer stays as it is. path is the policy's, for
 * what is said where the host cannot: then -EOPNOTSUPP.
 */
_must_check_ int run_freezer(const char *path, const struct policy *policy, enum mode mode,
                             struct freezer *freezer);
