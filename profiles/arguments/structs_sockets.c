/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of sockets and interfaces, and the arguments of socketcall. */
#include "profiles/arguments/signature_structs.h"

#include <net/if.h>
#include <sys/socket.h>

static const struct field msghdr_fields[] = {
	MEMBER(struct msghdr, msg_name, true, SOCKADDR("msg_name", 1)),
	MEMBER(struct msghdr, msg_namelen, true, UINT("msg_namelen")),
	MEMBER(struct msghdr, msg_iov, true, STRUCT("msg_iov", IOVEC, 3)),
	MEMBER(struct msghdr, msg_iovlen, true, SIZE("msg_iovlen")),
	MEMBER(struct msghdr, msg_control, false, ADDRESS("msg_control")),
	MEMBER(struct msghdr, msg_controllen, true, SIZE("msg_controllen")),
	PART(offsetof(struct msghdr, msg_flags), 4, true, FLAGS("msg_flags", msg)),
};

static const struct field msghdr_receive[] = {
	MEMBER(struct msghdr, msg_name, true, OUT("msg_name")),
	MEMBER(struct msghdr, msg_namelen, true, UINT("msg_namelen")),
	MEMBER(struct msghdr, msg_iov, true, STRUCT("msg_iov", IOVEC_ADDRESS, 3)),
	MEMBER(struct msghdr, msg_iovlen, true, SIZE("msg_iovlen")),
	MEMBER(struct msghdr, msg_control, false, OUT("msg_control")),
	MEMBER(struct msghdr, msg_controllen, true, SIZE("msg_controllen")),
	PART(offsetof(struct msghdr, msg_flags), 4, true, FLAGS("msg_flags", msg)),
};

/* msg_len is written by the kernel. */
static const struct field mmsghdr_fields[] = {
	MEMBER(struct mmsghdr, msg_hdr, true, ONE("msg_hdr", MSGHDR)),
};

static const struct field option_int[] = { PART(0, 4, true, INT("")) };

static const struct field linger_fields[] = {
	MEMBER(struct linger, l_onoff, true, INT("l_onoff")),
	MEMBER(struct linger, l_linger, true, INT("l_linger")),
};

#define INTERFACE PART(0, IFNAMSIZ, true, { "ifr_name", ARGUMENT_NAME, 0, NULL })

static const struct field ifreq[] = { INTERFACE };
static const struct field ifreq_address[] = {
	INTERFACE,
	PART(IFNAMSIZ, sizeof(struct sockaddr), true, SOCKADDR("ifr_addr", 0)),
};
static const struct field ifreq_flags[] = {
	INTERFACE,
	PART(IFNAMSIZ, 2, true, FLAGS("ifr_flags", if_flags)),
};
static const struct field ifreq_int[] = {
	INTERFACE,
	PART(IFNAMSIZ, 4, true, INT("ifr_mtu")),
};
static const struct field ifreq_tun[] = {
	INTERFACE,
	PART(IFNAMSIZ, 2, true, FLAGS("ifr_flags", iff)),
};

/* socketcall's arguments: as many words as the call has arguments. */
enum { WORD = 4 };

static const struct field socketcall_socket[] = {
	PART(0 * WORD, WORD, true, ENUM("domain", family)),
	PART(1 * WORD, WORD, true, SOCK_TYPE("type")),
	PART(2 * WORD, WORD, true, INT("protocol")),
};
static const struct field socketcall_address[] = {
	PART(0 * WORD, WORD, true, FD("sockfd")),
	PART(1 * WORD, WORD, false, ADDRESS("addr")),
	PART(2 * WORD, WORD, true, UINT("addrlen")),
};
static const struct field socketcall_listen[] = {
	PART(0 * WORD, WORD, true, FD("sockfd")),
	PART(1 * WORD, WORD, true, INT("backlog")),
};
static const struct field socketcall_option[] = {
	PART(0 * WORD, WORD, true, FD("sockfd")),
	PART(1 * WORD, WORD, true, ENUM("level", level)),
	PART(2 * WORD, WORD, true, INT("optname")),
};
static const struct field socketcall_msg[] = {
	PART(0 * WORD, WORD, true, FD("sockfd")),
	PART(1 * WORD, WORD, false, ADDRESS("msg")),
	PART(2 * WORD, WORD, true, FLAGS("flags", msg)),
};
static const struct field socketcall_shutdown[] = {
	PART(0 * WORD, WORD, true, FD("sockfd")),
	PART(1 * WORD, WORD, true, ENUM("how", shutdown)),
};

#define WORDS(fields)                                                                              \
	LAYOUT("socketcall_args", WORD *ARRAY_SIZE(fields), fields, ONE, STRUCT, COMPAT)

const struct layout layouts_sockets[ARGUMENT_TYPE_COUNT] = {
	[ARGUMENT_IFREQ] = LAYOUT("ifreq", IFNAMSIZ, ifreq, ONE, STRUCT, COMPAT),
	[ARGUMENT_IFREQ_ADDRESS] = LAYOUT("ifreq", IFNAMSIZ + sizeof(struct sockaddr),
	                                  ifreq_address, ONE, STRUCT, COMPAT),
	[ARGUMENT_IFREQ_FLAGS] = LAYOUT("ifreq", IFNAMSIZ + 2, ifreq_flags, ONE, STRUCT, COMPAT),
	[ARGUMENT_IFREQ_INT] = LAYOUT("ifreq", IFNAMSIZ + 4, ifreq_int, ONE, STRUCT, COMPAT),
	[ARGUMENT_IFREQ_TUN] = LAYOUT("ifreq", IFNAMSIZ + 2, ifreq_tun, ONE, STRUCT, COMPAT),
	[ARGUMENT_LINGER] =
		LAYOUT("linger", sizeof(struct linger), linger_fields, ONE, STRUCT, COMPAT),
	[ARGUMENT_MMSGHDR] =
		LAYOUT("mmsghdr", sizeof(struct mmsghdr), mmsghdr_fields, COUNTED, STRUCT, WIDE),
	[ARGUMENT_MSGHDR] =
		LAYOUT("msghdr", sizeof(struct msghdr), msghdr_fields, ONE, STRUCT, WIDE),
	[ARGUMENT_MSGHDR_RECEIVE] =
		LAYOUT("msghdr", sizeof(struct msghdr), msghdr_receive, ONE, STRUCT, WIDE),
	[ARGUMENT_OPTION_INT] = LAYOUT("int", 4, option_int, SIZED, LIST, COMPAT),
	[ARGUMENT_SOCKETCALL_ADDRESS] = WORDS(socketcall_address),
	[ARGUMENT_SOCKETCALL_LISTEN] = WORDS(socketcall_listen),
	[ARGUMENT_SOCKETCALL_MSG] = WORDS(socketcall_msg),
	[ARGUMENT_SOCKETCALL_OPTION] = WORDS(socketcall_option),
	[ARGUMENT_SOCKETCALL_SHUTDOWN] = WORDS(socketcall_shutdown),
	[ARGUMENT_SOCKETCALL_SOCKET] = WORDS(socketcall_socket),
};
