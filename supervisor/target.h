/* SPDX-License-Identifier: Apache-2.0 */
/* Starts a target: finds its program, forks it, and takes its listener. */
#pragma once

#include <sys/types.h>

#include "agent/agent.h"
#include "common/cleanup.h"
#include "supervisor/signals.h"

/* A command as the shell gave it, resolved before anything starts. */
struct target_command {
	char *path;       /* owned */
	char **arguments; /* argv, borrowed */
	char **script;    /* owned array: /bin/sh PATH ARG..., for a file without "#!" */
};

/*
 * Resolves arguments[0] as execvp(3) does. -ENOENT: nowhere in PATH; -EACCES: found, but not
 * executable, or a directory.
 */
_must_check_ int target_command_find(char **arguments, struct target_command *ret_command);
void target_command_deinit(struct target_command *command);

struct target {
	pid_t pid;
	int listener;                    /* -EBADF where the filter notifies nothing */
	int leaf;                        /* in which it can be frozen (freezer.h), or -EBADF */
	struct agent_handover *handover; /* step and error tell what failed, also after the exec */
};

/*
 * Forks the target with its filter and inherited signals, into a leaf (freezer.h; -EBADF: it stays
 * in our cgroup), and returns when the listener is here; the exec follows by itself. On failure
 * (-errno) the target is reaped, and ret_target->handover says how far it came. Release with
 * target_deinit(), after a failure too.
 */
_must_check_ int target_start(const struct target_command *command, const struct filter *filter,
                              const struct signals_inherited *signals, int leaf,
                              struct target *ret_target);

/*
 * The same, in our cgroup, with body(argument) in the child in place of a program, which ends when
 * that returns. The filter lets close(2) and exit_group(2) pass.
 */
_must_check_ int target_start_body(void (*body)(void *argument), void *argument,
                                   const struct filter *filter,
                                   const struct signals_inherited *signals,
                                   struct target *ret_target);
void target_deinit(struct target *target);
