/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/show.h"

#include <seccomp.h>

#include "profiles/inventory.h"
#include "profiles/knowledge.h"
#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/json_out.h"
#include "supervisor/reports/profile_text.h"

static void action_member(struct json_out *json, const char *key, struct action action)
{
	json_out_object(json, key);
	json_out_action(json, action);
	json_out_close(json, '}');
}

static void comparison_element(struct json_out *json, const struct signature *signature,
                               const struct comparison *comparison)
{
	char bytes[1024];
	struct text text = TEXT_OVER(bytes);

	comparison_named_text(&text, signature, comparison);
	json_out_object(json, NULL);
	json_out_int(json, "index", comparison->index);
	json_out_string(json, "op", compare_name(comparison->op));
	json_out_hex(json, "value", comparison->value);
	if (comparison->op == COMPARE_MASKED_EQ)
		json_out_hex(json, "valueTwo", comparison->value_two);
	json_out_string(json, "text", bytes);
	json_out_close(json, '}');
}

static void rules_member(struct json_out *json, const struct abi *abi,
                         const struct inventory_row *row)
{
	const struct signature *signature = signature_find(abi->scmp_arch, row->name);

	json_out_array(json, "rules");
	for (size_t i = 0; i < row->rules->n_matches; i++) {
		const struct match *match = &row->rules->matches[i];

		json_out_object(json, NULL);
		json_out_action(json, match->action);
		json_out_int(json, "line", match->rule->place.line);
		json_out_array(json, "args");
		for (unsigned j = 0; j < match->n_args; j++)
			comparison_element(json, signature, &match->args[j]);
		json_out_close(json, ']');
		json_out_close(json, '}');
	}
	json_out_close(json, ']');
}

static void syscall_element(struct json_out *json, const struct inventory *inventory,
                            const struct inventory_row *row)
{
	char buf[32];

	json_out_object(json, NULL);
	json_out_string(json, "name", row->name);
	json_out_int(json, "number", row->nr);
	json_out_string(json, "arch",
	                syscall_arch_name(inventory->abi->scmp_arch, buf, sizeof(buf)));
	json_out_string(json, "place", plan_place_name(row->place));
	json_out_string(json, "why", plan_why_name(row->why));
	json_out_string(json, "decidedBy", decided_by_name(row->by));
	json_out_action(json, row->action);
	if (row->rule)
		json_out_int(json, "line", row->rule->place.line);
	if (row->rules)
		rules_member(json, inventory->abi, row);
	json_out_knowledge(json, "knowledge", knowledge_find(row->name));
	json_out_close(json, '}');
}

static int syscalls_member(struct json_out *json, const struct plan *plan)
{
	int r = 0;

	json_out_array(json, "syscalls");
	for (size_t i = 0; i < plan->n_abis && r == 0; i++) {
		_cleanup_(inventory_deinit) struct inventory inventory = { 0 };

		r = inventory_build(plan, i, &inventory);
		for (size_t j = 0; j < inventory.n_rows; j++)
			syscall_element(json, &inventory, &inventory.rows[j]);
	}
	json_out_close(json, ']');
	return r;
}

static void abis_member(struct json_out *json, const struct plan *plan)
{
	json_out_array(json, "abis");
	for (size_t i = 0; i < plan->n_abis; i++) {
		const struct abi *abi = plan->abis[i].abi;
		char buf[32];

		json_out_object(json, NULL);
		json_out_string(json, "arch", syscall_arch_name(abi->scmp_arch, buf, sizeof(buf)));
		if (abi->newest)
			json_out_int(json, "newest", abi->newest);
		json_out_close(json, '}');
	}
	json_out_close(json, ']');
}

static void host_member(struct json_out *json, const struct host *host)
{
	char buf[32];

	json_out_object(json, "host");
	json_out_string(json, "arch", syscall_arch_name(host->arch, buf, sizeof(buf)));
	snprintf(buf, sizeof(buf), "%u.%u", host->kernel.major, host->kernel.minor);
	json_out_string(json, "kernel", buf);
	json_out_capabilities(json, "capabilities", host->caps);
	json_out_close(json, '}');
}

static void profile_member(struct json_out *json, const struct ruleset *ruleset)
{
	const struct profile *profile = ruleset->profile;

	json_out_object(json, "profile");
	json_out_string(json, "name", profile->name);
	json_out_string(json, "file", profile->file);
	json_out_string(json, "dialect", dialect_name(profile->dialect));
	json_out_bool(json, "unconfined", profile->unconfined);
	json_out_int(json, "rules", (int64_t)profile->n_rules);
	json_out_int(json, "rulesCounting", (int64_t)ruleset_rules_counting(ruleset));
	json_out_close(json, '}');
}

int show_json(FILE *out, const struct plan *plan)
{
	const struct ruleset *ruleset = plan->ruleset;
	const struct scmp_version *seccomp = seccomp_version();
	struct json_out json = { .out = out };
	char version[48];
	int r;

	snprintf(version, sizeof(version), "%u.%u.%u", seccomp->major, seccomp->minor,
	         seccomp->micro);
	json_out_object(&json, NULL);
	profile_member(&json, ruleset);
	host_member(&json, &ruleset->host);
	json_out_string(&json, "libseccomp", version);
	action_member(&json, "defaultAction", ruleset->default_action);
	action_member(&json, "badArchAction", ruleset->bad_arch_action);
	json_out_string(&json, "rest", plan_place_name(plan->rest));
	abis_member(&json, plan);
	r = syscalls_member(&json, plan);
	json_out_close(&json, '}');
	return r;
}
