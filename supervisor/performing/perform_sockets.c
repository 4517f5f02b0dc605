/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that name an address: done on the target's own socket with a copy of the address. What a
 * Unix socket would tell its peer is who makes the call (SO_PEERCRED, SCM_CREDENTIALS), so there
 * only bind(2) is done for the target.
 */
#include "supervisor/performing/perform.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "supervisor/memory.h"

enum {
	BYTES_MAX = 1024 * 1024, /* of one message; a stream takes the rest with the next call */
	PARTS_MAX = 1024,        /* UIO_MAXIOV: more is EMSGSIZE; and the messages of a sendmmsg */
};

struct address {
	struct sockaddr_storage bytes;
	socklen_t length;
};

static int socket_option(const struct performance *performance, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	if (getsockopt(performance->pins[0], SOL_SOCKET, option, &value, &size) < 0)
		return err_errno();
	return value;
}

/* move_addr_to_kernel(): a negative length and one over 128 are EINVAL. */
static int copy_address(const struct performance *performance, uint64_t at, int length,
                        struct address *ret_address)
{
	if (length < 0 || (size_t)length > sizeof(ret_address->bytes))
		return -EINVAL;
	memset(&ret_address->bytes, 0, sizeof(ret_address->bytes));
	ret_address->length = (socklen_t)length;
	return perform_bytes(performance, at, &ret_address->bytes, (size_t)length);
}

/* The kernel looks for the socket before it looks at memory. */
static int prepare_address(struct performance *performance)
{
	struct address *address;
	int domain, result;

	if (performance->pins[0] < 0)
		return performance->pins[0];
	domain = socket_option(performance, SO_DOMAIN);
	if (domain < 0)
		return domain;
	address = calloc(1, sizeof(*address));
	if (!address)
		return -ENOMEM;
	performance->copy = address;
	result = copy_address(performance, performance->call.args[1], perform_int(performance, 2),
	                      address);
	if (result == 0)
		perform_show(performance, 1, &address->bytes, address->length);
	return result;
}

static int64_t act_connect(struct performance *performance)
{
	const struct address *address = performance->copy;

	return perform_result(connect(performance->pins[0],
	                              (const struct sockaddr *)&address->bytes, address->length));
}

/* The path of a Unix address, which need not be terminated; NULL where it has none. */
static char *address_path(struct address *address)
{
	struct sockaddr_un *unix_address = (struct sockaddr_un *)&address->bytes;

	if (address->bytes.ss_family != AF_UNIX ||
	    address->length <= offsetof(struct sockaddr_un, sun_path) ||
	    address->length > sizeof(*unix_address) || unix_address->sun_path[0] == '\0')
		return NULL;
	return unix_address->sun_path; /* 108 bytes of the 126 there, which were zero */
}

/* What a Unix address with a path leads to; nothing for every other address. */
static int prepare_named(struct performance *performance, enum resolve_last last)
{
	int result = prepare_address(performance);
	const char *path;

	if (result < 0 || socket_option(performance, SO_DOMAIN) != AF_UNIX)
		return result;
	path = address_path(performance->copy);
	if (!path)
		return 0;
	memcpy(performance->text[1], path, strlen(path) + 1);
	return resolve_path(&performance->resolver, performance->pins[1], performance->text[1],
	                    last, &performance->paths[1]);
}

static int prepare_bind(struct performance *performance)
{
	return prepare_named(performance, RESOLVE_ENTRY);
}

static int prepare_connect(struct performance *performance)
{
	int result = prepare_named(performance, RESOLVE_FOLLOW);

	if (result == 0 && socket_option(performance, SO_DOMAIN) == AF_UNIX)
		return perform_refuse(performance, PERFORM_REFUSED_PEER);
	return result;
}

/* A Unix address cannot say in which directory, so we go there for it. */
static int64_t bind_in_parent(const struct performance *performance)
{
	const struct resolved_path *path = &performance->paths[1];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path->name);
	int64_t result;

	if (length >= sizeof(address.sun_path))
		return -EINVAL;
	memcpy(address.sun_path, path->name, length);
	if (fchdir(path->parent) < 0)
		return err_errno();
	result = perform_result(
		bind(performance->pins[0], (const struct sockaddr *)&address,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1)));
	return fchdir(performance->resolver.proc) < 0 ? err_errno() : result;
}

