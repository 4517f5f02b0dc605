/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/ruleset.h"

#include <linux/audit.h>
#include <seccomp.h>

#include "profiles/resolve.h"

static const struct abi *abi_find(const struct ruleset *ruleset, uint32_t scmp_arch)
{
	for (size_t i = 0; i < ruleset->n_abis; i++)
		if (ruleset->abis[i].scmp_arch == scmp_arch)
			return &ruleset->abis[i];
	return NULL;
}

const struct abi *ruleset_abi(const struct ruleset *ruleset, const struct seccomp_data *call)
{
	const struct abi *abi;

	if (call->arch == AUDIT_ARCH_X86_64 && ((unsigned)call->nr & X32_BIT)) {
		abi = abi_find(ruleset, SCMP_ARCH_X32);
		/* -1 is a tracer's "skip"; without x32 libseccomp's filter takes it for x86-64. */
		if (abi || call->nr != -1)
			return abi;
	}
	return abi_find(ruleset, call->arch);
}

const struct syscall_rules *abi_syscall(const struct abi *abi, int nr)
{
	size_t low = 0, high = abi->n_syscalls;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct syscall_rules *row = &abi->syscalls[middle];

		if (row->nr == nr)
			return row;
		if (row->nr < nr)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool comparison_holds(const struct comparison *comparison, bool abi_is_32_bit,
                      const struct seccomp_data *call)
{
	uint64_t width = abi_is_32_bit ? UINT32_MAX : UINT64_MAX;
	uint64_t argument = call->args[comparison->index] & width;
	uint64_t value = comparison->value & width;

	switch (comparison->op) {
	case COMPARE_NE:
		return argument != value;
	case COMPARE_LT:
		return argument < value;
	case COMPARE_LE:
		return argument <= value;
	case COMPARE_EQ:
		return argument == value;
	case COMPARE_GE:
		return argument >= value;
	case COMPARE_GT:
		return argument > value;
	case COMPARE_MASKED_EQ:
		return (argument & value) == (comparison->value_two & value);
	case COMPARE_COUNT:
		break;
	}
	return false;
}

static bool match_holds(const struct match *match, bool abi_is_32_bit,
                        const struct seccomp_data *call)
{
	for (unsigned i = 0; i < match->n_args; i++)
		if (!comparison_holds(&match->args[i], abi_is_32_bit, call))
			return false;
	return true;
}

/* runc's check stands in front of the filter; for x86-64 it looks at numbers without bit 30. */
static bool newer_than_profile(const struct abi *abi, int nr)
{
	if (abi->newest == 0 || (unsigned)nr <= abi->newest)
		return false;
	return abi->scmp_arch != SCMP_ARCH_X86_64 || !((unsigned)nr & X32_BIT);
}

/* Without x32 libseccomp's filter refuses all large numbers, not those of x32 alone. */
static bool beyond_x86_64(const struct ruleset *ruleset, const struct abi *abi, int nr)
{
	return abi->scmp_arch == SCMP_ARCH_X86_64 && (unsigned)nr >= X32_BIT && nr != -1 &&
	       !abi_find(ruleset, SCMP_ARCH_X32);
}

static const struct match *match_find(const struct abi *abi, const struct seccomp_data *call)
{
	const struct syscall_rules *row = abi_syscall(abi, call->nr);
	bool is_32_bit = scmp_arch_is_32_bit(abi->scmp_arch);

	for (size_t i = 0; row && i < row->n_matches; i++)
		if (match_holds(&row->matches[i], is_32_bit, call))
			return &row->matches[i];
	return NULL;
}

void ruleset_evaluate(const struct ruleset *ruleset, const struct seccomp_data *call,
                      struct decision *ret_decision)
{
	const struct abi *abi = ruleset_abi(ruleset, call);
	const struct match *match;

	if (abi && newer_than_profile(abi, call->nr)) {
		*ret_decision = (struct decision){
			.action = { .kind = ACTION_ERRNO, .number = ENOSYS },
			.by = DECIDED_BY_NEWER,
		};
		return;
	}
	if (!abi || beyond_x86_64(ruleset, abi, call->nr)) {
		*ret_decision = (struct decision){
			.action = ruleset->bad_arch_action,
			.by = DECIDED_BY_BAD_ARCH,
		};
		return;
	}
	match = match_find(abi, call);
	*ret_decision = (struct decision){
		.action = match ? match->action : ruleset->default_action,
		.by = match ? DECIDED_BY_RULE : DECIDED_BY_DEFAULT,
		.rule = match ? match->rule : NULL,
	};
}
