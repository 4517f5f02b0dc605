/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/net.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "policies/glob.h"

enum {
	V4_PREFIX = 96, /* of a mapped address */
	V6_BITS = 128,
	ADDRESS_TEXT_MAX = INET6_ADDRSTRLEN,
};

#define UNIX "unix:"

/* ---- patterns */

/* A decimal number of [at, end) up to max, without sign or leading zero. */
static bool read_number(const char *at, const char *end, unsigned max, unsigned *ret_number)
{
	unsigned number = 0;

	if (at == end || (*at == '0' && end - at > 1))
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		number = number * 10 + (unsigned)(*at - '0');
		if (number > max)
			return false;
	}
	*ret_number = number;
	return true;
}

/* "443", "8000-8999". */
static bool read_ports(const char *ports, struct net_pattern *pattern)
{
	const char *end = ports + strlen(ports), *dash = strchr(ports, '-');
	unsigned first, last;

	if (!read_number(ports, dash ? dash : end, UINT16_MAX, &first))
		return false;
	last = first;
	if (dash && (!read_number(dash + 1, end, UINT16_MAX, &last) || last < first))
		return false;
	pattern->first_port = (uint16_t)first;
	pattern->last_port = (uint16_t)last;
	return true;
}

static void map_v4(struct in_addr v4, struct in6_addr *ret_v6)
{
	*ret_v6 = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(&ret_v6->s6_addr[12], &v4, sizeof(v4));
}

static bool prefix_covers(const struct in6_addr *a, const struct in6_addr *b, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (memcmp(a->s6_addr, b->s6_addr, whole) != 0)
		return false;
	return rest == 0 || (a->s6_addr[whole] ^ b->s6_addr[whole]) >> (8 - rest) == 0;
}