static int64_t act_bind(struct performance *performance)
{
	const struct address *address = performance->copy;

	if (performance->paths[1].parent >= 0)
		return bind_in_parent(performance);
	return perform_result(bind(performance->pins[0], (const struct sockaddr *)&address->bytes,
	                           address->length));
}

/* ---- messages */

struct message {
	bool named; /* it has an address, which may be empty */
	struct address address;
	size_t size;
	char bytes[];
};

/* A datagram goes whole or not at all, so one over the bound is refused, not cut. */
static int message_room(struct performance *performance, size_t *size)
{
	if (*size <= BYTES_MAX)
		return 0;
	if (socket_option(performance, SO_TYPE) != SOCK_STREAM)
		return -EMSGSIZE;
	*size = BYTES_MAX;
	return 0;
}

static int copy_parts(const struct performance *performance, const struct iovec *parts,
                      size_t count, struct message *message)
{
	size_t done = 0;

	for (size_t i = 0; i < count && done < message->size; i++) {
		size_t left = message->size - done;
		size_t size = parts[i].iov_len < left ? parts[i].iov_len : left;
		int result = perform_bytes(performance, (uint64_t)(uintptr_t)parts[i].iov_base,
		                           message->bytes + done, size);

		if (result < 0)
			return result;
		done += size;
	}
	return 0;
}

static int total_size(const struct iovec *parts, size_t count, size_t *ret_size)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		if (parts[i].iov_len > SSIZE_MAX || size > SSIZE_MAX - parts[i].iov_len)
			return -EINVAL;
		size += parts[i].iov_len;
	}
	*ret_size = size;
	return 0;
}

/* One message with its address, copied; the caller frees it. */
static int copy_message(struct performance *performance, const struct msghdr *header,
                        const struct iovec *parts, struct message **ret_message)
{
	struct message *message;
	size_t size;
	int result = total_size(parts, header->msg_iovlen, &size);

	if (result == 0)
		result = message_room(performance, &size);
	if (result < 0)
		return result;
	message = calloc(1, sizeof(*message) + size);
	if (!message)
		return -ENOMEM;
	message->size = size;
	message->named = header->msg_name;
	if (message->named)
		result = copy_address(performance, (uint64_t)(uintptr_t)header->msg_name,
		                      (int)header->msg_namelen, &message->address);
	if (result == 0)
		result = copy_parts(performance, parts, header->msg_iovlen, message);
	if (result < 0)
		free(message);
	else
		*ret_message = message;
	return result;
}

static int check_socket(struct performance *performance)
{
	int domain = performance->pins[0] < 0 ? performance->pins[0]
	                                      : socket_option(performance, SO_DOMAIN);

	if (domain < 0)
		return domain;
	return domain == AF_UNIX ? perform_refuse(performance, PERFORM_REFUSED_PEER) : 0;
}

static int prepare_sendto(struct performance *performance)
{
	const uint64_t *args = (const uint64_t *)performance->call.args;
	struct iovec part = { .iov_base = (void *)(uintptr_t)args[1], .iov_len = args[2] };
	struct msghdr header = { .msg_name = (void *)(uintptr_t)args[4],
		                 .msg_namelen = (socklen_t)args[5],
		                 .msg_iovlen = 1 };
	struct message *message = NULL;
	int result = check_socket(performance);

	if (result == 0)
		result = copy_message(performance, &header, &part, &message);
	performance->copy = message;
	if (result == 0)
		perform_show(performance, 4, &message->address.bytes, message->address.length);
	return result;
}

/* Ancillary data holds descriptors and ids of the target, which would become ours. */
static int prepare_header(struct performance *performance, uint64_t at,
                          struct message **ret_message)
{
	struct iovec *parts = NULL;
	struct msghdr header;
	int result = perform_bytes(performance, at, &header, sizeof(header));

