/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that do not mean what the argument is. */
#include "profiles/lint/lint_rows.h"

#include <inttypes.h>

#include "profiles/resolve.h"
#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"

/* One condition of a rule on one of its names, with what the argument is. */
struct condition {
	const struct rule *rule;
	const char *name;
	const struct comparison *comparison;
	const struct signature *signature;
	const struct argument *argument; /* NULL where the syscall has no such argument */
};

/* True where it said something: the rule's other names would only repeat it. */
typedef bool (*condition_check)(struct lint *lint, const struct condition *condition);

static bool check_names(struct lint *lint, const struct rule *rule,
                        const struct comparison *comparison, condition_check check)
{
	const struct abi *abi = &lint->ruleset->abis[0];

	for (size_t i = 0; i < rule->n_names; i++) {
		struct condition condition = { rule, rule->names[i], comparison, NULL, NULL };

		condition.signature = signature_find(abi->scmp_arch, rule->names[i]);
		if (!condition.signature || !syscall_known(rule->names[i]))
			continue;
		if (comparison->index < signature_length(condition.signature))
			condition.argument = &condition.signature->args[comparison->index];
		if (check(lint, &condition))
			return true;
	}
	return false;
}

/* Of each rule in the filter, the first condition on which check has something to say. */
static void check_conditions(struct lint *lint, condition_check check)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];
		bool said = false;

		if (!lint_in_filter(lint, rule))
			continue;
		for (size_t j = 0; j < rule->n_args && !said; j++)
			said = check_names(lint, rule, &rule->args[j], check);
	}
}

/* ---- pointer-as-number */

/* NULL is a number like others, and asks whether there is an argument at all. */
static bool compares_with_null(const struct comparison *comparison)
{
	return (comparison->op == COMPARE_EQ || comparison->op == COMPARE_NE) &&
	       comparison->value == 0;
}

static bool check_pointer(struct lint *lint, const struct condition *condition)
{
	const struct argument *argument = condition->argument;

	if (!argument || argument->type < ARGUMENT_POINTER ||
	    compares_with_null(condition->comparison))
		return false;
	lint_rule(lint, condition->rule,
	          "%s: argument %u (%s) is a pointer; the condition is on the address, not on what "
	          "stands there",
	          condition->name, condition->comparison->index, argument->name);
	return true;
}

int lint_pointer_as_number(struct lint *lint)
{
	check_conditions(lint, check_pointer);
	return 0;
}

/* ---- absent-argument */

static bool check_absent(struct lint *lint, const struct condition *condition)
{
	if (condition->argument)
		return false;
	lint_rule(lint, condition->rule,
	          "%s has %u arguments, so argument %u is whatever the register holds",
	          condition->name, signature_length(condition->signature),
	          condition->comparison->index);
	return true;
}

int lint_absent_argument(struct lint *lint)
{
	check_conditions(lint, check_absent);
	return 0;
}

/* ---- wide-compare */

/* A value that meets a comparison. */
static uint64_t value_for(const struct comparison *comparison)
{
	static const int offsets[COMPARE_COUNT] = {
		[COMPARE_NE] = 1, [COMPARE_LT] = -1, [COMPARE_GT] = 1
	};

	if (comparison->op == COMPARE_MASKED_EQ)
		return comparison->value_two & comparison->value;
	return comparison->value + (uint64_t)(int64_t)offsets[comparison->op];
}

/* A call that meets all of a rule's conditions but the one on index, which is value. */
static struct seccomp_data call_with(const struct lint *lint, const struct condition *condition,
                                     int nr, uint64_t value)
{
	const struct rule *rule = condition->rule;
	struct seccomp_data call = { .nr = nr, .arch = lint->ruleset->abis[0].audit_arch };

	for (size_t i = 0; i < rule->n_args; i++)
		call.args[rule->args[i].index] = value_for(&rule->args[i]);
	call.args[condition->comparison->index] = value;
	return call;
}

/*
 * The kernel takes both values for the same one. Whether the profile does not, and this rule is the
 * one to change: the one that lets a value through, if it is a rule that does.
 */
