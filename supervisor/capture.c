/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/capture.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "profiles/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/memory.h"

enum {
	STRING_MAX = 1024,
	BYTES_MAX = 64,
	SOCKADDR_MAX = 128, /* sizeof(struct sockaddr_storage): the kernel takes no more */
	RESERVE = 64,       /* left over for each pointer that is still to come */
};

/* What the arguments of one call are read with. */
struct reader {
	struct notification *notification;
	const struct signature *signature;
	unsigned pointers; /* bit N: the memory behind argument N is wanted */
	int memory;        /* or -errno */
};

static uint64_t argument_value(const struct reader *reader, unsigned index)
{
	const struct seccomp_data *call = &reader->notification->request.data;

	if (call->arch == AUDIT_ARCH_I386 ||
	    argument_is_32_bit(reader->signature->args[index].type))
		return (uint32_t)call->args[index];
	return call->args[index];
}

static unsigned wanted_pointers(const struct reader *reader)
{
	const struct argument *args = reader->signature->args;
	unsigned pointers = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(reader->signature->args) && args[i].name; i++)
		if (argument_value(reader, i) != 0 &&
		    (args[i].type == ARGUMENT_PATH || args[i].type == ARGUMENT_STRING ||
		     args[i].type == ARGUMENT_BYTES || args[i].type == ARGUMENT_SOCKADDR ||
		     signature_layout(args[i].type)))
			pointers |= 1U << i;
	return pointers;
}

/* What is left for this argument after a reserve for each that follows. */
static size_t budget(const struct reader *reader, unsigned index)
{
	size_t room = NOTIFICATION_BYTES - reader->notification->used;
	size_t reserve = (size_t)__builtin_popcount(reader->pointers >> (index + 1)) * RESERVE;

	return room > reserve ? room - reserve : 0;
}

static void captured(struct reader *reader, unsigned index, enum capture_status status, size_t size)
{
	struct notification *notification = reader->notification;

	notification->captures[index] = (struct capture){
		.status = status,
		.offset = notification->used,
		.length = (uint16_t)size,
	};
	notification->used += (uint16_t)size;
}

static void capture_string(struct reader *reader, unsigned index)
{
	struct notification *notification = reader->notification;
	size_t room = budget(reader, index);
	bool terminated = false;
	ssize_t length;

	length = memory_read_string(reader->memory, argument_value(reader, index),
	                            notification->bytes + notification->used,
	                            room < STRING_MAX ? room : STRING_MAX, &terminated);
	if (length < 0)
		captured(reader, index, CAPTURE_UNREADABLE, 0);
	else
		captured(reader, index, terminated ? CAPTURE_WHOLE : CAPTURE_CUT, (size_t)length);
}

static size_t sized_max(enum argument_type type)
{
	const struct layout *layout = signature_layout(type);

	if (layout)
		return layout->size;
	return type == ARGUMENT_SOCKADDR ? SOCKADDR_MAX : BYTES_MAX;
}

/* Bytes whose length another argument holds; the target may have written anything there. */
static void capture_sized(struct reader *reader, unsigned index)
{
	const struct argument *argument = &reader->signature->args[index];
	struct notification *notification = reader->notification;
	uint64_t length = argument_value(reader, argument->length);
	size_t want = sized_max(argument->type);
	size_t room = budget(reader, index);
	ssize_t count;

	if (want > room)
		want = room;
	if (want > length)
		want = (size_t)length;
	count = memory_read(reader->memory, argument_value(reader, index),
	                    notification->bytes + notification->used, want);
	/* A buffer is shown as far as it goes; half an address or struct says nothing. */
	if (count < 0 || ((size_t)count < want && argument->type != ARGUMENT_BYTES))
		captured(reader, index, CAPTURE_UNREADABLE, 0);
	else
		captured(reader, index, (size_t)count < length ? CAPTURE_CUT : CAPTURE_WHOLE,
		         (size_t)count);
}

static void capture_argument(struct reader *reader, unsigned index)
{
	enum argument_type type = reader->signature->args[index].type;

	if (reader->memory < 0)
		captured(reader, index, CAPTURE_UNREADABLE, 0);
	else if (type == ARGUMENT_PATH || type == ARGUMENT_STRING)
		capture_string(reader, index);
	else
		capture_sized(reader, index);
}

