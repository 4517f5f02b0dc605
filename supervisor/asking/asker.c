/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asking/asker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { PATIENCE_MS = 2000 };

static int open_descriptors(struct asker *asker)
{
	asker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	asker->answers = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (asker->wake < 0 || asker->answers < 0 || pipe2(asker->lifeline, O_CLOEXEC) < 0)
		return err_errno();
	return 0;
}

int asker_start(struct asker *asker, struct asking *asking, const struct session *session,
                const struct asker_options *options)
{
	struct prompter prompter = {
		.asking = asking,
		.session = session,
		.save = options->save,
		.terminal = options->terminal,
		.keeper = getpid(),
	};
	int r = open_descriptors(asker);

	if (r < 0)
		return r;
	asker->asking = asking;
	prompter.wake = asker->wake;
	prompter.answers = asker->answers;
	prompter.lifeline = asker->lifeline[0];
	atomic_store(&asking->somebody, true);
	asker->pid = fork();
	if (asker->pid == 0)
		prompter_run(&prompter);
	if (asker->pid > 0)
		return 0;
	asker->pid = 0;
	atomic_store(&asking->somebody, false);
	return err_errno();
}

void asker_ended(struct asker *asker)
{
	asker->pid = 0;
	atomic_store(&asker->asking->somebody, false);
	atomic_store(&asker->asking->foreground, false);
	(void)eventfd_write(asker->answers, 1);
}

/* A terminal that takes no output (Ctrl-S) may hold it for ever. */
static void wait_for_end(pid_t pid)
{
	for (int waited = 0; waited < PATIENCE_MS; waited++) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		(void)poll(NULL, 0, 1);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

void asker_stop(struct asker *asker)
{
	asker->lifeline[1] = fd_close(asker->lifeline[1]);
	if (asker->pid > 0) {
		wait_for_end(asker->pid);
		asker_ended(asker);
	}
	asker->lifeline[0] = fd_close(asker->lifeline[0]);
	asker->wake = fd_close(asker->wake);
	asker->answers = fd_close(asker->answers);
}
