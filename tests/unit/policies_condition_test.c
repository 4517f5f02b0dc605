/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/condition.h"

#include <linux/audit.h>
#include <linux/openat2.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "tests/support/fake_view.h"
#include "tests/support/policy_fixture.h"

/* One condition on one syscall, and what it says of the registers. */
static const struct {
	const char *syscall;
	const char *condition;
	uint64_t args[6];
	int holds;
} registers[] = {
	{ "socket", "'index':0,'op':'SCMP_CMP_EQ','value':'AF_NETLINK'", { 16 }, 1 },
	{ "socket", "'index':0,'op':'SCMP_CMP_EQ','value':16", { 17 }, 0 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_NE','value':'0x10'", { 17 }, 1 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_LT','value':3", { 2 }, 1 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_LT','value':3", { 3 }, 0 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_LE','value':3", { 3 }, 1 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_GE','value':3", { 2 }, 0 },
	{ "socket", "'arg':'domain','op':'SCMP_CMP_GT','value':3", { 4 }, 1 },
	{ "socket",
	  "'arg':'protocol','op':'SCMP_CMP_EQ','value':'NETLINK_ROUTE'",
	  { 16, 3, 0 },
	  1 },
	/* 32 bits are compared as 32 bits */
	{ "socket",
	  "'index':0,'op':'SCMP_CMP_EQ','value':16",
	  { UINT64_C(0xffffffff00000010) },
	  1 },
	{ "ioctl",
	  "'arg':'request','op':'SCMP_CMP_EQ','value':'TIOCSTI'",
	  { 0, UINT64_C(0x100005412) },
	  1 },
	{ "openat", "'arg':'dirfd','op':'SCMP_CMP_EQ','value':'AT_FDCWD'", { 0xffffff9c }, 1 },
	{ "openat", "'arg':'dirfd','op':'SCMP_CMP_EQ','value':-100", { UINT64_C(-100) }, 1 },
	{ "openat", "'arg':'dirfd','op':'SCMP_CMP_EQ','value':'-100'", { 100 }, 0 },
	/* 64 bits as 64 */
	{ "mmap",
	  "'arg':'length','op':'SCMP_CMP_GT','value':4294967296",
	  { 0, UINT64_C(0x100000001) },
	  1 },
	{ "mmap", "'arg':'length','op':'SCMP_CMP_EQ','value':1", { 0, UINT64_C(0x100000001) }, 0 },
	{ "clone",
	  "'index':0,'op':'SCMP_CMP_MASKED_EQ','value':'CLONE_NEWUSER','valueTwo':0",
	  { 17 },
	  1 },
	{ "clone",
	  "'index':0,'op':'SCMP_CMP_MASKED_EQ','value':'CLONE_NEWUSER','valueTwo':0",
	  { CLONE_NEWUSER | 17 },
	  0 },
	{ "clone",
	  "'index':0,'op':'SCMP_CMP_MASKED_EQ','value':'0x7E020000','valueTwo':'CLONE_NEWNS'",
	  { CLONE_NEWNS | 17 },
	  1 },
	{ "socket", "'index':0,'op':'in','value':['AF_INET','AF_INET6']", { 10 }, 1 },
	{ "socket", "'index':0,'op':'in','value':['AF_INET','AF_INET6']", { 16 }, 0 },
	{ "socket", "'index':0,'op':'in','value':2", { 2 }, 1 },
	{ "kill", "'arg':'sig','op':'in','value':['SIGKILL','SIGSTOP']", { 1, 19 }, 1 },
	{ "kill", "'arg':'sig','op':'in','value':['SIGKILL','SIGSTOP']", { 1, 15 }, 0 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'all':['O_CREAT','O_EXCL']}",
	  { 0, 0, O_CREAT | O_EXCL | O_WRONLY },
	  1 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'all':'O_CREAT|O_EXCL'}",
	  { 0, 0, O_CREAT },
	  0 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'any':['O_WRONLY','O_RDWR']}",
	  { 0, 0, O_RDWR },
	  1 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'any':['O_WRONLY','O_RDWR']}",
	  { 0, 0, O_RDONLY },
	  0 },
	/* O_RDONLY is a value of a field: 3 is none of the three */
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'all':'O_RDONLY'}",
	  { 0, 0, O_CLOEXEC },
	  1 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'all':'O_RDONLY'}",
	  { 0, 0, O_WRONLY },
	  0 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'any':['O_WRONLY','O_RDWR']}",
	  { 0, 0, 3 },
	  0 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'none':['O_TRUNC']}",
	  { 0, 0, O_TRUNC },
	  0 },
	{ "openat",
	  "'arg':'flags','op':'flags','value':{'none':['O_TRUNC'],'all':'O_CREAT'}",
	  { 0, 0, O_CREAT },
	  1 },
	{ "openat", "'arg':'flags','op':'flags','value':{'all':[64, '0x80']}", { 0, 0, 0xc0 }, 1 },
	{ "socket",
	  "'arg':'type','op':'flags','value':{'all':'SOCK_RAW'}",
	  { 2, 3 | SOCK_CLOEXEC },
	  1 },
	{ "socket", "'arg':'type','op':'flags','value':{'all':'SOCK_STREAM'}", { 2, 3 }, 0 },
	{ "mount", "'arg':'source','op':'SCMP_CMP_EQ','value':0", { 0 }, 1 },
};

