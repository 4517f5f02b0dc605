/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/fake_view.h"
#include "tests/support/policy_fixture.h"
#include "tests/support/profile_fixture.h"

#define RULE(name, action) "{'names':['" name "'],'action':'SCMP_ACT_" action "'}"
#define NUMBERED(name, action, number)                                                             \
	"{'names':['" name "'],'action':'SCMP_ACT_" action "','errnoRet':" #number "}"

static const char profile[] = "{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':12,'syscalls':["
	/* 0 */ RULE("read", "ALLOW") "," /* 1 */ RULE("write", "LOG") ","
	/* 2 */ NUMBERED("open", "ERRNO", 13) ","
	/* 3 */ NUMBERED("close", "ERRNO", 0) ","
	/* 4 */ RULE("stat", "NOTIFY") "," /* 5 */ NUMBERED("fstat", "TRACE", 7) ","
	/* 6 */ RULE("lstat", "TRAP") "," /* 7 */ RULE("poll", "KILL") ","
	/* 8 */ RULE("lseek", "KILL_PROCESS") "," /* 9 */ RULE("shmdt", "ALLOW") "]}";

static const struct {
	int nr;
	enum verdict_kind enforce;
	enum verdict_kind complain;
	uint16_t error;
	enum decided_by by;
	int rule;
} rows[] = {
	{ 0, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 0 },
	{ 1, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 1 },
	{ 2, VERDICT_DENY, VERDICT_WOULD, 13, DECIDED_BY_RULE, 2 },
	{ 3, VERDICT_DENY, VERDICT_WOULD, 0, DECIDED_BY_RULE, 3 },      /* skipped, returns 0 */
	{ 4, VERDICT_DENY, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 4 },  /* nobody to ask */
	{ 5, VERDICT_DENY, VERDICT_WOULD, ENOSYS, DECIDED_BY_RULE, 5 }, /* no tracer */
	{ 6, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 6 },
	{ 7, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 7 },
	{ 8, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_RULE, 8 },
	{ 9, VERDICT_DENY, VERDICT_WOULD, 12, DECIDED_BY_DEFAULT, -1 },
	{ 67, VERDICT_ALLOW, VERDICT_ALLOW, 0, DECIDED_BY_RULE, 9 },
	{ 68, VERDICT_DENY, VERDICT_WOULD, ENOSYS, DECIDED_BY_NEWER, -1 },
	{ 0x40000000, VERDICT_KILL, VERDICT_WOULD, EPERM, DECIDED_BY_BAD_ARCH, -1 },
};

/* Mode ask decides as enforce does, until a person is asked; of ENOSYS nobody is. */
static uint16_t asks(size_t row, enum mode mode)
{
	return mode == MODE_ASK && rows[row].enforce != VERDICT_ALLOW && rows[row].error != ENOSYS
	               ? ASK_SECONDS_DEFAULT
	               : 0;
}

static void check(const struct fixture *fixture, size_t row, enum mode mode)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64, .nr = rows[row].nr };
	enum verdict_kind kind = mode == MODE_COMPLAIN ? rows[row].complain : rows[row].enforce;
	struct decision decision;
	struct verdict verdict;

	ruleset_evaluate(fixture->ruleset, &call, &decision);
	decide(&(struct decider){ .ruleset = fixture->ruleset, .mode = mode },
	       &(struct view){ .call = &call }, &verdict);
	if (verdict.kind != kind || verdict.error != rows[row].error ||
	    verdict.by != rows[row].by || verdict.rule != rows[row].rule ||
	    verdict.ask_seconds != asks(row, mode) ||
	    !action_equal(verdict.action, decision.action))
		fail_msg("nr %d mode %u: kind %u error %u by %u rule %d", call.nr, mode,
		         verdict.kind, verdict.error, verdict.by, verdict.rule);
}

static void test_verdicts(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, profile, fixture_host()), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		check(&fixture, i, MODE_ENFORCE);
		check(&fixture, i, MODE_COMPLAIN);
		check(&fixture, i, MODE_ASK);
	}
	fixture_free(&fixture);
}

/* A verdict nobody made denies. */
static void test_zero_denies(void **state)
{
	const struct verdict verdict = { 0 };

	(void)state;
	assert_int_equal(verdict.kind, VERDICT_DENY);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(mode_name(MODE_ENFORCE), "enforce");
	assert_string_equal(mode_name(MODE_COMPLAIN), "complain");
	assert_string_equal(verdict_name(VERDICT_WOULD), "WOULD");
	assert_string_equal(verdict_json_name(VERDICT_WOULD), "would_deny");
	for (unsigned kind = 0; kind < VERDICT_KIND_COUNT; kind++) {
		assert_non_null(verdict_name(kind));
		assert_non_null(verdict_json_name(kind));
	}
}

