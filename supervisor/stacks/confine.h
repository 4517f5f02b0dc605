/* SPDX-License-Identifier: Apache-2.0 */
/* Gives up what a process does not need that only computes on memory and descriptors it has. */
#pragma once

#include "common/err.h"

/*
 * Root becomes nobody where it can; no core is dumped; memory is limited; and of the system calls
 * those are left that neither open, start, signal nor connect to anything: the others fail with
 * EPERM. For good.
 */
_must_check_ int confine(void);
