/* SPDX-License-Identifier: Apache-2.0 */
/* Events as lines for programs: the schema callgate.event/1, one JSON object a line. */
#pragma once

#include "supervisor/events/event_text.h"

/*
 * Appends the line of an event other than EVENT_SUMMARY to an empty text; it fits into
 * WRITER_LINE_MAX bytes. note counts the run's events that are no call.
 */
void event_json(struct text *text, const struct event *event, uint64_t note);

/* An event.name "fold" that says what a sink could not write. */
void event_json_unwritten(struct text *text, const struct event *event, uint64_t note,
                          const struct unwritten *unwritten);
