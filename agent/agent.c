/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/agent.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/pass_fd.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* Linux 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum {
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

int agent_handover_new(struct agent_handover **ret_handover)
{
	struct agent_handover *handover;

	handover = mmap(NULL, sizeof(*handover), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	if (handover == MAP_FAILED)
		return err_errno();
	atomic_store(&handover->listener, AGENT_LISTENER_PENDING);
	*ret_handover = handover;
	return 0;
}

void agent_handover_free(struct agent_handover *handover)
{
	if (handover)
		(void)munmap(handover, sizeof(*handover));
}

/* A wait without a syscall. */
static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/*
 * The end of a launch that failed. exit_group may be notified, or denied: then the trap ends the
 * process, for there is no program to go back to.
 */
static _Noreturn void give_up(struct agent_handover *handover, int error)
{
	atomic_store(&handover->error, error);
	if (atomic_load(&handover->listener) == AGENT_LISTENER_PENDING)
		atomic_store(&handover->listener, AGENT_LISTENER_NONE);
	syscall(SYS_exit_group, error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
	__builtin_trap();
}

/*
 * The helper's whole life. It was cloned without memory of its own needs: it only waits, sends
 * and exits. The supervisor kills it if the target dies before it wrote a number.
 */
static _Noreturn void helper_run(int socket, struct agent_handover *handover)
{
	int listener;

	while ((listener = atomic_load(&handover->listener)) == AGENT_LISTENER_PENDING)
		sched_yield();
	if (listener >= 0 && pass_fd_send(socket, listener) == 0)
		atomic_store(&handover->taken, true);
	_exit(0);
}

/*
 * CLONE_FILES shares the descriptor table, CLONE_PARENT makes the supervisor the parent: the
 * program that is about to start must not find a child it does not know. Not vfork: a notified
 * execve would deadlock.
 */
static void clone_helper(int socket, struct agent_handover *handover)
{
	long pid = syscall(SYS_clone, CLONE_FILES | CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid < 0)
		give_up(handover, errno);
	if (pid == 0)
		helper_run(socket, handover);
	atomic_store(&handover->helper, (pid_t)pid);
}

static long seccomp_install(const struct sock_fprog *program, unsigned long flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

/*
 * One successful seccomp(2) call. What an older kernel refuses with EINVAL is left out one flag
 * after the other; EACCES means that this process needs no_new_privs (seccomp(2)).
 */
static long install(const struct filter *filter, struct agent_handover *handover)
{
	struct sock_fprog program = { .len = filter->count, .filter = filter->instructions };
	unsigned long flags = 0;
	long result;

	if (filter->notifies)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	if (filter->log)
		flags |= SECCOMP_FILTER_FLAG_LOG;
	if (filter->spec_allow)
		flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;

	atomic_store(&handover->step, AGENT_INSTALL);
	for (;;) {
		atomic_store(&handover->killable, flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
		result = seccomp_install(&program, flags);
		if (result >= 0)
			return result;
		if (errno == EACCES && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0) {
			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
				give_up(handover, errno);
		} else if (errno == EINVAL && (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)) {
			flags &= ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
		} else if (errno == EINVAL && (flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW)) {
			flags &= ~SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		} else {
			give_up(handover, errno);
		}
	}
}

/* From here to the execve: memory only. */
static void hand_over(long listener, struct agent_handover *handover)
{
	atomic_store(&handover->step, AGENT_HAND_OVER);
	atomic_store(&handover->listener, (int)listener);
	while (!atomic_load(&handover->taken))
		relax();
}

/*
 * give_up() must be able to end the process by a trap: no handler that was here before (a
 * sanitizer's, say) may catch it, for it could make no syscall. execve resets handlers anyway.
 */
static void let_traps_kill(void)
{
	struct sigaction present;

	if (sigaction(SIGILL, NULL, &present) == 0 && present.sa_handler != SIG_IGN)
		signal(SIGILL, SIG_DFL);
}

/*
 * Without an execve to close it the listener is closed here: while the target holds one itself, a
 * call that nobody answers waits for ever.
 */
static _Noreturn void run_body(const struct agent_launch *launch,
                               const struct agent_handover *handover)
{
	(void)close(atomic_load(&handover->listener));
	launch->body(launch->argument);
	_exit(0);
}

void agent_run(const struct agent_launch *launch, struct agent_handover *handover)
{
	long listener;

	let_traps_kill();
	if (launch->ignore_child)
		signal(SIGCHLD, SIG_IGN);
	sigprocmask(SIG_SETMASK, launch->signal_mask, NULL);
	if (launch->filter->notifies)
		clone_helper(launch->socket, handover);
	if (launch->filter->count > 0) {
		listener = install(launch->filter, handover);
		if (launch->filter->notifies)
			hand_over(listener, handover);
	}
	if (launch->body)
		run_body(launch, handover);
	atomic_store(&handover->step, AGENT_EXEC);
	execve(launch->path, launch->arguments, launch->environment);
	if (errno == ENOEXEC && launch->script)
		execve(launch->script[0], launch->script, launch->environment);
	give_up(handover, errno);
}

int agent_receive_listener(int socket, int *ret_listener)
{
	return pass_fd_receive(socket, ret_listener);
}
