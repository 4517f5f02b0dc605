/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/compile.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "profiles/bpf.h"
#include "profiles/resolve.h"

enum {
	VALUES_PER_COMPARISON = 10,
	MAX_PRODUCT = 2048, /* up to here all combinations of a row's values are tried */
	MAX_SAMPLES = 4096, /* above it, this many of them */
	MAX_DENSE = 8191,   /* every number up to here; arm has a few near 983041 */
	BEYOND = 3,         /* numbers tried above one that a rule names */
};

/* What an argument is set to: the values around which the rules of one syscall change. */
struct candidates {
	uint64_t *values[6];
	size_t n[6];
};

struct verifier {
	const struct filter *filter;
	const struct plan *plan;
	struct seccomp_data *ret_call;
};

static int check_call(const struct verifier *verifier, const struct seccomp_data *call)
{
	if (bpf_run_checked(verifier->filter, call) == plan_expect(verifier->plan, call))
		return 0;
	*verifier->ret_call = *call;
	return -EBADMSG;
}

static unsigned range_values(const struct comparison *comparison, uint64_t *out)
{
	uint64_t value = comparison->value;
	const uint64_t low = UINT32_MAX;
	const uint64_t carry = low + 1;
	const uint64_t values[VALUES_PER_COMPARISON] = {
		value,        value - 1,   value + 1, value + carry, value - carry, value & low,
		value & ~low, value | low, 0,         UINT64_MAX,
	};

	memcpy(out, values, sizeof(values));
	return VALUES_PER_COMPARISON;
}

static unsigned masked_values(const struct comparison *comparison, uint64_t *out)
{
	uint64_t mask = comparison->value;
	uint64_t value = comparison->value_two & mask;
	uint64_t lowest = mask & (~mask + 1);
	uint64_t highest = UINT64_C(1) << (63 - __builtin_clzll(mask | 1));
	const uint64_t low = UINT32_MAX;
	const uint64_t values[VALUES_PER_COMPARISON] = {
		value,           value | ~mask,          value ^ lowest,
		value ^ highest, value ^ mask,           value & low,
		value & ~low,    value | (~mask & ~low), 0,
		UINT64_MAX,
	};

	memcpy(out, values, sizeof(values));
	return VALUES_PER_COMPARISON;
}

static size_t count_on(const struct syscall_rules *rules, unsigned index)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n_matches; i++)
		for (unsigned j = 0; j < rules->matches[i].n_args; j++)
			n += rules->matches[i].args[j].index == index;
	return n;
}

static int collect_argument(const struct syscall_rules *rules, unsigned index,
                            struct candidates *candidates)
{
	size_t n = count_on(rules, index) * VALUES_PER_COMPARISON + 1;
	uint64_t *values = calloc(n, sizeof(*values));
	size_t at = 0;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < rules->n_matches; i++)
		for (unsigned j = 0; j < rules->matches[i].n_args; j++) {
			const struct comparison *comparison = &rules->matches[i].args[j];

			if (comparison->index != index)
				continue;
			at += comparison->op == COMPARE_MASKED_EQ
			              ? masked_values(comparison, &values[at])
			              : range_values(comparison, &values[at]);
		}
	/* One value, and no zero, for an argument that no rule looks at. */
	if (at == 0)
		values[at++] = UINT64_C(0x5a5a5a5a00000001) * (index + 1);
	candidates->values[index] = values;
	candidates->n[index] = at;
	return 0;
}

static void candidates_deinit(struct candidates *candidates)
{
	for (unsigned i = 0; i < 6; i++)
		free(candidates->values[i]);
}

/* The number of combinations, or MAX_PRODUCT + 1 for too many. */
static size_t product_of(const struct candidates *candidates)
{
	size_t product = 1;

	for (unsigned i = 0; i < 6; i++) {
		product *= candidates->n[i];
		if (product > MAX_PRODUCT)
			return MAX_PRODUCT + 1;
	}
	return product;
}

static int check_all(const struct verifier *verifier, const struct candidates *candidates,
                     size_t product, struct seccomp_data *call)
{
	int r = 0;

	for (size_t n = 0; n < product && r == 0; n++) {
		size_t rest = n;

		for (unsigned i = 0; i < 6; i++) {
			call->args[i] = candidates->values[i][rest % candidates->n[i]];
			rest /= candidates->n[i];
		}
		r = check_call(verifier, call);
	}
	return r;
}

/* Knuth's MMIX generator: the same points for the same rules, on every machine. */
static size_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(*state >> 33);
}

/*
 * One match's own values first, so that its other conditions hold while one argument moves, then
 * combinations at random.
 */
