/* SPDX-License-Identifier: Apache-2.0 */
/* Ways around a filter that are no sibling calls: io_uring, and calls with arguments in memory. */
#include "profiles/lint/lint_rows.h"

#include "profiles/resolve.h"

enum { LIST_MAX = 256 };

/* ---- io-uring-open */

/* What io_uring's operations do (io_uring_enter(2)), as the calls that do the same. */
static const char *const uring_groups[][4] = {
	{ "openat", "open", "openat2" },
	{ "socket" },
	{ "connect" },
	{ "accept", "accept4" },
	{ "sendto", "sendmsg", "sendmmsg" },
	{ "unlinkat", "unlink" },
	{ "renameat2", "rename", "renameat" },
	{ "mkdirat", "mkdir" },
	{ "symlinkat", "symlink" },
	{ "linkat", "link" },
	{ "setxattr", "lsetxattr", "fsetxattr" },
};

/* Whether the first of the group is denied or restricted, and no other allowed instead. */
static bool group_restricted(const struct lint *lint, const char *const group[4])
{
	const struct abi *abi = &lint->ruleset->abis[0];
	bool restricted = false;

	for (size_t i = 0; i < 4 && group[i]; i++) {
		enum fate fate = lint_fate(lint, abi, group[i]).fate;

		if (fate == FATE_ALLOWED)
			return false;
		restricted |= fate != FATE_NONE;
	}
	return restricted;
}

int lint_io_uring_open(struct lint *lint)
{
	struct call_fate fate = lint_fate(lint, &lint->ruleset->abis[0], "io_uring_setup");
	char buf[LIST_MAX];
	struct text calls = TEXT_OVER(buf);

	if (fate.fate != FATE_ALLOWED)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(uring_groups); i++)
		if (group_restricted(lint, uring_groups[i]))
			lint_list(&calls, uring_groups[i][0]);
	if (calls.len == 0)
		return 0;
	if (fate.rule)
		lint_rule(lint, fate.rule,
		          "io_uring_setup is allowed, and io_uring's operations pass no filter; "
		          "denied or restricted otherwise: %s",
		          buf);
	else
		lint_default(lint,
		             "io_uring_setup is allowed, and io_uring's operations pass no filter; "
		             "denied or restricted otherwise: %s",
		             buf);
	return 0;
}

/* ---- foreign-abi-open */

/* Whether a call by the multiplexer may get through, as far as its first argument tells. */
static bool mux_lets_through(const struct lint *lint, const struct abi *abi,
                             const struct numbers *numbers)
{
	const struct syscall_rules *rules = abi_syscall(abi, numbers->mux);
	const struct seccomp_data call = {
		.nr = numbers->mux,
		.arch = abi->audit_arch,
		.args = { numbers->mux_call },
	};

	for (size_t i = 0; rules && i < rules->n_matches; i++) {
		const struct match *match = &rules->matches[i];

		if (match->n_args > 0 && match->args[0].index == 0 &&
		    !comparison_holds(&match->args[0], true, &call))
			continue;
		return action_allows(match->action);
	}
	return action_allows(lint->ruleset->default_action);
}

/* What evades one multiplexer of an ABI. */
struct evaded {
	const struct abi *abi;
	int mux; /* the number of socketcall or ipc */
	struct text names;
	const struct rule *rule; /* the first that is evaded */
};

/* Whether the rule is why calls of this name are refused, all or some. */
static bool restricts(const struct lint *lint, const struct rule *rule, const char *name)
{
	enum fate fate = lint_fate(lint, &lint->ruleset->abis[0], name).fate;

	if (fate == FATE_REFUSED)
		return !action_allows(rule->action) && !action_is_enosys(rule->action);
	return fate == FATE_PARTLY;
}

static void add_evaded(const struct lint *lint, const struct rule *rule, struct evaded *found)
{
	for (size_t i = 0; i < rule->n_names; i++) {
		const char *name = rule->names[i];
		struct numbers numbers;

		if (numbers_resolve(found->abi->scmp_arch, name, &numbers) < 0 ||
		    numbers.mux != found->mux || !restricts(lint, rule, name) ||
		    !mux_lets_through(lint, found->abi, &numbers))
			continue;
		if (!found->rule)
			found->rule = rule;
		lint_list(&found->names, name);
	}
}

static void check_mux(struct lint *lint, const struct abi *abi, const char *mux)
{
	char names[LIST_MAX], on[48];
	struct evaded found = { .abi = abi, .names = TEXT_OVER(names) };
	struct numbers numbers;

	if (numbers_resolve(abi->scmp_arch, mux, &numbers) < 0 || numbers.direct < 0)
		return;
	found.mux = numbers.direct;
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (lint_counts(lint, rule) && (rule->n_args > 0 || !action_allows(rule->action)))
			add_evaded(lint, rule, &found);
	}
	if (found.rule)
		lint_rule(lint, found.rule,
		          "%s: any argument passes%s through %s, which has the arguments in "
		          "memory, where no filter looks",
		          names, lint_on_abi(lint, abi, on, sizeof(on)), mux);
}

int lint_foreign_abi_open(struct lint *lint)
{
	for (size_t i = 0; i < lint->ruleset->n_abis; i++) {
		check_mux(lint, &lint->ruleset->abis[i], "socketcall");
		check_mux(lint, &lint->ruleset->abis[i], "ipc");
	}
	return 0;
}
