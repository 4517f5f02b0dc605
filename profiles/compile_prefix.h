/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a filter in front of libseccomp's code. Behind profiles/compile.h. */
#pragma once

#include "profiles/compile.h"

/*
 * libseccomp takes numbers of the native ABI, and translates them by name. __NR_SCMP_ERROR for a
 * number of a foreign ABI that it has no name for.
 */
int compile_native_number(const struct abi *abi, int nr);

/* Whether a row is asked for that libseccomp cannot be told of. */
bool compile_in_front(const struct abi *abi, const struct plan_row *row);

/*
 * Puts the ENOSYS rule for syscalls newer than the profile in front of the filter, and those rows.
 * 0, -ENOMEM, or -E2BIG.
 */
_must_check_ int compile_prefix(const struct plan *plan, struct filter *filter);
