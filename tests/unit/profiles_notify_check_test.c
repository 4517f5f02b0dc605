/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define PROFILE(default_, rules)                                                                   \
	"{'defaultAction':'SCMP_ACT_" default_ "','syscalls':[" rules                              \
	"{'names':['futex_requeue'],'action':'SCMP_ACT_LOG'}]}"
#define READ(action, ...) "{'names':['read'],'action':'SCMP_ACT_" action "'" __VA_ARGS__ "},"
#define EQ(value) ",'args':[{'index':0,'op':'SCMP_CMP_EQ','value':" #value "}]"
#define FLOOR ",'args':[{'index':0,'op':'SCMP_CMP_GE','value':0}]"
#define TWO                                                                                        \
	",'args':[{'index':0,'op':'SCMP_CMP_GE','value':9},"                                       \
	"{'index':1,'op':'SCMP_CMP_EQ','value':9}]"

/* A profile, a variant, and what checking read(2) says, without and with kept. */
static const struct {
	const char *original;
	const char *variant;
	int result;
	int kept;
} rows[] = {
	{ PROFILE("ERRNO", ""), PROFILE("ERRNO", READ("NOTIFY")), 0, 0 },
	{ PROFILE("ERRNO", ""), PROFILE("ERRNO", ""), NOTIFY_DIFFERS, 0 },
	{ PROFILE("ERRNO", ""), PROFILE("ERRNO", READ("ALLOW")), NOTIFY_DIFFERS, NOTIFY_DIFFERS },
	{ PROFILE("ERRNO", READ("ALLOW")), PROFILE("ERRNO", READ("ALLOW")), 0, 0 },
	{ PROFILE("ERRNO", READ("ALLOW")), PROFILE("ERRNO", READ("NOTIFY")), NOTIFY_DIFFERS,
	  NOTIFY_DIFFERS },
	{ PROFILE("ERRNO", READ("ALLOW")), PROFILE("ERRNO", ""), NOTIFY_DIFFERS, NOTIFY_DIFFERS },
	{ PROFILE("ALLOW", READ("ERRNO")), PROFILE("ALLOW", READ("NOTIFY")), 0, 0 },
	{ PROFILE("ALLOW", READ("NOTIFY")), PROFILE("ALLOW", READ("NOTIFY")), 0, 0 },
	{ PROFILE("ALLOW", READ("NOTIFY")), PROFILE("ALLOW", READ("ERRNO")), NOTIFY_DIFFERS, 0 },
	{ PROFILE("ALLOW", READ("KILL")), PROFILE("ALLOW", READ("NOTIFY")), NOTIFY_DIFFERS,
	  NOTIFY_DIFFERS },
	/* one value apart */
	{ PROFILE("ERRNO", READ("ALLOW", EQ(5))),
	  PROFILE("ERRNO", READ("ALLOW", EQ(5)) READ("NOTIFY", FLOOR)), 0, 0 },
	{ PROFILE("ERRNO", READ("ALLOW", EQ(5))),
	  PROFILE("ERRNO", READ("ALLOW", EQ(6)) READ("NOTIFY", FLOOR)), NOTIFY_DIFFERS,
	  NOTIFY_DIFFERS },
	{ PROFILE("ERRNO", READ("ALLOW", EQ(5))),
	  PROFILE("ERRNO", READ("ALLOW", EQ(5)) READ("NOTIFY", EQ(6))), NOTIFY_DIFFERS, 0 },
	/* what libseccomp gets wrong, unless it did so before */
	{ PROFILE("ERRNO", ""), PROFILE("ERRNO", READ("ALLOW", TWO) READ("NOTIFY", FLOOR)),
	  NOTIFY_DIFFERS, NOTIFY_DIFFERS },
	{ PROFILE("ALLOW", READ("LOG", EQ(5))),
	  PROFILE("ALLOW", READ("LOG", EQ(5)) READ("ALLOW", TWO)), 0, 0 },
	{ PROFILE("ERRNO", READ("ALLOW", TWO)),
	  PROFILE("ERRNO", READ("ALLOW", TWO) READ("NOTIFY", FLOOR)), NOTIFY_UNSAFE,
	  NOTIFY_UNSAFE },
	{ PROFILE("ERRNO", READ("ALLOW", TWO)), PROFILE("ERRNO", READ("ALLOW", TWO)),
	  NOTIFY_DIFFERS, 0 },
	{ PROFILE("ERRNO", READ("ALLOW", EQ(4294967296))),
	  PROFILE("ERRNO", READ("ALLOW", EQ(4294967296)) READ("NOTIFY", FLOOR)), NOTIFY_UNSAFE,
	  NOTIFY_UNSAFE },
};

static void make(const char *text, struct fixture *fixture, struct plan **ret_plan)
{
	const struct plan_options options = { .deny_in_kernel = true };

	assert_int_equal(fixture_parse(fixture, text, fixture_host()), 0);
	assert_int_equal(plan_build(fixture->ruleset, &options, ret_plan), 0);
}

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture original, variant;
		struct plan *original_plan = NULL, *variant_plan = NULL;
		struct notify_pair pair;

		make(rows[i].original, &original, &original_plan);
		make(rows[i].variant, &variant, &variant_plan);
		pair = (struct notify_pair){ original.ruleset, variant.ruleset, original_plan,
			                     variant_plan };
		assert_int_equal(notify_check(&pair, 0, 0, false), rows[i].result);
		assert_int_equal(notify_check(&pair, 0, 0, true), rows[i].kept);
		plan_free(original_plan);
		plan_free(variant_plan);
		fixture_free(&original);
		fixture_free(&variant);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
