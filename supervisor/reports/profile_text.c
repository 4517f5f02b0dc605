/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/profile_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "supervisor/events/render_argument.h"

const char *dialect_name(enum dialect dialect)
{
	static const char *const names[] = {
		[DIALECT_DOCKER] = "docker",
		[DIALECT_PODMAN] = "podman",
		[DIALECT_OCI] = "oci",
	};

	return names[dialect];
}

const char *plan_place_name(enum plan_place place)
{
	static const char *const names[] = {
		[PLAN_KERNEL_ALLOW] = "kernel-allow",
		[PLAN_KERNEL_ARGS] = "kernel-args",
		[PLAN_KERNEL_DENY] = "kernel-deny",
		[PLAN_KERNEL] = "kernel",
		[PLAN_NOTIFY] = "notify",
	};

	return names[place];
}

const char *plan_why_name(enum plan_why why)
{
	static const char *const names[] = {
		[PLAN_BY_PROFILE] = "profile",
		[PLAN_UNSAFE_RULES] = "unsafe-rules",
		[PLAN_ASKED] = "asked",
	};

	return names[why];
}

const char *decided_by_name(enum decided_by by)
{
	static const char *const names[] = {
		[DECIDED_BY_RULE] = "rule",
		[DECIDED_BY_DEFAULT] = "default",
		[DECIDED_BY_NEWER] = "newer",
		[DECIDED_BY_BAD_ARCH] = "bad-arch",
	};

	return names[by];
}

void action_text(struct text *text, struct action action)
{
	char name[24];

	text_string(text, action_name(action.kind) + strlen("SCMP_ACT_"));
	if (action.kind == ACTION_ERRNO)
		text_printf(text, "(%s)",
		            action.number ? err_name(action.number, name, sizeof(name)) : "0");
	else if (action_has_number(action.kind))
		text_printf(text, "(%u)", action.number);
}

void json_out_action(struct json_out *json, struct action action)
{
	char name[24];

	json_out_string(json, "action", action_name(action.kind));
	if (action.kind == ACTION_ERRNO) {
		json_out_int(json, "errno", action.number);
		if (action.number > 0)
			json_out_string(json, "errnoName",
			                err_name(action.number, name, sizeof(name)));
	} else if (action_has_number(action.kind)) {
		json_out_int(json, "number", action.number);
	}
}

void capabilities_text(struct text *text, uint64_t caps, const char *between)
{
	const char *joint = "";

	for (unsigned number = 0; capability_name(number); number++) {
		if (!(caps >> number & 1))
			continue;
		text_printf(text, "%s%s", joint, capability_name(number));
		joint = between;
	}
}

void json_out_capabilities(struct json_out *json, const char *key, uint64_t caps)
{
	json_out_array(json, key);
	for (unsigned number = 0; capability_name(number); number++)
		if (caps >> number & 1)
			json_out_string(json, NULL, capability_name(number));
	json_out_close(json, ']');
}

void json_out_knowledge(struct json_out *json, const char *key, const struct knowledge *knowledge)
{
	if (!knowledge)
		return;
	json_out_object(json, key);
	json_out_string(json, "why", knowledge->why);
	json_out_string(json, "since", knowledge->since);
	json_out_capabilities(json, "freedBy", knowledge->freed_by);
	json_out_string(json, "fallback", knowledge->fallback);
	json_out_string(json, "source", knowledge->source);
	json_out_close(json, '}');
}

static void number_text(struct text *text, uint64_t number)
{
	text_printf(text, number < 256 ? "%" PRIu64 : "%#" PRIx64, number);
}

static const struct argument *argument_of(const struct signature *signature, unsigned index)
{
	bool known = signature && index < signature_length(signature);

	return known ? &signature->args[index] : NULL;
}

static const char *const operators[COMPARE_COUNT] = {
	[COMPARE_NE] = "!=", [COMPARE_LT] = "<", [COMPARE_LE] = "<=",        [COMPARE_EQ] = "==",
	[COMPARE_GE] = ">=", [COMPARE_GT] = ">", [COMPARE_MASKED_EQ] = "==",
};

void comparison_text(struct text *text, const struct signature *signature,
                     const struct comparison *comparison)
{
	const struct argument *argument = argument_of(signature, comparison->index);
	bool masked = comparison->op == COMPARE_MASKED_EQ;

	if (argument)
		text_string(text, argument->name);
	else
		text_printf(text, "a%u", comparison->index);
	if (masked)
		text_printf(text, " & %#" PRIx64, comparison->value);
	text_printf(text, " %s ", operators[comparison->op]);
	number_text(text, masked ? comparison->value_two : comparison->value);
}

void comparison_named_text(struct text *text, const struct signature *signature,
                           const struct comparison *comparison)
{
	const struct argument *argument = argument_of(signature, comparison->index);
	char bytes[1024];
	struct text names = TEXT_OVER(bytes);

	comparison_text(text, signature, comparison);
	if (!argument || !argument->constants)
		return;
	render_value(&names, argument, comparison->value);
	if (!isalpha((unsigned char)bytes[0]))
		return;
	text_string(text, " (");
	for (const char *c = bytes; *c; c++) /* with spaces, for they may have to be wrapped */
		text_printf(text, *c == '|' ? " %c " : "%c", *c);
	text_string(text, ")");
}