/* ---- with a policy */

#define SYSCALL(name) seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name)

static uint64_t clock_ms;

static uint64_t now_ms(void)
{
	return clock_ms;
}

/* A profile, a policy and a caller, and what decides by them. */
struct decided {
	struct fixture fixture;
	struct policy_fixture policy;
	struct fake_view fake;
	_Atomic uint64_t limits[POLICY_LIMITS_MAX];
	enum mode mode;
	struct verdict verdict;
};

/* Denies with errno 12 what it does not name. */
static const char plain_profile[] =
	"{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':12,'architectures':['SCMP_ARCH_X86_64'"
	","
	"'SCMP_ARCH_X86'],'syscalls':[{'names':['openat','connect','sendto','execve','mount','mmap'"
	"],"
	"'action':'SCMP_ACT_ALLOW'},{'names':['stat'],'action':'SCMP_ACT_NOTIFY'},"
	"{'names':['poll'],'action':'SCMP_ACT_KILL'}]}";

static void decided_open(struct decided *decided, const char *policy)
{
	memset(decided, 0, sizeof(*decided));
	assert_int_equal(fixture_parse(&decided->fixture, plain_profile, fixture_host()), 0);
	if (policy_fixture_parse(&decided->policy, policy) < 0) {
		policy_fixture_print(&decided->policy);
		fail();
	}
	decided->fake.call.arch = AUDIT_ARCH_X86_64;
}

static void decided_close(struct decided *decided)
{
	policy_fixture_free(&decided->policy);
	fixture_free(&decided->fixture);
}

static const struct verdict *ask(struct decided *decided, int nr)
{
	const struct decider decider = {
		.ruleset = decided->fixture.ruleset,
		.mode = decided->mode,
		.policy = decided->policy.policy,
		.limits = decided->limits,
		.now_ms = now_ms,
	};

	decided->fake.call.nr = nr;
	decide(&decider, fake_view(&decided->fake), &decided->verdict);
	return &decided->verdict;
}

static void expect(const struct verdict *verdict, enum verdict_kind kind, unsigned error, int rule)
{
	if (verdict->kind != kind || verdict->error != error || verdict->policy_rule != rule)
		fail_msg("kind %u error %u rule %d", verdict->kind, verdict->error,
		         verdict->policy_rule);
	assert_int_equal(verdict->silent, kind == VERDICT_ALLOW);
}

static void test_actions(void **state)
{
	static const char policy[] = "{'rules':[{'names':['mkdir'],'action':'allow'},"
				     "{'names':['rmdir'],'action':'errno','errnoRet':'EIO'},"
				     "{'names':['chown'],'action':'return','value':5},{'names':['"
				     "kill'],'action':'kill'},"
				     "{'names':['ptrace'],'action':'ask','timeoutSeconds':9},"
				     "{'names':['openat'],'action':'errno','when':{'uid':7}}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_ALLOW, 0, 0);
	expect(ask(&decided, SYSCALL("rmdir")), VERDICT_DENY, EIO, 1);
	assert_int_equal(decided.verdict.action.kind, ACTION_ERRNO);
	assert_int_equal(decided.verdict.generation, 7);
	expect(ask(&decided, SYSCALL("chown")), VERDICT_RETURN, 0, 2);
	assert_int_equal(decided.verdict.value, 5);
	expect(ask(&decided, SYSCALL("kill")), VERDICT_KILL, EPERM, 3);
	expect(ask(&decided, SYSCALL("ptrace")), VERDICT_DENY, EPERM, 4);
	assert_int_equal(decided.verdict.ask_seconds, 9);
	/* no rule matches, or none names it: the profile */
	expect(ask(&decided, SYSCALL("openat")), VERDICT_ALLOW, 0, -1);
	assert_int_equal(decided.verdict.rule, 0);
	expect(ask(&decided, SYSCALL("unlink")), VERDICT_DENY, 12, -1);
	assert_int_equal(decided.verdict.generation, 0);
	/* complain mode answers everything by CONTINUE, and asks nobody */
	decided.mode = MODE_COMPLAIN;
	expect(ask(&decided, SYSCALL("ptrace")), VERDICT_WOULD, EPERM, 4);
	assert_int_equal(decided.verdict.ask_seconds, 0);
	expect(ask(&decided, SYSCALL("chown")), VERDICT_WOULD, 0, 2);
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_ALLOW, 0, 0);
	decided_close(&decided);
}

