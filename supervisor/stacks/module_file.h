/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the file behind a mapping of a target, as the target sees it. Worker only. */
#pragma once

#include "common/err.h"
#include "supervisor/stacks/maps.h"

/*
 * A descriptor to read the mapped file by, whatever its name leads to by now: -ENOENT where no way
 * leads to that very file, -EINVAL where it is no regular file. Nothing else is ever opened: to
 * open a device may have effects.
 */
_must_check_ int module_file_open(pid_t tid, const struct mapping *mapping);
