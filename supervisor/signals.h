/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's signals. They are blocked and read from a signalfd, which says who sent them: what
 * the terminal sends reaches the target by itself, what is sent to us alone is passed on.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"

/* What we change for ourselves and the target shall have as it was. */
struct signals_inherited {
	sigset_t mask;
	bool child_ignored;
};

/*
 * Blocks what the keeper handles and saves what the target shall have. The signals of faults stay
 * as they are. Those that stop a job are the target's: we stop when it has. SIGCHLD is never
 * ignored here, whatever was inherited: an ignored one would not tell of the target's end.
 */
void signals_block(struct signals_inherited *ret_inherited);

/*
 * A signalfd for what signals_block() blocked, O_NONBLOCK and O_CLOEXEC; or -errno. Without
 * SIGXFSZ: it is of our own writes, and says no more than their errors do.
 */
_must_check_ int signals_open(void);

/* The next signal: 0; -EAGAIN when there is none; -errno. */
struct signal_received {
	int number;
	pid_t sender; /* 0 from outside our pid namespace */
	bool from_kernel;
};
_must_check_ int signals_read(int fd, struct signal_received *ret_signal);

/*
 * Whether a signal that we got must be passed on to the target: not what the kernel sent to the
 * whole foreground job, nor what the target sent to its own process group, which is also ours.
 */
bool signals_should_forward(const struct signal_received *signal, pid_t self);

/*
 * The command, a child of ours, has been stopped by a signal: a shell that watches this job must
 * see it stop, and no sooner. A plain SIGSTOP outside the foreground is no shell's doing, and
 * nobody might ever continue us. Returns when we are continued, and then the command is too.
 */
void signals_stop_with(pid_t command, int number);

/* Dies of the signal, without a core dump, so that the shell sees what it would have seen. */
_Noreturn void signals_die_of(int number);
