/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor errno|kernel NUMBER COMMAND ARG...: runs COMMAND with one syscall refused, at the least
 * cost there is: by a supervisor that does nothing but RECV and SEND (blocking, SYNC_WAKE_UP), or
 * by a filter in the kernel. What Callgate's figures are ratios of.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/pass_fd.h"

#define SET_FLAGS SECCOMP_IOW(4, __u64)

static int install(unsigned number, unsigned action, unsigned long flags)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = filter };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void answer(int listener)
{
	struct seccomp_notif request;
	struct seccomp_notif_resp response;

	ioctl(listener, SET_FLAGS, 1);
	for (;;) {
		memset(&request, 0, sizeof(request));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
			break; /* ENOENT: all have gone */
		response = (struct seccomp_notif_resp){ .id = request.id, .error = -EPERM };
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	}
}

int main(int argc, char **argv)
{
	int pair[2], listener, status;
	unsigned number;

	if (argc < 4 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return 2;
	number = (unsigned)atoi(argv[2]);
	if (strcmp(argv[1], "kernel") == 0) {
		if (install(number, SECCOMP_RET_ERRNO | EPERM, 0) < 0)
			return 2;
		execvp(argv[3], argv + 3);
		return 127;
	}
	if (fork() == 0) {
		listener =
			install(number, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (listener < 0 || pass_fd_send(pair[1], listener) < 0)
			_exit(2);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (pass_fd_receive(pair[0], &listener) < 0)
		return 2;
	answer(listener);
	return wait(&status) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