static void test_order_and_limit(void **state)
{
	static const char policy[] =
		"{'rules':[{'names':['mkdir'],'action':'allow','limit':{'count':2,'seconds':1},"
		"'args':[{'arg':'mode','op':'in','value':[448]}]},"
		"{'names':['mkdir'],'action':'errno','errnoRet':'EAGAIN'},"
		"{'names':['mkdir'],'action':'kill'}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	clock_ms = 1000;
	for (int i = 0; i < 5; i++) /* what does not match takes nothing from the limit */
		expect(ask(&decided, SYSCALL("mkdir")), VERDICT_DENY, EAGAIN, 1);
	decided.fake.call.args[1] = 448;
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_ALLOW, 0, 0);
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_ALLOW, 0, 0);
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_DENY, EAGAIN, 1);
	clock_ms = 2000;
	expect(ask(&decided, SYSCALL("mkdir")), VERDICT_ALLOW, 0, 0);
	decided_close(&decided);
}

static void test_log(void **state)
{
	static const char policy[] = "{'rules':[{'names':['mkdir'],'action':'allow','log':true},"
				     "{'names':['rmdir'],'action':'errno','log':false}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	assert_false(ask(&decided, SYSCALL("mkdir"))->silent);
	assert_true(ask(&decided, SYSCALL("rmdir"))->silent);
	decided_close(&decided);
}

static void test_unmatched(void **state)
{
	struct decided decided;

	(void)state;
	decided_open(&decided, "{'rules':[]}");
	expect(ask(&decided, SYSCALL("stat")), VERDICT_DENY, EPERM, -1);
	decided_close(&decided);
	decided_open(&decided, "{'unmatched':'allow','rules':[]}");
	expect(ask(&decided, SYSCALL("stat")), VERDICT_ALLOW, 0, -1);
	expect(ask(&decided, SYSCALL("unlink")), VERDICT_DENY, 12, -1); /* not that */
	decided_close(&decided);
}

/* What is looked at in memory is not answered by CONTINUE, whoever allows it. */
static void test_allow_by(void **state)
{
	static const char policy[] =
		"{'rules':[{'names':['openat','mkdir'],'action':'errno','errnoRet':'EACCES',"
		"'args':[{'arg':'path','op':'path','value':'/secret/**'}]},"
		"{'names':['execve'],'action':'allow','args':[{'arg':'path','op':'path',"
		"'value':'/usr/**'}]},"
		"{'names':['connect','sendto'],'action':'allow','args':[{'arg':'addr','op':'net',"
		"'value':['*']}]},"
		"{'names':['mount'],'action':'allow','advisory':true,'args':[{'arg':"
		"'filesystemtype','op':'string','value':'tmpfs'}]}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	decided.fake.path = "/secret/key";
	expect(ask(&decided, SYSCALL("openat")), VERDICT_DENY, EACCES, 0);
	decided.fake.path = "/tmp/x";
	expect(ask(&decided, SYSCALL("openat")), VERDICT_ALLOW, 0, -1);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_PERFORM);
	decided.fake.path = "/usr/bin/true";
	expect(ask(&decided, SYSCALL("execve")), VERDICT_ALLOW, 0, 1);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_FREEZE);
	decided.fake.string = "tmpfs";
	expect(ask(&decided, SYSCALL("mount")), VERDICT_ALLOW, 0, 3);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_CONTINUE);
	/* the peer of an AF_UNIX socket is told who connects */
	memcpy(decided.fake.call.args, ((uint64_t[]){ 3, 1, 2, 0, 1, 2 }),
	       sizeof(decided.fake.call.args));
	decided.fake.bytes = "\1\0";
	decided.fake.length = 2;
	expect(ask(&decided, SYSCALL("connect")), VERDICT_ALLOW, 0, 2);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_FREEZE);
	decided.fake.bytes = "\2\0";
	expect(ask(&decided, SYSCALL("connect")), VERDICT_ALLOW, 0, 2);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_PERFORM);
	expect(ask(&decided, SYSCALL("sendto")), VERDICT_ALLOW, 0, 2);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_PERFORM);
	decided.mode = MODE_COMPLAIN;
	expect(ask(&decided, SYSCALL("connect")), VERDICT_ALLOW, 0, 2);
	assert_int_equal(decided.verdict.allow_by, ALLOW_BY_CONTINUE);
	decided_close(&decided);
}

/* What cannot be seen is refused: as the call would have failed where it would be made or let go
 * on. */