	if (result < 0)
		return result;
	if (header.msg_controllen > 0)
		return perform_refuse(performance, PERFORM_REFUSED_ANCILLARY);
	if (header.msg_iovlen > PARTS_MAX)
		return -EMSGSIZE;
	if (header.msg_name && header.msg_namelen > sizeof(struct sockaddr_storage))
		header.msg_namelen = (int)header.msg_namelen < 0 ? header.msg_namelen
		                                                 : sizeof(struct sockaddr_storage);
	parts = calloc(header.msg_iovlen + 1, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	result = perform_bytes(performance, (uint64_t)(uintptr_t)header.msg_iov, parts,
	                       header.msg_iovlen * sizeof(*parts));
	if (result == 0)
		result = copy_message(performance, &header, parts, ret_message);
	free(parts);
	return result;
}

static int prepare_sendmsg(struct performance *performance)
{
	struct message *message = NULL;
	int result = check_socket(performance);

	if (result == 0)
		result = prepare_header(performance, performance->call.args[1], &message);
	performance->copy = message;
	if (result == 0 && message->named)
		perform_show(performance, PERFORM_COPY_ADDRESS, &message->address.bytes,
		             message->address.length);
	return result;
}

/* The signal of a broken pipe is the target's. */
static int64_t send_message(const struct performance *performance, const struct message *message,
                            int flags)
{
	const struct sockaddr *name = (const struct sockaddr *)&message->address.bytes;
	int64_t result = perform_result(sendto(performance->pins[0], message->bytes, message->size,
	                                       flags | MSG_NOSIGNAL, message->named ? name : NULL,
	                                       message->address.length));

	if (result == -EPIPE && !(flags & MSG_NOSIGNAL))
		(void)syscall(SYS_tgkill, performance->thread.pid, performance->thread.tid,
		              SIGPIPE);
	return result;
}

static int64_t act_sendto(struct performance *performance)
{
	return send_message(performance, performance->copy, perform_int(performance, 3));
}

static int64_t act_sendmsg(struct performance *performance)
{
	return send_message(performance, performance->copy, perform_int(performance, 2));
}

static int prepare_sendmmsg(struct performance *performance)
{
	return check_socket(performance);
}

/*
 * One after the other, each copied just before it is sent: none is looked at by a policy. Errors
 * after the first message are told with the next call, as the kernel does it.
 */
static int64_t act_sendmmsg(struct performance *performance)
{
	unsigned count = (unsigned)performance->call.args[2];
	unsigned sent = 0;
	int64_t result = 0;

	for (; sent < count && sent < PARTS_MAX && result >= 0; sent++) {
		uint64_t at = performance->call.args[1] + sent * sizeof(struct mmsghdr);
		struct message *message;
		unsigned length;

		result = prepare_header(performance, at, &message);
		if (result < 0)
			break;
		result = send_message(performance, message, perform_int(performance, 3));
		free(message);
		if (result < 0)
			break;
		length = (unsigned)result;
		result = memory_write(performance->memory, at + offsetof(struct mmsghdr, msg_len),
		                      &length, sizeof(length));
		if (result < 0)
			break;
	}
	return sent > 0 ? sent : result;
}

/* Without an address in the registers there is none. */
static bool has_address(const struct seccomp_data *call)
{
	return call->args[4] != 0;
}

#define SOCKET(call, before, how, ...)                                                             \
	{                                                                                          \
		__NR_##call,                                                                       \
		{                                                                                  \
			.socket = true, .prepare = before, .act = how,                             \
			.paths = { { .at = 0 }, { .at = PERFORM_NO_ARGUMENT } }, ##__VA_ARGS__     \
		}                                                                                  \
	}

/* Its address may hold a path. */
#define NAMED(call, before, how)                                                                   \
	{                                                                                          \
		__NR_##call,                                                                       \
		{                                                                                  \
			.socket = true, .prepare = before, .act = how, .paths = {                  \
				{ .at = 0 },                                                       \
				{ .at = PERFORM_CWD }                                              \
			}                                                                          \
		}                                                                                  \
	}

const struct operation_row perform_socket_rows[] = {
	NAMED(connect, prepare_connect, act_connect),
	NAMED(bind, prepare_bind, act_bind),
	SOCKET(sendto, prepare_sendto, act_sendto, .applies = has_address),
	SOCKET(sendmsg, prepare_sendmsg, act_sendmsg),
	SOCKET(sendmmsg, prepare_sendmmsg, act_sendmmsg, .writes_memory = true),
};
const size_t perform_socket_count = ARRAY_SIZE(perform_socket_rows);
