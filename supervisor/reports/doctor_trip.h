/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One real notification round trip: what the presence of each feature promises and only a call can
 * show. A child of ours installs a filter as a target does, and makes a few calls; we answer them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"

enum { DOCTOR_TRIP_CALLS = 64 }; /* refused ones, which are measured */

/*
 * What a step that was not reached has for its outcome, and one whose answer reached the child as
 * something else.
 */
#define DOCTOR_TRIP_NOT_TRIED (-ECANCELED)
#define DOCTOR_TRIP_WRONG (-EBADMSG)

/* Outcomes are 0 or -errno. */
struct doctor_trip {
	int installed;        /* until the listener was here */
	enum agent_step step; /* where that failed */
	bool killable;        /* the filter has WAIT_KILLABLE_RECV */
	int synchronous;      /* SYNC_WAKE_UP */
	int received;         /* the first notification */
	int refused;          /* calls answered with an errno */
	int continued;        /* a call that the kernel then made */
	int read;             /* the child's memory, by another child, as a worker does */
	int added;            /* a descriptor given */
	uint64_t nanoseconds; /* a refused call took the child: the median; 0: none was refused */
};

/* Takes a few milliseconds, or some seconds where the kernel lets a step hang. */
void doctor_trip(struct doctor_trip *ret_trip);
