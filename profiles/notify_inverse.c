/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_inverse.h"

#include <stdlib.h>

#define BIT_31 UINT64_C(0x80000000)

/* All rules have one condition, on the same argument, and none has a mask. */
static bool on_one_argument(const struct syscall_rules *rules)
{
	for (size_t i = 0; i < rules->n_matches; i++) {
		const struct match *match = &rules->matches[i];

		if (match->n_args != 1 || match->args[0].op == COMPARE_MASKED_EQ ||
		    match->args[0].index != rules->matches[0].args[0].index)
			return false;
	}
	return rules->n_matches > 0;
}

static int compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Where the outcome may change: the first value of each range. Sorted, some of them twice. */
static uint64_t *range_starts(const struct syscall_rules *rules, size_t *ret_count)
{
	uint64_t *starts = calloc(2 * rules->n_matches + 1, sizeof(*starts));
	size_t n = 1; /* from 0 on */

	if (!starts)
		return NULL;
	for (size_t i = 0; i < rules->n_matches; i++) {
		uint64_t value = rules->matches[i].args[0].value;

		starts[n++] = value;
		if (value < UINT64_MAX)
			starts[n++] = value + 1;
	}
	qsort(starts, n, sizeof(*starts), compare_values);
	*ret_count = n;
	return starts;
}

static bool any_holds(const struct syscall_rules *rules, uint64_t value)
{
	struct seccomp_data call = { 0 };

	call.args[rules->matches[0].args[0].index] = value;
	for (size_t i = 0; i < rules->n_matches; i++)
		if (comparison_holds(&rules->matches[i].args[0], false, &call))
			return true;
	return false;
}

static bool add_point(struct inverse *inverse, unsigned index, uint64_t value)
{
	if (inverse->n_rules == INVERSE_MAX)
		return false;
	inverse->rules[inverse->n_rules++] =
		(struct comparison){ .index = index, .op = COMPARE_EQ, .value = value };
	return true;
}

static bool make_points(const struct syscall_rules *rules, struct inverse *inverse)
{
	_cleanup_free_ uint64_t *starts = NULL;
	size_t n = 0;

	if (!on_one_argument(rules))
		return false;
	starts = range_starts(rules, &n);
	for (size_t i = 0; i < n; i++) {
		bool repeated = i + 1 < n && starts[i + 1] == starts[i];
		uint64_t last = i + 1 < n ? starts[i + 1] - 1 : UINT64_MAX;

		if (repeated || any_holds(rules, starts[i]))
			continue;
		if (last != starts[i] ||
		    !add_point(inverse, rules->matches[0].args[0].index, starts[i]))
			return false;
	}
	return inverse->n_rules > 0;
}

static void make_floor(struct inverse *inverse)
{
	inverse->rules[inverse->n_rules++] = (struct comparison){ .index = 0, .op = COMPARE_GE };
}

static void make_halves(struct inverse *inverse)
{
	struct comparison half = { .index = 0, .op = COMPARE_MASKED_EQ, .value = BIT_31 };

	inverse->rules[inverse->n_rules++] = half;
	half.value_two = BIT_31;
	inverse->rules[inverse->n_rules++] = half;
}

bool inverse_make(enum inverse_kind kind, const struct syscall_rules *rules,
                  struct inverse *ret_inverse)
{
	struct inverse inverse = { 0 };

	if (kind == INVERSE_POINTS && !make_points(rules, &inverse))
		return false;
	if (kind == INVERSE_FLOOR)
		make_floor(&inverse);
	if (kind == INVERSE_HALVES)
		make_halves(&inverse);
	*ret_inverse = inverse;
	return true;
}
