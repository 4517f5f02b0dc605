/* SPDX-License-Identifier: Apache-2.0 */
/* A subcommand: one file, one of these; main.c lists them. */
#pragma once

#include <stdio.h>

#include "common/err.h"

/* Exit statuses of our own, as env(1) has them (docs: README, EXIT STATUS). */
enum {
	EXIT_OURS = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

struct command {
	const char *name;
	const char *summary; /* one line for callgate --help */
	/* argv[0] is the subcommand's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command check_command;
extern const struct command compile_command;
extern const struct command run_command;
extern const struct command serve_command;
extern const struct command diff_command;
extern const struct command doctor_command;
extern const struct command explain_command;
extern const struct command show_command;
extern const struct command suggest_command;
extern const struct command watch_command;

/* Prints "callgate: " and the message to standard error, one line. */
_printf_(1, 2) void command_error(const char *format, ...);
