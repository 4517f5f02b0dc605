/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and captured bytes in, strace's words and JSON out. */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "supervisor/events/render.h"

#define MINUS(n) ((uint64_t) - (n))
#define INT_MINUS(n) ((uint64_t)(uint32_t) - (n))
#define P 0x7ffd1000

struct memory {
	enum capture_status status;
	size_t length;
	const char *bytes;
};

struct row {
	int nr;
	uint64_t args[6];
	struct memory memory[6];
	const char *text;
};

static struct notification notification;
static char bytes[65536];

#define WHOLE(string)                                                                              \
	{                                                                                          \
		CAPTURE_WHOLE, sizeof(string) - 1, string                                          \
	}
#define CUT(string)                                                                                \
	{                                                                                          \
		CAPTURE_CUT, sizeof(string) - 1, string                                            \
	}
#define UNREADABLE                                                                                 \
	{                                                                                          \
		CAPTURE_UNREADABLE, 0, ""                                                          \
	}

static void notify(const struct row *row, uint32_t arch)
{
	memset(&notification, 0, sizeof(notification));
	notification.request.data.arch = arch;
	notification.request.data.nr = row->nr;
	memcpy(notification.request.data.args, row->args, sizeof(row->args));
	for (unsigned i = 0; i < 6; i++) {
		const struct memory *memory = &row->memory[i];

		notification.captures[i] = (struct capture){
			.status = (uint8_t)memory->status,
			.offset = notification.used,
			.length = (uint16_t)memory->length,
		};
		if (memory->length > 0)
			memcpy(notification.bytes + notification.used, memory->bytes,
			       memory->length);
		notification.used += (uint16_t)memory->length;
	}
}

static const char *text_of(const struct row *row, uint32_t arch)
{
	struct text text = TEXT_OVER(bytes);

	notify(row, arch);
	render_call(&text, &notification);
	assert_false(text.overflow);
	return bytes;
}

static cJSON *json_of(const struct row *row, uint32_t arch)
{
	struct text text = TEXT_OVER(bytes);
	const char *end;
	cJSON *json;

	notify(row, arch);
	render_json_arguments(&text, &notification);
	assert_false(text.overflow);
	json = cJSON_ParseWithOpts(bytes, &end, true);
	if (!json)
		fail_msg("no JSON: %s", bytes);
	assert_true(cJSON_IsArray(json));
	return json;
}

static void expect_texts(const struct row *rows, size_t count, uint32_t arch)
{
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(text_of(&rows[i], arch), rows[i].text);
		cJSON_Delete(json_of(&rows[i], arch)); /* whatever the words, JSON is well formed */
	}
}

static void test_open(void **state)
{
	static const struct row rows[] = {
		{ SYS_openat,
		  { MINUS(100), P, 0, 0xdead },
		  { {}, WHOLE("/a") },
		  "openat(AT_FDCWD, \"/a\", O_RDONLY)" },
		{ SYS_openat,
		  { INT_MINUS(100), P, 02000101, 0644 },
		  { {}, WHOLE("/a") },
		  "openat(AT_FDCWD, \"/a\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644)" },
		{ SYS_open,
		  { P, 020200002, 0600 },
		  { WHOLE("/tmp") },
		  "open(\"/tmp\", O_RDWR|O_TMPFILE, 0600)" },
		{ SYS_open,
		  { P, 0200000, 0600 },
		  { WHOLE("/tmp") },
		  "open(\"/tmp\", O_RDONLY|O_DIRECTORY)" },
		{ SYS_open, { P, 010003 }, { WHOLE("/a") }, "open(\"/a\", O_DSYNC|0x3)" },
		{ SYS_open,
		  { P, 04110000 },
		  { WHOLE("/a") },
		  "open(\"/a\", O_RDONLY|O_SYNC|O_LARGEFILE)" },
		{ SYS_creat, { P, 0644 }, { WHOLE("/a") }, "creat(\"/a\", 0644)" },
	};

	(void)state;
	assert_int_equal(O_DSYNC, 010000);
	expect_texts(rows, ARRAY_SIZE(rows), AUDIT_ARCH_X86_64);
}

