/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/assignment.h"

#include <stdlib.h>

#include "policies/policy_reader.h"
#include "profiles/profile_names.h"

struct assignment_nodes {
	const cJSON *when, *profile, *policy, *mode, *capabilities;
};

/* `default` has no `when`, which comes first here. */
static const struct member members[] = {
	{ "when", MEMBER_OBJECT, offsetof(struct assignment_nodes, when) },
	{ "profile", MEMBER_STRING, offsetof(struct assignment_nodes, profile) },
	{ "policy", MEMBER_STRING, offsetof(struct assignment_nodes, policy) },
	{ "mode", MEMBER_STRING, offsetof(struct assignment_nodes, mode) },
	{ "capabilities", MEMBER_LIST, offsetof(struct assignment_nodes, capabilities) },
};

/* Not ask: there is nobody whom a supervisor of containers could ask. */
static void read_mode(struct policy_reader *reader, const cJSON *node, struct assignment *gives)
{
	static const enum mode modes[] = { MODE_ENFORCE, MODE_COMPLAIN };
	const char *const words[] = { mode_name(modes[0]), mode_name(modes[1]), NULL };
	unsigned index;

	if (!node || !policy_word(reader, node, words, &index))
		return;
	gives->mode_given = true;
	gives->mode = modes[index];
}

static void read_caps(struct policy_reader *reader, const cJSON *list, struct assignment *gives)
{
	const cJSON *node;

	gives->caps_given = list;
	cJSON_ArrayForEach (node, list) {
		struct shown name, hint;
		struct near near;
		unsigned number;

		if (!policy_is(reader, node, MEMBER_STRING))
			continue;
		near = near_to(node->valuestring);
		if (capability_by_name(node->valuestring, &number, &near))
			gives->caps |= UINT64_C(1) << number;
		else
			policy_error(reader, node, "unknown-capability",
			             "unknown capability %s; expected a name as in "
			             "capabilities(7)%s",
			             shown(&name, node->valuestring), meant(&hint, near.best));
	}
}

/* Rules are put to a container before any of its processes has made a call. */
static void check_when(struct policy_reader *reader, const cJSON *node, const struct who *who)
{
	if (who && (who->n_uids || who->n_gids || who->texts[WHO_EXE].n || who->texts[WHO_COMM].n))
		policy_error(reader, node, "of-a-caller",
		             "uid, gid, exe and comm are a caller's; expected of the container "
		             "process, containerId, containerName, metadata or annotations");
}

static int read_assignment(struct policy_reader *reader, const cJSON *object, bool with_when,
                           struct assignment_rule *rule)
{
	struct assignment_nodes nodes = { 0 };
	int r;

	if (!object || !policy_is(reader, object, MEMBER_OBJECT))
		return 0;
	policy_members(reader, object, &members[with_when ? 0 : 1],
	               ARRAY_SIZE(members) - (with_when ? 0 : 1), &nodes);
	read_mode(reader, nodes.mode, &rule->gives);
	read_caps(reader, nodes.capabilities, &rule->gives);
	r = policy_copy(reader, nodes.profile, &rule->gives.profile);
	if (r == 0)
		r = policy_copy(reader, nodes.policy, &rule->gives.policy);
	if (r == 0 && with_when)
		r = policy_read_who(reader, nodes.when, &rule->when);
	check_when(reader, nodes.when, rule->when);
	return r;
}

/* Says nothing of a rule: `default` does. */
static void inherit(struct assignment *gives, const struct assignment *fallback)
{
	if (!gives->policy)
		gives->policy = fallback->policy;
	if (!gives->mode_given)
		gives->mode = fallback->mode;
	if (!gives->caps_given) {
		gives->caps_given = fallback->caps_given;
		gives->caps = fallback->caps;
	}
}

struct root_nodes {
	const cJSON *fallback, *rules;
};

static const struct member root_members[] = {
	{ "default", MEMBER_OBJECT, offsetof(struct root_nodes, fallback) },
	{ "rules", MEMBER_LIST, offsetof(struct root_nodes, rules) },
};

static int read_root(struct policy_reader *reader, const cJSON *root,
                     struct assignments *assignments)
{
	struct root_nodes nodes = { 0 };
	size_t n, i = 0;
	const cJSON *node;
	int r;

	if (root && policy_is(reader, root, MEMBER_OBJECT))
		policy_members(reader, root, root_members, ARRAY_SIZE(root_members), &nodes);
	n = (size_t)cJSON_GetArraySize(nodes.rules);
	if (n > ASSIGNMENT_RULES_MAX) {
		policy_error(reader, nodes.rules, "too-many", "%zu rules; expected at most %d", n,
		             ASSIGNMENT_RULES_MAX);
		return 0;
	}
	assignments->rules =
		arena_alloc(&reader->policy->arena, n + 1, sizeof(*assignments->rules));
	if (!assignments->rules)
		return -ENOMEM;
	assignments->n_rules = n + 1;
	r = read_assignment(reader, nodes.fallback, false, &assignments->rules[n]);
	cJSON_ArrayForEach (node, nodes.rules) {
		if (r == 0)
			r = read_assignment(reader, node, true, &assignments->rules[i]);
		inherit(&assignments->rules[i++].gives, &assignments->rules[n].gives);
	}
	return r;
}

int assignments_parse(const char *bytes, size_t len, struct diags *diags,
                      struct assignments *ret_assignments)
{
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct assignments assignments = { .memory = calloc(1, sizeof(struct policy)) };
	struct policy_reader reader = { .diags = diags, .policy = assignments.memory };
	int r = assignments.memory ? 0 : -ENOMEM;

	if (r == 0 && bytes)
		r = json_parse(bytes, len, diags, &document);
	reader.document = document;
	if (r == 0)
		r = read_root(&reader, document ? json_root(document) : NULL, &assignments);
	if (r == 0 && diags->errors > 0)
		r = -EBADMSG;
	if (r < 0)
		assignments_deinit(&assignments);
	else
		*ret_assignments = assignments;
	return r;
}

void assignments_deinit(struct assignments *assignments)
{
	if (assignments->memory)
		policy_free(assignments->memory);
	*assignments = (struct assignments){ 0 };
}

struct container_view {
	struct view view; /* first, for the reader's function */
	const struct view_caller *container;
};

static int read_container(struct view *view, const struct view_caller **ret_caller)
{
	*ret_caller = ((struct container_view *)view)->container;
	return 0;
}

size_t assignments_choose(const struct assignments *assignments,
                          const struct view_caller *container)
{
	static const struct view_reader reader = { .caller = read_container };
	struct container_view self = { .view = { .reader = &reader }, .container = container };
	size_t i = 0;

	while (i + 1 < assignments->n_rules && assignments->rules[i].when &&
	       who_holds(assignments->rules[i].when, &self.view) != 1)
		i++;
	return i;
}
