/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled filters on disk, so that the second start with a profile need not compile it: one file
 * a filter in $XDG_CACHE_HOME/callgate (else /var/cache/callgate for root, ~/.cache/callgate for
 * others). What is found there is verified against the plan like what libseccomp made, and only
 * taken from files that nobody else could have written. A cache that fails is a cache that is not
 * there: nothing is reported, and the filter is compiled.
 */
#pragma once

#include "profiles/compile.h"

/*
 * A verified filter for the plan: from the cache, or from filter_compile() and then kept. Failures
 * are filter_compile()'s. The plan may change as filter_compile() changes it.
 */
_must_check_ int filter_obtain(struct plan *plan, struct filter *ret_filter);
