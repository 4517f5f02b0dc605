/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/err.h"

struct address {
	char bytes[sizeof(struct sockaddr_storage)];
	struct net_address net;
};

/* "none", "4 ADDRESS PORT", "6 ADDRESS PORT", "to ADDRESS PORT", "unspec ADDRESS PORT", "unix
 * PATH", "@ NAME". */
static void make(const char *text, struct address *ret_address)
{
	char kind[8] = "", host[108] = "";
	int port = 0;

	memset(ret_address, 0, sizeof(*ret_address));
	sscanf(text, "%7s %107s %d", kind, host, &port);
	ret_address->net.reached = strcmp(kind, "to") == 0;
	if (ret_address->net.reached)
		strcpy(kind, strchr(host, ':') ? "6" : "4");
	ret_address->net.bytes = ret_address->bytes;
	if (strcmp(kind, "none") == 0) {
		ret_address->net.bytes = NULL;
	} else if (strcmp(kind, "4") == 0 || strcmp(kind, "unspec") == 0) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)ret_address->bytes;

		v4->sin_family = *kind == '4' ? AF_INET : AF_UNSPEC;
		v4->sin_port = htons((uint16_t)port);
		assert_int_equal(inet_pton(AF_INET, host, &v4->sin_addr), 1);
		ret_address->net.length = sizeof(*v4);
	} else if (strcmp(kind, "6") == 0) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_address->bytes;

		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		assert_int_equal(inet_pton(AF_INET6, host, &v6->sin6_addr), 1);
		ret_address->net.length = sizeof(*v6);
	} else {
		struct sockaddr_un *un = (struct sockaddr_un *)ret_address->bytes;
		size_t abstract = *kind == '@', length = strlen(host);

		un->sun_family = AF_UNIX;
		memcpy(un->sun_path + abstract, host, length);
		ret_address->net.length =
			offsetof(struct sockaddr_un, sun_path) + abstract + length;
		ret_address->net.path = *host == '/' ? host : "/cwd/relative";
		ret_address->net.path = strdup(ret_address->net.path);
		ret_address->net.path_length = strlen(ret_address->net.path);
	}
}

static const struct {
	const char *pattern;
	const char *address;
	bool matches;
} rows[] = {
	{ "10.1.2.3", "4 10.1.2.3 80", true },
	{ "10.1.2.3", "4 10.1.2.4 80", false },
	{ "10.0.0.0/8", "4 10.255.0.1 1", true },
	{ "10.0.0.0/8", "4 11.0.0.1 1", false },
	{ "10.128.0.0/9", "4 10.127.255.255 1", false },
	{ "10.128.0.0/9", "4 10.128.0.0 1", true },
	{ "0.0.0.0/0", "4 1.2.3.4 5", true },
	{ "0.0.0.0/0", "6 2001:db8::1 5", false },
	{ "10.0.0.0/8:443", "4 10.0.0.1 443", true },
	{ "10.0.0.0/8:443", "4 10.0.0.1 444", false },
	{ "10.0.0.1:8000-8999", "4 10.0.0.1 8000", true },
	{ "10.0.0.1:8000-8999", "4 10.0.0.1 8999", true },
	{ "10.0.0.1:8000-8999", "4 10.0.0.1 9000", false },
	{ ":53", "4 8.8.8.8 53", true },
	{ ":53", "6 2001:db8::1 53", true },
	{ "*:53", "6 2001:db8::1 54", false },
	{ ":53", "unix /run/s", false },
	/* IPv4 inside IPv6 is IPv4 */
	{ "10.0.0.0/8", "6 ::ffff:10.1.2.3 80", true },
	{ "10.0.0.0/8", "6 ::ffff:11.1.2.3 80", false },
	{ "::/0", "6 ::ffff:10.1.2.3 80", false },
	{ "::ffff:10.0.0.0/104", "4 10.1.2.3 80", true },
	/* what calls itself AF_UNSPEC too */
	{ "10.0.0.0/8", "unspec 10.1.2.3 80", true },
	{ "2001:db8::1", "6 2001:db8::1 80", true },
	{ "2001:db8::1", "6 2001:db8::2 80", false },
	{ "2001:db8::/32", "6 2001:db8:ffff::1 80", true },
	{ "2001:db8::/33", "6 2001:db8:ffff::1 80", false },
	{ "[2001:db8::/32]:53", "6 2001:db8::1 53", true },
	{ "[2001:db8::/32]:53", "6 2001:db8::1 54", false },
	{ "[::1]", "6 ::1 54", true },
	{ "::/0", "4 1.2.3.4 53", false },
	/* AF_UNIX */
	{ "unix:/run/docker.sock", "unix /run/docker.sock", true },
	{ "unix:/run/*.sock", "unix /run/docker.sock", true },
	{ "unix:/run/*.sock", "unix /run/a/docker.sock", false },
	{ "unix:/run/**", "unix /run/a/docker.sock", true },
	{ "unix:/cwd/relative", "unix relative", true }, /* as it resolves */
	{ "unix:/run/docker.sock", "@ /run/docker.sock", false },
	{ "unix:@bus-*", "@ bus-1", true },
	{ "unix:@bus-*", "@ sub-1", false },
	{ "unix:@bus", "unix bus", false },
	{ "unix:*", "@ anything", true },
	{ "unix:*", "unix /any/thing", true },
	{ "unix:*", "unix", true }, /* unnamed */
	{ "unix:*", "4 1.2.3.4 5", false },
	{ "unix:@*", "unix", false },
	{ "unix:/**", "unix", false },
	/* no address */
	{ "none", "none", true },
	{ "none", "4 1.2.3.4 5", false },
	{ "10.0.0.0/8", "none", false },
	/* the unspecified address: of this host for who goes there (to), of every one for a bind */
	{ "127.0.0.0/8", "4 0.0.0.0 80", false },
	{ "127.0.0.0/8", "to 0.0.0.0 80", true },
	{ "127.0.0.0/8", "to ::ffff:0.0.0.0 80", true },
	{ "127.0.0.0/8:81", "to 0.0.0.0 80", false },
	{ "0.0.0.0", "to 0.0.0.0 80", true },
	{ "[::1]", "6 :: 80", false },
	{ "[::1]", "to :: 80", true },
	{ "127.0.0.0/8", "to :: 80", false },
	{ "10.0.0.0/8", "to 0.0.0.0 80", false },
	{ "unix:*", "none", false },
	{ "*", "none", true },
	{ "*", "4 1.2.3.4 5", true },
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_pattern pattern;
		struct address address;
		const char *wrong = net_parse(rows[i].pattern, &pattern);

		if (wrong)
			fail_msg("%s: expected %s", rows[i].pattern, wrong);
		make(rows[i].address, &address);
		if (net_match(&pattern, &address.net) != rows[i].matches)
			fail_msg("%s: %s", rows[i].pattern, rows[i].address);
		free((void *)(uintptr_t)address.net.path);
	}
}

