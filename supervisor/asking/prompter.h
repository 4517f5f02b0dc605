/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompter: the process that asks a person, on a terminal, about the calls that the worker has
 * parked (asked.h). A process of its own, for it waits for the person and takes the foreground.
 */
#pragma once

#include "supervisor/asking/ask_save.h"
#include "supervisor/asking/asked.h"
#include "supervisor/events/event.h"

/* All of it is borrowed. */
struct prompter {
	struct asking *asking;
	const struct session *session;
	struct ask_save *save; /* or NULL */
	int terminal;
	int wake;     /* eventfd: readable when there may be a question */
	int answers;  /* eventfd: written after an answer */
	int lifeline; /* a pipe's read end; hang-up means that there is nobody left to ask for */
	pid_t keeper;
};

/*
 * The prompter's whole life, in a process forked for it. Ends when the person wants to be asked no
 * more, when the terminal has gone, and with the keeper; who ends it says that nobody is there.
 */
_Noreturn void prompter_run(const struct prompter *prompter);
