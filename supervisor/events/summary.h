/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run: what was denied in total, and what to type next. */
#pragma once

#include "supervisor/events/event_text.h"

/*
 * "7 calls denied, 3 kinds: mount ×4, unshare ×2, keyctl ×1", "6 more calls denied that programs
 * fall back from: clone3 ×6", and a line with the next command, which may build on the state file
 * where the run is remembered there. Appends no next command where there is nothing to mend, and
 * nothing where nothing was denied.
 */
void summary_text(struct text *text, const struct text_style *style, const struct session *session,
                  const struct tally *tally, bool remembered);

/* The totals, and the counts by syscall and by kind as far as the line has room for them. */
void summary_json(struct text *text, const struct event *event, uint64_t note,
                  const struct tally *tally, bool remembered);
