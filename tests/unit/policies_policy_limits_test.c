/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/policy_fixture.h"

#define LIMITED(name, count, more)                                                                 \
	"{'names':['" name "'],'action':'errno','limit':{'count':" #count ",'seconds':9}" more "}"
#define FREE "{'names':['open'],'action':'errno'}"

/* What the counts 1, 2, ... of a policy's limits come to under another. */
static const struct {
	const char *from, *to;
	uint64_t counts[4];
} rows[] = {
	{ LIMITED("read", 3, ""), LIMITED("read", 3, ""), { 1 } },
	/* another place, other white space, another comment */
	{ LIMITED("read", 3, "") "," LIMITED("write", 3, ",'comment':'a'"),
	  FREE "," LIMITED("write", 3, "  ,  'comment' : 'b'") "," LIMITED("read", 3, ""),
	  { 2, 1 } },
	/* another text is another rule */
	{ LIMITED("read", 3, ""), LIMITED("read", 4, ""), { 0 } },
	{ LIMITED("read", 3, ""), LIMITED("pread64", 3, ""), { 0 } },
	{ LIMITED("read", 3, ""), LIMITED("read", 3, ",'log':true"), { 0 } },
	/* twice the same: one count for each */
	{ LIMITED("read", 3, "") "," LIMITED("read", 3, ""), LIMITED("read", 3, ""), { 1 } },
	{ LIMITED("read", 3, ""), LIMITED("read", 3, "") "," LIMITED("read", 3, ""), { 1, 0 } },
	/* none before, none after */
	{ FREE, LIMITED("read", 3, ""), { 0 } },
	{ LIMITED("read", 3, ""), FREE, { 0 } },
};

static void parse(struct policy_fixture *fixture, const char *rules)
{
	char text[1024];

	snprintf(text, sizeof(text), "{'rules':[%s]}", rules);
	assert_int_equal(policy_fixture_parse(fixture, text), 0);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_Atomic uint64_t limits[POLICY_LIMITS_MAX] = { 1, 2, 3, 4 };
		struct policy_fixture from, to;

		parse(&from, rows[i].from);
		parse(&to, rows[i].to);
		policy_carry_limits(from.policy, to.policy, limits);
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].counts); k++)
			if (atomic_load(&limits[k]) != rows[i].counts[k])
				fail_msg("row %zu, count %zu", i, k);
		policy_fixture_free(&from);
		policy_fixture_free(&to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
