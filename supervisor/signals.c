/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/signals.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "supervisor/process.h"

static const int left_alone[] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, /* faults are our own */
	SIGCONT, /* continues us as it continues the target */
};

static void handled(sigset_t *ret_set)
{
	sigfillset(ret_set);
	for (size_t i = 0; i < ARRAY_SIZE(left_alone); i++)
		sigdelset(ret_set, left_alone[i]);
}

void signals_block(struct signals_inherited *ret_inherited)
{
	sigset_t set;

	handled(&set);
	sigprocmask(SIG_BLOCK, &set, &ret_inherited->mask);
	ret_inherited->child_ignored = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

int signals_open(void)
{
	sigset_t set;
	int fd;

	handled(&set);
	sigdelset(&set, SIGXFSZ); /* of a write of ours over RLIMIT_FSIZE, which then fails */
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno() : fd;
}

int signals_read(int fd, struct signal_received *ret_signal)
{
	struct signalfd_siginfo received;
	ssize_t length = read(fd, &received, sizeof(received));

	if (length != sizeof(received))
		return length < 0 ? err_errno() : -EAGAIN;
	ret_signal->number = (int)received.ssi_signo;
	ret_signal->sender = (pid_t)received.ssi_pid;
	ret_signal->from_kernel = received.ssi_code == SI_KERNEL;
	return 0;
}

bool signals_should_forward(const struct signal_received *signal, pid_t self)
{
	if (signal->from_kernel)
		return false;
	return signal->sender <= 0 || signal->sender == self ||
	       !process_descends(signal->sender, self);
}

void signals_stop_with(pid_t command, int number)
{
	struct process process;

	if (number == SIGSTOP && tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	if (process_read(command, &process) < 0 || process.state != 'T')
		return;
	(void)kill(getpid(), SIGSTOP);
	if (process_read(command, &process) == 0 && process.state == 'T')
		(void)kill(command, SIGCONT);
}

void signals_die_of(int number)
{
	sigset_t set;
	const struct rlimit no_core = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &no_core);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number);
}
