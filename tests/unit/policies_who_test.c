/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/who.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/fake_view.h"
#include "tests/support/policy_fixture.h"

#define CALLER                                                                                     \
	.uid = 1000, .gid = 100, .exe = { "/usr/bin/git", 12 }, .comm = { "git", 3 }, .init = true

static const struct view_annotation annotations[] = { { "team", "net" }, { "tier", "prod" } };

static const struct {
	const char *when;
	struct view_caller caller;
	int holds;
} rows[] = {
	{ "'uid': 1000", { CALLER }, 1 },
	{ "'uid': 0", { CALLER }, 0 },
	{ "'uid': [0, 1000]", { CALLER }, 1 },
	{ "'uid': '1000-1999'", { CALLER }, 1 },
	{ "'uid': ['0-999', '1001-4294967295']", { CALLER }, 0 },
	{ "'gid': 100", { CALLER }, 1 },
	{ "'gid': [1, '2-99']", { CALLER }, 0 },
	{ "'uid': 1000, 'gid': 1", { CALLER }, 0 },
	{ "'exe': '/usr/bin/*'", { CALLER }, 1 },
	{ "'exe': '/usr/*'", { CALLER }, 0 },
	{ "'exe': ['/bin/sh', '/usr/bin/git']", { CALLER }, 1 },
	{ "'exe': '**'", { .uid = 0 }, -EACCES }, /* nobody told: no mismatch */
	{ "'comm': 'g*'", { CALLER }, 1 },
	{ "'comm': 'sh'", { CALLER }, 0 },
	{ "'process': 'init'", { CALLER }, 1 },
	{ "'process': 'exec'", { CALLER }, 0 },
	{ "'process': 'exec'", { .init = false }, 1 },
	{ "'containerId': '*'", { CALLER }, 0 }, /* there is no container */
	{ "'containerId': 'ab*'", { .container_id = "abc" }, 1 },
	{ "'containerName': 'web-?'", { .container_name = "web-1" }, 1 },
	{ "'containerName': 'web-?'", { .container_name = "web-10" }, 0 },
	{ "'metadata': 'a/*'", { .metadata = "a/b/c" }, 1 },
	{ "'annotations': {'team': 'n*'}", { .annotations = annotations, .n_annotations = 2 }, 1 },
	{ "'annotations': {'team': 'n*', 'tier': ['test', 'prod']}",
	  { .annotations = annotations, .n_annotations = 2 },
	  1 },
	{ "'annotations': {'team': 'n*', 'tier': 'test'}",
	  { .annotations = annotations, .n_annotations = 2 },
	  0 },
	{ "'annotations': {'absent': '*'}", { .annotations = annotations, .n_annotations = 2 }, 0 },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fake_view fake = { .caller = rows[i].caller };
		struct policy_fixture fixture;
		char text[512];
		int holds;

		snprintf(text, sizeof(text),
		         "{'rules':[{'names':['socket'],'action':'allow','when':{%s}}]}",
		         rows[i].when);
		assert_int_equal(policy_fixture_parse(&fixture, text), 0);
		holds = who_holds(fixture.policy->rules[0].when, fake_view(&fake));
		if (holds != rows[i].holds)
			fail_msg("%s: %d", rows[i].when, holds);
		policy_fixture_free(&fixture);
	}
}

static void test_unseen(void **state)
{
	const struct who who = { .process = WHO_INIT };
	struct fake_view fake = { .error = ESRCH };
	struct view blind = { .call = &fake.call };

	(void)state;
	assert_int_equal(who_holds(&who, fake_view(&fake)), -ESRCH);
	assert_int_equal(who_holds(&who, &blind), -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
