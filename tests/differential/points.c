/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/differential/points.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "profiles/bpf.h"
#include "profiles/compile.h"
#include "tests/support/random_profile.h"

enum {
	POINTS_PER_COMPARISON = 24, /* of the rules of one syscall */
	POINTS_PER_CONSTANT = 2,    /* of a syscall whose arguments no rule looks at */
	POINTS_OF_ANY_NUMBER = 500, /* of an ABI */
	NUMBERS = 600,
	DIFFERENCES_SHOWN = 10,
};

static const struct plan_options modes[] = {
	{ 0 },
	{ .deny_in_kernel = true },
	{ .complain = true },
};

struct comparer {
	const char *name;
	const struct plan *plan;
	const struct filter *filter;
	struct figures *figures;
	uint64_t random;
};

static void compare_call(struct comparer *comparer, const struct seccomp_data *call)
{
	uint32_t expected = plan_expect(comparer->plan, call);
	uint32_t got = bpf_run_checked(comparer->filter, call);

	comparer->figures->points++;
	if (got == expected)
		return;
	if (comparer->figures->differences++ >= DIFFERENCES_SHOWN)
		return;
	printf("# %s: arch %x nr %d (%llx %llx %llx %llx %llx %llx): filter %x, profile %x\n",
	       comparer->name, call->arch, call->nr, call->args[0], call->args[1], call->args[2],
	       call->args[3], call->args[4], call->args[5], got, expected);
}

/* ---- values */

/* A value on an edge of what a condition compares with, or one word or bit away from it. */
static uint64_t near_value(struct comparer *comparer, const struct comparison *comparison)
{
	bool masked = comparison->op == COMPARE_MASKED_EQ;
	uint64_t value = masked ? comparison->value_two : comparison->value;
	uint64_t bit = UINT64_C(1) << random_below(&comparer->random, 64);

	switch (random_below(&comparer->random, 10)) {
	case 0:
		return value - 1;
	case 1:
		return value + 1;
	case 2:
		return value + (UINT64_C(1) << 32);
	case 3:
		return value - (UINT64_C(1) << 32);
	case 4:
		return value & UINT32_MAX;
	case 5:
		return value ^ bit;
	case 6:
		return masked ? value | (~comparison->value & random_next(&comparer->random))
		              : ~value;
	default:
		return value;
	}
}

static uint64_t any_value(struct comparer *comparer)
{
	uint64_t value = random_next(&comparer->random);

	switch (random_below(&comparer->random, 4)) {
	case 0:
		return random_values[random_below(&comparer->random, ARRAY_SIZE(random_values))];
	case 1:
		return value & 0xff;
	case 2:
		return value & UINT32_MAX;
	default:
		return value;
	}
}

static void fill_arguments(struct comparer *comparer, struct seccomp_data *call)
{
	for (unsigned i = 0; i < 6; i++)
		call->args[i] = any_value(comparer);
}

/* ---- points */

/* All conditions of one rule at their edges, and sometimes one of another rule's. */
static void aim(struct comparer *comparer, const struct syscall_rules *rules,
                const struct match *match, struct seccomp_data *call)
{
	const struct match *other =
		&rules->matches[random_below(&comparer->random, rules->n_matches)];

	fill_arguments(comparer, call);
	for (unsigned i = 0; i < match->n_args; i++)
		call->args[match->args[i].index] = near_value(comparer, &match->args[i]);
	if (other->n_args > 0 && random_below(&comparer->random, 3) == 0) {
		const struct comparison *one =
			&other->args[random_below(&comparer->random, other->n_args)];

		call->args[one->index] = near_value(comparer, one);
	}
}

static void compare_row(struct comparer *comparer, const struct plan_row *row,
                        struct seccomp_data *call)
{
	size_t factor = comparer->figures->factor;

	call->nr = row->nr;
	for (size_t i = 0; i < POINTS_PER_CONSTANT * factor; i++) {
		fill_arguments(comparer, call);
		compare_call(comparer, call);
	}
	for (size_t i = 0; i < row->rules->n_matches; i++) {
		const struct match *match = &row->rules->matches[i];
		size_t points = match->n_args * POINTS_PER_COMPARISON * factor;

		for (size_t k = 0; k < points; k++) {
			aim(comparer, row->rules, match, call);
			compare_call(comparer, call);
		}
	}
}

static void compare_any_numbers(struct comparer *comparer, uint32_t audit_arch, unsigned base)
{
	struct seccomp_data call = { .arch = audit_arch };

	for (size_t i = 0; i < POINTS_OF_ANY_NUMBER * comparer->figures->factor; i++) {
		call.nr = (int)(base + random_below(&comparer->random, NUMBERS));
		if (random_below(&comparer->random, 16) == 0)
			call.nr = (int)random_next(&comparer->random);
		fill_arguments(comparer, &call);
		compare_call(comparer, &call);
	}
}

static void compare_filter(struct comparer *comparer)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_S390X };
	const struct plan *plan = comparer->plan;

	for (size_t i = 0; i < plan->n_abis; i++) {
		const struct abi *abi = plan->abis[i].abi;
		struct seccomp_data call = { .arch = abi->audit_arch };

		for (size_t k = 0; k < plan->abis[i].n_rows; k++)
			compare_row(comparer, &plan->abis[i].rows[k], &call);
		compare_any_numbers(comparer, abi->audit_arch,
		                    abi->scmp_arch == SCMP_ARCH_X32 ? 0x40000000 : 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		compare_any_numbers(comparer, foreign[i], 0);
}

void compare_filters(const struct ruleset *ruleset, const char *name, struct figures *figures)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct filter filter;
		struct comparer comparer = {
			.name = name,
			.filter = &filter,
			.figures = figures,
			.random = figures->filters * 2 + 1,
		};
		struct plan *plan;
		int r;

		r = plan_build(ruleset, &modes[i], &plan);
		if (r < 0)
			abort();
		comparer.plan = plan;
		r = filter_compile(plan, &filter);
		if (r < 0) {
			printf("# %s: no filter: %s\n", name, strerror(-r));
			figures->differences++;
		} else {
			figures->filters++;
			compare_filter(&comparer);
			filter_deinit(&filter);
		}
		plan_free(plan);
	}
}
