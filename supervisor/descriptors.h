/* SPDX-License-Identifier: Apache-2.0 */
/* What this process holds open: nothing of the user's may stay open because of us. */
#pragma once

#include <stddef.h>

#include "common/err.h"

/* Closes every descriptor above 2 that is not in keep. */
_must_check_ int descriptors_close_except(const int *keep, size_t count);

/*
 * Closes what was inherited: every descriptor above 2 without close-on-exec, for all of ours have
 * it; and points 0 and 1 at /dev/null. A pipe that the target closes is then closed for good.
 */
_must_check_ int descriptors_close_inherited(void);
