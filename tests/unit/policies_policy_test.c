/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/policy_fixture.h"

#define RULE(words) "{'rules':[{'names':['openat'],'action':'allow'," words "}]}"
#define ARG(words) RULE("'args':[{" words "}]")
#define ACTION(words) "{'rules':[{'names':['openat']," words "}]}"

/* What is wrong, by id, and words of what is said. */
static const struct {
	const char *text;
	const char *id;
	const char *says;
} wrong[] = {
	/* the whole */
	{ "[]", "wrong-type", "a list; expected an object" },
	{ "{}", "no-rules", "expected rules" },
	{ "{'rules':{}}", "wrong-type", "expected a list" },
	{ "{'rule':[]}", "unknown-key", "did you mean \"rules\"?" },
	{ "{'Rules':[]}", "unknown-key", "did you mean \"rules\"?" },
	{ "{'rules':[],'name':3}", "wrong-type", "a number; expected a string" },
	{ "{'rules':[],'name':null}", "wrong-type", "null; expected a string" },
	{ "{'rules':[],'unmatched':'alow'}", "unknown-word", "did you mean \"allow\"?" },
	{ "{'notify':['ptrce']}", "unknown-syscall", "did you mean \"ptrace\"?" },
	{ "{'notify':[1]}", "wrong-type", "expected a string" },
	{ "{'rules':[3]}", "wrong-type", "a number; expected an object" },
	{ "{'rules':[],}", "json", "" },
	/* names and actions */
	{ "{'rules':[{'action':'allow'}]}", "no-names", "expected names" },
	{ "{'rules':[{'names':[],'action':'allow'}]}", "no-names", "expected names" },
	{ "{'rules':[{'names':['opneat'],'action':'allow'}]}", "unknown-syscall",
	  "did you mean \"openat\"?" },
	{ "{'rules':[{'names':['openat']}]}", "missing-action", "expected allow" },
	{ ACTION("'action':'alow'"), "unknown-action", "did you mean \"allow\"?" },
	{ ACTION("'action':'SCMP_ACT_TRAP'"), "unknown-action", "SCMP_ACT_ALLOW" },
	{ ACTION("'action':'errno','errnoRet':'EPREM'"), "unknown-errno", "\"EPERM\"" },
	{ ACTION("'action':'errno','errnoRet':4095"), "wrong-number", "to 4094" },
	{ ACTION("'action':'errno','errnoRet':-1"), "wrong-number", "from 0" },
	{ ACTION("'action':'ask','errnoRet':0"), "wrong-number", "from 1" },
	{ ACTION("'action':'allow','errnoRet':1"), "useless-key", "errno and ask" },
	{ ACTION("'action':'errno','value':1"), "useless-key", "return" },
	{ ACTION("'action':'errno','timeoutSeconds':1"), "useless-key", "ask" },
	{ ACTION("'action':'return'"), "no-value", "expected value" },
	{ ACTION("'action':'return','value':-13"), "wrong-number", "for an errno" },
	{ ACTION("'action':'ask','timeoutSeconds':0"), "wrong-number", "from 1 to 3600" },
	{ RULE("'limit':{'count':1}"), "limit", "expected count and seconds" },
	{ RULE("'limit':{'count':0,'seconds':1}"), "wrong-number", "from 1" },
	{ RULE("'limit':{'count':1,'seconds':86401}"), "wrong-number", "to 86400" },
	{ RULE("'limit':{'count':1,'second':1}"), "unknown-key", "\"seconds\"" },
	{ RULE("'log':1"), "wrong-type", "expected true or false" },
	/* callers */
	{ RULE("'when':{}"), "empty", "expected uid" },
	{ RULE("'when':{'uids':1}"), "unknown-key", "\"uid\"" },
	{ RULE("'when':{'uid':-1}"), "wrong-id", "1000-1999" },
	{ RULE("'when':{'uid':4294967296}"), "wrong-id", "1000-1999" },
	{ RULE("'when':{'uid':'5-4'}"), "wrong-id", "1000-1999" },
	{ RULE("'when':{'uid':'root'}"), "wrong-id", "1000-1999" },
	{ RULE("'when':{'uid':[]}"), "empty", "one id or more" },
	{ RULE("'when':{'exe':'bin/sh'}"), "glob", "an absolute path" },
	{ RULE("'when':{'exe':'/bin/['}"), "glob", "a ] for every [" },
	{ RULE("'when':{'exe':[]}"), "empty", "one string or more" },
	{ RULE("'when':{'process':'exce'}"), "unknown-word", "\"exec\"" },
	{ RULE("'when':{'annotations':{'a':1}}"), "wrong-type", "a string" },
	/* arguments */
	{ RULE("'args':{}"), "wrong-type", "expected a list" },
	{ RULE("'args':['path']"), "wrong-type", "expected an object" },
	{ ARG("'op':'path','value':'/x'"), "no-argument", "exactly one of" },
	{ ARG("'arg':'path','index':1,'op':'path','value':'/x'"), "no-argument", "exactly one" },
	{ ARG("'arg':'pathnam','op':'path','value':'/x'"), "unknown-argument", "\"pathname\"" },
	{ ARG("'arg':'addr','op':'net','value':'*'"), "unknown-argument", "dirfd, pathname" },
	{ ARG("'index':4,'op':'SCMP_CMP_EQ','value':0"), "index", "expected 0 to 3" },
	{ ARG("'index':6,'op':'SCMP_CMP_EQ','value':0"), "index", "expected 0 to 3" },
	{ ARG("'index':0,'value':0"), "unknown-operator", "no operator" },
	{ ARG("'index':0,'op':'SCMP_CMP_EG','value':0"), "unknown-operator", "SCMP_CMP_EQ" },
	{ ARG("'index':0,'op':'flag','value':{}"), "unknown-operator", "did you mean \"flags\"?" },
	{ ARG("'index':0,'op':'SCMP_CMP_EQ'"), "no-value", "expected one" },
	{ ARG("'index':0,'op':'SCMP_CMP_EQ','value':0,'valueTwo':1"), "useless-value", "MASKED" },
	{ ARG("'index':2,'op':'SCMP_CMP_MASKED_EQ','value':1"), "no-value", "valueTwo" },
	{ ARG("'index':2,'op':'SCMP_CMP_MASKED_EQ','value':1,'valueTwo':2"), "bits-outside-mask",
	  "" },
	{ ARG("'index':2,'op':'SCMP_CMP_EQ','value':'O_CREATE'"), "unknown-constant",
	  "\"O_CREAT\"" },
	{ ARG("'index':2,'op':'SCMP_CMP_EQ','value':'O_RDWR|'"), "unknown-constant", "flags" },
	{ ARG("'index':2,'op':'SCMP_CMP_EQ','value':4294967296"), "too-wide", "32 bits" },
	{ ARG("'index':2,'op':'SCMP_CMP_EQ','value':1.5"), "wrong-number", "integer" },
	{ ARG("'index':2,'op':'SCMP_CMP_EQ','value':[1]"), "wrong-type", "a number or a name" },
	{ ARG("'index':2,'op':'in','value':[]"), "empty", "one value or more" },
	{ ARG("'index':2,'op':'flags','value':'O_CREAT'"), "flags", "all, any and none" },
	{ ARG("'index':2,'op':'flags','value':{}"), "empty", "all, any or none" },
	{ ARG("'index':2,'op':'flags','value':{'all':[]}"), "empty", "one flag" },
	{ ARG("'index':2,'op':'flags','value':{'all':[0]}"), "no-bits", "with bits" },
	{ ARG("'index':2,'op':'flags','value':{'every':1}"), "unknown-key", "all, any, none" },
	{ ARG("'index':1,'op':'SCMP_CMP_EQ','value':7"), "pointer", "is a pointer" },
	{ ARG("'index':1,'op':'flags','value':{'all':1}"), "flags", "has no flags" },
	{ ARG("'index':2,'op':'path','value':'/x'"), "op-type", "is no path" },
	{ ARG("'index':2,'op':'string','value':'/x'"), "op-type", "is no string" },
	{ ARG("'index':1,'op':'net','value':'*'"), "op-type", "is no socket address" },
	{ ARG("'index':1,'op':'path','value':'etc'"), "glob", "an absolute path" },
	{ ARG("'index':1,'op':'path','value':'/a/../b'"), "glob", "resolved first" },
	{ ARG("'index':1,'op':'path','value':'/a//b'"), "glob", "resolved first" },
	{ ARG("'index':1,'op':'path','value':3"), "wrong-type", "a list of strings" },
	{ ARG("'field':'open_how.flags','op':'in','value':0"), "unknown-field", "takes no struct" },
	{ "{'rules':[{'names':['openat2'],'action':'allow','args':[{'field':'open_how.flag',"
	  "'op':'in','value':0}]}]}",
	  "unknown-field", "\"flags\"" },
	{ "{'rules':[{'names':['connect'],'action':'allow','args':[{'arg':'addr','op':'net',"
	  "'value':'10.0.0.1/8'}]}]}",
	  "address", "beyond the prefix" },
	/* classes */
	{ "{'rules':[{'names':['clone3'],'action':'allow','args':[{'field':'clone_args.flags',"
	  "'op':'flags','value':{'none':'CLONE_NEWUSER'}}]}]}",
	  "not-advisory", "\"advisory\": true" },
	/* also where another ABI alone has the call */
	{ "{'rules':[{'names':['truncate64'],'action':'errno','args':[{'arg':'path','op':'path',"
	  "'value':'/x'}]}]}",
	  "not-advisory", "memory of a truncate64" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct policy_fixture fixture;
		int r = policy_fixture_parse(&fixture, wrong[i].text);

		if (r != -EBADMSG || fixture.policy ||
		    (strcmp(wrong[i].id, "json") != 0 &&
		     !policy_fixture_says(&fixture, wrong[i].id, wrong[i].says))) {
			policy_fixture_print(&fixture);
			fail_msg("%s: %d", wrong[i].text, r);
		}
		policy_fixture_free(&fixture);
	}
}

