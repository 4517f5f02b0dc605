/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/stacks/stack_post.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "common/cleanup.h"

/* The bytes of a message; descriptors are beside it, in the order of modules[]. */
struct words {
	uint32_t ticket;
	uint8_t slot;
	uint8_t count;
	uint8_t modules[STACK_MODULES_MAX];
};

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * STACK_MODULES_MAX)];
};

void stack_parcel_init(struct stack_parcel *parcel)
{
	parcel->slot = 0;
	parcel->ticket = 0;
	for (size_t i = 0; i < STACK_MODULES_MAX; i++)
		parcel->fds[i] = -EBADF;
}

void stack_parcel_deinit(struct stack_parcel *parcel)
{
	for (size_t i = 0; i < STACK_MODULES_MAX; i++)
		parcel->fds[i] = fd_close(parcel->fds[i]);
}

int stack_post_send(int socket, const struct stack_parcel *parcel)
{
	struct words words = { .ticket = parcel->ticket, .slot = parcel->slot };
	struct iovec vector = { .iov_base = &words, .iov_len = sizeof(words) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int fds[STACK_MODULES_MAX];

	for (size_t i = 0; i < STACK_MODULES_MAX; i++) {
		if (parcel->fds[i] < 0)
			continue;
		fds[words.count] = parcel->fds[i];
		words.modules[words.count++] = (uint8_t)i;
	}
	if (words.count > 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * words.count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * words.count);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * words.count);
	}
	return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? err_errno() : 0;
}

bool stack_post_waits(int socket)
{
	struct pollfd readable = { .fd = socket, .events = POLLIN };

	return poll(&readable, 1, 0) > 0;
}

/* Takes what descriptors came, so that none leaks; how many. */
static size_t take_descriptors(struct msghdr *message, int fds[STACK_MODULES_MAX])
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	return count;
}

int stack_post_receive(int socket, struct stack_parcel *ret_parcel)
{
	struct words words = { 0 };
	struct iovec vector = { .iov_base = &words, .iov_len = sizeof(words) };
	union control control;
	struct msghdr message = { .msg_iov = &vector,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof(control) };
	int fds[STACK_MODULES_MAX];
	size_t count;
	ssize_t received;

	do {
		received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (received < 0 && errno == EINTR);
	if (received <= 0)
		return received == 0 ? -EPIPE : err_errno();
	count = take_descriptors(&message, fds);
	stack_parcel_init(ret_parcel);
	ret_parcel->slot = words.slot;
	ret_parcel->ticket = words.ticket;
	for (size_t i = 0; i < count; i++) {
		uint8_t module = words.modules[i];

		if (module >= STACK_MODULES_MAX || ret_parcel->fds[module] >= 0)
			(void)close(fds[i]);
		else
			ret_parcel->fds[module] = fds[i];
	}
	if (received != sizeof(words) || words.slot >= STACK_SLOTS || words.count != count)
		return -EPROTO;
	return 0;
}
