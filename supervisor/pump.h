/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What moves a target's events to the sinks: on its worker's wake-up, and by itself while there are
 * any. Keeper only.
 */
#pragma once

#include <uv.h>

#include "supervisor/drain.h"

struct pump {
	struct drain *drain; /* borrowed, as wake is */
	int wake;            /* eventfd, written by the worker */
	uv_poll_t on_wake;
	uv_timer_t on_linger;
	unsigned open; /* handles that libuv still has */
	void (*stopped)(void *owner);
	void *owner;
};

enum { PUMP_EVENTS = 512 }; /* told before other handles get their turn */

/* 0; or -errno, and nothing was begun. */
_must_check_ int pump_start(struct pump *pump, uv_loop_t *loop, struct drain *drain, int wake);

/*
 * Tells what there is. A wake-up costs the worker, and so the target, more than an answer does:
 * where there was something, the pump looks again by itself after a moment, and only when there is
 * nothing any more does it ask to be woken.
 */
void pump_turn(struct pump *pump);

/* Closes the handles. Once they are, calls stopped (may be NULL), which may free the pump. */
void pump_stop(struct pump *pump, void (*stopped)(void *owner), void *owner);
