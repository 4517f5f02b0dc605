/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/profile_patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/diags_text.h"
#include "tests/support/profile_fixture.h"

/* ---- the change that most tests make */

static const char *names[] = { "statx", "swapon" };
static const struct comparison flag = { 2, COMPARE_MASKED_EQ, 0xffffffff, 1 };

static const struct patch_rule plain = {
	.names = names,
	.n_names = 1,
	.action = { ACTION_ALLOW, 0 },
};
static const struct patch_rule full = {
	.names = names,
	.n_names = 2,
	.action = { ACTION_ERRNO, ENOSYS },
	.args = &flag,
	.n_args = 1,
	.comment = "why \"x\"",
};

static struct profile *parse(const char *json, size_t len)
{
	struct profile *profile = NULL;
	struct diags diags;

	diags_init(&diags, "test");
	assert_int_equal(profile_parse("test", "test", json, len, &diags, &profile), 0);
	diags_deinit(&diags);
	return profile;
}

/* Patches text and returns the new one, which reads as a profile; malloc'ed. */
static char *patched(const char *json, const struct patch *patch)
{
	struct profile *profile = parse(json, strlen(json));
	const struct patch_source source = { profile, json, strlen(json) };
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(profile_patch(&source, patch, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	profile_free(profile);
	profile_free(parse(text, len));
	return text;
}

/* ---- rules that come */

#define D "'defaultAction':'SCMP_ACT_ERRNO'"
#define READ "{'names':['read'],'action':'SCMP_ACT_ALLOW'}"
#define STATX "{'names':['statx'],'action':'SCMP_ACT_ALLOW'}"

static const struct {
	const char *before;
	const struct patch_rule *rule;
	const char *after;
} added[] = {
	/* one line */
	{ "{" D ",'syscalls':[" READ "]}", &plain, "{" D ",'syscalls':[" READ ", " STATX "]}" },
	{ "{" D ",'syscalls':[" READ "," READ "]}", &plain,
	  "{" D ",'syscalls':[" READ "," READ "," STATX "]}" },
	{ "{" D ",'syscalls':[]}", &plain,
	  "{" D ",'syscalls':[{'names':['statx'], 'action':'SCMP_ACT_ALLOW'}]}" },
	{ "{" D ",'syscalls':null}", &plain,
	  "{" D ",'syscalls':[{'names':['statx'], 'action':'SCMP_ACT_ALLOW'}]}" },
	{ "{" D "}", &plain,
	  "{" D ",'syscalls':[{'names':['statx'], 'action':'SCMP_ACT_ALLOW'}]}" },
	/* the keys as the file has them, and no newline at the end */
	{ "{" D ",'SysCalls':[" READ "," READ "] }\n\n", &plain,
	  "{" D ",'SysCalls':[" READ "," READ "," STATX "] }\n\n" },
	/* the author's layout */
	{ "{\n  " D
	  ",\n  'syscalls': [\n    {\n      'names': [\n        'read',\n        'write'\n"
	  "      ],\n      'action': 'SCMP_ACT_ALLOW'\n    }\n  ]\n}\n",
	  &plain,
	  "{\n  " D
	  ",\n  'syscalls': [\n    {\n      'names': [\n        'read',\n        'write'\n"
	  "      ],\n      'action': 'SCMP_ACT_ALLOW'\n    },\n    {\n      'names': [\n"
	  "        'statx'\n      ],\n      'action': 'SCMP_ACT_ALLOW'\n    }\n  ]\n}\n" },
	{ "{\n\t" D ",\n\t'syscalls' : [\n\t\t{'names' : ['read', 'write'], "
	  "'action' : 'SCMP_ACT_ALLOW'}\n\t]\n}",
	  &plain,
	  "{\n\t" D ",\n\t'syscalls' : [\n\t\t{'names' : ['read', 'write'], "
	  "'action' : 'SCMP_ACT_ALLOW'},\n\t\t{'names' : ['statx'], "
	  "'action' : 'SCMP_ACT_ALLOW'}\n\t]\n}" },
	{ "{\r\n  " D ",\r\n  'syscalls': [\r\n    " READ ",\r\n    " READ "\r\n  ]\r\n}\r\n",
	  &plain,
	  "{\r\n  " D ",\r\n  'syscalls': [\r\n    " READ ",\r\n    " READ ",\r\n    " STATX
	  "\r\n  ]\r\n}\r\n" },
	/* a list that has nothing to learn from */
	{ "{\n  " D ",\n  'syscalls': []\n}\n", &plain,
	  "{\n  " D ",\n  'syscalls': [\n    {\n      'names':[\n        'statx'\n      ],\n"
	  "      'action':'SCMP_ACT_ALLOW'\n    }\n  ]\n}\n" },
	{ "{\n  " D "\n}\n", &plain,
	  "{\n  " D ",\n  'syscalls':[\n    {\n      'names':[\n        'statx'\n      ],\n"
	  "      'action':'SCMP_ACT_ALLOW'\n    }\n  ]\n}\n" },
	/* conditions, errno and comment, in Docker's dialect, podman's and the runtime-spec's */
	{ "{" D ",'archMap':[],'syscalls':[]}", &full,
	  "{" D ",'archMap':[],'syscalls':[{'names':['statx', 'swapon'], "
	  "'action':'SCMP_ACT_ERRNO', 'errnoRet':38, 'args':[{'index':2, 'value':4294967295, "
	  "'valueTwo':1, 'op':'SCMP_CMP_MASKED_EQ'}], 'comment':'why \\'x\\''}]}" },
	{ "{" D ",'defaultErrno':'EPERM','syscalls':[]}", &full,
	  "{" D ",'defaultErrno':'EPERM','syscalls':[{'names':['statx', 'swapon'], "
	  "'action':'SCMP_ACT_ERRNO', 'errnoRet':38, 'errno':'ENOSYS', 'args':[{'index':2, "
	  "'value':4294967295, 'valueTwo':1, 'op':'SCMP_CMP_MASKED_EQ'}], "
	  "'comment':'why \\'x\\''}]}" },
	{ "{'linux':{'seccomp':{" D ",'syscalls':[]},'x':1},'ociVersion':'1'}", &full,
	  "{'linux':{'seccomp':{" D ",'syscalls':[{'names':['statx', 'swapon'], "
	  "'action':'SCMP_ACT_ERRNO', 'errnoRet':38, 'args':[{'index':2, 'value':4294967295, "
	  "'valueTwo':1, 'op':'SCMP_CMP_MASKED_EQ'}]}]},'x':1},'ociVersion':'1'}" },
};

static void test_adds_a_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(added); i++) {
		_cleanup_free_ char *before = with_quotes(added[i].before);
		_cleanup_free_ char *after = with_quotes(added[i].after);
		const struct patch patch = { .rules = added[i].rule, .n_rules = 1 };
		_cleanup_free_ char *text = patched(before, &patch);

		assert_string_equal(text, after);
	}
}

