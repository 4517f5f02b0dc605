/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/render_sockaddr.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "profiles/arguments/constants.h"
#include "supervisor/events/render_argument.h"

enum {
	STRING_COLUMNS = 256,
	RAW_BYTES_MAX = 32, /* of an address whose family has no row here */
};

enum part_kind {
	PART_U32,
	PART_BITS, /* 32 of them; in JSON a number */
	PART_BE16,
	PART_BE32,
	PART_IPV4,
	PART_IPV6,
	PART_STRING, /* fills the part's size, or ends with a NUL before */
};

/* One member of an address. */
struct part {
	const char *before; /* in text */
	const char *after;
	const char *key; /* in JSON */
	enum part_kind kind;
	uint16_t offset;
	uint16_t size;
};

struct family {
	uint16_t family;
	uint16_t min; /* bytes below which the kernel takes no such address */
	struct part parts[4];
};

/* clang-format off */
#define PLACE(type, member) offsetof(type, member), sizeof(((type *)0)->member)
/* clang-format on */

static const struct family families[] = {
	{ AF_INET,
	  sizeof(struct sockaddr_in),
	  {
		  { "sin_port=htons(", ")", "port", PART_BE16,
	            PLACE(struct sockaddr_in, sin_port) },
		  { "sin_addr=inet_addr(\"", "\")", "address", PART_IPV4,
	            PLACE(struct sockaddr_in, sin_addr) },
	  } },
	{ AF_INET6,
	  offsetof(struct sockaddr_in6, sin6_scope_id), /* RFC 2133 had no scope */
	  {
		  { "sin6_port=htons(", ")", "port", PART_BE16,
	            PLACE(struct sockaddr_in6, sin6_port) },
		  { "sin6_flowinfo=htonl(", ")", "flowinfo", PART_BE32,
	            PLACE(struct sockaddr_in6, sin6_flowinfo) },
		  { "inet_pton(AF_INET6, \"", "\", &sin6_addr)", "address", PART_IPV6,
	            PLACE(struct sockaddr_in6, sin6_addr) },
		  { "sin6_scope_id=", "", "scope", PART_U32,
	            PLACE(struct sockaddr_in6, sin6_scope_id) },
	  } },
	{ AF_NETLINK,
	  sizeof(struct sockaddr_nl),
	  {
		  { "nl_pid=", "", "pid", PART_U32, PLACE(struct sockaddr_nl, nl_pid) },
		  { "nl_groups=", "", "groups", PART_BITS, PLACE(struct sockaddr_nl, nl_groups) },
	  } },
	{ AF_CAN,
	  offsetof(struct sockaddr_can, can_addr),
	  {
		  { "can_ifindex=", "", "ifindex", PART_U32,
	            PLACE(struct sockaddr_can, can_ifindex) },
	  } },
	{ AF_PACKET,
	  offsetof(struct sockaddr_ll, sll_hatype),
	  {
		  { "sll_protocol=htons(", ")", "protocol", PART_BE16,
	            PLACE(struct sockaddr_ll, sll_protocol) },
		  { "sll_ifindex=", "", "ifindex", PART_U32,
	            PLACE(struct sockaddr_ll, sll_ifindex) },
	  } },
	{ AF_VSOCK,
	  sizeof(struct sockaddr_vm),
	  {
		  { "svm_cid=", "", "cid", PART_U32, PLACE(struct sockaddr_vm, svm_cid) },
		  { "svm_port=", "", "port", PART_U32, PLACE(struct sockaddr_vm, svm_port) },
	  } },
	{ AF_ALG,
	  offsetof(struct sockaddr_alg, salg_name),
	  {
		  { "salg_type=\"", "\"", "type", PART_STRING,
	            PLACE(struct sockaddr_alg, salg_type) },
		  { "salg_name=\"", "\"", "name", PART_STRING,
	            PLACE(struct sockaddr_alg, salg_name) },
	  } },
};

/* What is written into, and whether as text or as JSON. */
struct writer {
	struct text *text;
	bool json;
	bool *lossy;
};

static const struct family *find_family(uint16_t family, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].family == family)
			return length >= families[i].min ? &families[i] : NULL;
	return NULL;
}

static void write_string(const struct writer *writer, const char *bytes, size_t length)
{
	if (writer->json)
		text_json_string(writer->text, bytes, length, writer->lossy);
	else if (text_escape_terminal(writer->text, bytes, length, STRING_COLUMNS) < length)
		text_string(writer->text, "...");
}

