/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_check.h"

#include "profiles/plan_rows.h"
#include "profiles/row_points.h"

struct action notify_action(struct action action)
{
	if (action.kind == ACTION_ERRNO)
		return (struct action){ .kind = ACTION_NOTIFY };
	return action;
}

struct check {
	const struct notify_pair *pair;
	bool kept;
};

static bool is_denial(struct action action)
{
	return action.kind == ACTION_ERRNO;
}

/*
 * runc takes no notice of the numbers that socket(2), msgget(2) and their families have of their
 * own on x86 when it looks for the newest, and answers ENOSYS to what the profile's rules allow.
 * A variant that names newer syscalls makes these rules count.
 */
static bool newer_by_oversight(const struct ruleset *original, const struct seccomp_data *call,
                               const struct decision *decision)
{
	return decision->by == DECIDED_BY_NEWER &&
	       abi_syscall(ruleset_abi(original, call), call->nr);
}

static int check_call(void *context, const struct seccomp_data *call)
{
	const struct check *check = context;
	struct decision original, variant;
	struct action wanted;

	ruleset_evaluate(check->pair->original, call, &original);
	if (newer_by_oversight(check->pair->original, call, &original))
		return 0;
	ruleset_evaluate(check->pair->variant, call, &variant);
	wanted = notify_action(original.action);
	if (action_equal(variant.action, wanted))
		return 0;
	if (check->kept && wanted.kind == ACTION_NOTIFY && is_denial(variant.action))
		return 0;
	return NOTIFY_DIFFERS;
}

static bool row_unsafe(const struct plan *plan, const struct seccomp_data *call)
{
	const struct plan_row *row = plan_row_of(plan, call);

	return row && row->why == PLAN_UNSAFE_RULES;
}

/* Whether the first, the variant's, has rules beside those of the second. */
static bool row_grew(const struct syscall_rules *const rows[2])
{
	return rows[0] && (!rows[1] || rows[0]->n_matches > rows[1]->n_matches);
}

int notify_check(const struct notify_pair *pair, size_t abi_index, int nr, bool kept)
{
	struct check check = { pair, kept };
	const struct syscall_rules *const rows[] = {
		abi_syscall(&pair->variant->abis[abi_index], nr),
		abi_syscall(&pair->original->abis[abi_index], nr),
	};
	struct seccomp_data call = { .arch = pair->original->abis[abi_index].audit_arch, .nr = nr };
	bool unsafe = row_unsafe(pair->variant_plan, &call) &&
	              (row_grew(rows) || !row_unsafe(pair->original_plan, &call));
	int r = check_call(&check, &call);

	for (size_t i = 0; i < ARRAY_SIZE(rows) && r == 0; i++)
		if (rows[i] && rows[i]->n_matches > 0)
			r = row_points(rows[i], &call, check_call, &check);
	return r == 0 && unsafe ? NOTIFY_UNSAFE : r;
}
