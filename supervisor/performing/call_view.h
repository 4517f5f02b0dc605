/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A live call as rules see it, with the memory behind its arguments: what they look at is the copy
 * that is then performed. In the performer, after perform_prepare().
 */
#pragma once

#include "policies/view.h"
#include "supervisor/notification.h"
#include "supervisor/performing/perform.h"

struct service;

struct call_view {
	struct view view; /* first, for the reader's functions */
	const struct performance *performance;
	const struct notification *notification;
	const struct service *service;
	int prepared; /* perform_prepare()'s result: what a path comes to where there is none */
	struct view_caller caller;
	char paths[2][PATH_MAX];
};

/* Everything is borrowed. notification->caller has been captured. */
void call_view_init(struct call_view *call_view, const struct performance *performance,
                    const struct notification *notification, const struct service *service,
                    int prepared);
