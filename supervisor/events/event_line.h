/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of strace's grammar, laid out in columns:
 *
 *   TIME          VERDICT  WHO  CALL = RESULT  REST
 */
#pragma once

#include "common/text.h"
#include "policies/decide.h"
#include "supervisor/events/tally.h"

struct text_style {
	bool prefix; /* "callgate: " before each line: the target writes there too */
	bool colour;
	unsigned width; /* of the terminal, in columns; 0: lines are as long as they are */
};

/* Of a terminal its width, and colour if it is wanted; elsewhere neither. No prefix. */
struct text_style text_style_of(int fd);

enum { EVENT_LINE_CONTAINER_MAX = 128 }; /* bytes of a container's name as it is shown */

/* A line's columns; what is put into them is harmless on a terminal already. */
struct event_line {
	uint64_t time_ns; /* CLOCK_REALTIME */
	enum verdict_kind verdict;
	bool dim; /* of little interest: in colour, less bright */
	struct text who;
	struct text call;
	struct text result; /* " = -1 EPERM", or empty */
	struct text rest;   /* WHY, ×N, #ID */
	char who_bytes[EVENT_LINE_CONTAINER_MAX + CALLER_COMM_SIZE * 4 + 16];
	char call_bytes[TALLY_CALL_MAX + 1];
	char result_bytes[64];
	char rest_bytes[2048];
};

void event_line_init(struct event_line *line, uint64_t time_ns, enum verdict_kind verdict);

/* What the WHY of a denial ends with where programs go another way at its errno. */
#define EVENT_LINE_FALLS_BACK "; programs fall back"

/* "bwrap[4242]", after what is there already; "?" in place of an empty name. */
void event_line_who(struct event_line *line, const char *comm, size_t len, int64_t pid);

/* As strace shows it: " = -1 EPERM". What a call in complain mode returns we do not see. */
void event_line_result(struct event_line *line, const struct verdict *verdict);

/* "before_name" and "EPERM", or "0". */
void event_line_error(struct text *text, const char *before_name, unsigned error);

/* Appends the line with its newline; of a call that is too long for the style the middle goes. */
void event_line_text(struct text *text, const struct text_style *style,
                     const struct event_line *line);

/* "container web: "; nothing under run. */
void event_line_container(struct text *text, const struct session *session);

/* The parts of lines that are not of the grammar: "callgate: ", and the newline. */
void event_line_start(struct text *text, const struct text_style *style);
void event_line_end(struct text *text);
