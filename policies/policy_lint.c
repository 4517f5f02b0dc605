/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy_lint.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "profiles/families.h"
#include "profiles/resolve.h"

enum { LIST_MAX = 192 };

struct policy_lint {
	const struct policy *policy;
	const struct ruleset *ruleset; /* or NULL */
	uint32_t arch;                 /* the native ABI, whose rules are looked at */
	const struct policy_lint_row *row;
	struct diags *diags;
};

#define complain(lint, rule, ...)                                                                  \
	diags_add((lint)->diags, DIAG_WARNING, (lint)->row->id, (rule)->place,                     \
	          rule_pointer((char[32]){ 0 }, rule), __VA_ARGS__)

static const char *rule_pointer(char buf[32], const struct policy_rule *rule)
{
	snprintf(buf, 32, "/rules/%zu", rule->index);
	return buf;
}

/* ---- calls */

/* The rules on a syscall of the native ABI, or NULL. */
static const struct policy_syscall *find(const struct policy_lint *lint, const char *name)
{
	for (size_t i = 0; i < lint->policy->n_syscalls; i++) {
		const struct policy_syscall *syscall = &lint->policy->syscalls[i];

		if (syscall->arch == lint->arch && !syscall->muxed &&
		    strcmp(syscall->name, name) == 0)
			return syscall;
	}
	return NULL;
}

static bool is_plain(const struct policy_match *match)
{
	return match->n_conditions == 0 && !match->rule->when && match->rule->limit.count == 0;
}

/* The first rule that keeps some calls from running, or NULL. */
static const struct policy_rule *restricting(const struct policy_syscall *syscall)
{
	for (size_t i = 0; syscall && i < syscall->n_matches; i++)
		if (syscall->matches[i].rule->action != POLICY_ALLOW)
			return syscall->matches[i].rule;
	return NULL;
}

/*
 * The rule that the policy has for a call, whatever it says, that shows that its author wanted to
 * choose among its calls: one that denies, or that allows only some of what the profile denies.
 */
static const struct policy_rule *choosing(const struct policy_syscall *syscall)
{
	const struct policy_rule *rule = restricting(syscall);

	for (size_t i = 0; !rule && syscall && i < syscall->n_matches; i++)
		if (!is_plain(&syscall->matches[i]))
			rule = syscall->matches[i].rule;
	return rule;
}

/* Whether a call that no rule is about gets through, as far as its number tells. */
static bool lets_through(const struct policy_lint *lint, const char *name)
{
	struct seccomp_data call = { .arch = scmp_arch_audit(lint->arch) };
	struct decision decision;

	call.nr = seccomp_syscall_resolve_name_arch(lint->arch, name);
	if (call.nr < 0)
		return false;
	if (!lint->ruleset)
		return true;
	ruleset_evaluate(lint->ruleset, &call, &decision);
	return decision.action.kind == ACTION_ALLOW || decision.action.kind == ACTION_LOG ||
	       decision.action.kind == ACTION_TRACE;
}

static void list(struct text *text, const char *item)
{
	text_printf(text, "%s%s", text->len > 0 ? ", " : "", item);
}

/* ---- the findings */

/* "one rule names the call, its sibling goes free" */
static void check_family(const struct policy_lint *lint, const struct family *family)
{
	const struct policy_rule *rule = NULL;
	char open_list[LIST_MAX];
	struct text open = TEXT_OVER(open_list);

	for (size_t i = 0; i < FAMILY_MEMBERS_MAX && family->members[i].name; i++) {
		const char *name = family->members[i].name;
		const struct policy_syscall *syscall = find(lint, name);

		if (!rule && (family->members[i].role & FAMILY_TARGET))
			rule = choosing(syscall);
		if (!syscall && (family->members[i].role & FAMILY_WAY) && lets_through(lint, name))
			list(&open, name);
	}
	if (rule && open.len > 0)
		complain(
			lint, rule,
			"what %s is also: %s; no rule names it and the profile allows it; expected "
			"it among the names of a rule",
			family->does, open.bytes);
}

