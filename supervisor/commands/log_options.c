/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/log_options.h"

#include <string.h>
#include <unistd.h>

#include "supervisor/commands/command.h"

enum { MAX_LOG_OPTIONS = LOG_SINKS_MAX - 1 }; /* one is for standard error */

int log_options_add(struct log_options *options, const char *command, const char *argument)
{
	if (options->n_sinks == MAX_LOG_OPTIONS) {
		command_error("%s: more than %d --log", command, MAX_LOG_OPTIONS);
		return -EINVAL;
	}
	if (log_spec_parse(argument, &options->sinks[options->n_sinks]) < 0) {
		command_error("%s: --log %s: expected json:FILE, json:- (standard error) or "
		              "json:fd:N; text: likewise",
		              command, argument);
		return -EINVAL;
	}
	options->n_sinks++;
	return 0;
}

void log_options_add_standard_error(struct log_options *options)
{
	for (size_t i = 0; i < options->n_sinks; i++)
		if (options->sinks[i].fd == STDERR_FILENO)
			return;
	if (!options->quiet)
		options->sinks[options->n_sinks++] =
			(struct log_spec){ .format = LOG_TEXT, .fd = STDERR_FILENO };
}

int log_options_open(const struct log_options *options, const char *command, uv_loop_t *loop,
                     struct log **ret_log)
{
	const struct log_spec *failed = NULL;
	int result = log_open(loop, options->sinks, options->n_sinks, ret_log, &failed);

	if (result < 0 && failed && failed->path)
		command_error("%s: --log: %s: %s", command, failed->path, strerror(-result));
	else if (result < 0 && failed)
		command_error("%s: --log: descriptor %d: %s", command, failed->fd,
		              strerror(-result));
	else if (result < 0)
		command_error("%s: --log: %s", command, strerror(-result));
	return result;
}
