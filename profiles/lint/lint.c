/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/lint/lint_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profiles/resolve.h"
#include "profiles/syscalls.h"

const struct lint_row lint_rows[] = {
	{ "unreachable-rule", DIAG_WARNING, "a rule whose calls other rules decide",
	  "a rule without arguments wins over those with, and the first of several; remove one",
	  lint_unreachable_rule },
	{ "rule-is-default", DIAG_WARNING, "a rule with the default action",
	  "remove it, or the names from the rules that allow them", lint_rule_is_default },
	{ "pointer-as-number", DIAG_WARNING, "a condition on an argument that is a pointer",
	  "leave the condition out, or let a supervisor read the memory (SCMP_ACT_NOTIFY)",
	  lint_pointer_as_number },
	{ "absent-argument", DIAG_WARNING, "a condition on an argument that the syscall has not",
	  "leave the condition out", lint_absent_argument },
	{ "wide-compare", DIAG_WARNING,
	  "a 32-bit argument, compared as the 64 bits of its register",
	  "compare with SCMP_CMP_MASKED_EQ and the mask 4294967295, one rule a value",
	  lint_wide_compare },
	{ "truncated-value", DIAG_WARNING, "a 64-bit value, compared where registers have 32 bits",
	  "keep values and masks below 4294967296, or leave the 32-bit architecture out",
	  lint_truncated_value },
	{ "fatal-eperm", DIAG_WARNING, "another errno than ENOSYS where only that is a fallback",
	  "answer with errnoRet 38 (ENOSYS), or allow what the fallback may do anyway",
	  lint_fatal_eperm },
	{ "sibling-open", DIAG_WARNING, "a call denied while another does the same",
	  "treat them alike, in one rule", lint_sibling_open },
	{ "io-uring-open", DIAG_WARNING, "io_uring allowed beside restricted files or sockets",
	  "deny io_uring_setup with errnoRet 38 (ENOSYS)", lint_io_uring_open },
	{ "foreign-abi-open", DIAG_WARNING,
	  "a restriction that a 32-bit call with its arguments in memory evades",
	  "leave the architecture out, or deny the multiplexer", lint_foreign_abi_open },
	{ "notify-runtime", DIAG_WARNING, "SCMP_ACT_NOTIFY on calls that the runtime itself needs",
	  "take the names out of the rule", lint_notify_runtime },
	{ "notify-no-listener", DIAG_WARNING, "SCMP_ACT_NOTIFY without a listenerPath",
	  "give the agent's socket as listenerPath", lint_notify_no_listener },
	{ "refused-flag", DIAG_WARNING, "flags that the runtime refuses",
	  "leave the list out, which allows speculation as before", lint_refused_flag },
	{ "other-architecture", DIAG_WARNING, "a list of architectures without the host's own",
	  "add it to the list", lint_other_architecture },
	{ "libseccomp-hang", DIAG_WARNING, "rules for which libseccomp never ends",
	  "write the range as equalities, or give both rules the same arguments",
	  lint_libseccomp_hang },
	{ "libseccomp-wrong", DIAG_WARNING, "rules that libseccomp may compile wrong",
	  "use SCMP_CMP_EQ and SCMP_CMP_MASKED_EQ, or one range below 4294967296 a rule",
	  lint_libseccomp_wrong },
};

const size_t lint_rows_count = ARRAY_SIZE(lint_rows);

