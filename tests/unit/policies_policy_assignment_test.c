/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/assignment.h"

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct assignments parsed(const char *bytes)
{
	struct assignments assignments;
	struct diags diags;

	diags_init(&diags, "serve.json");
	assert_int_equal(assignments_parse(bytes, bytes ? strlen(bytes) : 0, &diags, &assignments),
	                 0);
	diags_deinit(&diags);
	return assignments;
}

static const char config[] =
	"{ \"default\": { \"profile\": \"d\", \"policy\": \"dp\", \"mode\": \"complain\","
	"                 \"capabilities\": [\"CAP_CHOWN\"] },"
	"  \"rules\": ["
	"    { \"when\": { \"containerName\": \"web-*\" }, \"profile\": \"w\" },"
	"    { \"when\": { \"containerId\": \"c7\" }, \"mode\": \"enforce\", \"capabilities\": [] "
	"},"
	"    { \"when\": { \"metadata\": \"m\", \"process\": \"exec\" }, \"policy\": \"p\" },"
	"    { \"when\": { \"annotations\": { \"tier\": [\"a\", \"b\"] } } } ] }";

static const struct choice_row {
	struct view_caller container;
	size_t rule;
} choice_rows[] = {
	{ { .container_id = "c1", .container_name = "web-1" }, 0 },
	{ { .container_id = "c7", .container_name = "web-1" }, 0 },
	{ { .container_id = "c7" }, 1 },
	{ { .container_id = "c1", .metadata = "m" }, 2 },
	{ { .container_id = "c1", .metadata = "m", .init = true }, 4 },
	{ { .container_id = "c1",
	    .annotations = (const struct view_annotation[]){ { "tier", "b" } },
	    .n_annotations = 1 },
	  3 },
	{ { .container_id = "c1",
	    .annotations = (const struct view_annotation[]){ { "tier", "c" } },
	    .n_annotations = 1 },
	  4 },
	{ { .container_id = "c1" }, 4 },
};

static void test_the_first_that_holds(void **state)
{
	struct assignments assignments = parsed(config);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choice_rows); i++)
		assert_int_equal(assignments_choose(&assignments, &choice_rows[i].container),
		                 choice_rows[i].rule);
	assignments_deinit(&assignments);
}

static void test_default_says_the_rest(void **state)
{
	struct assignments assignments = parsed(config);
	const struct assignment_rule *rules = assignments.rules;

	(void)state;
	assert_int_equal(assignments.n_rules, 5);
	assert_string_equal(rules[0].gives.profile, "w");
	assert_string_equal(rules[0].gives.policy, "dp");
	assert_int_equal(rules[0].gives.mode, MODE_COMPLAIN);
	assert_true(rules[0].gives.caps == UINT64_C(1) << CAP_CHOWN);
	assert_null(rules[1].gives.profile); /* default's comes last: it is no rule's */
	assert_int_equal(rules[1].gives.mode, MODE_ENFORCE);
	assert_true(rules[1].gives.caps_given);
	assert_true(rules[1].gives.caps == 0);
	assert_string_equal(rules[2].gives.policy, "p");
	assert_string_equal(rules[4].gives.profile, "d");
	assignments_deinit(&assignments);
}

static void test_a_rule_without_when_holds(void **state)
{
	struct assignments assignments =
		parsed("{\"rules\":[{\"mode\":\"complain\"},{\"mode\":\"enforce\"}]}");

	(void)state;
	assert_int_equal(
		assignments_choose(&assignments, &(struct view_caller){ .container_id = "c" }), 0);
	assignments_deinit(&assignments);
}

static void test_nothing_said(void **state)
{
	static const char *const files[] = { NULL, "{}", "{\"rules\":[]}", "{\"default\":{}}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct assignments assignments = parsed(files[i]);
		const struct assignment *gives = &assignments.rules[0].gives;

		assert_int_equal(assignments.n_rules, 1);
		assert_null(gives->profile);
		assert_null(gives->policy);
		assert_int_equal(gives->mode, MODE_ENFORCE);
		assert_false(gives->caps_given);
		assignments_deinit(&assignments);
	}
}

static const struct wrong_row {
	const char *bytes, *pointer, *message;
} wrong_rows[] = {
	{ "[]", "", "a list; expected an object" },
	{ "{\"rule\":[]}", "/rule",
	  "unknown key \"rule\"; expected default, rules; did you mean \"rules\"?" },
	{ "{\"default\":{\"when\":{}}}", "/default/when",
	  "unknown key \"when\"; expected profile, policy, mode, capabilities" },
	{ "{\"rules\":[1]}", "/rules/0", "a number; expected an object" },
	{ "{\"rules\":[{\"mode\":\"complian\"}]}", "/rules/0/mode",
	  "unknown word \"complian\"; expected one of enforce, complain; did you mean "
	  "\"complain\"?" },
	{ "{\"default\":{\"capabilities\":[\"CAP_SYS_ADMINN\"]}}", "/default/capabilities/0",
	  "unknown capability \"CAP_SYS_ADMINN\"; expected a name as in capabilities(7); did you "
	  "mean \"CAP_SYS_ADMIN\"?" },
	{ "{\"rules\":[{\"when\":{\"uid\":0}}]}", "/rules/0/when",
	  "uid, gid, exe and comm are a caller's; expected of the container process, containerId, "
	  "containerName, metadata or annotations" },
	{ "{\"rules\":[{\"when\":{}}]}", "/rules/0/when", NULL },
	{ "{\"rules\":[{\"profile\":1}]}", "/rules/0/profile", "a number; expected a string" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong_rows); i++) {
		const struct wrong_row *row = &wrong_rows[i];
		struct assignments assignments;
		struct diags diags;

		diags_init(&diags, "serve.json");
		assert_int_equal(
			assignments_parse(row->bytes, strlen(row->bytes), &diags, &assignments),
			-EBADMSG);
		assert_string_equal(diags.list[0].pointer, row->pointer);
		if (row->message)
			assert_string_equal(diags.list[0].message, row->message);
		diags_deinit(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_that_holds),
		cmocka_unit_test(test_default_says_the_rest),
		cmocka_unit_test(test_a_rule_without_when_holds),
		cmocka_unit_test(test_nothing_said),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
