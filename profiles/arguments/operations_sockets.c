/* SPDX-License-Identifier: Apache-2.0 */
/* The options of sockets by level and name, and the calls of socketcall. */
#include "profiles/arguments/signature_operations.h"

#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/tcp.h>
#include <asm/socket.h>

/* <sys/socket.h> has these, and cannot be included beside <linux/in.h>. */
enum {
	SOL_PACKET = 263,
	SOL_NETLINK = 270,
	SOL_ALG = 279,
	SOL_VSOCK = 287,
};

/* clang-format off */
#define SET_OPTION(at, option, set, optval) \
	OPERATION2(at, option, FD("sockfd"), ENUM("level", level), ENUM("optname", set), optval, \
	           INT("optlen"))
#define GET_OPTION(at, set) \
	OPERATION2(at, ANY, FD("sockfd"), ENUM("level", level), ENUM("optname", set), \
	           OUT("optval"), ONE("optlen", INT_VALUE))
#define NUMBER STRUCT("optval", OPTION_INT, 4)
#define TEXT BYTES("optval", 4)
#define OPAQUE POINTER("optval")
#define SECRET POINTER("optval")
#define CALL(number, type) OPERATION(number, ENUM("call", socketcall), ONE("args", type))
/* clang-format on */

const struct operation operations_setsockopt[] = {
	SET_OPTION(SOL_SOCKET, SO_LINGER, so, ONE("optval", LINGER)),
	SET_OPTION(SOL_SOCKET, SO_RCVTIMEO_OLD, so, ONE("optval", TIMEVAL)),
	SET_OPTION(SOL_SOCKET, SO_SNDTIMEO_OLD, so, ONE("optval", TIMEVAL)),
	SET_OPTION(SOL_SOCKET, SO_RCVTIMEO_NEW, so, ONE("optval", TIMEVAL)),
	SET_OPTION(SOL_SOCKET, SO_SNDTIMEO_NEW, so, ONE("optval", TIMEVAL)),
	SET_OPTION(SOL_SOCKET, SO_BINDTODEVICE, so, TEXT),
	SET_OPTION(SOL_SOCKET, SO_ATTACH_FILTER, so, ONE("optval", SOCK_FPROG)),
	SET_OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, so, ONE("optval", SOCK_FPROG)),
	SET_OPTION(SOL_SOCKET, ANY, so, NUMBER),
	SET_OPTION(IPPROTO_IP, IP_ADD_MEMBERSHIP, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, IP_DROP_MEMBERSHIP, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, IP_MULTICAST_IF, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, IP_OPTIONS, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, 64 /* IPT_SO_SET_REPLACE */, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, 65 /* IPT_SO_SET_ADD_COUNTERS */, so_ip, OPAQUE),
	SET_OPTION(IPPROTO_IP, ANY, so_ip, NUMBER),
	SET_OPTION(IPPROTO_TCP, TCP_CONGESTION, so_tcp, TEXT),
	SET_OPTION(IPPROTO_TCP, TCP_ULP, so_tcp, TEXT),
	SET_OPTION(IPPROTO_TCP, TCP_MD5SIG, so_tcp, SECRET),
	SET_OPTION(IPPROTO_TCP, TCP_MD5SIG_EXT, so_tcp, SECRET),
	SET_OPTION(IPPROTO_TCP, TCP_FASTOPEN_KEY, so_tcp, SECRET),
	SET_OPTION(IPPROTO_TCP, 38 /* TCP_AO_ADD_KEY */, so_tcp, SECRET),
	SET_OPTION(IPPROTO_TCP, ANY, so_tcp, NUMBER),
	SET_OPTION(IPPROTO_UDP, ANY, so_udp, NUMBER),
	SET_OPTION(IPPROTO_IPV6, ANY, so_ipv6, NUMBER),
	SET_OPTION(SOL_PACKET, PACKET_RX_RING, so_packet, OPAQUE),
	SET_OPTION(SOL_PACKET, PACKET_TX_RING, so_packet, OPAQUE),
	SET_OPTION(SOL_PACKET, PACKET_ADD_MEMBERSHIP, so_packet, OPAQUE),
	SET_OPTION(SOL_PACKET, PACKET_DROP_MEMBERSHIP, so_packet, OPAQUE),
	SET_OPTION(SOL_PACKET, ANY, so_packet, NUMBER),
	SET_OPTION(SOL_NETLINK, ANY, so_netlink, NUMBER),
	SET_OPTION(SOL_ALG, ANY, so_alg, SECRET),
	SET_OPTION(SOL_VSOCK, ANY, so_vsock, OPAQUE),
};

const size_t operations_setsockopt_count = ARRAY_SIZE(operations_setsockopt);

const struct operation operations_getsockopt[] = {
	GET_OPTION(SOL_SOCKET, so),          GET_OPTION(IPPROTO_IP, so_ip),
	GET_OPTION(IPPROTO_TCP, so_tcp),     GET_OPTION(IPPROTO_UDP, so_udp),
	GET_OPTION(IPPROTO_IPV6, so_ipv6),   GET_OPTION(SOL_PACKET, so_packet),
	GET_OPTION(SOL_NETLINK, so_netlink), GET_OPTION(SOL_VSOCK, so_vsock),
};

const size_t operations_getsockopt_count = ARRAY_SIZE(operations_getsockopt);

const struct operation operations_socketcall[] = {
	CALL(SYS_SOCKET, SOCKETCALL_SOCKET),     CALL(SYS_SOCKETPAIR, SOCKETCALL_SOCKET),
	CALL(SYS_BIND, SOCKETCALL_ADDRESS),      CALL(SYS_CONNECT, SOCKETCALL_ADDRESS),
	CALL(SYS_LISTEN, SOCKETCALL_LISTEN),     CALL(SYS_SETSOCKOPT, SOCKETCALL_OPTION),
	CALL(SYS_GETSOCKOPT, SOCKETCALL_OPTION), CALL(SYS_SENDMSG, SOCKETCALL_MSG),
	CALL(SYS_RECVMSG, SOCKETCALL_MSG),       CALL(SYS_SHUTDOWN, SOCKETCALL_SHUTDOWN),
};

const size_t operations_socketcall_count = ARRAY_SIZE(operations_socketcall);
