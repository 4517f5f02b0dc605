/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/pump.h"

#include <sys/eventfd.h>

enum {
	LINGER_MS = 5,
	AGAIN_MS = 1, /* not 0: libuv before 1.45 would run nothing but this timer */
};

static void linger_over(uv_timer_t *handle)
{
	pump_turn(handle->data);
}

/* It says that it sleeps before its last look, so that an event in between wakes it. */
void pump_turn(struct pump *pump)
{
	struct journal *journal = pump->drain->journal;
	unsigned told = drain_events(pump->drain, PUMP_EVENTS);

	atomic_store(&journal->keeper_sleeps, told == 0);
	if (told == 0 && journal_oldest(journal)) {
		atomic_store(&journal->keeper_sleeps, false);
		told = drain_events(pump->drain, PUMP_EVENTS);
	}
	if (told > 0)
		uv_timer_start(&pump->on_linger, linger_over,
		               told == PUMP_EVENTS ? AGAIN_MS : LINGER_MS, 0);
}

static void wake_ready(uv_poll_t *handle, int status, int events)
{
	struct pump *pump = handle->data;
	eventfd_t count;

	(void)status;
	(void)events;
	(void)eventfd_read(pump->wake, &count);
	pump_turn(pump);
}

int pump_start(struct pump *pump, uv_loop_t *loop, struct drain *drain, int wake)
{
	int result;

	pump->drain = drain;
	pump->wake = wake;
	pump->on_wake.data = pump->on_linger.data = pump;
	result = uv_poll_init(loop, &pump->on_wake, wake);
	if (result < 0)
		return result;
	/* From here on libuv has no way to fail. */
	(void)uv_timer_init(loop, &pump->on_linger);
	return uv_poll_start(&pump->on_wake, UV_READABLE, wake_ready);
}

static void handle_closed(uv_handle_t *handle)
{
	struct pump *pump = handle->data;

	if (--pump->open == 0 && pump->stopped)
		pump->stopped(pump->owner);
}

void pump_stop(struct pump *pump, void (*stopped)(void *owner), void *owner)
{
	pump->stopped = stopped;
	pump->owner = owner;
	pump->open = 2;
	uv_close((uv_handle_t *)&pump->on_wake, handle_closed);
	uv_close((uv_handle_t *)&pump->on_linger, handle_closed);
}
