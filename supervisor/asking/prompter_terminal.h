/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal while a question is open. Where it is the job's controlling terminal, the prompter's
 * process group takes the foreground: who of the job reads it then stops, instead of eating the
 * answer, and is continued afterwards. Another terminal (--ask-on) is just written to and read.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "common/err.h"

struct prompter_terminal {
	int fd;       /* borrowed */
	pid_t keeper; /* who is not to be stopped; the job is its process group */
	pid_t before; /* the group in the foreground before; 0: there is no job control */
	pid_t anchor; /* see prompter_terminal.c; 0: none */
	bool taken;
	struct termios settings; /* before */
};

/* Named outcome of terminal_take(): another job is in the foreground. */
enum { TERMINAL_BUSY = 1 };

/*
 * Takes the foreground, forgets what was typed before, and sets the terminal to single keys without
 * echo or signals. 0, TERMINAL_BUSY, or -errno where the terminal has gone. Blocked SIGTTOU.
 */
_must_check_ int terminal_take(struct prompter_terminal *terminal);

/* Whether it still is; somebody may have stopped our job and given the terminal to another. */
bool terminal_is_ours(const struct prompter_terminal *terminal);

/* Stops who reads it in spite of all; now and then, while the question is open. */
void terminal_guard(const struct prompter_terminal *terminal);

/* Everything as it was; no effect where it is not taken. */
void terminal_give_back(struct prompter_terminal *terminal);

/* The next key, after poll(2): a byte; 0 at the end of input; -EAGAIN; -errno. */
_must_check_ int terminal_key(const struct prompter_terminal *terminal);

/* The signal that the key would have been, had the terminal not been ours; 0: none. */
int terminal_signal_of(const struct prompter_terminal *terminal, int key);

/* Whether the key is its end-of-file character. */
bool terminal_is_end(const struct prompter_terminal *terminal, int key);
