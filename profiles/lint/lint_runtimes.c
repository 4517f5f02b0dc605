/* SPDX-License-Identifier: Apache-2.0 */
/* What container runtimes cannot start, or silently change. Callgate's own run can do all of it. */
#include "profiles/lint/lint_rows.h"

#include "profiles/syscalls.h"

/* ---- notify-runtime */

/* write is the profile reader's, for runc refuses it by name. */
static const struct {
	const char *name;
	const char *who;
} runtime_calls[] = {
	{ "sendmsg", "youki, and crun before it had a helper for it (its issue 1002)" },
	{ "fcntl", "runc's release candidates of 1.2 (its issue 4328)" },
};

int lint_notify_runtime(struct lint *lint)
{
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (rule->action.kind != ACTION_NOTIFY || !lint_in_filter(lint, rule))
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(runtime_calls); j++)
			if (rule_names(rule, runtime_calls[j].name))
				lint_rule(lint, rule,
				          "SCMP_ACT_NOTIFY on %s hangs the container's start: %s "
				          "makes this call before the listener is handed over",
				          runtime_calls[j].name, runtime_calls[j].who);
	}
	return 0;
}

/* ---- notify-no-listener */

/* The runtimes go by the profile: a rule counts also where its names are unknown. */
int lint_notify_no_listener(struct lint *lint)
{
	static const char message[] =
		"SCMP_ACT_NOTIFY without a listenerPath: runc and Docker refuse to start, and "
		"under crun and podman the call fails with ENOSYS";

	if (lint->profile->listener_path)
		return 0;
	if (lint->profile->default_action.kind == ACTION_NOTIFY) {
		lint_default(lint, "%s", message);
		return 0;
	}
	for (size_t i = 0; i < lint->profile->n_rules; i++) {
		const struct rule *rule = &lint->profile->rules[i];

		if (rule->action.kind != ACTION_NOTIFY || !lint_counts(lint, rule))
			continue;
		lint_rule(lint, rule, "%s", message);
		break;
	}
	return 0;
}

/* ---- refused-flag */

static bool is_for_crun(const struct profile *profile)
{
	return profile->as_engine && profile->dialect == DIALECT_PODMAN;
}

int lint_refused_flag(struct lint *lint)
{
	const struct profile *profile = lint->profile;

	if (profile->flags_place.line > 0 && !is_for_crun(profile))
		lint_member(lint, profile->flags_place, "/flags",
		            "runc 1.1, which Debian 12 has, refuses every flag");
	return 0;
}

/* ---- other-architecture */

int lint_other_architecture(struct lint *lint)
{
	uint32_t native = lint->ruleset->host.arch;
	char name[32];

	if (!profile_covers_arch(lint->profile, native))
		lint_member(lint, lint->profile->archs_place, "/architectures",
		            "the list lacks %s, this host's; the runtimes filter it all the same, "
		            "callgate run refuses the profile",
		            syscall_arch_name(native, name, sizeof(name)));
	return 0;
}
