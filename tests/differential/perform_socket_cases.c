/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/differential/perform_cases.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/err.h"

void try_unix(void)
{
	static const char *const names[] = { "sock", "dir/sock", "missing/sock",
		                             "file", "dangling", "to-dir/sock2" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		strcpy(address.sun_path, names[i]);
		say("bind unix", names[i], bind(fd, (struct sockaddr *)&address, sizeof(address)));
		say("bind again", names[i], bind(fd, (struct sockaddr *)&address, sizeof(address)));
		close(fd);
	}
}

static void try_lengths(int fd, struct sockaddr_in *address)
{
	static const int lengths[] = { 0, 1, 2, 8, 15, 16, 17, 128, 129, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		union {
			struct sockaddr_in in;
			char room[256];
		} padded = { .in = *address };
		char what[16];

		snprintf(what, sizeof(what), "%d", lengths[i]);
		say("connect length", what,
		    syscall(SYS_connect, fd, &padded, (socklen_t)lengths[i]));
		say("sendto length", what,
		    syscall(SYS_sendto, fd, "x", 1, 0, &padded, (socklen_t)lengths[i]));
	}
}

static void try_messages(int from, int to, struct sockaddr_in *address)
{
	struct iovec parts[2] = { { (char[]){ "one" }, 3 }, { (char[]){ "two" }, 3 } };
	struct msghdr header = { .msg_name = address,
		                 .msg_namelen = sizeof(*address),
		                 .msg_iov = parts,
		                 .msg_iovlen = 2 };
	struct mmsghdr many[3] = { { .msg_hdr = header },
		                   { .msg_hdr = header },
		                   { .msg_hdr = header } };
	char buf[64];

	say("sendmsg", "", syscall(SYS_sendmsg, from, &header, 0));
	say("  got", "", recv(to, buf, sizeof(buf), MSG_DONTWAIT));
	many[1].msg_hdr.msg_iovlen = 1;
	many[2].msg_hdr.msg_iov = (void *)1;
	say("sendmmsg", "", syscall(SYS_sendmmsg, from, many, 3, 0));
	printf("  lengths %u %u\n", many[0].msg_len, many[1].msg_len);
	say("  got", "", recv(to, buf, sizeof(buf), MSG_DONTWAIT));
	say("  got", "", recv(to, buf, sizeof(buf), MSG_DONTWAIT));
	header.msg_iovlen = 2000;
	say("sendmsg of 2000", "", syscall(SYS_sendmsg, from, &header, 0));
	say("sendmsg of NULL", "", syscall(SYS_sendmsg, from, NULL, 0));
	say("sendto 70000", "",
	    syscall(SYS_sendto, from, malloc(70000), 70000, 0, address, sizeof(*address)));
}

void try_inet(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in elsewhere = address;
	socklen_t size = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int from = socket(AF_INET, SOCK_DGRAM, 0), to = socket(AF_INET, SOCK_DGRAM, 0);

	say("bind tcp", "", bind(server, (struct sockaddr *)&address, sizeof(address)));
	getsockname(server, (struct sockaddr *)&address, &size);
	elsewhere.sin_port = htons(1);
	say("connect refused", "",
	    connect(client, (struct sockaddr *)&elsewhere, sizeof(elsewhere)));
	say("listen", "", listen(server, 1));
	say("connect", "", connect(client, (struct sockaddr *)&address, sizeof(address)));
	say("connect again", "", connect(client, (struct sockaddr *)&address, sizeof(address)));
	say("bind busy", "", bind(from, (struct sockaddr *)&elsewhere, sizeof(elsewhere)));
	say("connect of a file", "", connect(0, (struct sockaddr *)&address, sizeof(address)));
	say("connect of nothing", "", connect(999, (struct sockaddr *)&address, sizeof(address)));
	address.sin_port = 0;
	say("bind udp", "", bind(to, (struct sockaddr *)&address, sizeof(address)));
	size = sizeof(address);
	getsockname(to, (struct sockaddr *)&address, &size);
	try_messages(from, to, &address);
	try_lengths(from, &address);
	close(server);
	close(client);
	close(from);
	close(to);
}