static int parse(struct policy_fixture *fixture, const char *syscall, const char *condition)
{
	char text[512];

	snprintf(text, sizeof(text),
	         "{'rules':[{'names':['%s'],'action':'allow','advisory':true,'args':[{%s}]}]}",
	         syscall, condition);
	return policy_fixture_parse(fixture, text);
}

/* The condition as it is bound to the syscall of x86-64. */
static const struct condition *bound(const struct policy_fixture *fixture, const char *syscall)
{
	const struct seccomp_data call = {
		.arch = AUDIT_ARCH_X86_64,
		.nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, syscall),
	};

	return &policy_find(fixture->policy, &call)->matches[0].conditions[0];
}

static void test_registers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		struct fake_view fake = { .length = 0 };
		struct policy_fixture fixture;
		const struct condition *condition;

		memcpy(fake.call.args, registers[i].args, sizeof(fake.call.args));
		if (parse(&fixture, registers[i].syscall, registers[i].condition) < 0) {
			policy_fixture_print(&fixture);
			fail_msg("%s: %s", registers[i].syscall, registers[i].condition);
		}
		condition = bound(&fixture, registers[i].syscall);
		assert_false(condition_reads_memory(condition));
		if (condition_holds(condition, fake_view(&fake)) != registers[i].holds)
			fail_msg("%s: %s", registers[i].syscall, registers[i].condition);
		assert_int_equal(fake.asked, 0);
		policy_fixture_free(&fixture);
	}
}

static const struct sockaddr_in loopback = { .sin_family = AF_INET,
	                                     .sin_port = 0x5000 /* 80 */,
	                                     .sin_addr.s_addr = 0x0100007f };
static const struct open_how how = { .flags = O_CREAT, .resolve = RESOLVE_BENEATH };

#define HOW .bytes = (const char *)&how, .length = sizeof(how)
#define LOOPBACK .bytes = (const char *)&loopback, .length = sizeof(loopback)
#define TO_LOOPBACK "'arg':'addr','op':'net','value':['127.0.0.0/8','[::1]']"

