/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/inventory.h"

#include <stdio.h>
#include <string.h>

#include "profiles/plan_rows.h"
#include "profiles/resolve.h"
#include "profiles/syscalls.h"

/* Where the plan has a call that none of its rows takes: its filter says what it returns. */
static enum plan_place place_of_return(uint32_t filter_return)
{
	switch (filter_return & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return PLAN_KERNEL_ALLOW;
	case SECCOMP_RET_ERRNO:
		return PLAN_KERNEL_DENY;
	case SECCOMP_RET_USER_NOTIF:
		return PLAN_NOTIFY;
	default:
		return PLAN_KERNEL;
	}
}

/* Rules without arguments come first and win; so the first tells whether arguments decide. */
static bool arguments_decide(const struct syscall_rules *rules)
{
	return rules && rules->n_matches > 0 && rules->matches[0].n_args > 0;
}

static void fill(const struct plan *plan, const struct abi *abi, struct inventory_row *row)
{
	const struct seccomp_data call = { .nr = row->nr, .arch = abi->audit_arch };
	const struct plan_row *planned = plan_row_of(plan, &call);
	const struct syscall_rules *rules = abi_syscall(abi, row->nr);
	struct decision decision;
	char buf[SYSCALL_NAME_MAX];

	snprintf(row->name, sizeof(row->name), "%s",
	         syscall_name(abi->scmp_arch, row->nr, buf, sizeof(buf)));
	ruleset_evaluate(plan->ruleset, &call, &decision);
	row->place = place_of_return(plan_expect(plan, &call));
	if (arguments_decide(rules) && decision.by != DECIDED_BY_NEWER) {
		row->rules = rules;
		decision = (struct decision){
			.action = plan->ruleset->default_action,
			.by = DECIDED_BY_DEFAULT,
		};
	}
	if (planned && decision.by != DECIDED_BY_NEWER) {
		row->place = planned->place;
		row->why = planned->why;
	}
	row->action = decision.action;
	row->by = decision.by;
	row->rule = decision.rule;
}

int inventory_build(const struct plan *plan, size_t index, struct inventory *ret_inventory)
{
	const struct abi *abi = plan->abis[index].abi;
	struct inventory_row *rows;
	size_t n = 0;

	for (int nr = -1; (nr = syscall_next(abi->scmp_arch, nr)) >= 0;)
		n += syscall_named(abi->scmp_arch, nr) || abi_syscall(abi, nr);
	rows = calloc(n + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	n = 0;
	for (int nr = -1; (nr = syscall_next(abi->scmp_arch, nr)) >= 0;) {
		if (!syscall_named(abi->scmp_arch, nr) && !abi_syscall(abi, nr))
			continue;
		rows[n].nr = nr;
		fill(plan, abi, &rows[n++]);
	}
	*ret_inventory = (struct inventory){ .abi = abi, .rows = rows, .n_rows = n };
	return 0;
}

void inventory_deinit(struct inventory *inventory)
{
	free(inventory->rows);
	inventory->rows = NULL;
	inventory->n_rows = 0;
}

const struct inventory_row *inventory_find(const struct inventory *inventory, const char *name)
{
	for (size_t i = 0; i < inventory->n_rows; i++)
		if (strcmp(inventory->rows[i].name, name) == 0)
			return &inventory->rows[i];
	return NULL;
}

size_t ruleset_rules_counting(const struct ruleset *ruleset)
{
	const struct profile *profile = ruleset->profile;
	struct gate_result result;
	size_t n = 0;

	for (size_t i = 0; i < profile->n_rules; i++)
		n += rule_counts(profile, &profile->rules[i], &ruleset->host, &result);
	return n;
}
