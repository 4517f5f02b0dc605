/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/commands/check_policy.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "policies/policy_lint.h"
#include "supervisor/reports/json_out.h"

/* ---- reading */

static bool rule_is_on(const struct policy_rule *rule, const struct policy_syscall *syscall)
{
	for (size_t i = 0; i < syscall->n_matches; i++)
		if (syscall->matches[i].rule == rule)
			return true;
	return false;
}

/* run would not start: said here, with the profile's own errors left to a check of its own. */
static int lint_beside_profile(const struct profile_options *options, struct loaded_policy *loaded)
{
	const struct policy *policy = loaded->policy;
	_cleanup_(loaded_profile_deinit) struct loaded_profile profile;
	const char *name = policy->profile ? policy->profile : "docker-default";
	int r = loaded_profile_open(name, options, &profile);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		diags_add(&loaded->diags, DIAG_ERROR, "policy-profile", (struct place){ 0 },
		          "/profile", "the profile cannot be used; callgate check says why of it");
	policy_lint(policy, profile.ruleset, &loaded->diags);
	return r < 0 ? -EBADMSG : 0;
}

/* The first syscall that the rule is on and that only a frozen target can be allowed, or NULL. */
static const char *frozen_syscall(const struct policy *policy, const struct policy_rule *rule)
{
	for (size_t i = 0; i < policy->n_syscalls; i++)
		if (policy->syscalls[i].class == CLASS_FROZEN && !rule->advisory &&
		    rule_is_on(rule, &policy->syscalls[i]))
			return policy->syscalls[i].name;
	return NULL;
}

/* Where the host cannot freeze the class falls to advisory, and that a rule must ask for. */
static int look_at_host(const struct check_host *host, struct loaded_policy *loaded)
{
	const struct policy *policy = loaded->policy;
	int r = 0;

	if (host->want == FREEZER_ABLE)
		return 0;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];
		const char *name = frozen_syscall(policy, rule);
		char pointer[32];

		if (!name)
			continue;
		snprintf(pointer, sizeof(pointer), "/rules/%zu", rule->index);
		diags_add(&loaded->diags, DIAG_ERROR, "host-not-frozen", rule->place, pointer,
		          "on this host the class of %s is advisory, not frozen: %s; expected "
		          "\"advisory\": true, to accept that an allow can be tricked",
		          name, freezer_want_text(host->want));
		r = -EBADMSG;
	}
	return r;
}

int check_policy_open(const char *path, const struct profile_options *options,
                      const struct check_host *host, struct loaded_policy *ret_loaded)
{
	int r = loaded_policy_open(path, options->arch, GENERATION_FIRST, ret_loaded);

	int host_r = r < 0 ? r : look_at_host(host, ret_loaded);

	if (r == 0)
		r = lint_beside_profile(options, ret_loaded);
	return r < 0 ? r : host_r;
}

/* ---- printing */

/* Prints the syscalls of the native ABI that the rule is on and that have the class; how many. */
static size_t print_syscalls(const struct policy *policy, const struct policy_rule *rule,
                             enum policy_class class, struct json_out *json)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_syscalls; i++) {
		const struct policy_syscall *syscall = &policy->syscalls[i];

		if (syscall->arch != policy->arch || syscall->class != class ||
		    !rule_is_on(rule, syscall))
			continue;
		if (json) {
			json_out_object(json, NULL);
			json_out_string(json, "name", syscall->name);
			json_out_string(json, "class", policy_class_name(class));
			json_out_close(json, '}');
		} else {
			printf("%s%s", n > 0 ? ", " : " ", syscall->name);
		}
		n++;
	}
	return n;
}

static void print_rule(const struct policy *policy, const struct policy_rule *rule)
{
	char bytes[4 * PATH_MAX];
	struct text file = TEXT_OVER(bytes);

	text_escape_terminal(&file, policy->file, strlen(policy->file), SIZE_MAX);
	printf("%s:%u: rule %zu: %s:", file.bytes, rule->place.line, rule->index,
	       policy_action_name(rule->action));
	for (enum policy_class class = 0; class < CLASS_COUNT; class ++)
		if (print_syscalls(policy, rule, class, NULL) > 0)
			printf(" (%s)", policy_class_name(class));
	putchar('\n');
}

static void print_rule_json(const struct policy *policy, const struct policy_rule *rule)
{
	struct json_out json = { .out = stdout };

	json_out_object(&json, NULL);
	json_out_string(&json, "file", policy->file);
	json_out_int(&json, "line", rule->place.line);
	json_out_int(&json, "rule", (int64_t)rule->index);
	json_out_string(&json, "action", policy_action_name(rule->action));
	json_out_array(&json, "syscalls");
	for (enum policy_class class = 0; class < CLASS_COUNT; class ++)
		(void)print_syscalls(policy, rule, class, &json);
	json_out_close(&json, ']');
	json_out_close(&json, '}');
}

void check_policy_print(const struct policy *policy, bool json)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		(json ? print_rule_json : print_rule)(policy, &policy->rules[i]);
}

void check_host_print(const struct check_host *host, bool json)
{
	struct json_out out = { .out = stdout };
	bool able = host->want == FREEZER_ABLE;
	const char *reason = freezer_want_text(host->want);

	if (!json) {
		printf("host: frozen: %s%s\n", able ? "yes" : "no: ", reason);
		return;
	}
	json_out_object(&out, NULL);
	json_out_bool(&out, "host_frozen", able);
	json_out_string(&out, "reason", reason);
	json_out_close(&out, '}');
}
