/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/descriptors.h"

/*
 * Signals for the terminal's jobs and for our process group are none of a helper's: a target that
 * waits for an answer cannot even be stopped (WAIT_KILLABLE_RECV), so its worker must run on.
 */
static void leave_terminal(void)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	fd_close(null);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int helper_detach(const char *name, const int *keep, size_t count)
{
	leave_terminal();
	(void)prctl(PR_SET_NAME, name);
	return descriptors_close_except(keep, count);
}
