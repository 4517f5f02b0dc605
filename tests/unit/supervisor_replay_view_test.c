/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/replay_view.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#define CALLER                                                                                     \
	"'process.pid':42,'process.tid':43,'process.parent_pid':1,'process.user.id':7,"            \
	"'process.group.id':8,'process.executable.name':'sh','process.executable.path':'/bin/sh'"
#define EVENT(fields)                                                                              \
	"{'schema':'callgate.event/1','event.id':'0badcafe-1','event.name':'syscall',"             \
	"'time':'2026-11-23T16:39:10.622143Z','seccomp.verdict':'deny','syscall.name':'openat',"   \
	"'syscall.number':257,'syscall.arch':'SCMP_ARCH_X86_64'," fields "}"
#define ARGUMENT(value) EVENT("'syscall.args':[{'name':'a','raw':'0x10'," value "}]")
#define ADDRESS(value) ARGUMENT("'value':{" value "}")

static void open_view(struct replay_view *view, struct event_record *event, const char *text)
{
	char *line = strdup(text);

	for (char *c = line; *c; c++)
		if (*c == '\'')
			*c = '"';
	if (event_record_parse(line, strlen(line), event) != 0)
		fail_msg("no event: %s", line);
	free(line);
	replay_view_init(view, event, 42);
}

/* ---- strings and paths, of argument 0 */

static const struct {
	const char *event;
	bool path;
	int result;
	const char *text; /* of 0 */
	enum replay_gap gap;
} texts[] = {
	{ ARGUMENT("'value':'abc'"), false, 0, "abc", REPLAY_NO_GAP },
	{ ARGUMENT("'value':'abc','truncated':true"), false, -ENOSYS, NULL, REPLAY_CUT },
	{ ARGUMENT("'value':'abc','lossy':true"), false, -ENOSYS, NULL, REPLAY_CUT },
	{ ARGUMENT("'unreadable':true"), false, -ENOSYS, NULL, REPLAY_UNREADABLE },
	{ ARGUMENT("'value':5"), false, -ENOSYS, NULL, REPLAY_UNREADABLE },
	{ EVENT("'syscall.args':[{'name':'a','raw':'0x0','value':null}]"), false, -EFAULT, NULL,
	  REPLAY_NO_GAP },
	{ EVENT("'syscall.args':[{'name':'a','raw':'0x10'}],'syscall.args.truncated':true"), false,
	  -ENOSYS, NULL, REPLAY_UNREADABLE },
	{ ARGUMENT("'value':'/etc/passwd'"), true, 0, "/etc/passwd", REPLAY_NO_GAP },
	{ ARGUMENT("'value':'//etc/./x//y/.'"), true, 0, "/etc/x/y", REPLAY_NO_GAP },
	{ ARGUMENT("'value':'/'"), true, 0, "/", REPLAY_NO_GAP },
	{ ARGUMENT("'value':'/etc/..x/...'"), true, 0, "/etc/..x/...", REPLAY_NO_GAP },
	{ ARGUMENT("'value':'/etc/../x'"), true, -ENOSYS, NULL, REPLAY_UNRESOLVED },
	{ ARGUMENT("'value':'etc'"), true, -ENOSYS, NULL, REPLAY_UNRESOLVED },
	{ ARGUMENT("'value':''"), true, -ENOSYS, NULL, REPLAY_UNRESOLVED },
	{ ADDRESS("'family':'AF_UNIX','path':'/run/x'"), true, 0, "/run/x", REPLAY_NO_GAP },
	{ ADDRESS("'family':'AF_INET'"), true, -ENOSYS, NULL, REPLAY_UNREADABLE },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct view_bytes found = { 0 };
		struct event_record event;
		struct replay_view view;
		int result;

		open_view(&view, &event, texts[i].event);
		result = (texts[i].path ? view.view.reader->path
		                        : view.view.reader->string)(&view.view, 0, &found);
		if (result != texts[i].result || view.gap != texts[i].gap)
			fail_msg("row %zu: %d, gap %d", i, result, view.gap);
		assert_true(view.as_written == (texts[i].path && result == 0));
		if (texts[i].text) {
			assert_int_equal(found.length, strlen(texts[i].text));
			assert_memory_equal(found.bytes, texts[i].text, found.length);
		}
		event_record_deinit(&event);
	}
}

/* A path that is too long for one is none. */
static void test_long_path(void **state)
{
	char path[PATH_MAX + 2], text[3 * PATH_MAX];
	struct view_bytes found;
	struct event_record event;
	struct replay_view view;

	(void)state;
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	snprintf(text, sizeof(text), ARGUMENT("'value':'%s'"), path);
	open_view(&view, &event, text);
	assert_int_equal(view.view.reader->path(&view.view, 0, &found), -ENOSYS);
	assert_int_equal(view.gap, REPLAY_UNRESOLVED);
	event_record_deinit(&event);
}

/* ---- addresses */

