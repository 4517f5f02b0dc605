/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/notification.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

const char test_profile[] =
	"{\n"
	"\"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
	"\"defaultErrnoRet\": 1,\n"
	"\"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],\n"
	"\"syscalls\": [\n"
	"{\"names\": [\"getpid\", \"statx\"], \"action\": \"SCMP_ACT_ALLOW\"},\n"
	"{\"names\": [\"keyctl\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 13},\n"
	"{\"names\": [\"mount\", \"unshare\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},\n"
	"{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"args\": [{\"index\": 0, \"value\": 38, \"op\": \"SCMP_CMP_LT\"}]},\n"
	"{\"names\": [\"clone\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [\n"
	" {\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0, \"op\": "
	"\"SCMP_CMP_MASKED_EQ\"}]},\n"
	"{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_NOTIFY\"},\n"
	"{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"includes\": {\"minKernel\": \"99.1\"}},\n"
	"{\"names\": [\"umask\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 0},\n"
	"{\"names\": [\"swapon\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"excludes\": {\"caps\": [\"CAP_CHOWN\"]}},\n"
	"{\"names\": [\"acct\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"includes\": {\"arches\": [\"arm64\"]}},\n"
	"{\"names\": [\"chroot\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_SYS_PTRACE\"]}}\n"
	"]}\n";

void test_session_open(struct test_session *test, const char *name, const char *profile_json,
                       enum mode mode)
{
	struct host host = {
		.arch = SCMP_ARCH_X86_64,
		.caps = host_docker_caps(),
		.kernel = { 6, 1 },
	};

	*test = (struct test_session){ 0 };
	diags_init(&test->diags, name);
	assert_int_equal(profile_parse(name, name, profile_json, strlen(profile_json), &test->diags,
	                               &test->profile),
	                 0);
	assert_int_equal(ruleset_build(test->profile, &host, &test->diags, &test->ruleset), 0);
	test->session = (struct session){
		.ruleset = test->ruleset,
		.mode = mode,
		.command = "prog",
		.boot = "0badcafe",
	};
}

void test_session_close(struct test_session *test)
{
	ruleset_free(test->ruleset);
	profile_free(test->profile);
	diags_deinit(&test->diags);
}

void test_call(struct notification *notification, const struct test_session *test,
               const char *syscall, const uint64_t args[6])
{
	struct seccomp_data *call = &notification->request.data;
	struct caller *caller = &notification->caller;

	memset(notification, 0, sizeof(*notification));
	notification->request.id = UINT64_C(0xfedcba9876543210);
	notification->request.pid = 4243;
	call->nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, syscall);
	assert_true(call->nr >= 0);
	call->arch = AUDIT_ARCH_X86_64;
	call->instruction_pointer = UINT64_C(0x7fd1f0ba7e5a);
	for (unsigned i = 0; args && i < 6; i++)
		call->args[i] = args[i];
	*caller = (struct caller){
		.tid = 4243,
		.pid = 4242,
		.vpid = 42,
		.ppid = 4000,
		.uid = 1000,
		.real_uid = 1001,
		.has_caps = true,
		.caps = 0x2000,
		.comm = "sh",
		.exe = "/bin/sh",
		.exe_length = strlen("/bin/sh"),
	};
	notification->received_ns = TEST_TIME_NS;
	notification->latency_ns = 12345;
	decide(&(struct decider){ .ruleset = test->session.ruleset, .mode = test->session.mode },
	       &(struct view){ .call = call }, &notification->verdict);
}

void test_memory(struct notification *notification, unsigned index, const char *bytes, size_t len)
{
	assert_true(len <= sizeof(notification->bytes) - notification->used);
	notification->captures[index] = (struct capture){
		.status = CAPTURE_WHOLE,
		.offset = notification->used,
		.length = (uint16_t)len,
	};
	memcpy(notification->bytes + notification->used, bytes, len);
	notification->used = (uint16_t)(notification->used + len);
}

struct event test_event(const struct test_session *test, const struct notification *notification,
                        uint64_t sequence)
{
	return (struct event){
		.kind = EVENT_SYSCALL,
		.sequence = sequence,
		.time_ns = notification->received_ns,
		.session = &test->session,
		.notification = notification,
	};
}