/* Whether the address has bits beyond its prefix: a slip, or a host that was meant. */
static bool has_host_bits(const struct net_pattern *pattern)
{
	struct in6_addr copy = pattern->address;

	for (unsigned bit = pattern->prefix; bit < V6_BITS; bit++)
		copy.s6_addr[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
	return memcmp(&copy, &pattern->address, sizeof(copy)) != 0;
}

/* "10.0.0.0/8" in [at, end). */
static const char *read_address(const char *at, const char *end, struct net_pattern *pattern)
{
	const char *slash = memchr(at, '/', (size_t)(end - at));
	size_t length = (size_t)((slash ? slash : end) - at);
	char text[ADDRESS_TEXT_MAX];
	unsigned bits, base = 0;
	struct in_addr v4;

	if (length >= sizeof(text))
		return "an IPv4 or IPv6 address";
	memcpy(text, at, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		pattern->families = NET_V4;
		base = V4_PREFIX;
		map_v4(v4, &pattern->address);
	} else if (inet_pton(AF_INET6, text, &pattern->address) == 1) {
		pattern->families = IN6_IS_ADDR_V4MAPPED(&pattern->address) ? NET_V4 : NET_V6;
	} else {
		return "an address (10.1.2.3, 2001:db8::1), a network (10.0.0.0/8), :PORT, "
		       "unix:PATH, "
		       "unix:@NAME, none or *";
	}
	bits = V6_BITS - base;
	if (slash && !read_number(slash + 1, end, V6_BITS - base, &bits))
		return base ? "a prefix length from 0 to 32" : "a prefix length from 0 to 128";
	pattern->prefix = (uint8_t)(base + bits);
	if (pattern->families == NET_V4 && pattern->prefix < V4_PREFIX)
		return "a prefix length from 96 to 128 for IPv4 inside IPv6";
	return has_host_bits(pattern) ? "no address bits beyond the prefix" : NULL;
}

static const char *read_unix(const char *glob, struct net_pattern *pattern)
{
	pattern->glob = glob[0] == '@' ? glob + 1 : glob;
	pattern->kind = glob[0] == '@' ? NET_UNIX_ABSTRACT : NET_UNIX_PATH;
	if (strcmp(glob, "*") == 0) {
		pattern->kind = NET_UNIX_ANY;
		return NULL;
	}
	if (pattern->kind == NET_UNIX_PATH && glob[0] != '/')
		return "an absolute path, @NAME or * after unix:";
	return glob_check(glob[0] == '@' ? GLOB_TEXT : GLOB_PATH, pattern->glob);
}

/* Where the address of text ends, and its ports begin; false where brackets are not in order. */
static bool split_ports(const char *text, const char **ret_end, const char **ret_ports)
{
	const char *colon = strchr(text, ':');

	*ret_end = text + strlen(text);
	*ret_ports = NULL;
	if (text[0] == '[') {
		*ret_end = strchr(text, ']');
		if (!*ret_end || ((*ret_end)[1] && (*ret_end)[1] != ':'))
			return false;
		*ret_ports = (*ret_end)[1] ? *ret_end + 2 : NULL;
	} else if (colon && !strchr(colon + 1, ':')) { /* an IPv6 address has more than one */
		*ret_end = colon;
		*ret_ports = colon + 1;
	}
	return true;
}

static const char *read_ip(const char *text, struct net_pattern *pattern)
{
	const char *end, *ports;

	pattern->kind = NET_IP;
	pattern->last_port = UINT16_MAX;
	if (!split_ports(text, &end, &ports))
		return "[ADDRESS]:PORT";
	if (ports && !read_ports(ports, pattern))
		return "a port or a range of ports (443, 8000-8999) after the colon";
	if (text[0] == '[')
		return read_address(text + 1, end, pattern);
	if (end == text || (end == text + 1 && *text == '*')) {
		pattern->families = NET_V4 | NET_V6;
		return NULL;
	}
	return read_address(text, end, pattern);
}

const char *net_parse(const char *pattern, struct net_pattern *ret_pattern)
{
	struct net_pattern read = { 0 };
	const char *wrong = NULL;

	if (strcmp(pattern, "none") == 0)
		read.kind = NET_NONE;
	else if (strncmp(pattern, UNIX, strlen(UNIX)) == 0)
		wrong = read_unix(pattern + strlen(UNIX), &read);
	else if (strcmp(pattern, "*") != 0)
		wrong = pattern[0] ? read_ip(pattern, &read) : "an address";
	if (!wrong)
		*ret_pattern = read;
	return wrong;
}

/* ---- addresses */

int net_family(const struct net_address *address)
{
	sa_family_t family;

	if (!address->bytes || address->length < sizeof(family))
		return AF_UNSPEC;
	memcpy(&family, address->bytes, sizeof(family));
	return family;
}

enum { UNIX_HEAD = offsetof(struct sockaddr_un, sun_path) };

bool net_has_path(const struct net_address *address)
{
	return net_family(address) == AF_UNIX && address->length > UNIX_HEAD &&
	       address->bytes[UNIX_HEAD] != '\0';
}

/* The IP address as IPv6, and its port; false where it is none, or cut. */
static bool read_ip_address(const struct net_address *address, struct in6_addr *ret_address,
                            uint16_t *ret_port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (net_family(address)) {
	case AF_UNSPEC:
	case AF_INET:
		if (address->length < sizeof(v4))
			return false;
		memcpy(&v4, address->bytes, sizeof(v4));
		map_v4(v4.sin_addr, ret_address);
		*ret_port = ntohs(v4.sin_port);
		return true;
	case AF_INET6: /* as short as the kernel takes it: without the scope (SIN6_LEN_RFC2133) */
		if (address->length < offsetof(struct sockaddr_in6, sin6_scope_id))
			return false;
		memcpy(&v6, address->bytes, offsetof(struct sockaddr_in6, sin6_scope_id));
		*ret_address = v6.sin6_addr;
		*ret_port = ntohs(v6.sin6_port);
		return true;
	default:
		return false;
	}
}

static bool covers(const struct net_pattern *pattern, const struct in6_addr *ip)
{
	return pattern->families & (IN6_IS_ADDR_V4MAPPED(ip) ? NET_V4 : NET_V6) &&
	       prefix_covers(&pattern->address, ip, pattern->prefix);
}

/* Where Linux takes a packet to the unspecified address: ip(7), ipv6(7). */
static void to_loopback(struct in6_addr *ip)
{
	static const struct in6_addr any4 = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (memcmp(ip, &any4, sizeof(any4)) == 0)
		map_v4((struct in_addr){ htonl(INADDR_LOOPBACK) }, ip);
	else if (IN6_IS_ADDR_UNSPECIFIED(ip))
		*ip = in6addr_loopback;
}

static bool match_ip(const struct net_pattern *pattern, const struct net_address *address)
{
	struct in6_addr ip;
	uint16_t port;

	if (!address->bytes || !read_ip_address(address, &ip, &port))
		return false;
	if (port < pattern->first_port || port > pattern->last_port)
		return false;
	if (covers(pattern, &ip))
		return true;
	if (address->reached)
		to_loopback(&ip);
	return address->reached && covers(pattern, &ip);
}

static bool match_abstract(const struct net_pattern *pattern, const struct net_address *address)
{
	if (net_family(address) != AF_UNIX || address->length <= UNIX_HEAD ||
	    address->bytes[UNIX_HEAD] != '\0')
		return false;
	return glob_match(GLOB_TEXT, pattern->glob, address->bytes + UNIX_HEAD + 1,
	                  address->length - UNIX_HEAD - 1);
}

bool net_match(const struct net_pattern *pattern, const struct net_address *address)
{
	switch (pattern->kind) {
	case NET_ANY:
		return true;
	case NET_NONE:
		return !address->bytes;
	case NET_IP:
		return match_ip(pattern, address);
	case NET_UNIX_ANY:
		return net_family(address) == AF_UNIX;
	case NET_UNIX_PATH:
		return net_has_path(address) && address->path &&
		       glob_match(GLOB_PATH, pattern->glob, address->path, address->path_length);
	case NET_UNIX_ABSTRACT:
		return match_abstract(pattern, address);
	}
	return false;
}
