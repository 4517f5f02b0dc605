/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/run_ask.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/commands/command.h"

static bool may_ask(enum mode mode, const struct policy *policy)
{
	if (mode == MODE_ASK)
		return true;
	for (size_t i = 0; policy && mode == MODE_ENFORCE && i < policy->n_rules; i++)
		if (policy->rules[i].action == POLICY_ASK)
			return true;
	return false;
}

static int open_terminal(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_errno();
	return isatty(fd) ? TAKE_FD(fd) : -ENOTTY;
}

int run_ask_open(const struct run_ask_options *options, enum mode mode,
                 const struct generations *policies, struct run_ask *ret_ask)
{
	int fd;

	*ret_ask = (struct run_ask){
		.may = may_ask(mode, generations_present(policies)),
		.save = { .path = options->save, .policies = policies },
		.asker.terminal = -EBADF,
	};
	if (!ret_ask->may && (options->on || options->save)) {
		command_error("run: %s: nobody is asked in this run; expected --mode ask, or a "
		              "policy with the action ask",
		              options->on ? "--ask-on" : "--ask-save");
		return -EINVAL;
	}
	if (!ret_ask->may)
		return 0;
	ret_ask->asker.save = options->save ? &ret_ask->save : NULL;
	fd = open_terminal(options->on ? options->on : "/dev/tty");
	if (fd < 0 && options->on) {
		command_error("run: --ask-on %s: %s", options->on, strerror(-fd));
		return fd;
	}
	ret_ask->asker.terminal = fd;
	return 0;
}

void run_ask_deinit(struct run_ask *ask)
{
	ask->asker.terminal = fd_close(ask->asker.terminal);
}
