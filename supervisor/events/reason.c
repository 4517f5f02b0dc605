/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/reason.h"

#include <limits.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/profile_text.h"

static const enum reason_kind kinds[] = {
	[DECIDED_BY_RULE] = REASON_RULE,
	[DECIDED_BY_DEFAULT] = REASON_NO_RULE,
	[DECIDED_BY_NEWER] = REASON_NEWER,
	[DECIDED_BY_BAD_ARCH] = REASON_BAD_ARCH,
};

static enum reason_kind policy_kind_of(const struct verdict *verdict)
{
	if (verdict->refusal != PERFORM_REFUSED_NOT)
		return REASON_UNPERFORMED;
	if (verdict->doubt)
		return REASON_DOUBT;
	return verdict->ask_seconds ? REASON_ASK : REASON_POLICY;
}

static enum reason_kind kind_of(const struct verdict *verdict)
{
	if (verdict->refusal != PERFORM_REFUSED_NOT)
		return REASON_UNPERFORMED;
	if (verdict->doubt)
		return REASON_UNDONE;
	if (verdict->kind != VERDICT_ALLOW && verdict->action.kind == ACTION_ALLOW)
		return REASON_UNDECIDED;
	if (verdict->action.kind == ACTION_NOTIFY)
		return REASON_NOTIFY;
	return verdict->by < ARRAY_SIZE(kinds) ? kinds[verdict->by] : REASON_NO_RULE;
}

const struct fallback *reason_fallback(const struct verdict *verdict,
                                       const struct seccomp_data *call)
{
	if (verdict->kind != VERDICT_DENY && verdict->kind != VERDICT_WOULD)
		return NULL;
	return fallback_at(call, verdict->error);
}

/* The verdict may be older than the policy in use. */
static void policy_reason(const struct session *session, const struct verdict *verdict,
                          struct reason *ret_reason)
{
	const struct policy *policy = generations_find(session->policies, verdict->generation);

	*ret_reason = (struct reason){ .kind = REASON_FORGOTTEN };
	if (!policy || (size_t)verdict->policy_rule >= policy->n_rules)
		return;
	*ret_reason = (struct reason){
		.kind = policy_kind_of(verdict),
		.policy_rule = &policy->rules[verdict->policy_rule],
		.policy = policy,
		.doubt = verdict->doubt,
		.refusal = (enum perform_refusal)verdict->refusal,
	};
}

static void find(const struct session *session, const struct verdict *verdict,
                 const struct seccomp_data *call, struct reason *ret_reason)
{
	const struct profile *profile = session->ruleset->profile;

	if (verdict->policy_rule >= 0 && session->policies) {
		policy_reason(session, verdict, ret_reason);
		return;
	}
	*ret_reason = (struct reason){ .kind = kind_of(verdict),
		                       .refusal = (enum perform_refusal)verdict->refusal };
	if (verdict->rule >= 0 && (size_t)verdict->rule < profile->n_rules)
		ret_reason->rule = &profile->rules[verdict->rule];
	if (ret_reason->kind != REASON_NO_RULE)
		return;
	ret_reason->n_near =
		ruleset_near_misses(session->ruleset, call, ret_reason->near, REASON_NEAR_MAX);
	if (ret_reason->n_near > 0)
		ret_reason->kind = REASON_NEAR;
}

void reason_find(const struct session *session, const struct verdict *verdict,
                 const struct seccomp_data *call, struct reason *ret_reason)
{
	find(session, verdict, call, ret_reason);
	ret_reason->asked = (enum asked_by)verdict->asked_by;
}

static const struct signature *signature_of(const struct seccomp_data *call)
{
	uint32_t arch = syscall_arch(call->arch, call->nr);
	char buf[32];

	return signature_find(arch, syscall_name(arch, call->nr, buf, sizeof(buf)));
}

static void caps_near(struct text *text, const struct seccomp_data *call,
                      const struct near_miss *near)
{
	(void)call;
	text_string(text, "needs ");
	if (near->missing_caps == 0)
		text_string(text, "a capability that does not exist");
	capabilities_text(text, near->missing_caps, " and ");
}

static void kernel_near(struct text *text, const struct seccomp_data *call,
                        const struct near_miss *near)
{
	const struct kernel_version *wanted = &near->rule->includes.min_kernel;

	(void)call;
	text_printf(text, "needs Linux %u.%u", wanted->major, wanted->minor);
}

static void args_near(struct text *text, const struct seccomp_data *call,
                      const struct near_miss *near)
{
	if (near->comparison)
		comparison_text(text, signature_of(call), near->comparison);
	else
		text_string(text, "other arguments");
}

