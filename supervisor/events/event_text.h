/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as lines for people, in strace's grammar:
 *
 *   TIME          VERDICT  WHO  CALL = RESULT  WHY  ×N  #ID
 *   16:39:10.622  DENY     bwrap[4242]  unshare(CLONE_NEWUSER) = -1 EPERM  default (no rule)  #1
 */
#pragma once

#include "supervisor/events/event_line.h"
#include "supervisor/events/tally.h"

/* What was not written, by verdict; the last counts the lines of no verdict. */
struct unwritten {
	uint64_t counts[VERDICT_KIND_COUNT + 1];
};

/*
 * Appends the line of an event; none for one that people need not see. An EVENT_SYSCALL shows as
 * its kind, at the event's time and with the count so far. EVENT_SUMMARY is summary_text()'s.
 */
void event_text(struct text *text, const struct text_style *style, const struct event *event,
                const struct kind *kind);

/* "... N more kinds in this second" */
void event_text_held(struct text *text, const struct text_style *style, uint64_t kinds);

/* "N lines were not written: the reader is too slow (DENY ×N)" */
void event_text_unwritten(struct text *text, const struct text_style *style,
                          const struct unwritten *unwritten);

/* A line that is not of the grammar: prefix, words that are safe to show, newline. */
void event_text_line(struct text *text, const struct text_style *style, const char *words);
