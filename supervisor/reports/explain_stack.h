/* SPDX-License-Identifier: Apache-2.0 */
/* The frames that an event's stack has, for reading, with their lines of source. */
#pragma once

#include "common/json.h"
#include "common/text.h"
#include "supervisor/stacks/stack.h"

/*
 * Appends one frame of event's `stack`: "#0 socket+0xb  /lib/libc.so.6+0xf9e1b  socket.c:7  [cfi]".
 * Symbol and source are looked up where the module's file is still the one that ran. Nothing is
 * escaped of what the event or the file says. False after the last.
 */
bool stack_frame_text(struct text *text, const cJSON *event, unsigned index);

/* The frame itself, or NULL after the last. */
const cJSON *stack_frame(const cJSON *event, unsigned index);

/* Why the event has no stack, where one was asked for; not escaped. NULL where it does not say. */
const char *stack_missing_text(const cJSON *event);