static const struct {
	const char *name;  /* for programs */
	const char *joint; /* from the rule's place to the words */
	const char *words; /* or NULL: */
	void (*text)(struct text *text, const struct seccomp_data *call,
	             const struct near_miss *near);
} misses[] = {
	[MISS_CAPS] = { "caps_missing", " ", NULL, caps_near },
	[MISS_EXCLUDED] = { "excluded", " ", "is excluded here", NULL },
	[MISS_ARCH] = { "arch_mismatch", " ", "is for another architecture", NULL },
	[MISS_KERNEL] = { "kernel_older", " ", NULL, kernel_near },
	[MISS_ARGS] = { "args_mismatch", " needs ", NULL, args_near },
};

void reason_near_text(struct text *text, const struct seccomp_data *call,
                      const struct near_miss *near)
{
	if (misses[near->why].words)
		text_string(text, misses[near->why].words);
	else
		misses[near->why].text(text, call, near);
}

static const struct {
	const char *name;   /* for programs */
	const char *words;  /* for people */
	const char *before; /* the place of the rule that decided, where one did, */
	const char *after;  /* and after it */
} reasons[REASON_KIND_COUNT] = {
	[REASON_RULE] = { "matched", "rule", " ", "" },
	[REASON_NO_RULE] = { "no_match", "default (no rule)", "", "" },
	[REASON_NEAR] = { NULL, "default (", "", "" },
	[REASON_NOTIFY] = { "notify_no_match", "no rule for SCMP_ACT_NOTIFY", " (", ")" },
	[REASON_NEWER] = { "newer", "newer than the profile", "", "" },
	[REASON_POLICY] = { "policy", "policy", " ", "" },
	[REASON_ASK] = { "policy_ask", "policy", " ", " asks" },
	[REASON_FORGOTTEN] = { "policy", "policy that is no longer in use", "", "" },
	[REASON_DOUBT] = { "policy_doubt", "policy", " ", " cannot see" },
	[REASON_UNDONE] = { "policy_undone", "allowed, but cannot be made safe", "", "" },
	[REASON_UNDECIDED] = { "undecided", "refused without a decision", "", "" },
	[REASON_UNPERFORMED] = { "unperformed", "allowed, but not performed: ", " (", ")" },
	[REASON_BAD_ARCH] = { "arch_unknown", "architecture is not in the profile", "", "" },
};

const char *reason_name(const struct reason *reason)
{
	if (reason->kind == REASON_NEAR)
		return misses[reason->near[0].why].name;
	return reasons[reason->kind].name;
}

/* The last component of a file's path. */
static void file_text(struct text *text, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;

	text_escape_terminal(text, base, strlen(base), NAME_MAX);
}

/* my.json:12: an editor's idea of a place. */
static void place_text(struct text *text, const char *file, const struct place *place)
{
	file_text(text, file);
	text_printf(text, ":%u", place->line);
}

bool reason_rule_id(struct text *text, const struct session *session, const struct reason *reason)
{
	bool by_default = reason->kind == REASON_NO_RULE || reason->kind == REASON_NEAR;

	if (!reason->policy_rule && !reason->rule && !by_default)
		return false;
	file_text(text,
	          reason->policy_rule ? reason->policy->file : session->ruleset->profile->file);
	if (reason->policy_rule)
		text_printf(text, "#%zu", reason->policy_rule->index);
	else if (reason->rule)
		text_printf(text, "#%zu", reason->rule->index);
	else
		text_string(text, "#default");
	return true;
}

static void decision_text(struct text *text, const struct session *session,
                          const struct seccomp_data *call, const struct reason *reason)
{
	const char *file = session->ruleset->profile->file;
	char name[24];

	text_string(text, reasons[reason->kind].words);
	text_string(text, perform_refusal_text(reason->refusal));
	if (reason->kind == REASON_NEAR) {
		place_text(text, file, &reason->near[0].rule->place);
		text_string(text, misses[reason->near[0].why].joint);
		reason_near_text(text, call, &reason->near[0]);
		text_string(text, ")");
	} else if (reason->rule) {
		text_string(text, reasons[reason->kind].before);
		place_text(text, file, &reason->rule->place);
		text_string(text, reasons[reason->kind].after);
	} else if (reason->policy_rule) {
		text_string(text, reasons[reason->kind].before);
		place_text(text, reason->policy->file, &reason->policy_rule->place);
		text_string(text, reasons[reason->kind].after);
		if (reason->doubt)
			text_printf(text, " (%s)",
			            err_name((int)reason->doubt, name, sizeof(name)));
	}
}

void reason_text(struct text *text, const struct session *session, const struct seccomp_data *call,
                 const struct reason *reason)
{
	static const char *const outcomes[ASKED_BY_COUNT] = {
		[ASKED_NOT] = "",
		[ASKED_USER] = "; answered by user",
		[ASKED_REMEMBERED] = "; as answered before",
		[ASKED_TIMEOUT] = "; asked, and timeout",
		[ASKED_NOBODY] = "; nobody to ask",
		[ASKED_CHANGED] = "; arguments changed while it was asked",
	};

	decision_text(text, session, call, reason);
	text_string(text, outcomes[reason->asked]);
}
