/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look_then_continue COMMAND ARG...: what performing and freezing are better than. It reads what
 * each call of a few names, refuses the one that is "evil", and lets the kernel go on with the
 * others: with whatever stands there by then.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "supervisor/listener.h"
#include "supervisor/memory.h"
#include "supervisor/target.h"

/* Where the name stands: behind an argument, and how far. */
static const struct {
	int nr;
	unsigned argument, offset;
} looked_at[] = {
	{ SYS_openat, 1, 0 },
	{ SYS_execve, 0, 0 },
	{ SYS_chdir, 0, 0 },
	{ SYS_connect, 1, offsetof(struct sockaddr_un, sun_path) },
};

static struct sock_filter instructions[2 + 2 * ARRAY_SIZE(looked_at)];

static void fill_filter(void)
{
	struct sock_filter *next = instructions;

	*next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_SIZE(looked_at); i++) {
		*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		                                       (unsigned)looked_at[i].nr, 0, 1);
		*next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	*next = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

static uint64_t name_of(const struct seccomp_data *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(looked_at); i++)
		if (looked_at[i].nr == call->nr)
			return call->args[looked_at[i].argument] + looked_at[i].offset;
	return 0;
}

static bool is_evil(const struct seccomp_notif *request)
{
	_cleanup_close_ int memory = memory_open((pid_t)request->pid);
	char path[256] = "";
	const char *slash;
	bool terminated;

	if (memory < 0 || memory_read_string(memory, name_of(&request->data), path,
	                                     sizeof(path) - 1, &terminated) < 0)
		return false;
	slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, "evil") == 0;
}

static void serve(int listener)
{
	struct pollfd wait = { .fd = listener, .events = POLLIN };

	while (poll(&wait, 1, -1) == 1 && wait.revents & POLLIN) {
		union {
			struct seccomp_notif request;
			char room[256];
		} notification;

		memset(&notification, 0, sizeof(notification));
		if (listener_receive(listener, &notification.request) != 0)
			continue;
		if (is_evil(&notification.request))
			(void)!listener_refuse(listener, notification.request.id, EACCES);
		else
			(void)!listener_continue(listener, notification.request.id);
	}
}

int main(int argc, char **argv)
{
	struct filter filter = { .instructions = instructions,
		                 .count = ARRAY_SIZE(instructions),
		                 .notifies = true };
	struct signals_inherited signals = { 0 };
	struct target_command command;
	struct target target;
	int wait_status;

	(void)argc;
	fill_filter();
	sigemptyset(&signals.mask);
	if (target_command_find(argv + 1, &command) < 0 ||
	    target_start(&command, &filter, &signals, -EBADF, &target) < 0)
		return 125;
	serve(target.listener);
	(void)waitpid(target.pid, &wait_status, 0);
	target_deinit(&target);
	target_command_deinit(&command);
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 125;
}
