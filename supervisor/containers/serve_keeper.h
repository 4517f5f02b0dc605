/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of many: takes listeners in, has a worker for each, and writes what they tell to one
 * log. It reads no target's memory.
 */
#pragma once

#include <uv.h>

#include "supervisor/events/log.h"
#include "supervisor/containers/serve_config.h"

struct serve_options {
	const char *socket; /* path of the intake */
	struct serve_places places;
	struct serve_config *config; /* read from them; the keeper takes it over */
	uv_loop_t *loop;
	struct log *log;
};

/*
 * Serves until SIGTERM, SIGINT or SIGQUIT; SIGHUP reads the configuration again, for the targets
 * that come then. Signals are blocked (signals_block()). 0, or -errno where it could not begin.
 */
_must_check_ int serve_keeper_run(const struct serve_options *options);
