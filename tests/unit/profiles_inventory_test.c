/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

/* openat2 (437) is the newest that the profile names. */
#define PROFILE                                                                                    \
	"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':["                                           \
	"{'names':['read','write','openat2'],'action':'SCMP_ACT_ALLOW'},"                          \
	"{'names':['mkdir'],'action':'SCMP_ACT_ERRNO','errnoRet':13},"                             \
	"{'names':['reboot'],'action':'SCMP_ACT_KILL_PROCESS'},"                                   \
	"{'names':['mount'],'action':'SCMP_ACT_ALLOW','includes':{'caps':['CAP_SYS_ADMIN']}},"     \
	"{'names':['socket'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_EQ',"     \
	"'value':1}]},"                                                                            \
	"{'names':['ioctl'],'action':'SCMP_ACT_ALLOW','args':[{'index':0,'op':'SCMP_CMP_GT',"      \
	"'value':1},{'index':1,'op':'SCMP_CMP_EQ','value':1}]}]}"

static const struct {
	const char *name;
	int nr;
	enum plan_place place, denying_place; /* and with denials in the kernel */
	enum plan_why why;
	bool by_arguments;
	struct action action;
	enum decided_by by;
} rows[] = {
	{ "read",
	  0,
	  PLAN_KERNEL_ALLOW,
	  PLAN_KERNEL_ALLOW,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ALLOW, 0 },
	  DECIDED_BY_RULE },
	{ "mkdir",
	  83,
	  PLAN_NOTIFY,
	  PLAN_KERNEL_DENY,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ERRNO, 13 },
	  DECIDED_BY_RULE },
	{ "reboot",
	  169,
	  PLAN_KERNEL,
	  PLAN_KERNEL,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_KILL_PROCESS, 0 },
	  DECIDED_BY_RULE },
	{ "mount",
	  165,
	  PLAN_NOTIFY,
	  PLAN_KERNEL_DENY,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ERRNO, 1 },
	  DECIDED_BY_DEFAULT },
	{ "open",
	  2,
	  PLAN_NOTIFY,
	  PLAN_KERNEL_DENY,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ERRNO, 1 },
	  DECIDED_BY_DEFAULT },
	{ "socket",
	  41,
	  PLAN_KERNEL_ARGS,
	  PLAN_KERNEL_ARGS,
	  PLAN_BY_PROFILE,
	  true,
	  { ACTION_ERRNO, 1 },
	  DECIDED_BY_DEFAULT },
	{ "ioctl",
	  16,
	  PLAN_NOTIFY,
	  PLAN_NOTIFY,
	  PLAN_UNSAFE_RULES,
	  true,
	  { ACTION_ERRNO, 1 },
	  DECIDED_BY_DEFAULT },
	{ "cachestat",
	  451,
	  PLAN_NOTIFY,
	  PLAN_KERNEL_DENY,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ERRNO, ENOSYS },
	  DECIDED_BY_NEWER },
	{ "mseal",
	  462,
	  PLAN_NOTIFY,
	  PLAN_KERNEL_DENY,
	  PLAN_BY_PROFILE,
	  false,
	  { ACTION_ERRNO, ENOSYS },
	  DECIDED_BY_NEWER },
};

static void check_mode(const struct fixture *fixture, bool deny_in_kernel)
{
	const struct plan_options options = { .deny_in_kernel = deny_in_kernel };
	struct inventory inventory;
	struct plan *plan;

	assert_int_equal(plan_build(fixture->ruleset, &options, &plan), 0);
	assert_int_equal(inventory_build(plan, 0, &inventory), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct inventory_row *row = inventory_find(&inventory, rows[i].name);

		assert_non_null(row);
		assert_int_equal(row->nr, rows[i].nr);
		if (row->place != (deny_in_kernel ? rows[i].denying_place : rows[i].place))
			fail_msg("%s: place %d", row->name, row->place);
		assert_int_equal(row->why, rows[i].why);
		assert_int_equal(row->rules != NULL, rows[i].by_arguments);
		assert_true(action_equal(row->action, rows[i].action));
		assert_int_equal(row->by, rows[i].by);
		assert_int_equal(row->rule != NULL, rows[i].by == DECIDED_BY_RULE);
	}
	inventory_deinit(&inventory);
	plan_free(plan);
}

static void test_rows(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_int_equal(fixture_parse(&fixture, PROFILE, fixture_host()), 0);
	check_mode(&fixture, false);
	check_mode(&fixture, true);
	assert_int_equal(ruleset_rules_counting(fixture.ruleset), 5);
	fixture_free(&fixture);
}

static void test_every_abi_is_whole_and_sorted(void **state)
{
	const struct plan_options options = { 0 };
	struct fixture fixture;
	struct plan *plan;

	(void)state;
	assert_int_equal(fixture_load(&fixture, PROFILE_FILE("moby-default.json"), fixture_host()),
	                 0);
	assert_int_equal(plan_build(fixture.ruleset, &options, &plan), 0);
	assert_int_equal(plan->n_abis, 3);
	for (size_t i = 0; i < plan->n_abis; i++) {
		struct inventory inventory;

		assert_int_equal(inventory_build(plan, i, &inventory), 0);
		assert_true(inventory.n_rows > 350);
		for (size_t j = 1; j < inventory.n_rows; j++)
			assert_true(inventory.rows[j - 1].nr < inventory.rows[j].nr);
		for (size_t j = 0; j < plan->abis[i].n_rows; j++) {
			const struct plan_row *planned = &plan->abis[i].rows[j];
			size_t k = 0;

			while (k < inventory.n_rows && inventory.rows[k].nr != planned->nr)
				k++;
			assert_true(k < inventory.n_rows);
			assert_int_equal(inventory.rows[k].place, planned->place);
		}
		inventory_deinit(&inventory);
	}
	plan_free(plan);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_abi_is_whole_and_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
