/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "supervisor/events/render_sockaddr.h"

/* A row's bytes and how many there are; on the heap in the test, so that a byte more is caught. */
#define ADDRESS(literal) literal, sizeof(literal) - 1

static void test_addresses(void **state)
{
	static const struct {
		const char *address;
		size_t length;
		const char *text;
		const char *json;
	} rows[] = {
		{ ADDRESS("\2\0\1\xbb\x0a\0\0\1\0\0\0\0\0\0\0\0"),
		  "{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr(\"10.0.0.1\")}",
		  "{\"family\":\"AF_INET\",\"port\":443,\"address\":\"10.0.0.1\"}" },
		{ ADDRESS("\2\0\1\xbb\x0a"), "{sa_family=AF_INET, sa_data=0x01bb0a}",
		  "{\"family\":\"AF_INET\",\"bytes\":\"01bb0a\"}" },
		{ ADDRESS("\x0a\0\0\x50\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2\0\0\0"),
		  "{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(7), "
		  "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=2}",
		  "{\"family\":\"AF_INET6\",\"port\":80,\"flowinfo\":7,\"address\":\"::1\","
		  "\"scope\":2}" },
		{ ADDRESS("\x0a\0\0\x50\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"),
		  "{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), "
		  "inet_pton(AF_INET6, \"::1\", &sin6_addr)}",
		  "{\"family\":\"AF_INET6\",\"port\":80,\"flowinfo\":0,\"address\":\"::1\"}" },
		{ ADDRESS("\1\0/run/x\0rest"), "{sa_family=AF_UNIX, sun_path=\"/run/x\"}",
		  "{\"family\":\"AF_UNIX\",\"path\":\"/run/x\"}" },
		{ ADDRESS("\1\0/run/\033[31m"), "{sa_family=AF_UNIX, sun_path=\"/run/\\x1b[31m\"}",
		  "{\"family\":\"AF_UNIX\",\"path\":\"/run/\\u001b[31m\"}" },
		{ ADDRESS("\1\0\0name\0"), "{sa_family=AF_UNIX, sun_path=@\"name\\x00\"}",
		  "{\"family\":\"AF_UNIX\",\"abstract\":\"name\\u0000\"}" },
		{ ADDRESS("\1\0"), "{sa_family=AF_UNIX}",
		  "{\"family\":\"AF_UNIX\",\"unnamed\":true}" },
		{ ADDRESS("\x10\0\0\0\x92\x10\0\0\1\0\0\0"),
		  "{sa_family=AF_NETLINK, nl_pid=4242, nl_groups=0x000001}",
		  "{\"family\":\"AF_NETLINK\",\"pid\":4242,\"groups\":1}" },
		{ ADDRESS("\x11\0\0\3\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
		  "{sa_family=AF_PACKET, sll_protocol=htons(3), sll_ifindex=2}",
		  "{\"family\":\"AF_PACKET\",\"protocol\":3,\"ifindex\":2}" },
		{ ADDRESS("\x28\0\0\0\x16\0\0\0\2\0\0\0\0\0\0\0"),
		  "{sa_family=AF_VSOCK, svm_cid=2, svm_port=22}",
		  "{\"family\":\"AF_VSOCK\",\"cid\":2,\"port\":22}" },
		{ ADDRESS("\x26\0hash\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0sha1\0junk"),
		  "{sa_family=AF_ALG, salg_type=\"hash\", salg_name=\"sha1\"}",
		  "{\"family\":\"AF_ALG\",\"type\":\"hash\",\"name\":\"sha1\"}" },
		{ ADDRESS("\x1d\0\0\0\7\0\0\0"), "{sa_family=AF_CAN, can_ifindex=7}",
		  "{\"family\":\"AF_CAN\",\"ifindex\":7}" },
		{ ADDRESS("\x1d\0\1\2"), "{sa_family=AF_CAN, sa_data=0x0102}",
		  "{\"family\":\"AF_CAN\",\"bytes\":\"0102\"}" },
		{ ADDRESS("\xe8\3"), "{sa_family=0x3e8}", "{\"family\":\"0x3e8\"}" },
		{ ADDRESS("\2"), "{}", "{}" },
		{ ADDRESS(""), "{}", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *address = malloc(rows[i].length + 1); /* malloc(0) may be NULL */
		char bytes[512], json_bytes[512];
		struct text text = TEXT_OVER(bytes), json = TEXT_OVER(json_bytes);
		bool lossy = false;

		assert_non_null(address);
		memcpy(address + 1, rows[i].address, rows[i].length);
		render_sockaddr(&text, address + 1, rows[i].length);
		assert_string_equal(bytes, rows[i].text);
		render_json_sockaddr(&json, address + 1, rows[i].length, &lossy);
		assert_string_equal(json_bytes, rows[i].json);
		assert_false(lossy);
		free(address);
	}
}

static void test_lossy(void **state)
{
	char bytes[512];
	struct text text = TEXT_OVER(bytes);
	bool lossy = false;

	(void)state;
	render_json_sockaddr(&text, "\1\0\xff", 3, &lossy);
	assert_string_equal(bytes, "{\"family\":\"AF_UNIX\",\"path\":\"\xef\xbf\xbd\"}");
	assert_true(lossy);
}

/* A family that is cut short at every length never reads beyond it, nor breaks the braces. */
static void test_every_length(void **state)
{
	static const unsigned char families[] = { 0, 1, 2, 10, 16, 17, 29, 38, 40, 255 };

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		for (size_t length = 2; length <= 128; length++) {
			char *address = calloc(1, length);
			char bytes[1024];
			struct text text = TEXT_OVER(bytes);

			assert_non_null(address);
			memset(address, 'x', length);
			address[0] = (char)families[f];
			address[1] = 0;
			render_sockaddr(&text, address, length);
			assert_true(strncmp(bytes, "{sa_family=", 11) == 0);
			assert_int_equal(bytes[text.len - 1], '}');
			assert_false(text.overflow);
			free(address);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
