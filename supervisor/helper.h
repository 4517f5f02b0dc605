/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that the keeper forked for a part of the work does first. */
#pragma once

#include <stddef.h>

#include "common/err.h"

/*
 * Leaves the terminal's session and the user's signals and standard descriptors, closes every other
 * descriptor that is not in keep, and takes a name.
 */
_must_check_ int helper_detach(const char *name, const int *keep, size_t count);
