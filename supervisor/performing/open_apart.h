/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens what lies behind /proc as a process that is nobody's object there. To itself a process is
 * always open: its memory, maps and descriptors, whatever its credentials and although it is not
 * dumpable (ptrace(2), "Ptrace access mode checking"). A performer that opened /proc/PID/mem of its
 * own for the target would give away the listener with it.
 */
#pragma once

#include <linux/openat2.h>

#include "common/err.h"

/*
 * openat2(2) by a child for one call, with this process's descriptors and credentials: close on
 * exec whatever how says. A descriptor, or -errno. What at and path lead to must have been pinned
 * before, so that it is not the child's. SIGCHLD must not be ignored.
 */
_must_check_ int open_apart(int at, const char *path, const struct open_how *how);
