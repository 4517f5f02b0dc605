/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of an EVENT_RELOAD, for people and for programs. */
#pragma once

#include "supervisor/events/event_line.h"

/* The errors that kept the policy as it was, or what it now is and cannot reach; then one more. */
void event_reload_text(struct text *text, const struct text_style *style,
                       const struct reload_report *report);

/* An event.name "policy.reload". note counts the run's events that are no call. */
void event_reload_json(struct text *text, const struct event *event, uint64_t note);
