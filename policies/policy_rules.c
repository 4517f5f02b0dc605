/* SPDX-License-Identifier: Apache-2.0 */
/* `rules`. */
#include <sha2.h>
#include <string.h>

#include "policies/policy_reader.h"

struct rule_nodes {
	const cJSON *names, *args, *when, *log, *advisory, *comment;
	struct act_nodes act;
};

#define ACT(member) offsetof(struct rule_nodes, act.member)

static const struct member rule_members[] = {
	{ "names", MEMBER_LIST, offsetof(struct rule_nodes, names) },
	{ "args", MEMBER_LIST, offsetof(struct rule_nodes, args) },
	{ "when", MEMBER_OBJECT, offsetof(struct rule_nodes, when) },
	{ "action", MEMBER_STRING, ACT(action) },
	{ "errnoRet", MEMBER_NUMBER, ACT(errno_ret) },
	{ "value", MEMBER_NUMBER, ACT(value) },
	{ "timeoutSeconds", MEMBER_UINT, ACT(timeout) },
	{ "limit", MEMBER_OBJECT, ACT(limit) },
	{ "log", MEMBER_BOOL, offsetof(struct rule_nodes, log) },
	{ "advisory", MEMBER_BOOL, offsetof(struct rule_nodes, advisory) },
	{ "comment", MEMBER_STRING, offsetof(struct rule_nodes, comment) },
};

static int read_names(struct policy_reader *reader, const cJSON *owner, const cJSON *list,
                      struct policy_rule *rule)
{
	size_t n = list ? (size_t)cJSON_GetArraySize(list) : 0;
	const char **names = arena_alloc(&reader->policy->arena, n, sizeof(*names));
	const cJSON *node;
	int r = 0;

	if (!names)
		return -ENOMEM;
	rule->names = names;
	if (n == 0)
		policy_error(reader, list ? list : owner, "no-names",
		             "the rule names no syscall; expected names");
	cJSON_ArrayForEach (node, list) {
		if (!policy_is(reader, node, MEMBER_STRING))
			continue;
		r = policy_copy(reader, node, &names[rule->n_names++]);
		if (r == 0)
			r = policy_bind(reader, node, rule);
		if (r < 0)
			break;
	}
	return r;
}

/* By what a reload knows the rule again: white space and the comment do not make it another. */
static int identify(const cJSON *node, uint64_t *ret_identity)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	const cJSON *member;
	SHA2_CTX context;

	SHA256Init(&context);
	cJSON_ArrayForEach (member, node) {
		_cleanup_free_ char *value = NULL;

		if (strcmp(member->string, "comment") == 0)
			continue;
		value = cJSON_PrintUnformatted(member);
		if (!value)
			return -ENOMEM;
		/* With their NULs, which part the key from the value and the next key. */
		SHA256Update(&context, (const uint8_t *)member->string, strlen(member->string) + 1);
		SHA256Update(&context, (const uint8_t *)value, strlen(value) + 1);
	}
	SHA256Final(digest, &context);
	memcpy(ret_identity, digest, sizeof(*ret_identity));
	return 0;
}

static int read_rule(struct policy_reader *reader, const cJSON *node, struct policy_rule *rule)
{
	size_t first = reader->n_bindings;
	struct rule_nodes nodes;
	int r;

	policy_members(reader, node, rule_members, ARRAY_SIZE(rule_members), &nodes);
	nodes.act.owner = node;
	policy_read_act(reader, &nodes.act, rule);
	if (nodes.log)
		rule->log = cJSON_IsTrue(nodes.log) ? POLICY_LOG_ALWAYS : POLICY_LOG_NEVER;
	rule->advisory = nodes.advisory && cJSON_IsTrue(nodes.advisory);
	r = policy_copy(reader, nodes.comment, &rule->comment);
	if (r == 0 && rule->limit.count > 0)
		r = identify(node, &rule->identity);
	if (r == 0)
		r = read_names(reader, node, nodes.names, rule);
	if (r == 0)
		r = policy_read_who(reader, nodes.when, &rule->when);
	if (r == 0)
		r = policy_read_conditions(reader, nodes.args, first);
	return r;
}

int policy_read_rules(struct policy_reader *reader, const cJSON *rules)
{
	struct policy *policy = reader->policy;
	size_t n = rules ? (size_t)cJSON_GetArraySize(rules) : 0;
	const cJSON *node;
	int r = 0;

	if (n > POLICY_RULES_MAX) {
		policy_error(reader, rules, "too-many-rules", "%zu rules; expected at most %d", n,
		             POLICY_RULES_MAX);
		return 0;
	}
	policy->rules = arena_alloc(&policy->arena, n, sizeof(*policy->rules));
	if (!policy->rules)
		return -ENOMEM;
	cJSON_ArrayForEach (node, rules) {
		struct policy_rule *rule = &policy->rules[policy->n_rules];

		rule->index = policy->n_rules++;
		rule->place = json_place(reader->document, node);
		if (policy_is(reader, node, MEMBER_OBJECT))
			r = read_rule(reader, node, rule);
		if (r < 0)
			break;
	}
	return r;
}
