/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of socket addresses:
 *
 *   10.1.2.3        10.0.0.0/8       10.0.0.0/8:443      any IPv4 port, or one, or 8000-8999
 *   2001:db8::1     2001:db8::/32    [2001:db8::/32]:53  likewise; the port takes the brackets
 *   :443            *:443            a port of either family, at any address
 *   unix:GLOB       a socket's path (GLOB_PATH), or unix:@GLOB an abstract name (GLOB_TEXT)
 *   unix:*          every AF_UNIX address, also the unnamed one
 *   none            the call has no address: send(2) on a connected socket
 *   *               every call
 *
 * An IPv4 address inside IPv6 (::ffff:10.1.2.3) is that IPv4 address. So is one that calls itself
 * AF_UNSPEC, for the kernel takes it as such in sendto(2) and bind(2).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum net_kind {
	NET_ANY,
	NET_NONE,
	NET_IP,
	NET_UNIX_ANY,
	NET_UNIX_PATH,
	NET_UNIX_ABSTRACT,
};

struct net_pattern {
	enum net_kind kind;
	/* Of NET_IP. */
	uint8_t families;        /* NET_V4, NET_V6 */
	uint8_t prefix;          /* bits of address that count, from 0 to 128 */
	struct in6_addr address; /* of IPv4 the mapped one, prefix 96 and up */
	uint16_t first_port, last_port;
	/* Of NET_UNIX_*. Borrowed. */
	const char *glob;
};

enum {
	NET_V4 = 1,
	NET_V6 = 2,
};

/*
 * Reads a pattern; ret_pattern->glob points into it. NULL, or what is wrong, in words that follow
 * "expected".
 */
const char *net_parse(const char *pattern, struct net_pattern *ret_pattern);

/* A socket address, copied from where it stood. */
struct net_address {
	const char *bytes; /* a struct sockaddr, unaligned; NULL where the call has none */
	size_t length;
	/* Of a path in AF_UNIX: what it resolves to. Asked for when a pattern needs it. */
	const char *path;
	size_t path_length;
	bool reached; /* by a call that goes there: the unspecified address is then this host */
};

/* Its family; AF_UNSPEC where it is too short to have one. */
int net_family(const struct net_address *address);

/* Whether it is an AF_UNIX address with a path, which must be resolved before it is matched. */
bool net_has_path(const struct net_address *address);

bool net_match(const struct net_pattern *pattern, const struct net_address *address);
