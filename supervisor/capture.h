/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads, in the worker and while the call waits, what its arguments point to and who makes it. All
 * of it is hostile and may change while it is read: it is copied once, bounded, and only shown.
 */
#pragma once

#include "supervisor/notification.h"

/* Fills captures, bytes and used from the target's memory, as the call's signature says. */
void capture_arguments(struct notification *notification);

/* The same from a memory that is open already (memory.h); -errno where it is not. */
void capture_arguments_from(struct notification *notification, int memory);

/* Fills caller from /proc/TID. What cannot be read stays 0 or empty. */
void capture_caller(struct notification *notification);