static void write_ip(const struct writer *writer, int family, const char *address)
{
	char words[INET6_ADDRSTRLEN];

	inet_ntop(family, address, words, sizeof(words));
	text_printf(writer->text, writer->json ? "\"%s\"" : "%s", words);
}

static void write_part(const struct writer *writer, const struct part *part, const char *bytes,
                       size_t size)
{
	uint32_t wide = 0;
	uint16_t narrow = 0;

	switch (part->kind) {
	case PART_U32:
	case PART_BE32:
		memcpy(&wide, bytes, sizeof(wide));
		text_printf(writer->text, "%" PRIu32, part->kind == PART_BE32 ? ntohl(wide) : wide);
		break;
	case PART_BITS:
		memcpy(&wide, bytes, sizeof(wide));
		text_printf(writer->text, writer->json ? "%" PRIu32 : "%#08" PRIx32, wide);
		break;
	case PART_BE16:
		memcpy(&narrow, bytes, sizeof(narrow));
		text_printf(writer->text, "%" PRIu16, ntohs(narrow));
		break;
	case PART_IPV4:
		write_ip(writer, AF_INET, bytes);
		break;
	case PART_IPV6:
		write_ip(writer, AF_INET6, bytes);
		break;
	case PART_STRING:
		write_string(writer, bytes, strnlen(bytes, size));
		break;
	}
}

/* The members that lie within the address; a string may be cut short by its end. */
static void write_parts(const struct writer *writer, const struct family *family,
                        const char *address, size_t length)
{
	for (const struct part *part = family->parts;
	     part < family->parts + ARRAY_SIZE(family->parts) && part->key; part++) {
		size_t left = length > part->offset ? length - part->offset : 0;

		if (left < part->size && (part->kind != PART_STRING || left == 0))
			continue;
		if (writer->json)
			text_printf(writer->text, ",\"%s\":", part->key);
		else
			text_printf(writer->text, ", %s", part->before);
		write_part(writer, part, address + part->offset,
		           left < part->size ? left : part->size);
		if (!writer->json)
			text_string(writer->text, part->after);
	}
}

/* A path up to its NUL, an abstract name to the very end, or nothing: unix(7). */
static void write_unix(const struct writer *writer, const char *name, size_t length)
{
	bool abstract = length > 0 && name[0] == '\0';

	if (length == 0) {
		text_string(writer->text, writer->json ? ",\"unnamed\":true" : "");
		return;
	}
	if (writer->json)
		text_string(writer->text, abstract ? ",\"abstract\":" : ",\"path\":");
	else
		text_string(writer->text, abstract ? ", sun_path=@\"" : ", sun_path=\"");
	if (abstract)
		write_string(writer, name + 1, length - 1);
	else
		write_string(writer, name, strnlen(name, length));
	text_string(writer->text, writer->json ? "" : "\"");
}

static void write_raw(const struct writer *writer, const char *bytes, size_t length)
{
	size_t shown = length < RAW_BYTES_MAX ? length : RAW_BYTES_MAX;

	text_string(writer->text, writer->json ? ",\"bytes\":\"" : ", sa_data=0x");
	for (size_t i = 0; i < shown; i++)
		text_printf(writer->text, "%02x", (unsigned char)bytes[i]);
	text_string(writer->text, writer->json ? "\"" : shown < length ? "..." : "");
}

static void write_address(const struct writer *writer, const char *address, size_t length)
{
	static const struct argument domain = { "family", ARGUMENT_ENUM, 0, constants_family };
	const size_t start = offsetof(struct sockaddr, sa_data);
	const struct family *family;
	uint16_t number;

	if (length < start) { /* not even a family */
		text_string(writer->text, "{}");
		return;
	}
	memcpy(&number, address, sizeof(number));
	text_string(writer->text, writer->json ? "{\"family\":" : "{sa_family=");
	(writer->json ? render_json_value : render_value)(writer->text, &domain, number);
	family = find_family(number, length);
	if (family)
		write_parts(writer, family, address, length);
	else if (number == AF_UNIX)
		write_unix(writer, address + start, length - start);
	else if (length > start)
		write_raw(writer, address + start, length - start);
	text_string(writer->text, "}");
}

void render_sockaddr(struct text *text, const char *address, size_t length)
{
	write_address(&(struct writer){ .text = text }, address, length);
}

void render_json_sockaddr(struct text *text, const char *address, size_t length, bool *ret_lossy)
{
	write_address(&(struct writer){ text, true, ret_lossy }, address, length);
}
