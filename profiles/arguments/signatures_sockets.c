/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of the socket calls. */
#include "profiles/arguments/signature_rows.h"

const struct signature signatures_sockets[] = {
	ROW(accept, FD("sockfd"), OUT("addr"), ONE("addrlen", INT_VALUE)),
	ROW(accept4, FD("sockfd"), OUT("addr"), ONE("addrlen", INT_VALUE), FLAGS("flags", accept4)),
	ROW(bind, FD("sockfd"), SOCKADDR("addr", 2), INT("addrlen")),
	ROW(connect, FD("sockfd"), SOCKADDR("addr", 2), INT("addrlen")),
	ROW(getpeername, FD("sockfd"), OUT("addr"), ONE("addrlen", INT_VALUE)),
	ROW(getsockname, FD("sockfd"), OUT("addr"), ONE("addrlen", INT_VALUE)),
	ROW(getsockopt, FD("sockfd"), ENUM("level", level), INT("optname"), OUT("optval"),
	    ONE("optlen", INT_VALUE)),
	ROW(listen, FD("sockfd"), INT("backlog")),
	ROW(recvfrom, FD("sockfd"), OUT("buf"), SIZE("len"), FLAGS("flags", msg), OUT("src_addr"),
	    ONE("addrlen", INT_VALUE)),
	ROW(recvmmsg, FD("sockfd"), POINTER("msgvec"), UINT("vlen"), FLAGS("flags", msg),
	    ONE("timeout", TIMESPEC)),
	ROW(recvmsg, FD("sockfd"), ONE("msg", MSGHDR_RECEIVE), FLAGS("flags", msg)),
	ROW(sendmmsg, FD("sockfd"), STRUCT("msgvec", MMSGHDR, 2), UINT("vlen"),
	    FLAGS("flags", msg)),
	ROW(sendmsg, FD("sockfd"), ONE("msg", MSGHDR), FLAGS("flags", msg)),
	ROW(sendto, FD("sockfd"), BYTES("buf", 2), SIZE("len"), FLAGS("flags", msg),
	    SOCKADDR("dest_addr", 5), INT("addrlen")),
	ROW(setsockopt, FD("sockfd"), ENUM("level", level), INT("optname"), POINTER("optval"),
	    INT("optlen")),
	ROW(shutdown, FD("sockfd"), ENUM("how", shutdown)),
	ROW(socket, ENUM("domain", family), SOCK_TYPE("type"), PROTOCOL("protocol", 0)),
	ROW(socketpair, ENUM("domain", family), SOCK_TYPE("type"), PROTOCOL("protocol", 0),
	    OUT("sv")),
};

const size_t signatures_sockets_count = ARRAY_SIZE(signatures_sockets);
