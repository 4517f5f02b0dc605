/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The half that runs in the target: install the filter, hand the listener over, exec.
 *
 * Any set of syscalls may be notified, so between seccomp(2) and execve(2) the target makes no
 * syscall at all. A helper, cloned before the filter is there, shares the target's descriptor
 * table: the target writes the listener's number into shared memory and spins, the helper sends
 * the descriptor to the supervisor and says so in the same memory. Neither ptrace permission nor
 * pidfd_getfd(2) is needed, and nothing of ours is left in the target after its execve.
 */
#pragma once

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/err.h"
#include "profiles/filter.h"

/* How far the target came; the last step begun tells what failed. */
enum agent_step {
	AGENT_CLONE_HELPER,
	AGENT_NO_NEW_PRIVS,
	AGENT_INSTALL,
	AGENT_HAND_OVER,
	AGENT_EXEC,
};

enum {
	AGENT_LISTENER_PENDING = -1,
	AGENT_LISTENER_NONE = -2, /* the target gave up: the helper ends */
};

/* In memory shared by supervisor, helper and target; zeroed but for listener. */
struct agent_handover {
	_Atomic int listener;  /* number in the target's table, or AGENT_LISTENER_* */
	_Atomic bool taken;    /* the listener is on its way: exec */
	_Atomic int step;      /* enum agent_step */
	_Atomic int error;     /* errno of that step, 0 while none failed */
	_Atomic pid_t helper;  /* a child of the supervisor, to be reaped by it */
	_Atomic bool killable; /* the filter has WAIT_KILLABLE_RECV (Linux 5.19) */
};

struct agent_launch {
	const struct filter *filter;
	void (*body)(void *argument); /* what to run in place of an execve, or NULL */
	void *argument;
	const char *path;       /* what to execve */
	char *const *arguments; /* argv */
	char *const *script;    /* argv for /bin/sh where path has no interpreter line (ENOEXEC) */
	char *const *environment;
	const sigset_t *signal_mask; /* of the target */
	bool ignore_child;           /* SIGCHLD is ignored in the target: the shell had it so */
	int socket; /* the helper sends the listener here, by SCM_RIGHTS; unused without listener */
};

/* Maps a handover page, shared with children. -errno on failure; release with munmap. */
_must_check_ int agent_handover_new(struct agent_handover **ret_handover);
void agent_handover_free(struct agent_handover *handover);

/*
 * Runs in a forked child and never returns: installs, hands over, execs. On failure it leaves step
 * and error in the handover and exits with 126 or 127, or dies where exit is denied.
 *
 * With a body it closes its own listener, runs that and exits with 0: under a filter which lets
 * close(2) and exit_group(2) pass.
 */
_Noreturn void agent_run(const struct agent_launch *launch, struct agent_handover *handover);

/*
 * Receives what the helper sent. 0 and a descriptor with O_CLOEXEC, or -errno; -EPIPE when the
 * other side closed without sending.
 */
_must_check_ int agent_receive_listener(int socket, int *ret_listener);
