/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/profile_fixture.h"

#define PROFILE(default_action, rules)                                                             \
	"{'defaultAction':'SCMP_ACT_" default_action "','syscalls':[" rules "]}"
#define THREE(default_action, rules)                                                               \
	"{'defaultAction':'SCMP_ACT_" default_action                                               \
	"','architectures':['SCMP_ARCH_X86_64','SCMP_ARCH_X86'],'syscalls':[" rules "]}"
#define RULE(name, action, more) "{'names':['" name "'],'action':'SCMP_ACT_" action "'" more "}"
#define ARGS(args) ",'args':[" args "]"
#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" #op "','value':" #value "}"

#define ALLOWED                                                                                    \
	{                                                                                          \
		ACTION_ALLOW, 0                                                                    \
	}
#define DENIED(number)                                                                             \
	{                                                                                          \
		ACTION_ERRNO, number                                                               \
	}

enum { EXPECTED_MAX = 4 };

struct expected {
	const char *name;
	struct action from, to;
	unsigned args_mask;
	uint64_t args[2];
};

/* On x86-64 where both profiles have it. */
static const struct {
	const char *from, *to;
	struct expected differences[EXPECTED_MAX];
} rows[] = {
	{ PROFILE("ALLOW", RULE("mkdir", "ERRNO", "")),
	  PROFILE("ALLOW", RULE("mkdir", "ERRNO", "")),
	  { { 0 } } },
	/* other words, same meaning */
	{ PROFILE("ALLOW", RULE("mkdir", "ERRNO", "")),
	  PROFILE("ALLOW", RULE("mkdir", "ERRNO", ",'errnoRet':1") "," RULE("read", "ALLOW", "")),
	  { { 0 } } },
	{ PROFILE("ALLOW", RULE("personality", "ERRNO", ARGS(ARG(0, GT, 7)))),
	  PROFILE("ALLOW", RULE("personality", "ERRNO", ARGS(ARG(0, GE, 8)))),
	  { { 0 } } },
	/* constant, and another errno */
	{ PROFILE("ALLOW", RULE("mkdir", "ERRNO", "")),
	  PROFILE("ALLOW", RULE("mkdir", "ERRNO", ",'errnoRet':13")),
	  { { "mkdir", DENIED(1), DENIED(13), 0, { 0 } } } },
	{ PROFILE("ALLOW", ""),
	  PROFILE("ALLOW", RULE("read", "KILL_PROCESS", "") "," RULE("mkdir", "ERRNO", "")),
	  { { "read", ALLOWED, { ACTION_KILL_PROCESS, 0 }, 0, { 0 } },
	    { "mkdir", ALLOWED, DENIED(1), 0, { 0 } } } },
	/* one value of one argument */
	{ PROFILE("ALLOW", RULE("personality", "ERRNO", ARGS(ARG(0, EQ, 8)))),
	  PROFILE("ALLOW", RULE("personality", "ERRNO", ARGS(ARG(0, EQ, 9)))),
	  { { "personality", DENIED(1), ALLOWED, 1, { 8 } },
	    { "personality", ALLOWED, DENIED(1), 1, { 9 } } } },
	/* a boundary that moves by one; the second argument alone */
	{ PROFILE("ALLOW", RULE("ioctl", "ERRNO", ARGS(ARG(1, GT, 100)))),
	  PROFILE("ALLOW", RULE("ioctl", "ERRNO", ARGS(ARG(1, GT, 101)))),
	  { { "ioctl", DENIED(1), ALLOWED, 2, { 0, 101 } } } },
	/* rules on arguments that leave nothing as it was: no example is needed */
	{ PROFILE("LOG", RULE("personality", "ALLOW", ARGS(ARG(0, EQ, 8))) "," RULE(
				 "personality", "ALLOW", ARGS(ARG(0, NE, 8)))),
	  PROFILE("LOG", ""),
	  { { "personality", ALLOWED, { ACTION_LOG, 0 }, 0, { 0 } } } },
	/* beyond the low half, and beyond what a double holds */
	{ PROFILE("ALLOW", RULE("personality", "ERRNO", ARGS(ARG(0, EQ, 9007199254740993)))),
	  PROFILE("ALLOW", ""),
	  { { "personality", DENIED(1), ALLOWED, 1, { UINT64_C(9007199254740993) } } } },
	{ PROFILE("ALLOW", RULE("clone", "ERRNO",
	                        ",'args':[{'index':0,'value':2114060288,'valueTwo':0,'op':'SCMP_"
	                        "CMP_MASKED_EQ'}]")),
	  PROFILE("ALLOW", RULE("clone", "ERRNO",
	                        ",'args':[{'index':0,'value':1845624832,'valueTwo':0,'op':'SCMP_"
	                        "CMP_MASKED_EQ'}]")),
	  { { "clone", ALLOWED, DENIED(1), 1, { 0x10000000 } } } },
};

static struct profile_diff *compare(const char *from_text, const char *to_text,
                                    struct fixture *from, struct fixture *to)
{
	struct profile_diff *diff = NULL;

	assert_int_equal(fixture_parse(from, from_text, fixture_host()), 0);
	assert_int_equal(fixture_parse(to, to_text, fixture_host()), 0);
	assert_int_equal(profile_diff_build(from->ruleset, to->ruleset, &diff), 0);
	return diff;
}

