/* SPDX-License-Identifier: Apache-2.0 */
/* From plan to verified BPF. */
#pragma once

#include "profiles/filter.h"
#include "profiles/plan.h"

/*
 * Compiles with libseccomp and verifies: a filter that does not agree with plan_expect() on every
 * boundary point is not returned. Rules that the verification refutes are moved to PLAN_NOTIFY in
 * the plan and compiled again; -ENOTRECOVERABLE when that does not mend it. -E2BIG: the filter has
 * more than BPF_MAXINSNS instructions.
 *
 * libseccomp works in a forked child, with ten seconds for an attempt. A syscall whose rules it
 * does not come back from is notified too; -ETIMEDOUT where there are many, or it is no syscall's.
 */
_must_check_ int filter_compile(struct plan *plan, struct filter *ret_filter);

/* The same with another limit for an attempt. */
_must_check_ int filter_compile_within(struct plan *plan, unsigned limit_ms,
                                       struct filter *ret_filter);

/* Checks a filter against a plan. 0, or -EBADMSG with the first call on which they differ. */
_must_check_ int filter_verify(const struct filter *filter, const struct plan *plan,
                               struct seccomp_data *ret_call);

/* Sets what is not instructions: notifies, log, spec_allow. For a filter kept outside. */
void filter_describe(const struct plan *plan, struct filter *filter);

/*
 * Everything that went into a filter, as bytes: plan, options, versions. Equal keys mean equal
 * filters; the cache compares the whole key. *ret_key is malloc'ed.
 */
_must_check_ int filter_cache_key(const struct plan *plan, char **ret_key, size_t *ret_len);
