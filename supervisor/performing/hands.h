/* SPDX-License-Identifier: Apache-2.0 */
/* What of the target's a call is made with or decided by, and only we may reach. */
#pragma once

#include "supervisor/performing/perform.h"

enum { HANDS_MEMORY, HANDS_PINS, HANDS = HANDS_PINS + PERFORM_PINS };

/* The thread's memory, and performance.pins: each a descriptor, or the -errno of why not. */
void hands_take(int proc, const struct seccomp_data *call, const struct identity_thread *thread,
                int ret_hands[HANDS]);
void hands_drop(int hands[HANDS]);

/* A duplicate of a descriptor of the thread's, or -errno. */
_must_check_ int hands_descriptor(const struct identity_thread *thread, int number);
