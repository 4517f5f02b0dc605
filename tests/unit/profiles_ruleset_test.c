/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define ERRNO "'defaultAction':'SCMP_ACT_ERRNO'"
#define ALLOW "'action':'SCMP_ACT_ALLOW'"
#define X86_AND_X32 "'architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86','SCMP_ARCH_X32']"
#define EQ(index, value) "{'index':" #index ",'value':" #value ",'op':'SCMP_CMP_EQ'}"
#define NE(index, value) "{'index':" #index ",'value':" #value ",'op':'SCMP_CMP_NE'}"
#define MASKED(mask, value)                                                                        \
	"{'index':0,'value':" #mask ",'valueTwo':" #value ",'op':'SCMP_CMP_MASKED_EQ'}"
#define READ(args, action) "{'names':['read'],'args':[" args "]," action "}"

#define X64 AUDIT_ARCH_X86_64
#define X86 AUDIT_ARCH_I386
#define X32 0x40000000

static const struct {
	const char *profile;
	uint32_t arch;
	uint32_t nr;
	uint64_t args[3];
	enum action_kind kind;
	uint16_t number;
	enum decided_by by;
	int rule; /* -1: none */
} rows[] = {
	/* a rule without arguments wins, whether before or after */
	{ "{" ERRNO
	  ",'syscalls':[" READ("", ALLOW) "," READ(EQ(0, 1), "'action':'SCMP_ACT_LOG'") "]}",
	  X64,
	  0,
	  { 1 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO
	  ",'syscalls':[" READ(EQ(0, 1), "'action':'SCMP_ACT_LOG'") "," READ("", ALLOW) "]}",
	  X64,
	  0,
	  { 1 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  1 },
	/* of two without arguments the first */
	{ "{" ERRNO ",'syscalls':[" READ("", "'action':'SCMP_ACT_LOG'") "," READ("", ALLOW) "]}",
	  X64,
	  0,
	  { 1 },
	  ACTION_LOG,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* a rule equal to the default is skipped, even to deny under a wider allow */
	{ "{" ERRNO
	  ",'syscalls':[" READ(EQ(0, 1), "'action':'SCMP_ACT_ERRNO'") "," READ("", ALLOW) "]}",
	  X64,
	  0,
	  { 1 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  1 },
	/* a repeated index is an or of all */
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1) "," EQ(1, 2) "," EQ(0, 3), ALLOW) "]}",
	  X64,
	  0,
	  { 9, 2 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1) "," EQ(1, 2), ALLOW) "]}",
	  X64,
	  0,
	  { 9, 2 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	/* the expected value is masked too; a mask of 0 always holds */
	{ "{" ERRNO ",'syscalls':[" READ(MASKED(15, 17), ALLOW) "]}",
	  X64,
	  0,
	  { 1 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO ",'syscalls':[" READ(MASKED(0, 5), ALLOW) "]}",
	  X64,
	  0,
	  { 77 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* the larger datum is tried first, whatever the order */
	{ "{" ERRNO ",'syscalls':[" READ(NE(0, 16), ALLOW) "," READ(EQ(0, 40),
	                                                            "'action':'SCMP_ACT_LOG'") "]}",
	  X64,
	  0,
	  { 40 },
	  ACTION_LOG,
	  0,
	  DECIDED_BY_RULE,
	  1 },
	{ "{" ERRNO ",'syscalls':[" READ(NE(0, 41), ALLOW) "," READ(EQ(0, 40),
	                                                            "'action':'SCMP_ACT_LOG'") "]}",
	  X64,
	  0,
	  { 40 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* the higher argument index first */
	{ "{" ERRNO
	  ",'syscalls':[" READ(EQ(0, 90), ALLOW) "," READ(EQ(2, 1), "'action':'SCMP_ACT_LOG'") "]}",
	  X64,
	  0,
	  { 90, 0, 1 },
	  ACTION_LOG,
	  0,
	  DECIDED_BY_RULE,
	  1 },
	/* an equality before a range */
	{ "{" ERRNO ",'syscalls':[" READ("{'index':0,'value':9,'op':'SCMP_CMP_GE'}",
	                                 ALLOW) "," READ(EQ(0, 9), "'action':'SCMP_ACT_LOG'") "]}",
	  X64,
	  0,
	  { 9 },
	  ACTION_LOG,
	  0,
	  DECIDED_BY_RULE,
	  1 },
	/* the raw register, 64 bits wide; 32 on x86 and x32 (read is 3 there, and 0) */
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 5), ALLOW) "]}",
	  X64,
	  0,
	  { 0x100000005 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[" READ(EQ(0, 5), ALLOW) "]}",
	  X86,
	  3,
	  { 0x100000005 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[" READ(EQ(0, 5), ALLOW) "]}",
	  X64,
	  X32 | 0,
	  { 0x100000005 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* socketcall(SYS_SOCKET = 1) of x86: the first argument's condition is lost */
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['socket'],'args':[" EQ(0, 2) "]," ALLOW
	                                                                                 "}]}",
	  X86,
	  102,
	  { 1 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['socket'],'args':[" EQ(
		  0, 2) "]," ALLOW "},{'names':['accept4']," ALLOW "}]}",
	  X86,
	  102,
	  { 2 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['semop'],'args':[" EQ(
		  2, 7) "]," ALLOW "},{'names':['userfaultfd']," ALLOW "}]}",
	  X86,
	  117,
	  { 1, 0, 7 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* newer than the profile (shmdt is 67): ENOSYS, also where the direct number has a rule */
	{ "{" ERRNO ",'syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  67,
	  { 0 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	{ "{" ERRNO ",'syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  68,
	  { 0 },
	  ACTION_ERRNO,
	  ENOSYS,
	  DECIDED_BY_NEWER,
	  -1 },
	{ "{" ERRNO ",'syscalls':[{'names':['shmdt'],'action':'SCMP_ACT_ERRNO'}]}",
	  X64,
	  66,
	  { 0 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['socket','read']," ALLOW "}]}",
	  X86,
	  359,
	  { 0 },
	  ACTION_ERRNO,
	  ENOSYS,
	  DECIDED_BY_NEWER,
	  -1 },
	{ "{'defaultAction':'SCMP_ACT_LOG','syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  68,
	  { 0 },
	  ACTION_LOG,
	  0,
	  DECIDED_BY_DEFAULT,
	  -1 },
	/* podman has no such rule */
	{ "{" ERRNO ",'defaultErrno':'EPERM','syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  68,
	  { 0 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	/* ABIs that are not covered; -1 is a tracer's skip, not x32 */
	{ "{" ERRNO ",'syscalls':[" READ("", ALLOW) "]}",
	  X86,
	  3,
	  { 0 },
	  ACTION_KILL_THREAD,
	  0,
	  DECIDED_BY_BAD_ARCH,
	  -1 },
	{ "{" ERRNO ",'syscalls':[" READ("", ALLOW) "]}",
	  X64,
	  X32 | 0,
	  { 0 },
	  ACTION_KILL_THREAD,
	  0,
	  DECIDED_BY_BAD_ARCH,
	  -1 },
	{ "{" ERRNO ",'syscalls':[" READ("", ALLOW) "]}",
	  X64,
	  UINT32_MAX,
	  { 0 },
	  ACTION_ERRNO,
	  EPERM,
	  DECIDED_BY_DEFAULT,
	  -1 },
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  UINT32_MAX,
	  { 0 },
	  ACTION_ERRNO,
	  ENOSYS,
	  DECIDED_BY_NEWER,
	  -1 },
	{ "{" ERRNO ",'syscalls':[{'names':['shmdt']," ALLOW "}]}",
	  X64,
	  0x80000000,
	  { 0 },
	  ACTION_ERRNO,
	  ENOSYS,
	  DECIDED_BY_NEWER,
	  -1 },
	{ "{'defaultAction':'SCMP_ACT_LOG','syscalls':[" READ("", ALLOW) "]}",
	  X64,
	  0x80000000,
	  { 0 },
	  ACTION_KILL_THREAD,
	  0,
	  DECIDED_BY_BAD_ARCH,
	  -1 },
	/* archMap: its first entry for this host */
	{ "{" ERRNO ",'archMap':[{'architecture':'SCMP_ARCH_AARCH64','subArchitectures':["
	  "'SCMP_ARCH_ARM']},{'architecture':'SCMP_ARCH_X86_64','subArchitectures':['SCMP_ARCH_X86'"
	  "]}],'syscalls':[" READ("", ALLOW) "]}",
	  X86,
	  3,
	  { 0 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* names that libseccomp does not know are skipped */
	{ "{" ERRNO ",'syscalls':[{'names':['frobnicate','read']," ALLOW "}]}",
	  X64,
	  0,
	  { 0 },
	  ACTION_ALLOW,
	  0,
	  DECIDED_BY_RULE,
	  0 },
	/* nothing at all: the runtimes start without seccomp */
	{ "{}", X86, 5, { 0 }, ACTION_ALLOW, 0, DECIDED_BY_BAD_ARCH, -1 },
};

static void test_resolves_as_libseccomp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seccomp_data call = { .arch = rows[i].arch, .nr = (int)rows[i].nr };
		struct fixture fixture;
		struct decision decision;
		int rule;

		memcpy(call.args, rows[i].args, sizeof(rows[i].args));
		if (fixture_parse(&fixture, rows[i].profile, fixture_host()) < 0)
			fail_msg("row %zu: refused", i);
		ruleset_evaluate(fixture.ruleset, &call, &decision);
		rule = decision.rule ? (int)(decision.rule - fixture.profile->rules) : -1;
		if (decision.action.kind != rows[i].kind ||
		    decision.action.number != rows[i].number || decision.by != rows[i].by ||
		    rule != rows[i].rule)
			fail_msg("row %zu: action %u %u by %u rule %d", i, decision.action.kind,
			         decision.action.number, decision.by, rule);
		fixture_free(&fixture);
	}
}

/* ---- what the runtimes refuse */

static const struct {
	const char *profile;
	int result;
} refusals[] = {
	{ "{" ERRNO
	  ",'syscalls':[" READ(EQ(0, 1), ALLOW) "," READ(EQ(0, 1), "'action':'SCMP_ACT_LOG'") "]}",
	  -EBADMSG },
	/* the wider one after the narrower */
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1) "," EQ(1, 1),
	                                 ALLOW) "," READ(EQ(0, 1), "'action':'SCMP_ACT_LOG'") "]}",
	  -EBADMSG },
	/* and before it: the narrower one is dropped */
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1), ALLOW) "," READ(EQ(0, 1) "," EQ(1, 1),
	                                                           "'action':'SCMP_ACT_LOG'") "]}",
	  0 },
	/* equal on 32 bits only */
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[" READ(EQ(0, 1), ALLOW) "," READ(
		  EQ(0, 4294967297), "'action':'SCMP_ACT_LOG'") "]}",
	  -EBADMSG },
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1), ALLOW) "," READ(EQ(0, 4294967297),
	                                                           "'action':'SCMP_ACT_LOG'") "]}",
	  0 },
	/* the companions of two rules on socket are one condition */
	{ "{" ERRNO "," X86_AND_X32 ",'syscalls':[{'names':['socket'],'args':[" EQ(
		  0, 1) "]," ALLOW
	                "},{'names':['socket'],'args':[" EQ(0, 2) "],'action':'SCMP_ACT_LOG'}]}",
	  -EBADMSG },
	/* refused too where the call is another ABI's, and there is nothing to compile */
	{ "{" ERRNO ",'syscalls':[{'names':['send'],'args':[" EQ(
		  0, 1) "]," ALLOW
	                "},{'names':['send'],'args':[" EQ(0, 1) "],'action':'SCMP_ACT_LOG'}]}",
	  -EBADMSG },
	/* the same with the same action is nothing */
	{ "{" ERRNO ",'syscalls':[" READ(EQ(0, 1), ALLOW) "," READ(EQ(0, 1), ALLOW) "]}", 0 },
};

static void test_refuses_what_runtimes_refuse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct fixture fixture;
		int r = fixture_parse(&fixture, refusals[i].profile, fixture_host());

		if (r != refusals[i].result)
			fail_msg("row %zu: %d", i, r);
		fixture_free(&fixture);
	}
}

static void test_host(void **state)
{
	unsigned major, minor;
	struct utsname name;
	struct host host;

	(void)state;
	host_here(&host);
	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
	assert_int_equal(host.kernel.major, major);
	assert_int_equal(host.kernel.minor, minor);
	assert_int_equal(host.arch, seccomp_arch_native());
	assert_int_equal(host.caps, 0xa80425fb); /* CapBnd of a Docker container */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolves_as_libseccomp),
		cmocka_unit_test(test_refuses_what_runtimes_refuse),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
