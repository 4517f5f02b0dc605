/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/perform.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "profiles/syscalls.h"
#include "supervisor/memory.h"

static const struct operation *find_in(const struct operation_row *rows, size_t count, int nr)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].nr == nr)
			return &rows[i].operation;
	return NULL;
}

/* Other ABIs have other structs behind the same names, so only the native one is performed. */
static const struct operation *find_row(const struct seccomp_data *call)
{
	const struct operation *found;

	if (syscall_arch(call->arch, call->nr) != seccomp_arch_native())
		return NULL;
	found = find_in(perform_open_rows, perform_open_count, call->nr);
	if (!found)
		found = find_in(perform_name_rows, perform_name_count, call->nr);
	if (!found)
		found = find_in(perform_attribute_rows, perform_attribute_count, call->nr);
	if (!found)
		found = find_in(perform_socket_rows, perform_socket_count, call->nr);
	if (!found)
		found = find_in(perform_frozen_rows, perform_frozen_count, call->nr);
	return found;
}

static bool applies(const struct operation *row, const struct seccomp_data *call)
{
	return !row->applies || row->applies(call);
}

const struct operation *operation_find(const struct seccomp_data *call)
{
	const struct operation *row = find_row(call);

	return row && applies(row, call) ? row : NULL;
}

bool operation_is_plain(const struct seccomp_data *call)
{
	const struct operation *row = find_row(call);

	return row && !applies(row, call);
}

void performance_init(struct performance *performance, const struct operation *operation,
                      const struct seccomp_data *call)
{
	performance->operation = operation;
	performance->call = *call;
	performance->resolver.thread = &performance->thread;
	performance->memory = -EBADF;
	performance->descriptor = -EBADF;
	performance->cloexec = true;
	performance->refusal = PERFORM_REFUSED_NOT;
	performance->copy = NULL;
	memset(performance->copies, 0, sizeof(performance->copies));
	performance->how = (struct open_how){ 0 };
	for (size_t i = 0; i < PERFORM_PINS; i++)
		performance->pins[i] = -EBADF;
	for (size_t i = 0; i < ARRAY_SIZE(performance->paths); i++) {
		performance->text[i][0] = '\0';
		performance->paths[i] = RESOLVED_PATH_NONE;
	}
}

void performance_deinit(struct performance *performance)
{
	performance->descriptor = fd_close(performance->descriptor);
	free(performance->copy);
	performance->copy = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(performance->paths); i++)
		resolved_path_deinit(&performance->paths[i]);
}

int perform_refuse(struct performance *performance, enum perform_refusal refusal)
{
	performance->refusal = refusal;
	return -EACCES;
}

const char *perform_refusal_text(enum perform_refusal refusal)
{
	static const char *const texts[PERFORM_REFUSAL_COUNT] = {
		[PERFORM_REFUSED_NOT] = "",
		[PERFORM_REFUSED_IDENTITY] = "no right to act with the caller's identity",
		[PERFORM_REFUSED_BUSY] = "too many calls are being made for the target",
		[PERFORM_REFUSED_DIED] = "interrupted while it was made for the target",
		[PERFORM_REFUSED_PEER] = "a Unix socket would show us to its peer",
		[PERFORM_REFUSED_ANCILLARY] = "ancillary data cannot be sent for the target",
		[PERFORM_REFUSED_DEVICE] = "a device under another cgroup's rules",
		[PERFORM_REFUSED_O_PATH] = "the kernel hands over no O_PATH descriptor",
		[PERFORM_REFUSED_UNSTEADY] = "the name was made and removed again and again",
		[PERFORM_REFUSED_FREEZE] = "the target cannot be frozen",
		[PERFORM_REFUSED_RESTLESS] = "another of its tasks did not come to rest",
		[PERFORM_REFUSED_SLOW] = "looking took too long",
		[PERFORM_REFUSED_SHARED] = "others can write what was looked at",
		[PERFORM_REFUSED_PROGRAM] = "which program would run cannot be told",
		[PERFORM_REFUSED_CHANGED] = "the call led elsewhere than was decided on",
	};

	return refusal < PERFORM_REFUSAL_COUNT ? texts[refusal] : "";
}

int perform_string(const struct performance *performance, uint64_t address, char *buf, size_t size)
{
	bool terminated = false;
	ssize_t length = memory_read_string(performance->memory, address, buf, size, &terminated);

	if (length < 0)
		return (int)length;
	if (!terminated)
		return -ENAMETOOLONG;
	buf[length] = '\0';
	return 0;
}

