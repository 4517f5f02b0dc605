/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of one target, in the foreground: starts it and its worker, passes signals on, writes
 * the events, and ends when the command does. It never reads the target's memory.
 */
#pragma once

#include <uv.h>

#include "supervisor/asking/asker.h"
#include "supervisor/events/log.h"
#include "supervisor/reload.h"
#include "supervisor/target.h"

struct keeper_options {
	const struct target_command *command;
	const struct filter *filter;
	const struct session *session;
	const struct signals_inherited *signals; /* for the target, of signals_block() */
	uv_loop_t *loop;
	struct log *log;
	uint32_t stack_looks; /* at denied calls; not 0 only where stack_unwind_version() */
	const struct asker_options *ask;     /* NULL: nothing is ever asked */
	const struct reload_options *reload; /* NULL: the policy stays as it is */
	int freezer;   /* a leaf for the target (freezer.h); -EBADF: none is needed */
	bool wait_all; /* until the last process under the filter is gone, not the first */
};

struct keeper_result {
	int wait_status; /* of the command, as waitpid(2) gives it */
	int error;       /* errno of the step that kept the command from running; 0: it ran */
	enum agent_step step;
};

/*
 * Runs the command to its end. 0 with *ret_result (also when the command could not be started), or
 * -errno when we could not do our part; then nothing runs any more.
 */
_must_check_ int keeper_run(const struct keeper_options *options, struct keeper_result *ret_result);