static void test_sockets(void **state)
{
	static const struct row rows[] = {
		{ SYS_socket,
		  { 2, 02000001, 6 },
		  {},
		  "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)" },
		{ SYS_socket, { 2, 1, 0 }, {}, "socket(AF_INET, SOCK_STREAM, IPPROTO_IP)" },
		{ SYS_socket, { 16, 3, 9 }, {}, "socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)" },
		{ SYS_socket, { 38, 5, 0 }, {}, "socket(AF_ALG, SOCK_SEQPACKET, 0)" },
		{ SYS_socket, { 99, 7, 0 }, {}, "socket(99, 0x7, 0)" },
		{ SYS_socket,
		  { 1ULL << 32 | 40, 1, 0 },
		  {},
		  "socket(AF_VSOCK /* upper bits 0x1 */, SOCK_STREAM, 0)" },
		{ SYS_socket, { MINUS(1), 1, 0 }, {}, "socket(-1, SOCK_STREAM, 0)" },
		{ SYS_socket,
		  { 0xfffffffe00000002, 1, 6 },
		  {},
		  "socket(AF_INET /* upper bits 0xfffffffe */, SOCK_STREAM, IPPROTO_TCP)" },
		{ SYS_socket,
		  { 0xffffffff00000002, 1, 6 },
		  {},
		  "socket(AF_INET /* upper bits 0xffffffff */, SOCK_STREAM, IPPROTO_TCP)" },
		{ SYS_shutdown, { 3, 2 }, {}, "shutdown(3, SHUT_RDWR)" },
		{ SYS_sendto,
		  { 3, P, 5, 0x4000, 0, 0 },
		  { {}, WHOLE("hello") },
		  "sendto(3, \"hello\", 5, MSG_NOSIGNAL, NULL, 0)" },
	};

	(void)state;
	expect_texts(rows, ARRAY_SIZE(rows), AUDIT_ARCH_X86_64);
}

static void test_strings(void **state)
{
	static char long_path[601];
	struct row long_row = { SYS_chdir, { P }, { { CAPTURE_WHOLE, 600, long_path } }, NULL };
	static const struct row rows[] = {
		{ SYS_mount,
		  { P, P, P, 1, 0 },
		  { WHOLE("none"), WHOLE("/mnt"), WHOLE("tmpfs") },
		  "mount(\"none\", \"/mnt\", \"tmpfs\", MS_RDONLY, NULL)" },
		{ SYS_mount,
		  { 0, P, 0, 0xc0ed5000, P },
		  { {}, WHOLE("/mnt"), {}, {}, UNREADABLE },
		  "mount(NULL, \"/mnt\", NULL, MS_MGC_VAL|MS_BIND|MS_REC, 0x7f…)" },
		{ SYS_mount,
		  { 0, P, 0, 0x8000001 },
		  { {}, WHOLE("/") },
		  "mount(NULL, \"/\", NULL, MS_RDONLY|0x8000000, NULL)" },
		{ SYS_chdir, { P }, { WHOLE("") }, "chdir(\"\")" },
		{ SYS_chdir, { P }, { CUT("/usr") }, "chdir(\"/usr\"...)" },
		{ SYS_chdir,
		  { P },
		  { WHOLE("a\"b\\c\n\033[31m\xff") },
		  "chdir(\"a\\\"b\\\\c\\n\\x1b[31m\\xff\")" },
		{ SYS_write, { 1, P, 2 }, { {}, WHOLE("\0\1") }, "write(1, \"\\x00\\x01\", 2)" },
		{ SYS_execve,
		  { P, P, 0 },
		  { WHOLE("/bin/sh") },
		  "execve(\"/bin/sh\", 0x7f…, NULL)" },
	};

	(void)state;
	expect_texts(rows, ARRAY_SIZE(rows), AUDIT_ARCH_X86_64);
	memset(long_path, 'x', 600);
	text_of(&long_row, AUDIT_ARCH_X86_64);
	assert_int_equal(strlen(bytes), strlen("chdir(\"\"...)") + 256);
	assert_string_equal(bytes + strlen(bytes) - 6, "x\"...)");
}