static int check_samples(const struct verifier *verifier, const struct candidates *candidates,
                         const struct syscall_rules *rules, struct seccomp_data *call)
{
	uint64_t state = (uint64_t)rules->nr;
	int r = 0;

	for (unsigned n = 0; n < MAX_SAMPLES && r == 0; n++) {
		const struct match *match = &rules->matches[n % rules->n_matches];
		unsigned moved = (unsigned)(next_random(&state) % 6);

		for (unsigned i = 0; i < 6; i++)
			call->args[i] =
				candidates->values[i][next_random(&state) % candidates->n[i]];
		for (unsigned i = 0; i < match->n_args && n % 4 != 0; i++) {
			const struct comparison *comparison = &match->args[i];

			if (i != moved)
				call->args[comparison->index] = comparison->op == COMPARE_MASKED_EQ
				                                        ? comparison->value_two
				                                        : comparison->value;
		}
		r = check_call(verifier, call);
	}
	return r;
}

static int check_row(const struct verifier *verifier, const struct plan_row *row,
                     struct seccomp_data *call)
{
	_cleanup_(candidates_deinit) struct candidates candidates = { 0 };
	size_t product;
	int r;

	call->nr = row->nr;
	for (unsigned i = 0; i < 6; i++) {
		r = collect_argument(row->rules, i, &candidates);
		if (r < 0)
			return r;
	}
	product = product_of(&candidates);
	if (product <= MAX_PRODUCT)
		return check_all(verifier, &candidates, product, call);
	return check_samples(verifier, &candidates, row->rules, call);
}

static bool row_has_arguments(const struct plan_row *row)
{
	return row->rules->n_matches > 0 && row->rules->matches[0].n_args > 0;
}

static int check_numbers(const struct verifier *verifier, struct seccomp_data *call, unsigned first,
                         unsigned last)
{
	int r = 0;

	for (unsigned nr = first; nr <= last && r == 0; nr++) {
		call->nr = (int)nr;
		r = check_call(verifier, call);
	}
	return r;
}

/* The largest number of an ABI that the profile speaks of. */
static unsigned last_number(const struct plan_abi *plan_abi)
{
	unsigned last = plan_abi->abi->newest;

	if (plan_abi->n_rows > 0 && (unsigned)plan_abi->rows[plan_abi->n_rows - 1].nr > last)
		last = (unsigned)plan_abi->rows[plan_abi->n_rows - 1].nr;
	return last;
}

static int check_abi(const struct verifier *verifier, const struct plan_abi *plan_abi)
{
	unsigned first = plan_abi->abi->scmp_arch == SCMP_ARCH_X32 ? X32_BIT : 0;
	unsigned last = last_number(plan_abi) + BEYOND;
	struct seccomp_data call = { .arch = plan_abi->abi->audit_arch };
	unsigned dense = last - first > MAX_DENSE ? first + MAX_DENSE : last;
	int r;

	r = check_numbers(verifier, &call, first, dense);
	for (size_t i = 0; i < plan_abi->n_rows && r == 0; i++) {
		const struct plan_row *row = &plan_abi->rows[i];
		unsigned nr = (unsigned)row->nr;

		if (nr > dense)
			r = check_numbers(verifier, &call, nr - 1, nr + BEYOND);
		if (r == 0 && row_has_arguments(row))
			r = check_row(verifier, row, &call);
	}
	return r;
}

/* The edges of the numbers, in the plan's ABIs and in others. */
static int check_edges(const struct verifier *verifier)
{
	static const uint32_t archs[] = {
		AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
		AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0,
	};
	static const uint32_t numbers[] = {
		0,
		1,
		X32_BIT - 1,
		X32_BIT,
		X32_BIT + 1,
		X32_BIT | 511,
		X32_BIT | 1023,
		INT32_MAX,
		0x80000000U,
		0x80000001U,
		UINT32_MAX - 1,
		UINT32_MAX,
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		for (size_t j = 0; j < ARRAY_SIZE(numbers) && r == 0; j++) {
			struct seccomp_data call = { .arch = archs[i], .nr = (int)numbers[j] };

			r = check_call(verifier, &call);
		}
	return r;
}

int filter_verify(const struct filter *filter, const struct plan *plan,
                  struct seccomp_data *ret_call)
{
	struct verifier verifier = { filter, plan, ret_call };
	int r;

	r = bpf_check(filter);
	for (size_t i = 0; i < plan->n_abis && r == 0; i++)
		r = check_abi(&verifier, &plan->abis[i]);
	return r < 0 ? r : check_edges(&verifier);
}
