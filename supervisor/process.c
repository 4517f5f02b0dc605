/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum {
	MAX_GENERATIONS = 64, /* of a pid that descends from us; a bound, not a truth */
	MAX_NAMED = 4,
};

/* comm stands in parentheses and may hold any byte, ")" too: the last one ends it. */
static int parse_stat(char *line, struct process *ret_process)
{
	char *open = strchr(line, '(');
	char *close = strrchr(line, ')');
	size_t length;

	if (!open || !close || close < open)
		return -EBADMSG;
	if (sscanf(close + 1,
	           " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
	           "%" SCNu64,
	           &ret_process->state, &ret_process->parent, &ret_process->group,
	           &ret_process->started) != 4)
		return -EBADMSG;
	length = (size_t)(close - open - 1);
	if (length >= sizeof(ret_process->comm))
		length = sizeof(ret_process->comm) - 1;
	memcpy(ret_process->comm, open + 1, length);
	ret_process->comm[length] = '\0';
	return 0;
}

int process_read(pid_t pid, struct process *ret_process)
{
	_cleanup_close_ int fd = -EBADF;
	struct process process = { .pid = pid };
	char path[32], line[512];
	ssize_t length;
	int result;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : err_errno();
	length = read(fd, line, sizeof(line) - 1);
	if (length < 0)
		return err_errno();
	line[length] = '\0';
	result = parse_stat(line, &process);
	if (result < 0)
		return result;
	*ret_process = process;
	return 0;
}

char *process_cgroup(pid_t pid)
{
	static const char unified[] = "0::";
	char path[32], *line = NULL, *found = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	file = fopen(path, "re");
	while (file && (len = getline(&line, &size, file)) > 0) {
		if (found && strncmp(line, unified, strlen(unified)) != 0)
			continue;
		free(found);
		found = strndup(line, (size_t)len - (line[len - 1] == '\n'));
	}
	free(line);
	if (file)
		(void)fclose(file);
	return found;
}

bool process_descends(pid_t pid, pid_t ancestor)
{
	for (int generation = 0; generation < MAX_GENERATIONS && pid > 0; generation++) {
		struct process process;

		if (pid == ancestor)
			return true;
		if (process_read(pid, &process) < 0)
			return false;
		pid = process.parent;
	}
	return false;
}

static void name_process(const struct process *process, unsigned count, struct text *text)
{
	if (count > MAX_NAMED)
		return;
	if (count == MAX_NAMED) {
		text_string(text, ", ...");
		return;
	}
	if (count > 0)
		text_string(text, ", ");
	text_escape_terminal(text, process->comm, strlen(process->comm), 64);
	text_printf(text, "[%d]", process->pid);
}

static bool belongs_to(pid_t pid, const pid_t *helpers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (helpers[i] > 0 && process_descends(pid, helpers[i]))
			return true;
	return false;
}

unsigned process_remaining(const pid_t *except, size_t count, struct text *text)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc");
	pid_t self = getpid();
	const struct dirent *entry;
	unsigned remaining = 0;

	while (directory && (entry = readdir(directory))) {
		struct process process;
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0 || pid == self || process_read(pid, &process) < 0 ||
		    belongs_to(pid, except, count))
			continue;
		if (process.state == 'Z' || !process_descends(process.parent, self))
			continue;
		name_process(&process, remaining++, text);
	}
	return remaining;
}