static void test_structs(void **state)
{
	static const struct clone_args clone_args = {
		.flags = CLONE_NEWUSER | CLONE_INTO_CGROUP,
		.exit_signal = 17,
		.stack = P,
		.cgroup = 9,
	};
	static const struct open_how how = { .flags = O_PATH, .resolve = RESOLVE_IN_ROOT };
	static const struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = 4 };
	const struct row rows[] = {
		{ SYS_clone3,
		  { P, 88 },
		  { { CAPTURE_WHOLE, 88, (const char *)&clone_args } },
		  "clone3({flags=CLONE_NEWUSER|CLONE_INTO_CGROUP, exit_signal=SIGCHLD, "
		  "stack=0x7f…, stack_size=0, cgroup=9}, 88)" },
		{ SYS_clone3,
		  { P, 64 },
		  { { CAPTURE_WHOLE, 64, (const char *)&clone_args } },
		  "clone3({flags=CLONE_NEWUSER|CLONE_INTO_CGROUP, exit_signal=SIGCHLD, "
		  "stack=0x7f…, stack_size=0}, 64)" },
		{ SYS_clone3,
		  { P, 4096 },
		  { { CAPTURE_CUT, 8, (const char *)&clone_args } },
		  "clone3({flags=CLONE_NEWUSER|CLONE_INTO_CGROUP, ...}, 4096)" },
		{ SYS_clone3,
		  { P, 7 },
		  { { CAPTURE_WHOLE, 7, (const char *)&clone_args } },
		  "clone3({}, 7)" },
		{ SYS_clone3, { P, 88 }, { UNREADABLE }, "clone3(0x7f…, 88)" },
		{ SYS_clone3, { 0, 88 }, {}, "clone3(NULL, 88)" },
		{ SYS_openat2,
		  { MINUS(100), P, P, 24 },
		  { {}, WHOLE("/a"), { CAPTURE_WHOLE, 24, (const char *)&how } },
		  "openat2(AT_FDCWD, \"/a\", {flags=O_RDONLY|O_PATH, "
		  "resolve=RESOLVE_IN_ROOT}, 24)" },
		{ SYS_mount_setattr,
		  { 3, P, 0x9000, P, 32 },
		  { {}, WHOLE(""), {}, { CAPTURE_WHOLE, 32, (const char *)&attr } },
		  "mount_setattr(3, \"\", AT_EMPTY_PATH|AT_RECURSIVE, "
		  "{attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=0, userns_fd=4}, 32)" },
	};

	(void)state;
	expect_texts(rows, ARRAY_SIZE(rows), AUDIT_ARCH_X86_64);
}

static void test_i386(void **state)
{
	static const struct row rows[] = {
		{ 19, { 3, 0xffffffff, 1 }, {}, "lseek(3, -1, SEEK_CUR)" },
		{ 102, { 1, 0xffff0000 }, {}, "socketcall(SYS_SOCKET, 0xff…)" },
		{ 120, { 17, 0, 0, P, 0 }, {}, "clone(SIGCHLD, NULL, NULL, 0x7f…, NULL)" },
		{ 90, { P }, {}, "mmap(0x7f…)" },
		{ 91, { 1ULL << 32 | 0xf000, 0 }, {}, "munmap(0xf000, 0)" },
		{ 1000, { 1 }, {}, "syscall_1000(0x1, 0, 0, 0, 0, 0)" },
	};
	static const struct row x32[] = {
		{ 0x40000000 | SYS_chdir, { P }, { WHOLE("/") }, "chdir(\"/\")" },
	};
	static const struct row nowhere[] = {
		{ 1, { 1 }, {}, "syscall_1(0x1, 0, 0, 0, 0, 0)" },
	};

	(void)state;
	expect_texts(rows, ARRAY_SIZE(rows), AUDIT_ARCH_I386);
	expect_texts(x32, ARRAY_SIZE(x32), AUDIT_ARCH_X86_64);
	expect_texts(nowhere, ARRAY_SIZE(nowhere), 0x12345678);
}

