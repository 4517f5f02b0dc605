/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule does: its action with what belongs to it, and its limit. */
#include <string.h>

#include "policies/policy_reader.h"
#include "profiles/profile_names.h"

enum { ERRNO_MAX = 4094 }; /* as libseccomp has it for profiles */

static const struct {
	const char *name;  /* shown */
	const char *other; /* also read; NULL: there is none */
} names[POLICY_ACTION_COUNT] = {
	[POLICY_ALLOW] = { "SCMP_ACT_ALLOW", "allow" },
	[POLICY_ERRNO] = { "SCMP_ACT_ERRNO", "errno" },
	[POLICY_RETURN] = { "return", NULL },
	[POLICY_KILL] = { "SCMP_ACT_KILL_PROCESS", "kill" },
	[POLICY_ASK] = { "ask", NULL },
};

const char *policy_action_name(enum policy_action action)
{
	return names[action].name;
}

static bool read_action(struct policy_reader *reader, const struct act_nodes *nodes,
                        enum policy_action *ret_action)
{
	const char *name = nodes->action ? nodes->action->valuestring : "";
	struct near near = near_to(name);
	struct shown wrong, hint;

	for (unsigned action = 0; action < POLICY_ACTION_COUNT; action++) {
		const char *other = names[action].other;

		if (strcmp(names[action].name, name) == 0 || (other && strcmp(other, name) == 0)) {
			*ret_action = action;
			return true;
		}
		near_offer(&near, names[action].name);
		if (other)
			near_offer(&near, other);
	}
	policy_error(reader, nodes->action ? nodes->action : nodes->owner,
	             nodes->action ? "unknown-action" : "missing-action",
	             "%s%s; expected allow, errno, return, kill or ask, or SCMP_ACT_ALLOW, "
	             "SCMP_ACT_ERRNO or SCMP_ACT_KILL_PROCESS%s",
	             nodes->action ? "unknown action " : "no action",
	             nodes->action ? shown(&wrong, name) : "", meant(&hint, near.best));
	return false;
}

/* An errno of 0 skips the call, which then returns 0; a denial that stands is none. */
static void read_errno(struct policy_reader *reader, const cJSON *node, unsigned min,
                       uint16_t *ret_error)
{
	struct near near = near_to(cJSON_IsString(node) ? node->valuestring : "");
	struct shown wrong, hint;
	uint64_t number;
	unsigned error;

	if (cJSON_IsNumber(node)) {
		if (policy_uint(reader, node, min, ERRNO_MAX, &number))
			*ret_error = (uint16_t)number;
		return;
	}
	if (errno_by_name(node->valuestring, &error, &near))
		*ret_error = (uint16_t)error;
	else
		policy_error(reader, node, "unknown-errno",
		             "unknown errno %s; expected EPERM or the like, or its number%s",
		             shown(&wrong, node->valuestring), meant(&hint, near.best));
}

/* What the kernel would take for an errno is none of a return value's. */
static void read_value(struct policy_reader *reader, const struct act_nodes *nodes,
                       int64_t *ret_value)
{
	const struct argument any = { .name = "a return value", .type = ARGUMENT_LONG };
	uint64_t value;

	if (!nodes->value) {
		policy_error(reader, nodes->owner, "no-value",
		             "return without a value; expected value");
		return;
	}
	if (!policy_value(reader, nodes->value, &any, &value))
		return;
	*ret_value = (int64_t)value;
	if (*ret_value < 0 && *ret_value >= -4095)
		policy_error(reader, nodes->value, "wrong-number",
		             "the kernel takes -4095 to -1 for an errno; expected another value, "
		             "or the action errno with errnoRet");
}

/* A node that says something of another action than the rule's. */
static void complain_useless(struct policy_reader *reader, const cJSON *node, const char *actions)
{
	if (node)
		policy_error(reader, node, "useless-key", "\"%s\" belongs to %s; expected none",
		             node->string, actions);
}

struct limit_nodes {
	const cJSON *count, *seconds;
};

static const struct member limit_members[] = {
	{ "count", MEMBER_UINT, offsetof(struct limit_nodes, count) },
	{ "seconds", MEMBER_UINT, offsetof(struct limit_nodes, seconds) },
};

static void read_limit(struct policy_reader *reader, const cJSON *node, struct policy_rule *rule)
{
	struct policy *policy = reader->policy;
	struct limit_nodes nodes;
	uint64_t count, seconds;

	if (!node)
		return;
	policy_members(reader, node, limit_members, ARRAY_SIZE(limit_members), &nodes);
	if (!nodes.count || !nodes.seconds) {
		policy_error(reader, node, "limit", "expected count and seconds");
		return;
	}
	if (!policy_uint(reader, nodes.count, 1, LIMIT_COUNT_MAX, &count) ||
	    !policy_uint(reader, nodes.seconds, 1, LIMIT_SECONDS_MAX, &seconds))
		return;
	if (policy->n_limits == POLICY_LIMITS_MAX) {
		policy_error(reader, node, "limit",
		             "too many rules with a limit; expected at most %d", POLICY_LIMITS_MAX);
		return;
	}
	rule->limit = (struct limit){ (uint32_t)count, (uint32_t)seconds };
	rule->limit_index = policy->n_limits++;
}

void policy_read_act(struct policy_reader *reader, const struct act_nodes *nodes,
                     struct policy_rule *rule)
{
	uint64_t seconds = ASK_SECONDS_DEFAULT;

	read_limit(reader, nodes->limit, rule);
	if (!read_action(reader, nodes, &rule->action))
		return;
	rule->error = rule->action == POLICY_ALLOW || rule->action == POLICY_RETURN ? 0 : EPERM;
	if (nodes->errno_ret && (rule->action == POLICY_ERRNO || rule->action == POLICY_ASK))
		read_errno(reader, nodes->errno_ret, rule->action == POLICY_ASK, &rule->error);
	else
		complain_useless(reader, nodes->errno_ret, "errno and ask");
	if (rule->action == POLICY_RETURN)
		read_value(reader, nodes, &rule->value);
	else
		complain_useless(reader, nodes->value, "return");
	if (rule->action != POLICY_ASK)
		complain_useless(reader, nodes->timeout, "ask");
	else if (!nodes->timeout ||
	         policy_uint(reader, nodes->timeout, 1, ASK_SECONDS_MAX, &seconds))
		rule->ask_seconds = (uint16_t)seconds;
}
