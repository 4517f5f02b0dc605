/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/pass_fd.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Room for one descriptor, aligned as a control message. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* One byte with room for a descriptor beside it; the header points into the rest. */
struct parcel {
	char byte;
	struct iovec vector;
	struct msghdr message;
	union control control; /* last: its header ends in a flexible array */
};

static void parcel_init(struct parcel *parcel)
{
	*parcel = (struct parcel){ 0 };
	parcel->vector = (struct iovec){ .iov_base = &parcel->byte, .iov_len = 1 };
	parcel->message = (struct msghdr){ .msg_iov = &parcel->vector,
		                           .msg_iovlen = 1,
		                           .msg_control = parcel->control.bytes,
		                           .msg_controllen = sizeof(parcel->control.bytes) };
}

int pass_fd_send(int socket, int fd)
{
	struct parcel parcel;
	struct cmsghdr *header;
	ssize_t sent;

	parcel_init(&parcel);
	header = CMSG_FIRSTHDR(&parcel.message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	do {
		sent = sendmsg(socket, &parcel.message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? err_errno() : 0;
}

int pass_fd_receive(int socket, int *ret_fd)
{
	struct parcel parcel;
	struct cmsghdr *header;
	ssize_t received;

	parcel_init(&parcel);
	do {
		received = recvmsg(socket, &parcel.message, MSG_CMSG_CLOEXEC);
	} while (received < 0 && errno == EINTR);
	if (received < 0)
		return err_errno();
	if (received == 0)
		return -EPIPE;
	header = CMSG_FIRSTHDR(&parcel.message);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EPROTO;
	memcpy(ret_fd, CMSG_DATA(header), sizeof(int));
	return 0;
}