/* Every prefix of an address is one that a hostile caller can give. */
static void test_short(void **state)
{
	const char *const addresses[] = { "4 10.0.0.1 443", "6 ::ffff:10.0.0.1 443" };
	const size_t least[] = { sizeof(struct sockaddr_in), 24 };
	struct net_pattern pattern;
	struct address address;

	(void)state;
	assert_null(net_parse("10.0.0.0/8:443", &pattern));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		make(addresses[i], &address);
		for (size_t length = 0; length <= address.net.length; length++) {
			struct net_address cut = { .bytes = address.bytes, .length = length };

			assert_int_equal(net_match(&pattern, &cut), length >= least[i]);
		}
	}
}

static void test_family(void **state)
{
	struct address address;

	(void)state;
	make("unix /a", &address);
	assert_int_equal(net_family(&address.net), AF_UNIX);
	assert_true(net_has_path(&address.net));
	free((void *)(uintptr_t)address.net.path);
	address.net.length = 1;
	assert_int_equal(net_family(&address.net), AF_UNSPEC);
	make("@ a", &address);
	assert_false(net_has_path(&address.net));
	free((void *)(uintptr_t)address.net.path);
	assert_int_equal(net_family(&(struct net_address){ 0 }), AF_UNSPEC);
}

static void test_wrong(void **state)
{
	static const char *const wrong[] = {
		"",           "10.0.0",         "10.0.0.0/33",    "10.0.0.0/",      "10.0.0.0/08",
		"10.0.0.1/8", "10.0.0.1:",      "10.0.0.1:65536", ":9-8",           ":1-2-3",
		":-1",        "2001:db8::/129", "2001:db8::1/32", "[::1",           "[::1]53",
		"[::1]:x",    "example.org",    "unix:run/s",     "unix:",          "unix:/a[",
		"unix:@a[",   "::ffff:0:0/95",  "999.0.0.1",      "10.0.0.1 ",      "localhost:80",
		"[]:53",      "[*]:53",         "unix:/run/",     "unix:/run/../s",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct net_pattern pattern;

		if (!net_parse(wrong[i], &pattern))
			fail_msg("%s was taken", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
