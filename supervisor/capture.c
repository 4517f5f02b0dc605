/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/capture.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

#include "common/cleanup.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/capture_memory.h"
#include "supervisor/memory.h"

enum {
	RESERVE = 64,         /* left over for each pointer that is still to come */
	LEVELS_MAX = 2,       /* msghdr, then its iovec, then what that points to */
	CAPABILITIES_V1 = 12, /* one struct __user_cap_data_struct, not two */
};

/* A pointer in captured memory that is to be followed. */
struct pointer {
	struct capture_source source;
	unsigned level;
};

/* What the arguments of one call are read with. */
struct reader {
	struct notification *notification;
	const struct argument *args;
	bool compat;
	int memory; /* or -errno */
	struct pointer pointers[NOTIFICATION_NESTED];
	unsigned n_pointers;
};

static uint64_t argument_value(const struct reader *reader, unsigned index)
{
	const struct seccomp_data *call = &reader->notification->request.data;

	if (call->arch == AUDIT_ARCH_I386 || argument_is_32_bit(reader->args[index].type))
		return (uint32_t)call->args[index];
	return call->args[index];
}

/* Bit N: the memory behind argument N is wanted. */
static unsigned wanted_pointers(const struct reader *reader)
{
	unsigned pointers = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(reader->notification->captures); i++) {
		if (!reader->args[i].name)
			break;
		if (argument_is_read(reader->args[i].type, reader->compat) &&
		    argument_value(reader, i) != 0)
			pointers |= 1U << i;
	}
	return pointers;
}

static void follow_later(struct reader *reader, const struct argument *argument, uint64_t address,
                         uint64_t length, unsigned level)
{
	if (address == 0 || reader->n_pointers == ARRAY_SIZE(reader->pointers))
		return;
	reader->pointers[reader->n_pointers++] = (struct pointer){
		.source = { argument, address, length },
		.level = level,
	};
}

/* What the members of a struct point to, and those of the structs that lie in it. */
static void follow_struct(struct reader *reader, const struct layout *layout, const char *bytes,
                          size_t length, unsigned level)
{
	for (size_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];
		const struct layout *inner = signature_layout(field->argument.type);
		uint64_t address = 0;
		uint64_t extent = 0;

		if (field_is_pointer(field)) {
			(void)field_number(&layout->fields[field->argument.length], bytes, length,
			                   &extent);
			if (field_number(field, bytes, length, &address))
				follow_later(reader, &field->argument, address, extent, level);
		} else if (inner && length > field->offset) {
			follow_struct(reader, inner, bytes + field->offset, length - field->offset,
			              level);
		}
	}
}

static void follow(struct reader *reader, enum argument_type type, const struct capture *capture,
                   unsigned level)
{
	const struct layout *layout = signature_layout(type);
	const char *bytes = reader->notification->bytes + capture->offset;

	for (size_t at = 0; layout && at < capture->length; at += layout->size)
		follow_struct(reader, layout, bytes + at, capture->length - at, level);
}

static void capture_argument(struct reader *reader, unsigned index, size_t reserve)
{
	const struct argument *argument = &reader->args[index];
	struct capture_source source = { argument, argument_value(reader, index), 0 };

	if (reader->args[argument->length].name)
		source.length = argument_value(reader, argument->length);
	reader->notification->captures[index] =
		capture_memory(reader->notification, reader->memory, &source, reserve);
	follow(reader, argument->type, &reader->notification->captures[index], 1);
}

/* Pointers are followed in the order in which they were found, so those of one struct together. */
static void capture_pointers(struct reader *reader)
{
	struct notification *notification = reader->notification;

	for (unsigned i = 0; i < reader->n_pointers; i++) {
		const struct pointer *pointer = &reader->pointers[i];
		struct nested_capture *nested = &notification->nested[notification->n_nested++];

		nested->address = pointer->source.address;
		nested->type = (uint8_t)pointer->source.argument->type;
		nested->capture = capture_memory(notification, reader->memory, &pointer->source, 0);
		if (pointer->level < LEVELS_MAX)
			follow(reader, pointer->source.argument->type, &nested->capture,
			       pointer->level + 1);
	}
}

/* The first version of capabilities has 32 of them: what follows in memory is something else. */
static void cut_capabilities(struct notification *notification, const struct argument *args)
{
	struct capture *header = &notification->captures[0];
	struct capture *capabilities = &notification->captures[1];
	uint32_t version = 0;

	if (args[1].type != ARGUMENT_CAP_DATA || header->length < sizeof(version))
		return;
	memcpy(&version, notification->bytes + header->offset, sizeof(version));
	if (version == _LINUX_CAPABILITY_VERSION_1 && capabilities->length > CAPABILITIES_V1)
		capabilities->length = CAPABILITIES_V1;
}

static const struct signature *call_signature(const struct seccomp_data *call)
{
	uint32_t arch = syscall_arch(call->arch, call->nr);
	char name[32];

	if (arch == 0) /* an ABI nobody knows; to libseccomp 0 is the native one */
		return NULL;
	return signature_find(arch, syscall_name(arch, call->nr, name, sizeof(name)));
}

static bool is_compat(const struct seccomp_data *call)
{
	uint32_t arch = syscall_arch(call->arch, call->nr);

	return arch == SCMP_ARCH_X86 || arch == SCMP_ARCH_X32;
}

static void capture_all(struct reader *reader, unsigned pointers)
{
	for (unsigned i = 0; i < ARRAY_SIZE(reader->notification->captures); i++)
		if (pointers & 1U << i)
			capture_argument(reader, i,
			                 (size_t)__builtin_popcount(pointers >> (i + 1)) * RESERVE);
	capture_pointers(reader);
	cut_capabilities(reader->notification, reader->args);
}

static bool reader_init(struct reader *reader, struct notification *notification)
{
	const struct signature *signature = call_signature(&notification->request.data);

	*reader = (struct reader){ .notification = notification };
	if (!signature)
		return false;
	reader->args = signature_arguments(signature, &notification->request.data);
	reader->compat = is_compat(&notification->request.data);
	return true;
}

void capture_arguments_from(struct notification *notification, int memory)
{
	struct reader reader;

	memset(notification->captures, 0, sizeof(notification->captures));
	notification->n_nested = 0;
	notification->used = 0;
	if (!reader_init(&reader, notification))
		return;
	reader.memory = memory;
	capture_all(&reader, wanted_pointers(&reader));
}

void capture_arguments(struct notification *notification)
{
	_cleanup_close_ int memory = -EBADF;
	struct reader reader;

	/* After a first attempt the worker before this one may have been stuck in this memory. */
	if (reader_init(&reader, notification) && notification->attempts < 2 &&
	    wanted_pointers(&reader))
		memory = memory_open((pid_t)notification->request.pid);
	capture_arguments_from(notification, memory);
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

/* The capabilities come late in the file: a line that is cut tells none. */
static void read_caps(const char *lines, struct caller *caller)
{
	static const char key[] = "\nCapEff:\t";
	const char *line = strstr(lines, key);
	char *end;

	if (!line)
		return;
	caller->caps = strtoull(line + strlen(key), &end, 16);
	caller->has_caps = *end == '\n';
}

static void capture_status(struct caller *caller)
{
	static const char name_key[] = "Name:\t";
	/*
	 * Name to Gid come within the first 300 bytes; NStgid and CapEff after the groups, if they
	 * are few.
	 */
	char status[2048];
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
	read_caps(lines, caller);
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
