/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side of the performers: finds or starts one with the caller's identity, hands it a
 * call, and hears when it is done. The worker never waits for a call that is being made.
 */
#pragma once

#include "supervisor/performing/performer.h"

enum { PERFORMERS_CHECK_MS = 250 }; /* how long a killed target's performer may go unnoticed */

struct performers;

/* service is borrowed. 0, or -errno where there is no /proc to read. */
_must_check_ int performers_new(const struct service *service, struct performers **ret_performers);
/* Hangs up: each performer ends when it has nothing in hand. */
void performers_free(struct performers *performers);
DEFINE_CLEANUP(struct performers *, performers_free)

/* Readable when performers_next() has something. */
int performers_fd(const struct performers *performers);

/* Whether calls are in hand, and performers_check() is to be called. */
bool performers_busy(const struct performers *performers);

/* Named outcome of performers_take(): why is in the notification's verdict, now a denial. */
enum { PERFORMERS_REFUSED = 1 };

/*
 * Hands over a new notification, whose slot is free afterwards. 0; or PERFORMERS_REFUSED: it is
 * decided, and the caller answers.
 */
_must_check_ int performers_take(struct performers *performers, struct notification *notification);

/*
 * A slot that is through: answered or gone; or decided or performing, and then its verdict is one
 * that the caller answers, and no allow by performing. The caller frees it. NULL when there is
 * none. What a dead worker left comes first.
 */
struct notification *performers_next(struct performers *performers);

/* Ends performers whose target no longer waits; looks once in PERFORMERS_CHECK_MS. */
void performers_check(struct performers *performers);
