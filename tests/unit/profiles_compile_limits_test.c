/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/compile.c at its limits: rules that hang libseccomp, and values that fill 64 bits. */
#include "profiles/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "tests/support/profile_fixture.h"
#include "tests/support/random_profile.h"

#define ARG(index, op, value) "{'index':" #index ",'op':'SCMP_CMP_" #op "','value':" #value "}"

static const struct plan_options in_kernel = { .deny_in_kernel = true };

static struct plan *plan_of(const struct fixture *fixture)
{
	struct plan *plan;

	assert_int_equal(plan_build(fixture->ruleset, &in_kernel, &plan), 0);
	return plan;
}

static size_t distrusted(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_abis; i++)
		for (size_t k = 0; k < plan->abis[i].n_rows; k++)
			n += plan->abis[i].rows[k].why == PLAN_UNSAFE_RULES;
	return n;
}

static void check_points(const struct plan *plan, const struct filter *filter)
{
	uint64_t state = 1;

	for (size_t i = 0; i < plan->n_abis; i++)
		for (int n = 0; n < 1000; n++) {
			struct seccomp_data call;

			random_call(&state, plan->abis[i].abi, &call);
			assert_int_equal(bpf_run_checked(filter, &call), plan_expect(plan, &call));
		}
}

/* ---- what hangs libseccomp, past the planner */

static struct plan_row *row_of_nr(struct plan *plan, size_t abi, int nr)
{
	for (size_t i = 0; i < plan->abis[abi].n_rows; i++)
		if (plan->abis[abi].rows[i].nr == nr)
			return &plan->abis[abi].rows[i];
	return NULL;
}

/*
 * Says of a syscall's two rules, in every ABI, that libseccomp may have them, and puts them in the
 * order on which it hangs: the one with the lower argument first.
 */
static void force_into_kernel(struct fixture *fixture, struct plan *plan, const int *numbers)
{
	for (size_t i = 0; i < plan->n_abis; i++) {
		struct plan_row *row = row_of_nr(plan, i, numbers[i]);
		struct abi *abi = &fixture->ruleset->abis[i];
		struct match *matches = abi->syscalls[row->rules - abi->syscalls].matches;
		struct match first = matches[0];

		assert_int_equal(row->rules->n_matches, 2);
		matches[0] = matches[1];
		matches[1] = first;
		row->place = PLAN_KERNEL_ARGS;
	}
}

#define HANGING(name)                                                                              \
	"{'names':['" name "'],'action':'SCMP_ACT_ALLOW','args':[" ARG(0, GE, 5) "," ARG(          \
		1, EQ, 9) "]},{'names':['" name                                                    \
			  "'],'action':'SCMP_ACT_ALLOW','args':[" ARG(0, GE, 5) "," ARG(2, EQ,     \
	                                                                                1) "]}"

enum { HANG_MS = 300 };

/* The syscall is notified in all ABIs, and no other is; the filter is right. */
static void test_hang_is_taken_back(void **state)
{
	static const int read_numbers[] = { 0, 3 };
	struct fixture fixture;
	struct filter filter;
	struct plan *plan;

	(void)state;
	assert_int_equal(
		fixture_parse(&fixture,
	                      "{'defaultAction':'SCMP_ACT_ERRNO','architectures':['SCMP_ARCH_X86'],"
	                      "'syscalls':[" HANGING("read") ",{'names':['write'],'action':"
	                                                     "'SCMP_ACT_ALLOW','args':[" ARG(
								     0, EQ, 1) "]}]}",
	                      fixture_host()),
		0);
	plan = plan_of(&fixture);
	assert_int_equal(distrusted(plan), 2);
	force_into_kernel(&fixture, plan, read_numbers);
	assert_int_equal(filter_compile_within(plan, HANG_MS, &filter), 0);
	for (size_t i = 0; i < plan->n_abis; i++) {
		const struct plan_row *row = row_of_nr(plan, i, read_numbers[i]);

		assert_int_equal(row->place, PLAN_NOTIFY);
		assert_int_equal(row->why, PLAN_UNSAFE_RULES);
	}
	assert_int_equal(row_of_nr(plan, 0, 1)->place, PLAN_KERNEL_ARGS);
	check_points(plan, &filter);
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

/* More syscalls than one would wait for: it is said. */
static void test_hangs_end(void **state)
{
	static const int numbers[][1] = { { 0 }, { 257 }, { 17 }, { 18 } };
	struct fixture fixture;
	struct filter filter;
	struct plan *plan;

	(void)state;
	assert_int_equal(
		fixture_parse(
			&fixture,
			"{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[" HANGING("read") "," HANGING(
				"openat") "," HANGING("pread64") "," HANGING("pwrite64") "]}",
			fixture_host()),
		0);
	plan = plan_of(&fixture);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		force_into_kernel(&fixture, plan, numbers[i]);
	assert_int_equal(filter_compile_within(plan, HANG_MS, &filter), -ETIMEDOUT);
	plan_free(plan);
	fixture_free(&fixture);
}

/* ---- 64 bits */

/* One value of a rule against its neighbours, in the filter and in the meaning. */
static void check_neighbours(const char *op, const char *digits, uint64_t value)
{
	struct fixture fixture;
	struct filter filter;
	struct plan *plan;
	char text[256];

	snprintf(text, sizeof(text),
	         "{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':"
	         "'SCMP_ACT_ALLOW','args':[{'index':0,'op':'%s','value':%s,'valueTwo':%s}]}]}",
	         op, strcmp(op, "SCMP_CMP_EQ") ? "18446744073709551615" : digits, digits);
	assert_int_equal(fixture_parse(&fixture, text, fixture_host()), 0);
	plan = plan_of(&fixture);
	assert_int_equal(filter_compile(plan, &filter), 0);
	assert_int_equal(row_of_nr(plan, 0, 0)->place, PLAN_KERNEL_ARGS);
	for (int step = -1; step <= 1; step++) {
		const struct seccomp_data call = {
			.arch = AUDIT_ARCH_X86_64,
			.args = { value + (uint64_t)step },
		};
		struct decision decision;

		ruleset_evaluate(fixture.ruleset, &call, &decision);
		assert_int_equal(decision.action.kind, step ? ACTION_ERRNO : ACTION_ALLOW);
		assert_int_equal(bpf_run_checked(&filter, &call),
		                 step ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW);
	}
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

/* The largest there is, and the first that a double cannot hold. */
static void test_tells_64_bit_neighbours_apart(void **state)
{
	static const char *const ops[] = { "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		check_neighbours(ops[i], "18446744073709551615", UINT64_MAX);
		check_neighbours(ops[i], "9007199254740993", UINT64_C(9007199254740993));
		check_neighbours(ops[i], "9007199254740992", UINT64_C(9007199254740992));
		check_neighbours(ops[i], "4294967296", UINT64_C(4294967296));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hang_is_taken_back),
		cmocka_unit_test(test_hangs_end),
		cmocka_unit_test(test_tells_64_bit_neighbours_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
