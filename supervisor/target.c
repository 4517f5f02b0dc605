/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/target.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/freezing/freezer.h"

/* 0 when path is a file that we may execute; else -errno, -EACCES for a directory. */
static int check_executable(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return err_errno();
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? err_errno() : 0;
}

/* The next directory of a PATH, with name appended; false where it does not fit. */
static bool join_directory(const char **rest, const char *name, char path[static PATH_MAX])
{
	size_t length = strcspn(*rest, ":");
	int written;

	written = snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, *rest, length ? "/" : "", name);
	*rest += length;
	if (**rest == ':')
		(*rest)++;
	return written > 0 && written < PATH_MAX;
}

/* execvp(3): a file that is there and may not be executed is remembered, and the search goes on. */
static int search_path(const char *name, char path[static PATH_MAX])
{
	const char *rest = getenv("PATH");
	int result = -ENOENT;

	if (!rest)
		rest = "/bin:/usr/bin";
	do {
		int found = join_directory(&rest, name, path) ? check_executable(path) : -ENOENT;

		if (found == 0)
			return 0;
		if (found == -EACCES)
			result = -EACCES;
	} while (*rest);
	return result;
}

static char shell[] = "/bin/sh";

/* argv for a file without an interpreter line: /bin/sh PATH ARG... */
static char **script_arguments(char *path, char **arguments)
{
	size_t count = 0;
	char **script;

	while (arguments[count])
		count++;
	script = calloc(count + 2, sizeof(*script));
	if (!script)
		return NULL;
	script[0] = shell;
	script[1] = path;
	memcpy(&script[2], &arguments[1], count * sizeof(*script));
	return script;
}

int target_command_find(char **arguments, struct target_command *ret_command)
{
	char path[PATH_MAX];
	struct target_command command = { .arguments = arguments };
	int result;

	if (strchr(arguments[0], '/')) {
		result = check_executable(arguments[0]);
		if (result == 0)
			command.path = strdup(arguments[0]);
	} else {
		result = arguments[0][0] ? search_path(arguments[0], path) : -ENOENT;
		if (result == 0)
			command.path = strdup(path);
	}
	if (result < 0)
		return result;
	command.script = command.path ? script_arguments(command.path, arguments) : NULL;
	if (!command.script) {
		target_command_deinit(&command);
		return -ENOMEM;
	}
	*ret_command = command;
	return 0;
}

void target_command_deinit(struct target_command *command)
{
	free(command->path);
	free(command->script);
	*command = (struct target_command){ 0 };
}

static bool has_exited(pid_t pid)
{
	siginfo_t exited = { 0 };

	return waitid(P_PID, (id_t)pid, &exited, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       exited.si_pid == pid;
}

/* The helper waits for a number that will not come: this ends it. */
static void dismiss_helper(struct target *target)
{
	int pending = AGENT_LISTENER_PENDING;

	atomic_compare_exchange_strong(&target->handover->listener, &pending, AGENT_LISTENER_NONE);
}

static void reap_failed(struct target *target)
{
	pid_t helper = atomic_load(&target->handover->helper);

	(void)kill(target->pid, SIGKILL);
	(void)waitpid(target->pid, NULL, 0);
	dismiss_helper(target);
	if (helper > 0)
		(void)waitpid(helper, NULL, 0);
}

/*
 * Waits for the helper's message. A target that was killed from outside before it could say so
 * leaves the socket open in the helper, hence the look at the process now and then.
 */
static int take_listener(struct target *target, int socket)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };
	int result, error;

	while (poll(&readable, 1, 100) <= 0)
		if (has_exited(target->pid))
			dismiss_helper(target);
	result = agent_receive_listener(socket, &target->listener);
	error = atomic_load(&target->handover->error);
	if (result == -EPIPE)
		return error ? -error : -ECHILD;
	return result;
}

/* In the child, before its filter is there. */
static void enter_leaf(int leaf, struct agent_handover *handover)
{
	int result = leaf < 0 ? 0 : freezer_enter(leaf);

	if (result == 0)
		return;
	atomic_store(&handover->error, -result);
	_exit(EXIT_FAILURE);
}

static int start(struct agent_launch *launch, int leaf, struct target *target)
{
	_cleanup_close_ int ours = -EBADF, theirs = -EBADF;
	int pair[2], result;

	*target = (struct target){ .listener = -EBADF };
	result = agent_handover_new(&target->handover);
	if (result < 0)
		return result;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno();
	ours = pair[0];
	theirs = launch->socket = pair[1];

	target->pid = fork();
	if (target->pid < 0)
		return err_errno();
	if (target->pid == 0) {
		enter_leaf(leaf, target->handover);
		agent_run(launch, target->handover);
	}
	theirs = fd_close(theirs);
	if (!launch->filter->notifies)
		return 0;
	result = take_listener(target, ours);
	if (result < 0)
		reap_failed(target);
	return result;
}

int target_start(const struct target_command *command, const struct filter *filter,
                 const struct signals_inherited *signals, int leaf, struct target *ret_target)
{
	struct agent_launch launch = { .filter = filter,
		                       .path = command->path,
		                       .arguments = command->arguments,
		                       .script = command->script,
		                       .environment = environ,
		                       .signal_mask = &signals->mask,
		                       .ignore_child = signals->child_ignored };
	int result = start(&launch, leaf, ret_target);

	/* A call that a signal may interrupt while it is looked at cannot be let go on safely. */
	ret_target->leaf = -EBADF;
	if (result == 0 && atomic_load(&ret_target->handover->killable))
		ret_target->leaf = leaf;
	return result;
}

int target_start_body(void (*body)(void *argument), void *argument, const struct filter *filter,
                      const struct signals_inherited *signals, struct target *ret_target)
{
	struct agent_launch launch = { .filter = filter,
		                       .body = body,
		                       .argument = argument,
		                       .signal_mask = &signals->mask,
		                       .ignore_child = signals->child_ignored };

	return start(&launch, -EBADF, ret_target);
}

void target_deinit(struct target *target)
{
	target->listener = fd_close(target->listener);
	agent_handover_free(target->handover);
	target->handover = NULL;
}