/* One argument of a call, and its whole JSON object. */
static void test_json(void **state)
{
	static const struct {
		struct row row;
		int index;
		const char *json;
	} rows[] = {
		{ { SYS_unshare, { 0x10000000 }, {}, NULL },
		  0,
		  "{\"name\":\"flags\",\"raw\":\"0x10000000\",\"type\":\"flags\","
		  "\"value\":\"CLONE_NEWUSER\"}" },
		{ { SYS_close, { MINUS(1) }, {}, NULL },
		  0,
		  "{\"name\":\"fd\",\"raw\":\"0xffffffffffffffff\",\"type\":\"fd\",\"value\":-1}" },
		{ { SYS_fchdir, { MINUS(100) }, {}, NULL },
		  0,
		  "{\"name\":\"fd\",\"raw\":\"0xffffffffffffff9c\",\"type\":\"fd\","
		  "\"value\":\"AT_FDCWD\"}" },
		{ { SYS_munmap, { 0, MINUS(1) }, {}, NULL },
		  0,
		  "{\"name\":\"addr\",\"raw\":\"0x0\",\"type\":\"pointer\",\"value\":null}" },
		{ { SYS_munmap, { 0, MINUS(1) }, {}, NULL },
		  1,
		  "{\"name\":\"length\",\"raw\":\"0xffffffffffffffff\",\"type\":\"size\","
		  "\"value\":\"18446744073709551615\"}" },
		{ { SYS_socket, { 1ULL << 32 | 40 }, {}, NULL },
		  0,
		  "{\"name\":\"domain\",\"raw\":\"0x100000028\",\"type\":\"enum\","
		  "\"value\":\"AF_VSOCK\",\"upper_bits\":\"0x1\"}" },
		{ { SYS_socket, { 99 }, {}, NULL },
		  0,
		  "{\"name\":\"domain\",\"raw\":\"0x63\",\"type\":\"enum\",\"value\":\"99\"}" },
		{ { SYS_chdir, { P }, { WHOLE("/\"x") }, NULL },
		  0,
		  "{\"name\":\"path\",\"raw\":\"0x7ffd1000\",\"type\":\"path\","
		  "\"value\":\"/\\\"x\",\"racy\":true}" },
		{ { SYS_chdir, { P }, { CUT("/\xff") }, NULL },
		  0,
		  "{\"name\":\"path\",\"raw\":\"0x7ffd1000\",\"type\":\"path\","
		  "\"value\":\"/\xef\xbf\xbd\",\"racy\":true,\"truncated\":true,\"lossy\":true}" },
		{ { SYS_chdir, { P }, { UNREADABLE }, NULL },
		  0,
		  "{\"name\":\"path\",\"raw\":\"0x7ffd1000\",\"type\":\"path\","
		  "\"unreadable\":true}" },
		{ { SYS_chdir, { 0 }, {}, NULL },
		  0,
		  "{\"name\":\"path\",\"raw\":\"0x0\",\"type\":\"path\",\"value\":null}" },
		{ { SYS_clone3, { P, 16 }, { WHOLE("\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0") }, NULL },
		  0,
		  "{\"name\":\"cl_args\",\"raw\":\"0x7ffd1000\",\"type\":\"clone_args\","
		  "\"value\":{\"flags\":\"CLONE_NEWUSER\",\"pidfd\":null},\"racy\":true}" },
		{ { SYS_connect, { 3, P, 3 }, { {}, WHOLE("\1\0\xff") }, NULL },
		  1,
		  "{\"name\":\"addr\",\"raw\":\"0x7ffd1000\",\"type\":\"sockaddr\","
		  "\"value\":{\"family\":\"AF_UNIX\",\"path\":\"\xef\xbf\xbd\"},\"racy\":true,"
		  "\"lossy\":true}" },
		{ { 471, { 1 }, {}, NULL },
		  5,
		  "{\"name\":\"arg6\",\"raw\":\"0x0\",\"type\":\"hex\",\"value\":\"0\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cJSON *json = json_of(&rows[i].row, AUDIT_ARCH_X86_64);
		char *printed = cJSON_PrintUnformatted(cJSON_GetArrayItem(json, rows[i].index));

		assert_string_equal(printed, rows[i].json);
		assert_non_null(strstr(bytes, rows[i].json)); /* before cJSON saw it, too */
		free(printed);
		cJSON_Delete(json);
	}
}

static void test_json_count(void **state)
{
	static const struct {
		struct row row;
		int count;
	} rows[] = {
		{ { SYS_getpid, { 1 }, {}, NULL }, 0 },
		{ { SYS_openat, { 0, P, 0, 0 }, {}, NULL }, 3 },
		{ { SYS_openat, { 0, P, O_CREAT, 0 }, {}, NULL }, 4 },
		{ { SYS_mmap, { 0 }, {}, NULL }, 6 },
		{ { 471, { 0 }, {}, NULL }, 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cJSON *json = json_of(&rows[i].row, AUDIT_ARCH_X86_64);

		assert_int_equal(cJSON_GetArraySize(json), rows[i].count);
		cJSON_Delete(json);
	}
}

/* Every number with every bit set and hostile bytes behind every pointer: nothing breaks. */
static void test_everything(void **state)
{
	static const uint64_t values[] = { 0, 1, 0x80000000, UINT32_MAX, 1ULL << 32, UINT64_MAX };
	static char junk[200];

	(void)state;
	memset(junk, 0xff, sizeof(junk));
	for (int nr = 0; nr < 480; nr++) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct row row = { .nr = nr };

			for (unsigned i = 0; i < 6; i++) {
				row.args[i] = values[v];
				row.memory[i] = (struct memory){
					(enum capture_status)(v % (CAPTURE_UNREADABLE + 1)),
					v * sizeof(junk) / ARRAY_SIZE(values), junk
				};
			}
			text_of(&row, AUDIT_ARCH_X86_64);
			cJSON_Delete(json_of(&row, AUDIT_ARCH_X86_64));
			text_of(&row, AUDIT_ARCH_I386);
			cJSON_Delete(json_of(&row, AUDIT_ARCH_I386));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {

		cmocka_unit_test(test_open),       cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_strings),    cmocka_unit_test(test_structs),
		cmocka_unit_test(test_i386),       cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_count), cmocka_unit_test(test_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
