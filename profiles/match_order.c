/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/match_order.h"

#include <string.h>

/*
 * libseccomp keeps the rules of a syscall as a tree. A level holds comparisons of 32-bit words;
 * a 64-bit comparison is a high word and, below it, a low one. Siblings are tried in the order of
 * libseccomp's _db_chain_lt(); a branch that fails goes on with the next sibling. So the filter
 * means a list: the leaves from left to right. A path here is one leaf's way down.
 */
enum { PATH_MAX_WORDS = 12 };

struct word {
	unsigned argument; /* larger is tried first: twice the index, one more for a high word */
	unsigned class;    /* larger is tried first */
	bool smaller_first;
	enum compare op; /* of the instruction: LT is the other exit of GE, LE of GT, NE of EQ */
	uint32_t value;
	uint32_t mask;
};

struct path {
	struct word words[PATH_MAX_WORDS];
	unsigned n;
};

struct op_row {
	unsigned class;
	bool smaller_first;
	enum compare high; /* the instruction on the high word */
	enum compare low;  /* the instruction on the low word */
};

static const struct op_row op_rows[COMPARE_COUNT] = {
	[COMPARE_NE] = { 3, false, COMPARE_EQ, COMPARE_EQ },
	[COMPARE_LT] = { 2, true, COMPARE_GT, COMPARE_GE },
	[COMPARE_LE] = { 2, true, COMPARE_GT, COMPARE_GT },
	[COMPARE_EQ] = { 3, false, COMPARE_EQ, COMPARE_EQ },
	[COMPARE_GE] = { 1, false, COMPARE_GT, COMPARE_GE },
	[COMPARE_GT] = { 1, false, COMPARE_GT, COMPARE_GT },
	[COMPARE_MASKED_EQ] = { 3, false, COMPARE_MASKED_EQ, COMPARE_MASKED_EQ },
};

static uint64_t comparison_mask(const struct comparison *comparison)
{
	return comparison->op == COMPARE_MASKED_EQ ? comparison->value : UINT64_MAX;
}

static uint64_t comparison_value(const struct comparison *comparison)
{
	return comparison->op == COMPARE_MASKED_EQ ? comparison->value_two & comparison->value
	                                           : comparison->value;
}

static void path_add(struct path *path, const struct comparison *comparison, bool high)
{
	const struct op_row *row = &op_rows[comparison->op];
	unsigned shift = high ? 32 : 0;

	path->words[path->n++] = (struct word){
		.argument = comparison->index * 2 + high,
		.class = row->class,
		.smaller_first = row->smaller_first,
		.op = high ? row->high : row->low,
		.value = (uint32_t)(comparison_value(comparison) >> shift),
		.mask = (uint32_t)(comparison_mask(comparison) >> shift),
	};
}

static void path_of(const struct match *match, bool abi_is_32_bit, struct path *ret_path)
{
	ret_path->n = 0;
	for (unsigned i = 0; i < match->n_args; i++) {
		if (!abi_is_32_bit)
			path_add(ret_path, &match->args[i], true);
		path_add(ret_path, &match->args[i], false);
	}
}

static bool word_same(const struct word *a, const struct word *b)
{
	return a->argument == b->argument && a->op == b->op && a->value == b->value &&
	       a->mask == b->mask;
}

/* Whether a newcomer stands before an existing sibling. */
static bool word_before(const struct word *newcomer, const struct word *existing)
{
	if (newcomer->argument != existing->argument)
		return newcomer->argument > existing->argument;
	if (newcomer->class != existing->class)
		return newcomer->class > existing->class;
	return existing->smaller_first ? newcomer->value < existing->value
	                               : newcomer->value > existing->value;
}

/* The end of the run of matches from start on that share the word at depth. */
static size_t run_end(const struct syscall_rules *rules, size_t start, size_t end, unsigned depth,
                      bool abi_is_32_bit)
{
	struct path first, other;
	size_t i;

	path_of(&rules->matches[start], abi_is_32_bit, &first);
	for (i = start + 1; i < end; i++) {
		path_of(&rules->matches[i], abi_is_32_bit, &other);
		if (depth >= first.n || depth >= other.n ||
		    !word_same(&first.words[depth], &other.words[depth]))
			break;
	}
	return i;
}