/* All the errors of a file, each at its place; the same words for four syscalls once. */
static void test_all_errors(void **state)
{
	static const char text[] =
		"{'rules': [\n"
		" {'names': ['openat', 'open', 'creat', 'openat2'], 'action': 'alow',\n"
		"  'args': [{'arg': 'path', 'op': 'path', 'value': 'x'}]},\n"
		" {'names': ['soket'], 'action': 'allow', 'cmoment': ''}]}";
	static const struct {
		const char *id;
		unsigned line;
		const char *pointer;
	} expected[] = {
		{ "unknown-action", 2, "/rules/0/action" },
		{ "glob", 3, "/rules/0/args/0/value" },
		{ "unknown-key", 4, "/rules/1/cmoment" },
		{ "unknown-syscall", 4, "/rules/1/names/0" },
	};
	struct policy_fixture fixture;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, text), -EBADMSG);
	assert_int_equal(fixture.diags.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_string_equal(fixture.diags.list[i].id, expected[i].id);
		assert_int_equal(fixture.diags.list[i].place.line, expected[i].line);
		assert_string_equal(fixture.diags.list[i].pointer, expected[i].pointer);
	}
	policy_fixture_free(&fixture);
}

static void test_whole(void **state)
{
	static const char text[] =
		"{'name':'web','profile':'docker-default','notify':['ptrace'],'unmatched':'allow',"
		"'comment':'c','$schema':'s','rules':["
		"{'names':['socket'],'action':'SCMP_ACT_ALLOW','comment':'why'},\n"
		"{'names':['socket'],'action':'SCMP_ACT_ERRNO'},"
		"{'names':['socket'],'action':'errno','errnoRet':'EAGAIN','log':true},"
		"{'names':['socket'],'action':'return','value':'0x10','log':false},"
		"{'names':['socket'],'action':'SCMP_ACT_KILL_PROCESS'},"
		"{'names':['socket'],'action':'ask','timeoutSeconds':9,'errnoRet':13,"
		"'limit':{'count':2,'seconds':3}}]}";
	static const struct {
		enum policy_action action;
		uint16_t error;
		int64_t value;
		uint16_t seconds;
		enum policy_log log;
	} expected[] = {
		{ POLICY_ALLOW, 0, 0, 0, POLICY_LOG_DEFAULT },
		{ POLICY_ERRNO, EPERM, 0, 0, POLICY_LOG_DEFAULT },
		{ POLICY_ERRNO, EAGAIN, 0, 0, POLICY_LOG_ALWAYS },
		{ POLICY_RETURN, 0, 16, 0, POLICY_LOG_NEVER },
		{ POLICY_KILL, EPERM, 0, 0, POLICY_LOG_DEFAULT },
		{ POLICY_ASK, EACCES, 0, 9, POLICY_LOG_DEFAULT },
	};
	struct policy_fixture fixture;
	const struct policy *policy;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, text), 0);
	policy = fixture.policy;
	assert_string_equal(policy->name, "web");
	assert_string_equal(policy->profile, "docker-default");
	assert_string_equal(policy->file, "test.json");
	assert_true(policy->allow_unmatched);
	assert_int_equal(policy->generation, 7);
	assert_int_equal(policy->n_rules, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct policy_rule *rule = &policy->rules[i];

		assert_int_equal(rule->index, i);
		assert_int_equal(rule->action, expected[i].action);
		assert_int_equal(rule->error, expected[i].error);
		assert_int_equal(rule->value, expected[i].value);
		assert_int_equal(rule->ask_seconds, expected[i].seconds);
		assert_int_equal(rule->log, expected[i].log);
	}
	assert_string_equal(policy->rules[0].comment, "why");
	assert_int_equal(policy->rules[0].place.line, 1);
	assert_int_equal(policy->rules[1].place.line, 2);
	assert_int_equal(policy->rules[5].limit.count, 2);
	assert_int_equal(policy->n_limits, 1);
	policy_fixture_free(&fixture);
}

/* A name that this architecture does not have is said, and no error. */
static void test_not_here(void **state)
{
	struct policy_fixture fixture;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture, "{'notify':['s390_pci_mmio_read']}"), 0);
	assert_true(policy_fixture_says(&fixture, "not-here", "x86_64"));
	policy_fixture_free(&fixture);
}

static void test_recognised(void **state)
{
	static const struct {
		const char *text;
		bool policy;
	} rows[] = {
		{ "{\"rules\":[]}", true },
		{ "{\"notify\":[],\"name\":\"x\"}", true },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"rules\":[]}", false },
		{ "{\"syscalls\":[]}", false },
		{ "{}", false },
		{ "[]", false },
		{ "{\"rules\":", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(policy_recognised(rows[i].text, strlen(rows[i].text)),
		                 rows[i].policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),      cmocka_unit_test(test_all_errors),
		cmocka_unit_test(test_whole),      cmocka_unit_test(test_not_here),
		cmocka_unit_test(test_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
