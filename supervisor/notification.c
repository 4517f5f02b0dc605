/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/notification.h"

#include <string.h>

#define STEP(from, to) [NOTIFICATION_##from][NOTIFICATION_##to] = true

static const bool allowed_steps[NOTIFICATION_STATE_COUNT][NOTIFICATION_STATE_COUNT] = {
	STEP(FREE, NEW),        STEP(NEW, DECIDED),        STEP(DECIDED, ANSWERED),
	STEP(NEW, GONE),        STEP(DECIDED, GONE),       STEP(ANSWERED, FREE),
	STEP(GONE, FREE),       STEP(DECIDED, PERFORMING), STEP(PERFORMING, ANSWERED),
	STEP(PERFORMING, GONE), STEP(DECIDED, NEW),        STEP(PERFORMING, NEW),
	STEP(DECIDED, ASKED),   STEP(ASKED, DECIDED),      STEP(ASKED, GONE),
};

void notification_set_state(struct notification *notification, enum notification_state next)
{
	assert(allowed_steps[notification_state(notification)][next]);
	atomic_store_explicit(&notification->state, next, memory_order_release);
}

void notification_prepare(struct notification *notification)
{
	assert(notification_state(notification) == NOTIFICATION_FREE);
	memset(notification->room, 0, sizeof(notification->room));
	memset(&notification->verdict, 0, sizeof(notification->verdict));
	memset(&notification->caller, 0, sizeof(notification->caller));
	memset(notification->captures, 0, sizeof(notification->captures));
	notification->verdict.error = EPERM;
	notification->verdict.rule = -1;
	notification->verdict.policy_rule = -1;
	notification->attempts = 0;
	notification->used = 0;
	notification->stack_status = 0;
	notification->stack_slot = 0;
}

void notification_move(struct notification *from, struct notification *to)
{
	enum notification_state state = notification_state(from);

	assert(notification_state(to) == NOTIFICATION_FREE);
	memcpy(to->room, from->room, sizeof(to->room));
	to->attempts = from->attempts;
	memcpy(&to->verdict, &from->verdict, sizeof(*to) - offsetof(struct notification, verdict));
	atomic_store_explicit(&to->state, state, memory_order_release);
	from->request.id = 0;
	atomic_store_explicit(&from->state, NOTIFICATION_FREE, memory_order_release);
}

void notification_release(struct notification *notification)
{
	notification->request.id = 0;
	notification_set_state(notification, NOTIFICATION_FREE);
}

const char *capture_bytes(const struct notification *notification, const struct capture *capture,
                          size_t *ret_length)
{
	size_t offset = capture->offset < NOTIFICATION_BYTES ? capture->offset : NOTIFICATION_BYTES;
	size_t left = NOTIFICATION_BYTES - offset;

	*ret_length = capture->length < left ? capture->length : left;
	return notification->bytes + offset;
}
