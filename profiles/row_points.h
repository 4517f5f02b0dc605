/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that tell whether two readings of the rules of one syscall are the same. */
#pragma once

#include "profiles/ruleset.h"

/* Looks at a call: 0 goes on, anything else ends the walk. */
typedef int row_visit(void *context, const struct seccomp_data *call);

/*
 * Visits calls with arguments on, and beside, the values that the rules compare with: all
 * combinations where they are few, else the same few thousand each time. The caller sets
 * call->arch; the rest is written here, and after a visit that ended the walk call is the call.
 * Returns what the last visit returned, or -ENOMEM.
 */
_must_check_ int row_points(const struct syscall_rules *rules, struct seccomp_data *call,
                            row_visit *visit, void *context);
