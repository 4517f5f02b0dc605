/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's reasons; those of profiles are in the tests of the lines that show them. */
#include "supervisor/events/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/notification.h"
#include "tests/support/policy_fixture.h"

static const struct {
	struct verdict verdict;
	const char *name;
	const char *text;
} rows[] = {
	{ { .policy_rule = 1, .rule = -1 }, "policy", "policy test.json:2" },
	{ { .policy_rule = 0, .rule = -1, .ask_seconds = 3 },
	  "policy_ask",
	  "policy test.json:1 asks" },
	{ { .policy_rule = 0, .rule = -1, .ask_seconds = 3, .asked_by = ASKED_NOBODY },
	  "policy_ask",
	  "policy test.json:1 asks; nobody to ask" },
	{ { .policy_rule = 0, .rule = -1, .ask_seconds = 3, .asked_by = ASKED_TIMEOUT },
	  "policy_ask",
	  "policy test.json:1 asks; asked, and timeout" },
	{ { .policy_rule = -1,
	    .by = DECIDED_BY_NEWER,
	    .rule = -1,
	    .asked_by = ASKED_USER,
	    .action.kind = ACTION_ERRNO },
	  "newer",
	  "newer than the profile; answered by user" },
	{ { .policy_rule = 1, .rule = -1, .doubt = EFAULT },
	  "policy_doubt",
	  "policy test.json:2 cannot see (EFAULT)" },
	/* allowed by the profile, in a way that nobody could carry out */
	{ { .policy_rule = -1, .rule = -1, .doubt = ENOSYS },
	  "policy_undone",
	  "allowed, but cannot be made safe" },
	{ { .policy_rule = 1, .rule = -1, .refusal = PERFORM_REFUSED_O_PATH },
	  "unperformed",
	  "allowed, but not performed: the kernel hands over no O_PATH descriptor (test.json:2)" },
	{ { .policy_rule = -1, .rule = -1, .refusal = PERFORM_REFUSED_DIED },
	  "unperformed",
	  "allowed, but not performed: interrupted while it was made for the target" },
	/* an index that is none is not followed, nor one of a policy that is not kept */
	{ { .policy_rule = 2, .rule = -1 }, "policy", "policy that is no longer in use" },
	{ { .policy_rule = 0, .rule = -1, .generation = 3 },
	  "policy",
	  "policy that is no longer in use" },
};

static void test_rows(void **state)
{
	const struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64 };
	struct generations policies = { 0 };
	struct policy_fixture fixture;
	struct test_session test;

	(void)state;
	assert_int_equal(policy_fixture_parse(&fixture,
	                                      "{'rules':[{'names':['read'],'action':'ask'},\n"
	                                      "{'names':['read'],'action':'errno'}]}"),
	                 0);
	test_session_open(&test, "test", "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", MODE_ENFORCE);
	generations_add(&policies, fixture.policy);
	fixture.policy = NULL;
	test.session.policies = &policies;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct verdict verdict = rows[i].verdict;
		struct reason reason;
		char bytes[256];
		struct text text = TEXT_OVER(bytes);

		if (verdict.generation == 0)
			verdict.generation = generations_present(&policies)->generation;
		reason_find(&test.session, &verdict, &call, &reason);
		assert_string_equal(reason_name(&reason), rows[i].name);
		reason_text(&text, &test.session, &call, &reason);
		assert_string_equal(bytes, rows[i].text);
	}
	test_session_close(&test);
	policy_fixture_free(&fixture);
	generations_deinit(&policies);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