static bool differs(const struct lint *lint, const struct condition *condition, uint32_t narrow,
                    uint64_t wide, bool wide_passes)
{
	struct seccomp_data narrow_call, wide_call;
	struct decision narrow_decision, wide_decision;
	const struct rule *passing, *other;
	struct numbers numbers;

	if (numbers_resolve(lint->ruleset->abis[0].scmp_arch, condition->name, &numbers) < 0 ||
	    numbers.direct < 0)
		return false;
	narrow_call = call_with(lint, condition, numbers.direct, narrow);
	wide_call = call_with(lint, condition, numbers.direct, wide);
	ruleset_evaluate(lint->ruleset, &narrow_call, &narrow_decision);
	ruleset_evaluate(lint->ruleset, &wide_call, &wide_decision);
	passing = wide_passes ? wide_decision.rule : narrow_decision.rule;
	other = wide_passes ? narrow_decision.rule : wide_decision.rule;
	return action_allows(wide_decision.action) == wide_passes &&
	       action_allows(narrow_decision.action) == !wide_passes &&
	       condition->rule == (passing ? passing : other);
}

static void say_wide(struct lint *lint, const struct condition *condition, uint32_t narrow,
                     uint64_t wide)
{
	lint_rule(
		lint, condition->rule,
		"%s: the kernel takes 32 bits of argument %u (%s), the condition 64, so 0x%" PRIx64
		" passes where %" PRIu32 " does not, and is the same to the kernel",
		condition->name, condition->comparison->index, condition->argument->name, wide,
		narrow);
}

static bool check_wide(struct lint *lint, const struct condition *condition)
{
	uint32_t value = (uint32_t)condition->comparison->value;
	const uint32_t candidates[] = { value, value - 1, value + 1 };

	if (!condition->argument || !argument_is_32_bit(condition->argument->type))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		uint64_t wide = UINT64_C(1) << 32 | candidates[i];

		if (!differs(lint, condition, candidates[i], wide, true))
			continue;
		say_wide(lint, condition, candidates[i], wide);
		return true;
	}
	if (condition->comparison->op != COMPARE_EQ || condition->comparison->value != value ||
	    !(value & UINT32_C(1) << 31) ||
	    !differs(lint, condition, value, UINT64_MAX << 32 | value, false))
		return false;
	lint_rule(
		lint, condition->rule,
		"%s: argument %u (%s) has 32 bits, the condition 64, so a caller that extends the "
		"sign of %" PRId32 " is refused",
		condition->name, condition->comparison->index, condition->argument->name,
		(int32_t)value);
	return true;
}

int lint_wide_compare(struct lint *lint)
{
	if (!scmp_arch_is_32_bit(lint->ruleset->abis[0].scmp_arch))
		check_conditions(lint, check_wide);
	return 0;
}

/* ---- truncated-value */

/* Whether a number is more than its low half; a negative one of 32 bits is not. */
static bool is_wide(uint64_t number)
{
	uint64_t high = number >> 32;

	return high != 0 && !(high == UINT32_MAX && (number & UINT32_C(1) << 31));
}

/* The first ABI of 32 bits that has the call, or NULL. */
static const struct abi *narrow_abi(const struct lint *lint, const char *name)
{
	for (size_t i = 0; i < lint->ruleset->n_abis; i++) {
		const struct abi *abi = &lint->ruleset->abis[i];

		if (scmp_arch_is_32_bit(abi->scmp_arch) &&
		    lint_fate(lint, abi, name).fate != FATE_NONE)
			return abi;
	}
	return NULL;
}

static bool check_truncated(struct lint *lint, const struct condition *condition)
{
	const struct comparison *comparison = condition->comparison;
	uint64_t value = comparison->value;
	const struct abi *abi;
	char arch[32];

	if (!is_wide(value) &&
	    !(comparison->op == COMPARE_MASKED_EQ && is_wide(comparison->value_two & value)))
		return false;
	abi = narrow_abi(lint, condition->name);
	if (!abi)
		return false;
	lint_rule(lint, condition->rule,
	          "%s: %s has 32-bit registers, so of %s %" PRIu64 " only %" PRIu32
	          " counts there%s",
	          condition->name, syscall_arch_name(abi->scmp_arch, arch, sizeof(arch)),
	          comparison->op == COMPARE_MASKED_EQ ? "the mask" : "the value", value,
	          (uint32_t)value,
	          comparison->op == COMPARE_MASKED_EQ && (uint32_t)value == 0
	                  ? ", and the condition always holds"
	                  : "");
	return true;
}

int lint_truncated_value(struct lint *lint)
{
	check_conditions(lint, check_truncated);
	return 0;
}