/* ---- names that go */

#define RULE(list) "{'names':[" list "],'action':'SCMP_ACT_TRAP'}"

/* Takes every 'x' out of every rule; and, where adds is set, adds a rule. */
static const struct {
	const char *before;
	bool adds;
	const char *after;
} removed[] = {
	{ "[" RULE("'x', 'a'") "]", false, "[" RULE("'a'") "]" },
	{ "[" RULE("'a', 'x'") "]", false, "[" RULE("'a'") "]" },
	{ "[" RULE("'a' , 'x' , 'b'") "]", false, "[" RULE("'a' , 'b'") "]" },
	{ "[" RULE("'x','a','x','x','b','x'") "]", false, "[" RULE("'a','b'") "]" },
	{ "[" RULE("'x'") ", " RULE("'b'") "]", false, "[" RULE("'b'") "]" },
	{ "[" RULE("'b'") ", " RULE("'x', 'x'") " ]", false, "[" RULE("'b'") " ]" },
	{ "[{'name':'x','action':'SCMP_ACT_TRAP'},\n" RULE("'b'") "]", false, "[" RULE("'b'") "]" },
	{ "[ " RULE("'x'") " ]", false, "[  ]" },
	{ "[ " RULE("'x'") " ]", true, "[ " STATX " ]" },
	{ "[" RULE("'b'") "," RULE("'x'") "]", true, "[" RULE("'b'") "," STATX "]" },
	{ "[" RULE("'x'") "," RULE("'x'") "]", true, "[" STATX "]" },
};

static void test_takes_a_name_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(removed); i++) {
		const struct rule rules[] = { { .index = 0 }, { .index = 1 } };
		const struct patch_removal removals[] = { { &rules[0], "x" }, { &rules[1], "x" } };
		const struct patch patch = { &plain, removed[i].adds, removals, 2 };
		_cleanup_free_ char *before = NULL, *after = NULL, *text = NULL, *quoted = NULL;

		assert_true(asprintf(&quoted, "{" D ",'syscalls':%s}", removed[i].before) > 0);
		before = with_quotes(quoted);
		free(quoted);
		assert_true(asprintf(&quoted, "{" D ",'syscalls':%s}", removed[i].after) > 0);
		after = with_quotes(quoted);
		text = patched(before, &patch);
		assert_string_equal(text, after);
	}
}