static void look_siblings(const struct policy_lint *lint)
{
	for (size_t i = 0; family_at(i); i++)
		check_family(lint, family_at(i));
}

/* What io_uring does past every filter (io_uring_enter(2)). */
static const char *const uring_calls[] = {
	"openat", "open",    "openat2",   "socket",    "connect",   "bind",
	"listen", "accept4", "accept",    "sendto",    "sendmsg",   "unlinkat",
	"unlink", "mkdirat", "mkdir",     "renameat2", "rename",    "linkat",
	"link",   "symlink", "symlinkat", "setxattr",  "lsetxattr",
};

static void look_io_uring(const struct policy_lint *lint)
{
	const struct policy_syscall *setup = find(lint, "io_uring_setup");
	const struct policy_rule *rule = NULL;

	if (restricting(setup) || (!setup && !lets_through(lint, "io_uring_setup")))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(uring_calls) && !rule; i++)
		rule = choosing(find(lint, uring_calls[i]));
	if (rule)
		complain(lint, rule,
		         "io_uring_setup is allowed, and io_uring's operations pass no filter and "
		         "meet no rule; expected a rule that denies it");
}

/* Whether all that the rule names is taken by rules before it. */
static const struct policy_rule *shadowed_by(const struct policy_lint *lint,
                                             const struct policy_rule *rule)
{
	const struct policy_rule *shadow = NULL;

	for (size_t i = 0; i < rule->n_names; i++) {
		const struct policy_syscall *syscall = find(lint, rule->names[i]);
		bool taken = false;

		for (size_t k = 0; syscall && k < syscall->n_matches && !taken; k++) {
			const struct policy_match *match = &syscall->matches[k];

			if (match->rule->index >= rule->index)
				break;
			taken = is_plain(match);
			shadow = taken ? match->rule : shadow;
		}
		if (syscall && !taken)
			return NULL;
	}
	return shadow;
}

static void look_unreachable(const struct policy_lint *lint)
{
	for (size_t i = 0; i < lint->policy->n_rules; i++) {
		const struct policy_rule *rule = &lint->policy->rules[i];
		const struct policy_rule *shadow = shadowed_by(lint, rule);

		if (shadow)
			complain(
				lint, rule,
				"no call reaches this rule, for the one at line %u takes them all; "
				"expected it before that one",
				shadow->place.line);
	}
}

static enum argument_type type_of(const struct policy_syscall *syscall,
                                  const struct condition *condition)
{
	const struct signature *signature = signature_find(syscall->arch, syscall->name);

	if (condition->operand.field || !signature)
		return ARGUMENT_NONE;
	return signature->args[condition->operand.index].type;
}

/* Calls visit for every condition of the native ABI's rules, until it says something of a rule. */
static void each_condition(const struct policy_lint *lint,
                           bool (*visit)(const struct policy_lint *lint,
                                         const struct policy_syscall *syscall,
                                         const struct policy_rule *rule,
                                         const struct condition *condition))
{
	size_t said = SIZE_MAX;

	for (size_t i = 0; i < lint->policy->n_syscalls; i++) {
		const struct policy_syscall *syscall = &lint->policy->syscalls[i];

		for (size_t k = 0; syscall->arch == lint->arch && k < syscall->n_matches; k++) {
			const struct policy_match *match = &syscall->matches[k];

			for (size_t j = 0; j < match->n_conditions; j++)
				if (match->rule->index != said &&
				    visit(lint, syscall, match->rule, &match->conditions[j]))
					said = match->rule->index;
		}
	}
}

static bool visit_number(const struct policy_lint *lint, const struct policy_syscall *syscall,
                         const struct policy_rule *rule, const struct condition *condition)
{
	static const char *const words[ARGUMENT_TYPE_COUNT] = {
		[ARGUMENT_FD] = "a descriptor's number",
		[ARGUMENT_PID] = "a process's number",
	};
	const char *word = words[type_of(syscall, condition)];

	/* AT_FDCWD and the like, and pids below 1, mean the same at any time. */
	if (!word || (condition->kind == CONDITION_COMPARE &&
	              (int32_t)(uint32_t)condition->compare.value <= 0))
		return false;
	complain(lint, rule,
	         "%s on %s can mean another one by the time the call runs; expected no trust in it",
	         word, syscall->name);
	return true;
}