static const struct signature *call_signature(const struct seccomp_data *call)
{
	uint32_t arch = syscall_arch(call->arch, call->nr);
	char name[32];

	if (arch == 0) /* an ABI nobody knows; to libseccomp 0 is the native one */
		return NULL;
	return signature_find(arch, syscall_name(arch, call->nr, name, sizeof(name)));
}

void capture_arguments(struct notification *notification)
{
	_cleanup_close_ int memory = -EBADF;
	struct reader reader = {
		.notification = notification,
		.signature = call_signature(&notification->request.data),
	};

	memset(notification->captures, 0, sizeof(notification->captures));
	notification->used = 0;
	if (!reader.signature)
		return;
	reader.pointers = wanted_pointers(&reader);
	/* After a first attempt the worker before this one may have been stuck in this memory. */
	if (reader.pointers && notification->attempts < 2)
		memory = memory_open((pid_t)notification->request.pid);
	reader.memory = memory;
	for (unsigned i = 0; i < ARRAY_SIZE(reader.signature->args); i++)
		if (reader.pointers & 1U << i)
			capture_argument(&reader, i);
}

/* One read of a file of the thread into buf, NUL-terminated: the length, 0 where there is none. */
static size_t read_proc(pid_t tid, const char *file, char *buf, size_t size)
{
	_cleanup_close_ int fd = -EBADF;
	char path[64];
	ssize_t count;

	snprintf(path, sizeof(path), "/proc/%u/%s", (unsigned)tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	count = fd < 0 ? 0 : read(fd, buf, size - 1);
	if (count < 0)
		count = 0;
	buf[count] = '\0';
	return (size_t)count;
}

/*
 * The name as /proc/TID/status has it: only newline and backslash are escaped (fs/proc/array.c,
 * proc_task_name), so no second file is needed for the exact bytes. Returns what follows the line.
 */
static const char *unescape_comm(const char *name, char comm[CALLER_COMM_SIZE])
{
	size_t length = 0;

	for (; *name && *name != '\n'; name++) {
		char byte = *name;

		if (byte == '\\' && (name[1] == 'n' || name[1] == '\\'))
			byte = *++name == 'n' ? '\n' : '\\';
		if (length < CALLER_COMM_SIZE - 1)
			comm[length++] = byte;
	}
	comm[length] = '\0';
	return name;
}

/* The number in column `column` of a line that starts with key, 0 where there is none. */
static unsigned status_number(const char *lines, const char *key, unsigned column)
{
	const char *line = strstr(lines, key);
	unsigned long number = 0;
	char *end;

	if (!line)
		return 0;
	line += strlen(key);
	for (unsigned i = 0; i <= column; i++, line = end)
		number = strtoul(line, &end, 10);
	return (unsigned)number;
}

/* The last number of a line that starts with key, 0 where there is none or the line is cut. */
static unsigned status_last(const char *lines, const char *key)
{
	const char *line = strstr(lines, key);
	const char *end = line ? strchr(line + 1, '\n') : NULL;

	if (!end)
		return 0;
	while (end[-1] >= '0' && end[-1] <= '9')
		end--;
	return (unsigned)strtoul(end, NULL, 10);
}

static void capture_status(struct caller *caller)
{
	static const char name_key[] = "Name:\t";
	/* Name to Gid come within the first 300 bytes; NStgid after the groups, if they are few. */
	char status[1024];
	const char *lines;

	if (!read_proc(caller->tid, "status", status, sizeof(status)) ||
	    strncmp(status, name_key, strlen(name_key)) != 0)
		return;
	lines = unescape_comm(status + strlen(name_key), caller->comm);
	caller->pid = (pid_t)status_number(lines, "\nTgid:", 0);
	caller->ppid = (pid_t)status_number(lines, "\nPPid:", 0);
	caller->vpid = (pid_t)status_last(lines, "\nNStgid:");
	caller->uid = status_number(lines, "\nUid:", 1);
	caller->real_uid = status_number(lines, "\nUid:", 0);
	caller->gid = status_number(lines, "\nGid:", 1);
}

void capture_caller(struct notification *notification)
{
	struct caller *caller = &notification->caller;
	char path[64];
	ssize_t length;

	*caller = (struct caller){ .tid = (pid_t)notification->request.pid };
	capture_status(caller);
	snprintf(path, sizeof(path), "/proc/%u/exe", (unsigned)caller->tid);
	length = readlink(path, caller->exe, sizeof(caller->exe));
	if (length > 0)
		caller->exe_length = (uint16_t)length;
}