/* Where a new path goes: down the tree, at each level along the siblings. */
static size_t position_of(const struct syscall_rules *rules, const struct path *path,
                          bool abi_is_32_bit)
{
	size_t start = 0, end = rules->n_matches;

	for (unsigned depth = 0; depth < path->n; depth++) {
		struct path sibling;
		size_t run = start;

		for (; start < end; start = run) {
			run = run_end(rules, start, end, depth, abi_is_32_bit);
			path_of(&rules->matches[start], abi_is_32_bit, &sibling);
			if (depth >= sibling.n)
				continue; /* the other exit of a shared comparison */
			if (word_same(&sibling.words[depth], &path->words[depth]))
				break;
			if (word_before(&path->words[depth], &sibling.words[depth]))
				return start;
		}
		if (start == end)
			return end;
		end = run;
	}
	return end;
}

static bool comparison_same(const struct comparison *a, const struct comparison *b)
{
	return a->index == b->index && a->op == b->op &&
	       comparison_value(a) == comparison_value(b) &&
	       comparison_mask(a) == comparison_mask(b);
}

/* Whether wide's conditions are the first of narrow's: then all that meets narrow meets wide. */
static bool match_covers(const struct match *wide, const struct match *narrow)
{
	if (wide->n_args > narrow->n_args)
		return false;
	for (unsigned i = 0; i < wide->n_args; i++)
		if (!comparison_same(&wide->args[i], &narrow->args[i]))
			return false;
	return true;
}

static void remove_at(struct syscall_rules *rules, size_t i)
{
	memmove(&rules->matches[i], &rules->matches[i + 1],
	        (rules->n_matches - i - 1) * sizeof(*rules->matches));
	rules->n_matches--;
}

static int insert_at(struct syscall_rules *rules, size_t i, const struct match *match)
{
	struct match *grown;

	grown = reallocarray(rules->matches, rules->n_matches + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	rules->matches = grown;
	memmove(&grown[i + 1], &grown[i], (rules->n_matches - i) * sizeof(*grown));
	grown[i] = *match;
	rules->n_matches++;
	return 0;
}

/* Makes room for a match: 1 if it is hidden by one that is there, 0 to add it. */
static int displace(struct syscall_rules *rules, const struct match *match,
                    const struct rule **ret_other, bool *ret_conflict)
{
	for (size_t i = rules->n_matches; i-- > 0;) {
		const struct match *existing = &rules->matches[i];
		bool as_wide = existing->n_args == match->n_args;

		if (match_covers(existing, match) && (!as_wide || existing->n_args == 0))
			return 1;
		if (!match_covers(match, existing))
			continue;
		/* Without arguments it wins over all; else a collision of actions is refused. */
		if (match->n_args > 0 && !action_equal(existing->action, match->action)) {
			*ret_other = existing->rule;
			*ret_conflict = true;
			return 0;
		}
		if (as_wide)
			return 1;
		remove_at(rules, i);
	}
	return 0;
}

int syscall_rules_add(struct syscall_rules *rules, const struct match *match, bool abi_is_32_bit,
                      const struct rule **ret_other)
{
	bool conflict = false;
	struct path path;

	if (displace(rules, match, ret_other, &conflict))
		return 0;
	if (conflict)
		return MATCH_CONFLICT;
	path_of(match, abi_is_32_bit, &path);
	return insert_at(rules, position_of(rules, &path, abi_is_32_bit), match);
}

static void truncate_values(struct comparison *comparison)
{
	comparison->value = (uint32_t)comparison->value;
	comparison->value_two = (uint32_t)comparison->value_two;
}

void match_normalize(struct match *match, bool abi_is_32_bit)
{
	struct comparison ordered[6];
	unsigned n = 0;

	for (unsigned index = 0; index < 6; index++)
		for (unsigned i = 0; i < match->n_args; i++) {
			struct comparison *comparison = &match->args[i];

			if (comparison->index != index)
				continue;
			if (abi_is_32_bit)
				truncate_values(comparison);
			if (comparison->op == COMPARE_MASKED_EQ && comparison->value == 0)
				continue; /* always holds */
			comparison->value_two &= comparison_mask(comparison);
			ordered[n++] = *comparison;
		}
	memcpy(match->args, ordered, n * sizeof(*ordered));
	match->n_args = n;
}
