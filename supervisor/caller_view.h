/* SPDX-License-Identifier: Apache-2.0 */
/* A live caller as rules see it: who calls, and the registers. Its memory is not looked at. */
#pragma once

#include "common/err.h"
#include "policies/view.h"
#include "supervisor/notification.h"

struct service;

struct caller_view {
	struct view view; /* first, for the reader's functions */
	struct notification *notification;
	const struct service *service;
	struct view_caller caller;
	int error; /* of having looked at the caller: 1 not yet, 0, or -errno */
};

/* Everything is borrowed. The caller is read when a rule first asks, into notification->caller. */
void caller_view_init(struct caller_view *caller_view, struct notification *notification,
                      const struct service *service);

/*
 * What was captured of a caller, and is known of the target: borrowed. 0, or -EACCES where /proc
 * did not tell.
 */
_must_check_ int caller_view_fill(const struct caller *caller, const struct service *service,
                                  struct view_caller *ret_caller);