static void test_doubt(void **state)
{
	static const struct {
		const char *args;
		const char *syscall;
		int view;
		unsigned error;
	} doubts[] = {
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "openat", EFAULT, EFAULT },
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "openat", ELOOP, ELOOP },
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "openat", ESRCH, 12 },
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "unlink", EFAULT, EFAULT },
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "execve", ENOENT, ENOENT },
		{ "'args':[{'arg':'path','op':'path','value':'/x'}],", "execve", ESRCH, 12 },
		{ "", "openat", EACCES, 12 },
		{ "", "unlink", EACCES, 12 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++)
		for (int allow = 0; allow < 2; allow++) {
			struct decided decided;
			char text[512];

			snprintf(text, sizeof(text),
			         "{'rules':[{'names':['%s'],'action':'%s',%s'when':{'exe':'**'}}]}",
			         doubts[i].syscall, allow ? "allow" : "errno", doubts[i].args);
			decided_open(&decided, text);
			decided.fake.caller.exe = (struct view_bytes){ "/bin/sh", 7 };
			decided.fake.error = doubts[i].view;
			expect(ask(&decided, SYSCALL(doubts[i].syscall)), VERDICT_DENY,
			       doubts[i].error, 0);
			assert_int_equal(decided.verdict.doubt, doubts[i].view);
			decided_close(&decided);
		}
}

/* What the registers rule out is not looked up in memory. */
static void test_registers_first(void **state)
{
	static const char policy[] = "{'rules':[{'names':['openat'],'action':'errno','args':["
				     "{'arg':'path','op':'path','value':'/x'},"
				     "{'arg':'flags','op':'flags','value':{'all':'O_CREAT'}}]}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	expect(ask(&decided, SYSCALL("openat")), VERDICT_ALLOW, 0, -1);
	assert_int_equal(decided.fake.asked, 0);
	decided.fake.call.args[2] = 0100;
	expect(ask(&decided, SYSCALL("openat")), VERDICT_DENY, EFAULT, 0);
	assert_int_equal(decided.fake.asked, 1);
	decided_close(&decided);
}

/* Other ABIs: judged where the arguments are seen, in doubt where not, the profile's if foreign. */
static void test_abis(void **state)
{
	static const char policy[] =
		"{'rules':[{'names':['socket'],'action':'allow','args':[{'index':0,'op':'in',"
		"'value':'AF_UNIX'}]},{'names':['listen'],'action':'allow'},"
		"{'names':['connect'],'action':'errno','args':[{'arg':'addr','op':'net','value':"
		"'10.0.0.1'}]},{'names':['connect'],'action':'allow'}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	decided.fake.call.arch = AUDIT_ARCH_I386;
	decided.fake.call.args[0] = 1;
	expect(ask(&decided, 359), VERDICT_ALLOW, 0, 0); /* socket */
	expect(ask(&decided, 102), VERDICT_DENY, 12, 0); /* socketcall(SYS_SOCKET) */
	assert_int_equal(decided.verdict.doubt, EOPNOTSUPP);
	decided.fake.call.args[0] = 4;
	expect(ask(&decided, 102), VERDICT_ALLOW, 0, 1); /* socketcall(SYS_LISTEN) */
	decided.fake.call.args[0] = 3;
	expect(ask(&decided, 102), VERDICT_DENY, 12, 2); /* socketcall(SYS_CONNECT) */
	decided.fake.call.args[0] = 5;
	expect(ask(&decided, 102), VERDICT_DENY, 12, -1); /* no rule: the profile */
	decided.fake.call.arch = AUDIT_ARCH_X86_64;
	decided.fake.call.args[0] = 1;
	/* x32 is not in the profile, so the policy has no say either */
	expect(ask(&decided, 0x40000000 | SYSCALL("socket")), VERDICT_KILL, EPERM, -1);
	decided_close(&decided);
}

/* A multiplexed call that would have to be performed cannot be. */
static void test_muxed_performed(void **state)
{
	static const char policy[] =
		"{'rules':[{'names':['connect'],'action':'allow'},{'names':['connect'],'action':"
		"'errno','args':[{'arg':'addr','op':'net','value':'10.0.0.1'}]}]}";
	struct decided decided;

	(void)state;
	decided_open(&decided, policy);
	decided.fake.call.arch = AUDIT_ARCH_I386;
	decided.fake.call.args[0] = 3;
	expect(ask(&decided, 102), VERDICT_DENY, 12, 0);
	assert_int_equal(decided.verdict.doubt, EOPNOTSUPP);
	decided_close(&decided);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_zero_denies),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_order_and_limit),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_unmatched),
		cmocka_unit_test(test_allow_by),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_registers_first),
		cmocka_unit_test(test_abis),
		cmocka_unit_test(test_muxed_performed),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
