/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/bpf.h"
#include "tests/support/profile_fixture.h"

static void compile_default(struct fixture *fixture, struct plan_options options,
                            struct plan **ret_plan, struct filter *ret_filter)
{
	assert_int_equal(fixture_load(fixture, PROFILE_FILE("moby-default.json"), fixture_host()),
	                 0);
	assert_int_equal(plan_build(fixture->ruleset, &options, ret_plan), 0);
	assert_int_equal(filter_compile(*ret_plan, ret_filter), 0);
}

/* libseccomp leaves a return that no way leads to. */
static bool is_reached(const struct filter *filter, unsigned target)
{
	for (unsigned i = 0; i < target; i++) {
		const struct sock_filter *insn = &filter->instructions[i];
		bool jumps = BPF_CLASS(insn->code) == BPF_JMP;

		if (jumps && BPF_OP(insn->code) == BPF_JA && i + 1 + insn->k == target)
			return true;
		if (jumps && BPF_OP(insn->code) != BPF_JA &&
		    (i + 1 + insn->jt == target || i + 1 + insn->jf == target))
			return true;
		if (!jumps && BPF_CLASS(insn->code) != BPF_RET && i + 1 == target)
			return true;
	}
	return false;
}

/* A filter in which one verdict is another must be refused, whichever it is. */
static void test_verify_sees_every_verdict(void **state)
{
	struct fixture fixture;
	struct seccomp_data call;
	struct filter filter;
	struct plan *plan;

	(void)state;
	compile_default(&fixture, (struct plan_options){ 0 }, &plan, &filter);
	for (unsigned i = 0; i < filter.count; i++) {
		struct sock_filter *insn = &filter.instructions[i];
		uint32_t saved = insn->k;

		if (insn->code != (BPF_RET | BPF_K) || !is_reached(&filter, i))
			continue;
		insn->k ^= SECCOMP_RET_ALLOW ^ SECCOMP_RET_USER_NOTIF;
		if (filter_verify(&filter, plan, &call) != -EBADMSG)
			fail_msg("instruction %u", i);
		assert_int_not_equal(bpf_run_checked(&filter, &call), plan_expect(plan, &call));
		insn->k = saved;
	}
	assert_int_equal(filter_verify(&filter, plan, &call), 0);
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

/* Whether some of many values of the first argument shows that the filter is wrong. */
static bool sampling_refutes(const struct filter *filter, const struct plan *plan)
{
	static const char *const names[] = { "socket", "personality", "clone" };
	static const uint64_t highs[] = { 0, 1, 2, UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t high = 0; high < ARRAY_SIZE(highs); high++)
			for (uint64_t low = 0; low < 256; low++) {
				struct seccomp_data call = { .arch = AUDIT_ARCH_X86_64 };

				call.nr = seccomp_syscall_resolve_name(names[i]);
				call.args[0] = highs[high] << 32 | low;
				if (bpf_run_checked(filter, &call) != plan_expect(plan, &call))
					return true;
			}
	return false;
}

/* A wrong comparison in the argument rules is seen, unless no call tells it from the right one. */
static void test_verify_sees_comparisons(void **state)
{
	struct fixture fixture;
	struct seccomp_data call;
	struct filter filter;
	struct plan *plan;
	unsigned refuted = 0;

	(void)state;
	compile_default(&fixture, (struct plan_options){ .deny_in_kernel = true }, &plan, &filter);
	for (unsigned i = 1; i < filter.count; i++) {
		const struct sock_filter *load = &filter.instructions[i - 1];
		struct sock_filter *insn = &filter.instructions[i];

		if (load->code != (BPF_LD | BPF_W | BPF_ABS) ||
		    load->k < offsetof(struct seccomp_data, args))
			continue;
		insn->k ^= 1;
		if (sampling_refutes(&filter, plan)) {
			refuted++;
			if (filter_verify(&filter, plan, &call) != -EBADMSG)
				fail_msg("instruction %u", i);
		}
		insn->k ^= 1;
	}
	assert_true(refuted > 3);
	filter_deinit(&filter);
	plan_free(plan);
	fixture_free(&fixture);
}

/* A filter of another plan is refused, and the call shown is one on which they differ. */
static void test_verify_refuses_another_plans_filter(void **state)
{
	struct fixture fixture, other;
	struct seccomp_data call;
	struct filter filter, denying;
	struct plan *plan, *other_plan;

	(void)state;
	compile_default(&fixture, (struct plan_options){ 0 }, &plan, &filter);
	compile_default(&other, (struct plan_options){ .deny_in_kernel = true }, &other_plan,
	                &denying);
	assert_int_equal(filter_verify(&denying, plan, &call), -EBADMSG);
	assert_int_not_equal(bpf_run_checked(&denying, &call), plan_expect(plan, &call));
	denying.count--; /* not even a program */
	denying.instructions[denying.count - 1] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	assert_int_equal(filter_verify(&denying, other_plan, &call), -EINVAL);
	filter_deinit(&filter);
	filter_deinit(&denying);
	plan_free(plan);
	plan_free(other_plan);
	fixture_free(&fixture);
	fixture_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify_sees_every_verdict),
		cmocka_unit_test(test_verify_sees_comparisons),
		cmocka_unit_test(test_verify_refuses_another_plans_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
