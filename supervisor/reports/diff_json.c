/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/diff.h"

#include "profiles/syscalls.h"
#include "supervisor/reports/profile_text.h"

static void decision_member(struct json_out *json, const char *key, struct action action,
                            enum decided_by by, const struct rule *rule)
{
	json_out_object(json, key);
	json_out_action(json, action);
	json_out_string(json, "decidedBy", decided_by_name(by));
	if (rule)
		json_out_int(json, "line", rule->place.line);
	json_out_close(json, '}');
}

/* An example: null for an argument that does not matter. */
static void args_member(struct json_out *json, const struct difference *difference)
{
	json_out_array(json, "args");
	for (unsigned i = 0; i < 6 && difference->args_mask >> i; i++) {
		if (difference->args_mask >> i & 1)
			json_out_hex(json, NULL, difference->args[i]);
		else
			json_out_string(json, NULL, NULL);
	}
	json_out_close(json, ']');
}

static void difference_element(struct json_out *json, const struct difference *difference)
{
	char buf[32];

	json_out_object(json, NULL);
	json_out_string(json, "arch",
	                difference->arch ? syscall_arch_name(difference->arch, buf, sizeof(buf))
	                                 : NULL);
	if (!difference->whole_abi) {
		json_out_string(json, "name", difference->name[0] ? difference->name : NULL);
		json_out_int(json, "number", difference->nr);
		if (difference->last_nr > difference->nr)
			json_out_int(json, "lastNumber", difference->last_nr);
	}
	if (difference->args_mask)
		args_member(json, difference);
	decision_member(json, "from", difference->from, difference->from_by, difference->from_rule);
	decision_member(json, "to", difference->to, difference->to_by, difference->to_rule);
	json_out_close(json, '}');
}

void diff_json(FILE *out, const struct diff_view *view)
{
	struct json_out json = { .out = out };

	json_out_object(&json, NULL);
	json_out_string(&json, "from", view->from);
	json_out_string(&json, "to", view->to);
	json_out_bool(&json, "same", view->diff->n == 0);
	json_out_array(&json, "differences");
	for (size_t i = 0; i < view->diff->n; i++)
		difference_element(&json, &view->diff->list[i]);
	json_out_close(&json, ']');
	json_out_close(&json, '}');
}