static void check_one(const struct difference *found, const struct expected *expected)
{
	assert_string_equal(found->name, expected->name);
	assert_int_equal(found->arch, SCMP_ARCH_X86_64);
	assert_false(found->whole_abi);
	assert_true(action_equal(found->from, expected->from));
	assert_true(action_equal(found->to, expected->to));
	assert_int_equal(found->args_mask, expected->args_mask);
	for (unsigned i = 0; i < ARRAY_SIZE(expected->args); i++)
		if (expected->args_mask >> i & 1)
			assert_int_equal(found->args[i], expected->args[i]);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture from, to;
		struct profile_diff *diff = compare(rows[i].from, rows[i].to, &from, &to);
		size_t n = 0;

		for (; n < EXPECTED_MAX && rows[i].differences[n].name; n++) {
			if (n >= diff->n)
				fail_msg("row %zu: only %zu differences", i, diff->n);
			check_one(&diff->list[n], &rows[i].differences[n]);
		}
		if (diff->n != n)
			fail_msg("row %zu: %zu differences, not %zu", i, diff->n, n);
		profile_diff_free(diff);
		fixture_free(&from);
		fixture_free(&to);
	}
}

static void test_numbers_without_a_name(void **state)
{
	struct fixture from, to;
	struct profile_diff *diff = compare(PROFILE("ALLOW", ""), PROFILE("LOG", ""), &from, &to);
	size_t nameless = 0;
	const struct difference *last;

	(void)state;
	for (size_t i = 0; i < diff->n; i++)
		nameless += diff->list[i].name[0] == '\0';
	assert_true(nameless > 0 && nameless < 10); /* ranges, not numbers */
	last = &diff->list[diff->n - 1];
	assert_string_equal(last->name, "");
	assert_int_equal(last->last_nr, 1023);
	profile_diff_free(diff);
	fixture_free(&from);
	fixture_free(&to);
}

static void test_an_abi_of_one_profile(void **state)
{
	struct fixture from, to;
	struct profile_diff *diff = compare(PROFILE("ALLOW", ""), THREE("ALLOW", ""), &from, &to);

	(void)state;
	assert_int_equal(diff->n, 1);
	assert_true(diff->list[0].whole_abi);
	assert_int_equal(diff->list[0].arch, SCMP_ARCH_X86);
	assert_int_equal(diff->list[0].from.kind, ACTION_KILL_THREAD);
	assert_int_equal(diff->list[0].from_by, DECIDED_BY_BAD_ARCH);
	assert_int_equal(diff->list[0].to.kind, ACTION_ALLOW);
	profile_diff_free(diff);
	fixture_free(&from);
	fixture_free(&to);
}

/* The ABI would be refused either way. */
static void test_an_abi_that_changes_nothing(void **state)
{
	struct fixture from, to;
	struct profile_diff *diff =
		compare(PROFILE("KILL_THREAD", ""), THREE("KILL_THREAD", ""), &from, &to);

	(void)state;
	assert_int_equal(diff->n, 0);
	profile_diff_free(diff);
	fixture_free(&from);
	fixture_free(&to);
}

static void test_rules_are_named(void **state)
{
	struct fixture from, to;
	struct profile_diff *diff = compare(PROFILE("ALLOW", RULE("mkdir", "ERRNO", "")),
	                                    PROFILE("ALLOW", ""), &from, &to);

	(void)state;
	assert_int_equal(diff->n, 1);
	assert_ptr_equal(diff->list[0].from_rule, &from.profile->rules[0]);
	assert_int_equal(diff->list[0].from_by, DECIDED_BY_RULE);
	assert_null(diff->list[0].to_rule);
	assert_int_equal(diff->list[0].to_by, DECIDED_BY_DEFAULT);
	profile_diff_free(diff);
	fixture_free(&from);
	fixture_free(&to);
}

/* Every profile of the test data is the same as itself, and backwards is forwards mirrored. */
static void test_wild(void **state)
{
	struct fixture from, to;
	struct profile_diff *forwards, *backwards, *none;

	(void)state;
	assert_int_equal(fixture_load(&from, PROFILE_FILE("moby-default.json"), fixture_host()), 0);
	assert_int_equal(fixture_load(&to, PROFILE_FILE("containers-common.json"), fixture_host()),
	                 0);
	assert_int_equal(profile_diff_build(from.ruleset, from.ruleset, &none), 0);
	assert_int_equal(none->n, 0);
	assert_int_equal(profile_diff_build(from.ruleset, to.ruleset, &forwards), 0);
	assert_int_equal(profile_diff_build(to.ruleset, from.ruleset, &backwards), 0);
	assert_true(forwards->n > 50);
	assert_int_equal(forwards->n, backwards->n);
	for (size_t i = 0; i < forwards->n; i++) {
		assert_true(action_equal(forwards->list[i].from, backwards->list[i].to));
		assert_true(action_equal(forwards->list[i].to, backwards->list[i].from));
	}
	profile_diff_free(none);
	profile_diff_free(forwards);
	profile_diff_free(backwards);
	fixture_free(&from);
	fixture_free(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_numbers_without_a_name),
		cmocka_unit_test(test_an_abi_of_one_profile),
		cmocka_unit_test(test_an_abi_that_changes_nothing),
		cmocka_unit_test(test_rules_are_named),
		cmocka_unit_test(test_wild),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