int lint_profile(const struct ruleset *ruleset, struct diags *diags)
{
	struct lint lint = { ruleset, ruleset->profile, NULL, diags };

	if (ruleset->profile->unconfined)
		return 0;
	for (size_t i = 0; i < lint_rows_count; i++) {
		int r;

		lint.row = &lint_rows[i];
		r = lint.row->look(&lint);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- messages */

enum { MESSAGE_MAX = 2048 };

__attribute__((format(printf, 4, 0))) static void add(struct lint *lint, struct place place,
                                                      const char *member, const char *format,
                                                      va_list arguments)
{
	char message[MESSAGE_MAX], pointer[128];

	vsnprintf(message, sizeof(message), format, arguments);
	snprintf(pointer, sizeof(pointer), "%s%s", lint->profile->pointer, member);
	diags_add(lint->diags, lint->row->level, lint->row->id, place, pointer, "%s; %s", message,
	          lint->row->remedy);
}

void lint_rule(struct lint *lint, const struct rule *rule, const char *format, ...)
{
	char member[48];
	va_list arguments;

	snprintf(member, sizeof(member), "/syscalls/%zu", rule->index);
	va_start(arguments, format);
	add(lint, rule->place, member, format, arguments);
	va_end(arguments);
}

void lint_default(struct lint *lint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(lint, lint->profile->default_place, "/defaultAction", format, arguments);
	va_end(arguments);
}

void lint_member(struct lint *lint, struct place place, const char *member, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(lint, place, member, format, arguments);
	va_end(arguments);
}

const char *lint_on_abi(const struct lint *lint, const struct abi *abi, char *buf, size_t size)
{
	char name[32];

	if (abi == &lint->ruleset->abis[0])
		return "";
	snprintf(buf, size, " on %s", syscall_arch_name(abi->scmp_arch, name, sizeof(name)));
	return buf;
}

/* Whether the list, "a, b, c", has the item. */
static bool list_has(const char *list, const char *item)
{
	size_t len = strlen(item);

	for (const char *at = list; (at = strstr(at, item)); at++)
		if ((at == list || at[-1] == ' ') && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

void lint_list(struct text *text, const char *item)
{
	static const char more[] = ", …";
	const char *separator = text->len > 0 ? ", " : "";

	if (text->overflow || list_has(text->bytes, item))
		return;
	if (strlen(separator) + strlen(item) + sizeof(more) <= text->size - text->len) {
		text_printf(text, "%s%s", separator, item);
		return;
	}
	text_string(text, more);
	text->overflow = true;
}

/* ---- rules */

bool lint_counts(const struct lint *lint, const struct rule *rule)
{
	struct gate_result ignored;

	return rule_counts(lint->profile, rule, &lint->ruleset->host, &ignored);
}

bool lint_in_filter(const struct lint *lint, const struct rule *rule)
{
	return !action_equal(rule->action, lint->ruleset->default_action) &&
	       lint_counts(lint, rule);
}

bool rule_names(const struct rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->n_names; i++)
		if (strcmp(rule->names[i], name) == 0)
			return true;
	return false;
}

bool action_is_enosys(struct action action)
{
	return action.kind == ACTION_ERRNO && action.number == ENOSYS;
}

const char *lint_action(struct action action, char *buf, size_t size)
{
	if (action.kind != ACTION_ERRNO)
		return action_name(action.kind);
	if (strerrorname_np(action.number))
		return strerrorname_np(action.number);
	snprintf(buf, size, "errno %u", action.number);
	return buf;
}

/* ---- calls */

/* A rule that was written to refuse the name; also one that repeats the default action. */
static bool is_named_to_refuse(const struct lint *lint, const char *name)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (!action_allows(rule->action) && !action_is_enosys(rule->action) &&
		    rule_names(rule, name) && lint_counts(lint, rule))
			return true;
	}
	return false;
}

/* The fate of calls with matches, of which none, or the only one, is without arguments. */
static void fate_of_matches(const struct lint *lint, const struct syscall_rules *rules,
                            struct call_fate *fate)
{
	bool always = rules->matches[0].n_args == 0;
	bool allows = false, refuses = false;

	if (!always) {
		allows = action_allows(lint->ruleset->default_action);
		refuses = !allows;
	}
	fate->action = lint->ruleset->default_action;
	fate->rule = rules->matches[0].rule;
	for (size_t i = rules->n_matches; i-- > 0;) {
		const struct match *match = &rules->matches[i];

		if (action_allows(match->action)) {
			allows = true;
			continue;
		}
		refuses = true;
		fate->rule = match->rule;
		fate->action = match->action;
	}
	fate->fate = !refuses ? FATE_ALLOWED : allows ? FATE_PARTLY : FATE_REFUSED;
}

/* libseccomp knows no number for what is newer than itself, so no rule can be about it. */
static struct action action_for_newer(const struct lint *lint, const struct abi *abi)
{
	if (abi->newest > 0)
		return (struct action){ .kind = ACTION_ERRNO, .number = ENOSYS };
	return lint->ruleset->default_action;
}

struct call_fate lint_fate(const struct lint *lint, const struct abi *abi, const char *name)
{
	struct call_fate fate = { 0 };
	const struct syscall_rules *rules;
	struct seccomp_data call = { .arch = abi->audit_arch };
	struct decision decision = { 0 };
	struct numbers numbers;

	if (numbers_resolve(abi->scmp_arch, name, &numbers) < 0) {
		decision.action = action_for_newer(lint, abi);
		rules = NULL;
	} else if (numbers.direct < 0) {
		return fate;
	} else {
		call.nr = numbers.direct;
		ruleset_evaluate(lint->ruleset, &call, &decision);
		rules = decision.by == DECIDED_BY_NEWER ? NULL : abi_syscall(abi, call.nr);
	}
	if (rules && rules->n_matches > 0) {
		fate_of_matches(lint, rules, &fate);
	} else {
		fate.action = decision.action;
		fate.fate = action_allows(decision.action) ? FATE_ALLOWED : FATE_REFUSED;
	}
	return fate;
}

bool lint_deliberate(const struct lint *lint, const char *name, const struct call_fate *fate)
{
	return fate->fate == FATE_PARTLY ||
	       (fate->fate == FATE_REFUSED && !action_is_enosys(fate->action) &&
	        is_named_to_refuse(lint, name));
}

static bool row_has_rule(const struct abi *abi, int nr, const struct rule *rule)
{
	const struct syscall_rules *rules = nr >= 0 ? abi_syscall(abi, nr) : NULL;

	for (size_t i = 0; rules && i < rules->n_matches; i++)
		if (rules->matches[i].rule == rule)
			return true;
	return false;
}

bool abi_has_rule(const struct abi *abi, const char *name, const struct rule *rule)
{
	struct numbers numbers;

	return numbers_resolve(abi->scmp_arch, name, &numbers) == 0 &&
	       (row_has_rule(abi, numbers.direct, rule) || row_has_rule(abi, numbers.mux, rule));
}
