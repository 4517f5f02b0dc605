/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of the socket calls. */
#include "profiles/signature_rows.h"

const struct signature signatures_sockets[] = {
	ROW(accept, FD("sockfd"), POINTER("addr"), POINTER("addrlen")),
	ROW(accept4, FD("sockfd"), POINTER("addr"), POINTER("addrlen"), FLAGS("flags", accept4)),
	ROW(bind, FD("sockfd"), SOCKADDR("addr", 2), INT("addrlen")),
	ROW(connect, FD("sockfd"), SOCKADDR("addr", 2), INT("addrlen")),
	ROW(getpeername, FD("sockfd"), POINTER("addr"), POINTER("addrlen")),
	ROW(getsockname, FD("sockfd"), POINTER("addr"), POINTER("addrlen")),
	ROW(getsockopt, FD("sockfd"), ENUM("level", level), INT("optname"), POINTER("optval"),
	    POINTER("optlen")),
	ROW(listen, FD("sockfd"), INT("backlog")),
	ROW(recvfrom, FD("sockfd"), POINTER("buf"), SIZE("len"), FLAGS("flags", msg),
	    POINTER("src_addr"), POINTER("addrlen")),
	ROW(recvmmsg, FD("sockfd"), POINTER("msgvec"), UINT("vlen"), FLAGS("flags", msg),
	    POINTER("timeout")),
	ROW(recvmsg, FD("sockfd"), POINTER("msg"), FLAGS("flags", msg)),
	ROW(sendmmsg, FD("sockfd"), POINTER("msgvec"), UINT("vlen"), FLAGS("flags", msg)),
	ROW(sendmsg, FD("sockfd"), POINTER("msg"), FLAGS("flags", msg)),
	ROW(sendto, FD("sockfd"), BYTES("buf", 2), SIZE("len"), FLAGS("flags", msg),
	    SOCKADDR("dest_addr", 5), INT("addrlen")),
	ROW(setsockopt, FD("sockfd"), ENUM("level", level), INT("optname"), POINTER("optval"),
	    INT("optlen")),
	ROW(shutdown, FD("sockfd"), ENUM("how", shutdown)),
	ROW(socket, ENUM("domain", family), SOCK_TYPE("type"), PROTOCOL("protocol", 0)),
	ROW(socketpair, ENUM("domain", family), SOCK_TYPE("type"), PROTOCOL("protocol", 0),
	    POINTER("sv")),
};

const size_t signatures_sockets_count = ARRAY_SIZE(signatures_sockets);