static void look_racy_number(const struct policy_lint *lint)
{
	each_condition(lint, visit_number);
}

static bool visit_whole(const struct policy_lint *lint, const struct policy_syscall *syscall,
                        const struct policy_rule *rule, const struct condition *condition)
{
	enum argument_type type = type_of(syscall, condition);
	bool exact = condition->kind == CONDITION_IN ||
	             (condition->kind == CONDITION_COMPARE &&
	              (condition->compare.op == COMPARE_EQ || condition->compare.op == COMPARE_NE));

	if (!exact || (type != ARGUMENT_SOCK_TYPE && type != ARGUMENT_CLONE_FLAGS))
		return false;
	complain(
		lint, rule,
		"%s of the whole argument of %s, which has other bits beside (%s); expected the op "
		"flags, or SCMP_CMP_MASKED_EQ",
		condition_op_name(condition), syscall->name,
		type == ARGUMENT_SOCK_TYPE ? "SOCK_CLOEXEC, SOCK_NONBLOCK" : "a signal");
	return true;
}

static void look_whole_flags(const struct policy_lint *lint)
{
	each_condition(lint, visit_whole);
}

static void look_chosen_name(const struct policy_lint *lint)
{
	for (size_t i = 0; i < lint->policy->n_rules; i++) {
		const struct policy_rule *rule = &lint->policy->rules[i];

		if (rule->when && rule->when->texts[WHO_COMM].n > 0)
			complain(lint, rule,
			         "a process chooses its own comm (prctl(PR_SET_NAME)), so that "
			         "rules "
			         "out nobody; expected exe");
	}
}

static bool reads_memory(const struct policy_lint *lint, const struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->n_names; i++) {
		const struct policy_syscall *syscall = find(lint, rule->names[i]);

		for (size_t k = 0; syscall && k < syscall->n_matches; k++)
			for (size_t j = 0; j < syscall->matches[k].n_conditions; j++)
				if (syscall->matches[k].rule == rule &&
				    condition_reads_memory(&syscall->matches[k].conditions[j]))
					return true;
	}
	return false;
}

static void look_useless_advisory(const struct policy_lint *lint)
{
	for (size_t i = 0; i < lint->policy->n_rules; i++) {
		const struct policy_rule *rule = &lint->policy->rules[i];

		if (rule->advisory && !reads_memory(lint, rule))
			complain(lint, rule,
			         "advisory, but the rule looks at nothing that could change; "
			         "expected it without");
	}
}

const struct policy_lint_row policy_lint_rows[] = {
	{ "policy-sibling-open", "a call of which another that does the same goes free",
	  look_siblings },
	{ "policy-io-uring-open", "files or sockets restricted, and io_uring left open",
	  look_io_uring },
	{ "policy-unreachable", "a rule that an earlier one leaves nothing for", look_unreachable },
	{ "policy-racy-number", "trust in a descriptor's or a process's number", look_racy_number },
	{ "policy-whole-flags", "an argument compared whole that has flags in it",
	  look_whole_flags },
	{ "policy-chosen-name", "trust in a name that the caller chooses", look_chosen_name },
	{ "policy-useless-advisory", "advisory where nothing can be raced", look_useless_advisory },
};

const size_t policy_lint_rows_count = ARRAY_SIZE(policy_lint_rows);

void policy_lint(const struct policy *policy, const struct ruleset *ruleset, struct diags *diags)
{
	struct policy_lint lint = {
		.policy = policy,
		.ruleset = ruleset,
		.arch = policy->arch,
		.diags = diags,
	};

	for (size_t i = 0; i < policy_lint_rows_count; i++) {
		lint.row = &policy_lint_rows[i];
		lint.row->look(&lint);
	}
}
