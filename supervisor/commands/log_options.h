/* SPDX-License-Identifier: Apache-2.0 */
/* --log and --quiet, which run and serve share. */
#pragma once

#include "supervisor/events/log.h"

struct log_options {
	bool quiet;
	struct log_spec sinks[LOG_SINKS_MAX];
	size_t n_sinks;
};

#define LOG_OPTION_HELP "json:FILE, json:- (standard error), json:fd:N; text: likewise"

/* --log's argument: 0, or -EINVAL after saying why, in the name of command. */
_must_check_ int log_options_add(struct log_options *options, const char *command,
                                 const char *argument);

/* Standard error's lines, unless a sink was put in their place or they are not wanted. */
void log_options_add_standard_error(struct log_options *options);

/* log_open(), and what failed is said. */
_must_check_ int log_options_open(const struct log_options *options, const char *command,
                                  uv_loop_t *loop, struct log **ret_log);
