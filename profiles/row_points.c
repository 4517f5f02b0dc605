/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/row_points.h"

#include <string.h>

enum {
	VALUES_PER_COMPARISON = 10,
	MAX_PRODUCT = 2048, /* up to here all combinations of a row's values are tried */
	MAX_SAMPLES = 4096, /* above it, this many of them */
};

/* What an argument is set to: the values around which the rules of one syscall change. */
struct candidates {
	uint64_t *values[6];
	size_t n[6];
};

struct visitor {
	row_visit *visit;
	void *context;
};

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

static int visit_all(const struct visitor *visitor, const struct candidates *candidates,
                     size_t product, struct seccomp_data *call)
{
	int r = 0;

	for (size_t n = 0; n < product && r == 0; n++) {
		size_t rest = n;

		for (unsigned i = 0; i < 6; i++) {
			call->args[i] = candidates->values[i][rest % candidates->n[i]];
			rest /= candidates->n[i];
		}
		r = visitor->visit(visitor->context, call);
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
static int visit_samples(const struct visitor *visitor, const struct candidates *candidates,
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
		r = visitor->visit(visitor->context, call);
	}
	return r;
}

int row_points(const struct syscall_rules *rules, struct seccomp_data *call, row_visit *visit,
               void *context)
{
	_cleanup_(candidates_deinit) struct candidates candidates = { 0 };
	struct visitor visitor = { visit, context };
	size_t product;
	int r;

	call->nr = rules->nr;
	for (unsigned i = 0; i < 6; i++) {
		r = collect_argument(rules, i, &candidates);
		if (r < 0)
			return r;
	}
	product = product_of(&candidates);
	if (product <= MAX_PRODUCT)
		return visit_all(&visitor, &candidates, product, call);
	return visit_samples(&visitor, &candidates, rules, call);
}