int perform_bytes(const struct performance *performance, uint64_t address, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t count = memory_read(performance->memory, address + done, (char *)buf + done,
		                            size - done);

		if (count < 0)
			return (int)count;
		done += (size_t)count;
	}
	return 0;
}

static uint32_t operation_flags(const struct performance *performance)
{
	const struct operation *operation = performance->operation;

	return operation->has_flags ? (uint32_t)performance->call.args[operation->flags] : 0;
}

/* An open follows by its own flags. "name/" cannot be created, and the kernel is to say so. */
static enum resolve_last open_last(const struct performance *performance, const char *text)
{
	uint64_t flags = performance->how.flags;
	size_t length = strlen(text);

	if (!(flags & O_CREAT))
		return flags & O_NOFOLLOW ? RESOLVE_OBJECT : RESOLVE_FOLLOW;
	if (flags & (O_EXCL | O_NOFOLLOW) || (length > 0 && text[length - 1] == '/'))
		return RESOLVE_ENTRY;
	return RESOLVE_CREATE;
}

static enum resolve_last path_last(const struct performance *performance, unsigned index)
{
	static const struct {
		uint32_t flag;
		enum resolve_last with, without;
	} rows[] = {
		[PERFORM_FOLLOW] = { 0, RESOLVE_FOLLOW, RESOLVE_FOLLOW },
		[PERFORM_NOFOLLOW] = { 0, RESOLVE_OBJECT, RESOLVE_OBJECT },
		[PERFORM_UNLESS_NOFOLLOW] = { AT_SYMLINK_NOFOLLOW, RESOLVE_OBJECT, RESOLVE_FOLLOW },
		[PERFORM_IF_FOLLOW] = { AT_SYMLINK_FOLLOW, RESOLVE_FOLLOW, RESOLVE_OBJECT },
		[PERFORM_ENTRY] = { 0, RESOLVE_ENTRY, RESOLVE_ENTRY },
	};
	enum perform_last last = performance->operation->paths[index].last;

	if (last == PERFORM_OPEN)
		return open_last(performance, performance->text[index]);
	return operation_flags(performance) & rows[last].flag ? rows[last].with
	                                                      : rows[last].without;
}

/* AT_EMPTY_PATH, or a NULL where the kernel takes one: what the dirfd is. */
static int take_pin(struct performance *performance, unsigned index)
{
	int pin = performance->pins[index];
	int object;

	if (pin < 0)
		return pin;
	object = fcntl(pin, F_DUPFD_CLOEXEC, 0);
	if (object < 0)
		return err_errno();
	performance->paths[index].object = object;
	return 0;
}

/* Whether the call means the dirfd itself; text is empty where address is NULL. */
static bool means_pin(const struct performance *performance, unsigned index)
{
	const struct operation *operation = performance->operation;
	enum perform_last last = operation->paths[index].last;
	bool null = performance->call.args[operation->paths[index].path] == 0;

	if (null && operation->null_is_dirfd)
		return perform_int(performance, (unsigned)operation->paths[index].at) != AT_FDCWD;
	return (last == PERFORM_UNLESS_NOFOLLOW || last == PERFORM_IF_FOLLOW) &&
	       (operation_flags(performance) & AT_EMPTY_PATH) && *performance->text[index] == '\0';
}

static int prepare_path(struct performance *performance, unsigned index)
{
	uint64_t address = performance->call.args[performance->operation->paths[index].path];
	char *text = performance->text[index];
	int result;

	if (address != 0 || !means_pin(performance, index)) {
		result = perform_string(performance, address, text, PATH_MAX);
		if (result < 0)
			return result;
		perform_show(performance, (unsigned)performance->operation->paths[index].path, text,
		             strlen(text));
	}
	if (means_pin(performance, index))
		return take_pin(performance, index);
	if (performance->how.resolve != 0)
		return resolve_restricted(performance->pins[index], text, &performance->how,
		                          &performance->paths[index]);
	return resolve_path(&performance->resolver, performance->pins[index], text,
	                    path_last(performance, index), &performance->paths[index]);
}

int perform_prepare(struct performance *performance)
{
	const struct operation *operation = performance->operation;
	int result = 0;

	if (operation_flags(performance) & ~operation->known_flags)
		return -EINVAL;
	if (operation->prepare)
		result = operation->prepare(performance);
	for (unsigned i = 0; result == 0 && i < ARRAY_SIZE(operation->paths); i++)
		if (operation->paths[i].last != PERFORM_NO_PATH)
			result = prepare_path(performance, i);
	return result;
}

int64_t perform_act(struct performance *performance)
{
	(void)umask(performance->thread.umask);
	return performance->operation->act(performance);
}
