/* SPDX-License-Identifier: Apache-2.0 */
/* Small random profiles, the same for the same seed: many rules on few syscalls, few values. */
#pragma once

#include <seccomp.h>
#include <stdlib.h>

#include "profiles/ruleset.h"

/* Which shapes of rules a profile may have. */
enum shapes {
	SHAPES_EQUALITIES, /* any arguments, EQ and MASKED_EQ, any value */
	SHAPES_SINGLE,     /* one argument, any operator, small values; ranges have one action */
	SHAPES_ANY,
	SHAPES_COUNT,
};

enum { RANDOM_RULES_MAX = 6, RANDOM_ARGS_MAX = 3 };

struct random_profile {
	struct profile profile;
	struct rule rules[RANDOM_RULES_MAX];
	struct comparison args[RANDOM_RULES_MAX][RANDOM_ARGS_MAX];
	char *names[RANDOM_RULES_MAX][1];
	struct arch_entry archs;
	uint32_t sub[3];
};

/* xorshift64*, Vigna 2016: never 0 where the seed is not. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline size_t random_below(uint64_t *state, size_t n)
{
	return (size_t)(random_next(state) >> 33) % n;
}

static const uint64_t random_values[] = {
	0,
	1,
	2,
	5,
	7,
	0x7e020000,
	UINT32_MAX - 1,
	UINT32_MAX, /* small ones end here */
	UINT64_C(1) << 32,
	(UINT64_C(1) << 32) + 5,
	UINT64_C(7) << 32,
	UINT64_MAX - 1,
	UINT64_MAX,
};

static const struct action random_actions[] = {
	{ .kind = ACTION_ALLOW },
	{ .kind = ACTION_ALLOW },
	{ .kind = ACTION_ERRNO, .number = EPERM },
	{ .kind = ACTION_ERRNO, .number = EACCES },
	{ .kind = ACTION_NOTIFY },
	{ .kind = ACTION_LOG },
	{ .kind = ACTION_KILL_PROCESS },
	{ .kind = ACTION_TRAP },
	{ .kind = ACTION_TRACE, .number = 7 },
};

static inline struct comparison random_comparison(uint64_t *state, enum shapes shapes,
                                                  unsigned index)
{
	static const enum compare equalities[] = { COMPARE_EQ, COMPARE_MASKED_EQ };
	size_t values = shapes == SHAPES_SINGLE ? 8 : ARRAY_SIZE(random_values);
	struct comparison comparison = {
		.index = index,
		.op = shapes == SHAPES_EQUALITIES
		              ? equalities[random_below(state, 2)]
		              : (enum compare)random_below(state, COMPARE_COUNT),
		.value = random_values[random_below(state, values)],
	};

	if (comparison.op == COMPARE_MASKED_EQ)
		comparison.value_two = random_values[random_below(state, values)];
	return comparison;
}

static inline bool random_is_range(const struct comparison *comparison)
{
	return comparison->op != COMPARE_EQ && comparison->op != COMPARE_MASKED_EQ;
}

static inline void random_rule(uint64_t *state, enum shapes shapes, struct random_profile *random,
                               size_t i)
{
	static const char *const names[] = {
		"read", "socket", "socket", "semop", "openat", "send"
	};
	struct rule *rule = &random->rules[i];
	size_t n_args = random_below(state, RANDOM_ARGS_MAX + 1);
	unsigned first = (unsigned)random_below(state, 2);

	if (shapes == SHAPES_SINGLE)
		n_args = n_args > 0;
	random->names[i][0] = (char *)(uintptr_t)names[random_below(state, ARRAY_SIZE(names))];
	*rule = (struct rule){
		.index = i,
		.names = random->names[i],
		.n_names = 1,
		.action = random_actions[random_below(state, ARRAY_SIZE(random_actions))],
		.args = random->args[i],
		.n_args = n_args,
	};
	for (size_t k = 0; k < n_args; k++) {
		/* one rule in eight repeats an index */
		unsigned index = first + (random_below(state, 8) ? (unsigned)k : 0);

		rule->args[k] = random_comparison(state, shapes, index);
		if (shapes == SHAPES_SINGLE && random_is_range(&rule->args[k]))
			rule->action = (struct action){ .kind = ACTION_ALLOW };
	}
}

static inline void random_profile_make(uint64_t seed, enum shapes shapes,
                                       struct random_profile *random)
{
	static const enum dialect dialects[] = { DIALECT_DOCKER, DIALECT_PODMAN, DIALECT_OCI };
	uint64_t state = seed * 2 + 1;

	for (int i = 0; i < 8; i++)
		random_next(&state);
	*random = (struct random_profile){ 0 };
	random->sub[0] = SCMP_ARCH_X86_64;
	random->sub[1] = SCMP_ARCH_X86;
	random->sub[2] = SCMP_ARCH_X32;
	random->archs = (struct arch_entry){ .sub = random->sub, .n_sub = 3 };
	random->profile = (struct profile){
		.dialect = dialects[random_below(&state, ARRAY_SIZE(dialects))],
		.default_action = random_actions[random_below(&state, ARRAY_SIZE(random_actions))],
		.archs = &random->archs,
		.n_archs = random_below(&state, 3) > 0,
		.rules = random->rules,
		.n_rules = 1 + random_below(&state, RANDOM_RULES_MAX),
	};
	for (size_t i = 0; i < random->profile.n_rules; i++)
		random_rule(&state, shapes, random, i);
}

/* A call of one of the ABI's numbers with values on the edges of what the rules compare with. */
static inline void random_call(uint64_t *state, const struct abi *abi,
                               struct seccomp_data *ret_call)
{
	const struct syscall_rules *row = &abi->syscalls[random_below(state, abi->n_syscalls)];

	*ret_call = (struct seccomp_data){ .nr = row->nr, .arch = abi->audit_arch };
	for (int i = 0; i < 6; i++)
		ret_call->args[i] = random_values[random_below(state, ARRAY_SIZE(random_values))] +
		                    random_below(state, 3) - 1;
}