static const struct {
	const char *event;
	int result;
	int family;        /* of 0 */
	const char *words; /* the address, or the name in AF_UNIX after its NUL */
	unsigned port;
} addresses[] = {
	{ ADDRESS("'family':'AF_INET','port':443,'address':'10.1.2.3'"), 0, AF_INET, "10.1.2.3",
	  443 },
	{ ADDRESS("'family':'AF_INET6','port':53,'address':'2001:db8::1'"), 0, AF_INET6,
	  "2001:db8::1", 53 },
	{ ADDRESS("'family':'AF_UNIX','path':'/run/x'"), 0, AF_UNIX, "/run/x", 0 },
	{ ADDRESS("'family':'AF_UNIX','abstract':'name'"), 0, AF_UNIX, "", 0 },
	{ ADDRESS("'family':'AF_UNIX','unnamed':true"), 0, AF_UNIX, NULL, 0 },
	{ ADDRESS("'family':'AF_INET','port':65536,'address':'10.1.2.3'"), -ENOSYS, 0, NULL, 0 },
	{ ADDRESS("'family':'AF_INET','port':1,'address':'10.1.2'"), -ENOSYS, 0, NULL, 0 },
	{ ADDRESS("'family':'AF_INET','address':'10.1.2.3'"), -ENOSYS, 0, NULL, 0 },
	{ ADDRESS("'family':'AF_NETLINK','pid':0"), -ENOSYS, 0, NULL, 0 },
	{ ADDRESS("'flags':'O_RDONLY'"), -ENOSYS, 0, NULL, 0 },
};

static void check_address(size_t row, const struct view_bytes *found)
{
	struct sockaddr_storage address = { 0 };
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
	const struct sockaddr_un *local = (const struct sockaddr_un *)&address;
	char words[INET6_ADDRSTRLEN] = "";

	memcpy(&address, found->bytes, found->length);
	assert_int_equal(address.ss_family, addresses[row].family);
	if (addresses[row].family == AF_UNIX) {
		size_t start = offsetof(struct sockaddr_un, sun_path);

		assert_true((addresses[row].words != NULL) == (found->length > start));
		if (addresses[row].words)
			assert_string_equal(local->sun_path, addresses[row].words);
		return;
	}
	if (addresses[row].family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, words, sizeof(words));
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, words, sizeof(words));
	assert_string_equal(words, addresses[row].words);
	assert_int_equal(ntohs(v4->sin_port), addresses[row].port); /* stands in one place */
}

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct view_bytes found = { 0 };
		struct event_record event;
		struct replay_view view;

		open_view(&view, &event, addresses[i].event);
		assert_int_equal(view.view.reader->bytes(&view.view, 0, 16, &found),
		                 addresses[i].result);
		if (addresses[i].result == 0)
			check_address(i, &found);
		else
			assert_true(view.gap != REPLAY_NO_GAP);
		event_record_deinit(&event);
	}
}

static void test_message(void **state)
{
	struct view_bytes found = { "", 1 };
	struct event_record event;
	struct replay_view view;

	(void)state;
	open_view(&view, &event, ADDRESS("'msg_name':null"));
	assert_int_equal(view.view.reader->message_address(&view.view, 0, &found), 0);
	assert_null(found.bytes);
	event_record_deinit(&event);
	open_view(&view, &event,
	          ADDRESS("'msg_name':{'family':'AF_INET','port':443,'address':'10.1.2.3'}"));
	assert_int_equal(view.view.reader->message_address(&view.view, 0, &found), 0);
	check_address(0, &found);
	event_record_deinit(&event);
	open_view(&view, &event, ADDRESS("'msg_name':'0x1234'"));
	assert_int_equal(view.view.reader->message_address(&view.view, 0, &found), -ENOSYS);
	event_record_deinit(&event);
}

/* ---- who calls */

static void test_caller(void **state)
{
	const struct view_caller *caller;
	struct event_record event;
	struct replay_view view;

	(void)state;
	open_view(&view, &event, EVENT(CALLER));
	assert_int_equal(view.view.reader->caller(&view.view, &caller), 0);
	assert_int_equal(caller->pid, 42);
	assert_int_equal(caller->tid, 43);
	assert_int_equal(caller->ppid, 1);
	assert_int_equal(caller->uid, 7);
	assert_int_equal(caller->gid, 8);
	assert_true(caller->init);
	assert_memory_equal(caller->exe.bytes, "/bin/sh", caller->exe.length);
	assert_memory_equal(caller->comm.bytes, "sh", caller->comm.length);
	event_record_deinit(&event);
}

static void test_no_caller(void **state)
{
	static const struct {
		const char *event;
		enum replay_gap gap;
	} rows[] = {
		{ EVENT("'process.tid':43"), REPLAY_NO_CALLER },
		{ EVENT("'process.pid':42,'process.user.id':7,'process.executable.name':'sh',"
		        "'process.executable.path':'/bin/sh'"),
		  REPLAY_NO_CALLER }, /* written before events had a group */
		{ EVENT(CALLER ",'truncated':true"), REPLAY_CUT },
		{ EVENT(CALLER ",'lossy':true"), REPLAY_CUT },
	};
	const struct view_caller *caller;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct event_record event;
		struct replay_view view;

		open_view(&view, &event, rows[i].event);
		assert_int_equal(view.view.reader->caller(&view.view, &caller), -ENOSYS);
		assert_int_equal(view.gap, rows[i].gap);
		event_record_deinit(&event);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),     cmocka_unit_test(test_long_path),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_message),
		cmocka_unit_test(test_caller),    cmocka_unit_test(test_no_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
