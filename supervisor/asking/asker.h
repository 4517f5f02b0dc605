/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's side of the prompter: starts it, misses it, ends it. */
#pragma once

#include "supervisor/asking/prompter.h"

struct asker {
	pid_t pid;   /* 0: there is none */
	int wake;    /* eventfd, the worker's to write */
	int answers; /* eventfd, the worker's to read */
	int lifeline[2];
	struct asking *asking;
};

#define ASKER_NONE                                                                                 \
	((struct asker){ .wake = -EBADF, .answers = -EBADF, .lifeline = { -EBADF, -EBADF } })

/* What it is to ask on, and where it keeps answers; of struct prompter. */
struct asker_options {
	int terminal; /* -1: there is none, and nobody can be asked */
	struct ask_save *save;
};

/* Starts a prompter; from then on somebody can be asked. Release with asker_stop(). */
_must_check_ int asker_start(struct asker *asker, struct asking *asking,
                             const struct session *session, const struct asker_options *options);

/* The child with asker->pid has ended: nobody can be asked any more. */
void asker_ended(struct asker *asker);

/* Withdraws what is asked, gives the terminal back, and waits for that. */
void asker_stop(struct asker *asker);
