/* SPDX-License-Identifier: Apache-2.0 */
/* What a person is shown who is asked about a call. Harmless on a terminal, whoever calls. Pure. */
#pragma once

#include "common/text.h"
#include "supervisor/asking/asked.h"
#include "supervisor/events/event.h"

/* Two lines: who makes which call, and how many such calls wait; why it would be refused. */
void question_text(struct text *text, const struct session *session,
                   const struct notification *notification, unsigned count);

/* The keys, and how long there is for one: at most QUESTION_KEYS_COLUMNS, without a newline. */
enum { QUESTION_KEYS_COLUMNS = 79 };
void question_keys(struct text *text, unsigned seconds);

/* What a key says. False where it is none of ours. */
struct question_reply {
	enum ask_scope scope;
	enum ask_answer answer;
	const char *words; /* of it, for the person */
};
bool question_reply(char key, struct question_reply *ret_reply);
