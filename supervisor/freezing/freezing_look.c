/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/freezing/freezing_look.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/performing/performer.h"

enum {
	HEAD_SIZE = 256, /* BINPRM_BUF_SIZE: what the kernel looks at of a program */
	SCRIPTS_MAX = 5, /* interpreters that are scripts in turn, before ELOOP (fs/exec.c) */
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

int freezing_interpreter(const char *bytes, size_t length, char *buf, size_t size)
{
	size_t start = 2, end;

	if (length < 2 || memcmp(bytes, "#!", 2) != 0)
		return 0;
	while (start < length && is_blank(bytes[start]))
		start++;
	end = start;
	while (end < length && !is_blank(bytes[end]) && bytes[end] != '\n' && bytes[end] != '\0')
		end++;
	if (end == start || end == HEAD_SIZE || end - start >= size)
		return -ENOEXEC;
	memcpy(buf, bytes + start, end - start);
	buf[end - start] = '\0';
	return 1;
}

/* A program that may be run and not read is no script that could be run. */
static int read_head(const struct resolver *resolver, int object, char head[static HEAD_SIZE],
                     size_t *ret_length)
{
	_cleanup_close_ int fd =
		openat(resolver->proc, fd_path(object).text, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t length;

	*ret_length = 0;
	if (fd < 0)
		return errno == EACCES ? 0 : err_errno();
	length = read(fd, head, HEAD_SIZE);
	if (length < 0)
		return err_errno();
	*ret_length = (size_t)length;
	return 0;
}

static int read_id(int object, struct file_id *ret_id)
{
	struct stat status;

	if (fstat(object, &status) < 0)
		return err_errno();
	*ret_id = (struct file_id){ .device = status.st_dev, .inode = status.st_ino };
	return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? 0 : -EACCES;
}

/*
 * What /proc/TID/exe will show. A relative interpreter is relative to the working directory, which
 * only execve's pin is; after others it cannot be told.
 */
static int find_program(const struct performance *performance, int object, struct file_id *ret_id)
{
	struct resolved_path found = RESOLVED_PATH_NONE;
	char head[HEAD_SIZE], interpreter[HEAD_SIZE];
	size_t length;
	int result = read_id(object, ret_id);

	for (int depth = 0; result == 0 && depth <= SCRIPTS_MAX; depth++) {
		int at = found.object >= 0 ? found.object : object;
		int cwd = performance->operation->paths[0].at == PERFORM_CWD ? performance->pins[0]
		                                                             : -ENOEXEC;

		result = read_head(&performance->resolver, at, head, &length);
		if (result == 0)
			result = freezing_interpreter(head, length, interpreter,
			                              sizeof(interpreter));
		if (result <= 0)
			break;
		resolved_path_deinit(&found);
		found = RESOLVED_PATH_NONE;
		result = resolve_path(&performance->resolver, cwd, interpreter, RESOLVE_FOLLOW,
		                      &found);
		if (result == 0)
			result = read_id(found.object, ret_id);
	}
	resolved_path_deinit(&found);
	return result;
}

static void tell_file(const struct performance *performance, struct freezing_look *look)
{
	const struct operation *operation = performance->operation;
	int object = performance->paths[0].object;
	int result = -ENOENT;

	if (!operation->trace || object < 0)
		return;
	if (strcmp(operation->trace, "exe") == 0)
		result = find_program(performance, object, &look->file);
	else
		result = read_id(object, &look->file);
	look->has_file = result == 0;
}

/* With the byte that ends a string: the kernel reads that too. */
static void tell_ranges(const struct performance *performance, struct freezing_look *look)
{
	for (unsigned i = 0; i < ARRAY_SIZE(performance->call.args); i++)
		if (performance->copies[i].bytes)
			look->ranges[look->n_ranges++] = (struct freezing_range){
				performance->call.args[i],
				performance->copies[i].length +
					(performance->operation->socket ? 0 : 1),
			};
}

static void look_at(const struct freezing_looker *looker, struct freezing_look *look)
{
	static struct performance performance; /* two paths and more: much for a stack */
	struct notification *notification = &look->notification;
	const struct seccomp_data *call = &notification->request.data;

	performance_init(&performance, operation_find(call), call);
	performance.resolver.proc = looker->proc;
	performance.resolver.foreign = performer_is_abroad(looker->service, looker->identity);
	performance.thread = *looker->thread;
	performance.memory = looker->hands[HANDS_MEMORY];
	memcpy(performance.pins, looker->hands + HANDS_PINS, sizeof(performance.pins));
	look->prepared = perform_prepare(&performance);
	if (performance.refusal !=
	    PERFORM_REFUSED_NOT) /* of making it ourselves, which we do not */
		look->prepared = 0;
	performer_decide(looker->service, &performance, look->prepared, notification);
	tell_ranges(&performance, look);
	if (look->prepared == 0)
		tell_file(&performance, look);
	performance_deinit(&performance);
}

void freezing_look_run(const struct freezing_looker *looker, struct freezing_look *look)
{
	const struct identity_thread *thread = looker->thread;

	(void)prctl(PR_SET_NAME, "callgate-look");
	if (identity_adopt(looker->proc, thread->tid, looker->identity) < 0)
		_exit(2);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != looker->parent)
		_exit(1);
	look_at(looker, look);
	_exit(0);
}