/* ---- RFC 6902 */

static const struct {
	const char *before;
	const char *operations;
} operations[] = {
	{ "{" D ",'syscalls':[" RULE("'x','a','x'") "," RULE("'x'") "]}",
	  "[{'op':'remove','path':'/syscalls/1'},\n"
	  " {'op':'remove','path':'/syscalls/0/names/2'},\n"
	  " {'op':'remove','path':'/syscalls/0/names/0'},\n"
	  " {'op':'add','path':'/syscalls/-','value':" STATX "}]\n" },
	{ "{'linux':{'seccomp':{" D "}}}",
	  "[{'op':'add','path':'/linux/seccomp/syscalls','value':[]},\n"
	  " {'op':'add','path':'/linux/seccomp/syscalls/-','value':" STATX "}]\n" },
	{ "{" D ",'SYSCALLS':[]}", "[{'op':'add','path':'/SYSCALLS/-','value':" STATX "}]\n" },
};

static void test_as_json_patch(void **state)
{
	const struct rule rules[] = { { .index = 0 }, { .index = 1 } };
	const struct patch_removal removals[] = { { &rules[0], "x" }, { &rules[1], "x" } };
	const struct patch patch = { &plain, 1, removals, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		_cleanup_free_ char *json = with_quotes(operations[i].before);
		_cleanup_free_ char *wanted = with_quotes(operations[i].operations), *text = NULL;
		struct profile *profile = parse(json, strlen(json));
		const struct patch_source source = { profile, json, strlen(json) };
		size_t len;
		FILE *out = open_memstream(&text, &len);

		assert_int_equal(profile_patch_json(&source, &patch, out), 0);
		fclose(out);
		assert_string_equal(text, wanted);
		profile_free(profile);
	}
}

/* ---- as a policy */

static void test_as_policy(void **state)
{
	static const struct patch_rule rules[] = {
		{ names, 1, { ACTION_ALLOW, 0 }, NULL, 0, NULL },
		{ names, 2, { ACTION_ERRNO, ENOSYS }, &flag, 1, "why" },
	};
	static const char wanted[] =
		"{\n\t'profile': 'my.json',\n\t'rules': [\n\t\t{\n\t\t\t'names': ['statx'],\n"
		"\t\t\t'action': 'SCMP_ACT_ALLOW'\n\t\t},\n\t\t{\n"
		"\t\t\t'names': ['statx', 'swapon'],\n\t\t\t'action': 'SCMP_ACT_ERRNO',\n"
		"\t\t\t'errnoRet': 38,\n\t\t\t'args': [\n\t\t\t\t{\n\t\t\t\t\t'index': 2,\n"
		"\t\t\t\t\t'value': 4294967295,\n\t\t\t\t\t'valueTwo': 1,\n"
		"\t\t\t\t\t'op': 'SCMP_CMP_MASKED_EQ'\n\t\t\t\t}\n\t\t\t],\n"
		"\t\t\t'comment': 'why'\n\t\t}\n\t]\n}\n";
	const struct patch patch = { .rules = rules, .n_rules = 2 };
	_cleanup_free_ char *expected = with_quotes(wanted), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(profile_patch_policy("my.json", &patch, out), 0);
	fclose(out);
	assert_string_equal(text, expected);
}

/* ---- what cannot be patched */

static void test_refuses_other_bytes(void **state)
{
	static const char *const others[] = { "", "[]", "{}", "{\"syscalls\":[{}]}",
		                              "{\"syscalls\":3}" };
	const struct patch patch = { .rules = &plain, .n_rules = 1 };
	_cleanup_free_ char *json = with_quotes("{" D ",'syscalls':[" READ "," READ "]}");
	struct profile *profile = parse(json, strlen(json));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct patch_source source = { profile, others[i], strlen(others[i]) };
		char *text = NULL;
		size_t len;

		assert_int_equal(profile_patch(&source, &patch, &text, &len), -EINVAL);
		assert_null(text);
	}
	profile_free(profile);
}

static void test_refuses_an_unconfined_profile(void **state)
{
	const struct patch patch = { .rules = &plain, .n_rules = 1 };
	struct profile *profile = parse("{}", 2);
	const struct patch_source source = { profile, "{}", 2 };
	char *text = NULL;
	size_t len;

	(void)state;
	assert_int_equal(profile_patch(&source, &patch, &text, &len), -EINVAL);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adds_a_rule),
		cmocka_unit_test(test_takes_a_name_out),
		cmocka_unit_test(test_as_json_patch),
		cmocka_unit_test(test_as_policy),
		cmocka_unit_test(test_refuses_other_bytes),
		cmocka_unit_test(test_refuses_an_unconfined_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