static const struct {
	const char *syscall;
	const char *condition;
	struct fake_view fake;
	int holds;
} memory[] = {
	{ "openat", "'arg':'path','op':'path','value':'/etc/**'", { .path = "/etc/passwd" }, 1 },
	{ "openat", "'arg':'pathname','op':'path','value':['/a','/etc/*']", { .path = "/b" }, 0 },
	{ "openat", "'arg':'path','op':'path','value':'/etc/**'", { .length = 0 }, -EFAULT },
	{ "openat",
	  "'arg':'path','op':'path','value':'/x'",
	  { .path = "/x", .error = ELOOP },
	  -ELOOP },
	{ "rename", "'arg':'newpath','op':'path','value':'/tmp/*'", { .path = "/tmp/a" }, 1 },
	{ "mount",
	  "'arg':'filesystemtype','op':'string','value':'tmpfs'",
	  { .string = "tmpfs" },
	  1 },
	{ "mount",
	  "'arg':'filesystemtype','op':'string','value':'tmpfs'",
	  { .string = "TMPFS" },
	  0 },
	{ "openat", "'arg':'path','op':'string','value':'*/..*'", { .string = "a/b/../c" }, 1 },
	{ "openat2",
	  "'field':'open_how.flags','op':'flags','value':{'all':'O_CREAT'}",
	  { HOW, .call.args = { 0, 1, 1, sizeof(how) } },
	  1 },
	{ "openat2",
	  "'field':'open_how.resolve','op':'SCMP_CMP_EQ','value':'RESOLVE_BENEATH'",
	  { HOW, .call.args = { 0, 1, 1, sizeof(how) } },
	  1 },
	{ "openat2",
	  "'field':'open_how.resolve','op':'in','value':[0]",
	  { HOW, .call.args = { 0, 1, 1, sizeof(how) } },
	  0 },
	/* a member that is past the struct's size is 0 to the kernel */
	{ "openat2",
	  "'field':'open_how.resolve','op':'in','value':[0]",
	  { HOW, .call.args = { 0, 1, 1, 16 } },
	  1 },
	{ "openat2",
	  "'field':'open_how.flags','op':'in','value':[0]",
	  { HOW, .call.args = { 0, 1, 1, 4097 } },
	  -E2BIG },
	{ "openat2",
	  "'field':'open_how.flags','op':'in','value':[0]",
	  { .call.args = { 0, 1, 1, sizeof(how) } },
	  -EFAULT },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, 16 } }, 1 },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, UINT64_C(0x700000010) } }, 1 },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, 15 } }, 0 },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, 0 } }, 0 },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, 129 } }, -EINVAL },
	{ "connect", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 1, 0xffffffff } }, -EINVAL },
	{ "connect", TO_LOOPBACK, { .call.args = { 3, 1, 16 } }, -EFAULT },
	{ "sendto", TO_LOOPBACK, { LOOPBACK, .call.args = { 3, 0, 0, 0, 1, 16 } }, 1 },
	{ "sendto",
	  "'arg':'addr','op':'net','value':'none'",
	  { .call.args = { 3, 1, 1, 0, 0, 0 } },
	  1 },
	{ "sendmsg",
	  "'arg':'addr','op':'net','value':'127.0.0.1:80'",
	  { .message = (const char *)&loopback, .length = sizeof(loopback) },
	  1 },
	{ "sendmsg", "'arg':'msg','op':'net','value':'none'", { .length = 0 }, 1 },
};

static void test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++) {
		struct fake_view fake = memory[i].fake;
		struct view blind = { .call = &fake.call };
		struct policy_fixture fixture;
		const struct condition *condition;
		int holds;

		if (parse(&fixture, memory[i].syscall, memory[i].condition) < 0) {
			policy_fixture_print(&fixture);
			fail_msg("%s: %s", memory[i].syscall, memory[i].condition);
		}
		condition = bound(&fixture, memory[i].syscall);
		assert_true(condition_reads_memory(condition));
		holds = condition_holds(condition, fake_view(&fake));
		if (holds != memory[i].holds)
			fail_msg("%s: %s: %d", memory[i].syscall, memory[i].condition, holds);
		if (holds != -E2BIG && fake.asked > 0)
			assert_int_equal(condition_holds(condition, &blind), -ENOSYS);
		policy_fixture_free(&fixture);
	}
}

/* A path in AF_UNIX is matched as it resolves, and only asked for by a pattern of paths. */
static void test_unix_path(void **state)
{
	struct fake_view fake = { .bytes = "\1\0../s", .length = 6, .path = "/run/s" };
	struct policy_fixture fixture;

	(void)state;
	fake.call.args[1] = 1;
	fake.call.args[2] = 6;
	assert_int_equal(
		parse(&fixture, "connect", "'arg':'addr','op':'net','value':'unix:/run/*'"), 0);
	assert_int_equal(condition_holds(bound(&fixture, "connect"), fake_view(&fake)), 1);
	assert_int_equal(fake.asked, 2);
	fake.path = NULL;
	assert_int_equal(condition_holds(bound(&fixture, "connect"), &fake.view), -EFAULT);
	policy_fixture_free(&fixture);
	assert_int_equal(parse(&fixture, "connect", "'arg':'addr','op':'net','value':'unix:*'"), 0);
	assert_int_equal(condition_holds(bound(&fixture, "connect"), &fake.view), 1);
	policy_fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_unix_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
