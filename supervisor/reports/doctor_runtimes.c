/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/doctor_runtimes.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "common/err.h"
#include "supervisor/target.h"

enum { PATIENCE_MS = 5000 }; /* for a version */

/*
 * What was measured on Debian 12 and 13. The first row with the name and a version from major.minor
 * on counts; the last row of a name is for every version, also one that cannot be read.
 */
static const struct {
	const char *name;
	int major, minor;
	enum doctor_reach reach;
	const char *how;
} rows[] = {
	{ "runc", 0, 0, DOCTOR_REACHES, "listenerPath in the profile; for run, create and exec" },
	{ "crun", 0, 0, DOCTOR_REACHES,
	  "listenerPath in the profile, the annotation run.oci.seccomp.receiver, or "
	  "RUN_OCI_SECCOMP_RECEIVER in its environment; for run, start and exec" },
	{ "podman", 0, 0, DOCTOR_REACHES,
	  "listenerPath in the profile, which it hands to runc or crun; for run and exec" },
	{ "dockerd", 26, 1, DOCTOR_REACHES, "listenerPath in the profile; for run and exec" },
	{ "dockerd", 20, 11, DOCTOR_REACH_UNKNOWN,
	  "20.10 drops listenerPath from profiles, 26.1 does not; between them it was not tried" },
	{ "dockerd", 1, 0, DOCTOR_REACHES_AROUND,
	  "it drops listenerPath from profiles: by a wrapper around its runtime, or by crun with "
	  "RUN_OCI_SECCOMP_RECEIVER" },
	{ "dockerd", 0, 0, DOCTOR_REACH_UNKNOWN,
	  "20.10 drops listenerPath from profiles, 26.1 does not" },
	{ "docker", 0, 0, DOCTOR_REACH_UNKNOWN, "a client: the dockerd that it speaks to decides" },
	{ "containerd", 0, 0, DOCTOR_REACHES,
	  "listenerPath in the profile (ctr run --seccomp --seccomp-profile); for run and exec" },
	{ "lxc-start", 0, 0, DOCTOR_REACHES_NOT,
	  "lxc.seccomp.notify.proxy speaks a protocol of its own, which callgate does not" },
	{ "systemd-nspawn", 0, 0, DOCTOR_REACHES_NOT, "its filters have no notifications" },
	{ "runsc", 0, 0, DOCTOR_REACHES_NOT,
	  "it ignores listenerPath and says nothing: containers run unsupervised" },
};

static const char *const reach_names[] = {
	[DOCTOR_REACHES] = "yes",
	[DOCTOR_REACHES_AROUND] = "around",
	[DOCTOR_REACHES_NOT] = "no",
	[DOCTOR_REACH_UNKNOWN] = "unknown",
};

const char *doctor_reach_name(enum doctor_reach reach)
{
	return reach_names[reach];
}

int doctor_runtime_judge(struct doctor_runtime *runtime)
{
	int major = 0, minor = 0;

	(void)sscanf(runtime->version, "%5d.%5d", &major, &minor);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, runtime->name) != 0 || major < rows[i].major ||
		    (major == rows[i].major && minor < rows[i].minor))
			continue;
		runtime->reach = rows[i].reach;
		runtime->how = rows[i].how;
		return 0;
	}
	return -ENOENT;
}

void doctor_version_of(const char *line, char version[static DOCTOR_VERSION_MAX])
{
	static const char separators[] = " ,\t\n()";

	version[0] = '\0';
	for (const char *word = line; *word; word += strspn(word, separators)) {
		size_t length = strcspn(word, separators);

		if (isdigit((unsigned char)word[0]) && memchr(word, '.', length)) {
			snprintf(version, DOCTOR_VERSION_MAX, "%.*s", (int)length, word);
			return;
		}
		word += length;
	}
}

static _Noreturn void say_version(const struct target_command *command, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	(void)execv(command->path, command->arguments);
	_exit(127);
}

/* The first thing that comes out of it; programs write a line at once, or all that they say. */
static void read_line(int out, char *line, size_t size)
{
	struct pollfd readable = { .fd = out, .events = POLLIN };
	ssize_t length = poll(&readable, 1, PATIENCE_MS) == 1 ? read(out, line, size - 1) : 0;

	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static void ask_version(const struct target_command *command, char *line, size_t size)
{
	int ends[2];
	pid_t pid;

	line[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		say_version(command, ends[1]);
	(void)close(ends[1]);
	if (pid > 0) {
		read_line(ends[0], line, size);
		(void)kill(pid, SIGKILL); /* it has said what we wanted, or nothing in time */
		(void)waitpid(pid, NULL, 0);
	}
	(void)close(ends[0]);
}

/* 0, or -errno where there is none of that name. */
static int find(const char *name, struct doctor_runtime *ret_runtime)
{
	char program[32], option[] = "--version", line[256];
	char *arguments[] = { program, option, NULL };
	struct target_command command;
	int result;

	snprintf(program, sizeof(program), "%s", name);
	result = target_command_find(arguments, &command);
	if (result < 0)
		return result;
	*ret_runtime = (struct doctor_runtime){ .name = name };
	ask_version(&command, line, sizeof(line));
	doctor_version_of(line, ret_runtime->version);
	ret_runtime->path = TAKE_PTR(command.path);
	target_command_deinit(&command);
	return doctor_runtime_judge(ret_runtime);
}

void doctor_runtimes_find(struct doctor_runtimes *ret_runtimes)
{
	struct doctor_runtimes runtimes = { .n = 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows) && runtimes.n < DOCTOR_RUNTIMES_MAX; i++)
		if ((i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0) &&
		    find(rows[i].name, &runtimes.found[runtimes.n]) == 0)
			runtimes.n++;
	*ret_runtimes = runtimes;
}

void doctor_runtimes_deinit(struct doctor_runtimes *runtimes)
{
	for (size_t i = 0; i < runtimes->n; i++)
		free(runtimes->found[i].path);
	runtimes->n = 0;
}
