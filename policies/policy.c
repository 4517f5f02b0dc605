/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy.h"

#include <seccomp.h>
#include <sha2.h>
#include <string.h>

#include "policies/policy_reader.h"

/* The ABIs that a kernel of an architecture runs, the native one first. */
static const struct {
	uint32_t archs[3];
	size_t n;
} families[] = {
	{ { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 }, 3 },
	{ { SCMP_ARCH_AARCH64, SCMP_ARCH_ARM }, 2 },
	{ { SCMP_ARCH_S390X, SCMP_ARCH_S390 }, 2 },
};

/* ---- the whole */

struct policy_nodes {
	const cJSON *schema, *comment, *name, *profile, *notify, *unmatched, *rules;
};

static const struct member policy_members_[] = {
	{ "name", MEMBER_STRING, offsetof(struct policy_nodes, name) },
	{ "profile", MEMBER_STRING, offsetof(struct policy_nodes, profile) },
	{ "notify", MEMBER_LIST, offsetof(struct policy_nodes, notify) },
	{ "unmatched", MEMBER_STRING, offsetof(struct policy_nodes, unmatched) },
	{ "rules", MEMBER_LIST, offsetof(struct policy_nodes, rules) },
	{ "comment", MEMBER_STRING, offsetof(struct policy_nodes, comment) },
	{ "$schema", MEMBER_STRING, offsetof(struct policy_nodes, schema) }, /* an editor's */
};

static int read_notify(struct policy_reader *reader, const cJSON *list)
{
	const cJSON *node;
	int r = 0;

	cJSON_ArrayForEach (node, list) {
		if (policy_is(reader, node, MEMBER_STRING))
			r = policy_bind(reader, node, NULL);
		if (r < 0)
			break;
	}
	return r;
}

static void read_unmatched(struct policy_reader *reader, const cJSON *node)
{
	static const char *const words[] = { "deny", "allow", NULL };
	unsigned index;

	if (node && policy_word(reader, node, words, &index))
		reader->policy->allow_unmatched = index == 1;
}

static int read_root(struct policy_reader *reader, const cJSON *root)
{
	struct policy *policy = reader->policy;
	struct policy_nodes nodes;
	int r;

	if (!policy_is(reader, root, MEMBER_OBJECT))
		return 0;
	policy_members(reader, root, policy_members_, ARRAY_SIZE(policy_members_), &nodes);
	if (!nodes.rules && !nodes.notify)
		policy_error(reader, root, "no-rules", "neither rules nor notify; expected rules");
	read_unmatched(reader, nodes.unmatched);
	r = policy_copy(reader, nodes.name, &policy->name);
	if (r == 0)
		r = policy_copy(reader, nodes.profile, &policy->profile);
	if (r == 0)
		r = policy_read_rules(reader, nodes.rules);
	if (r == 0)
		r = read_notify(reader, nodes.notify);
	if (r == 0 && reader->diags->errors == 0)
		r = policy_index(reader);
	return r;
}

/* ---- life */

static struct policy *policy_new(const struct policy_source *source)
{
	_cleanup_(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	policy->generation = source->generation;
	policy->arch = source->arch;
	SHA256Data((const uint8_t *)source->bytes, source->len, policy->sha256);
	policy->name = arena_copy(&policy->arena, source->name, strlen(source->name));
	policy->file = arena_copy(&policy->arena, source->file, strlen(source->file));
	if (!policy->name || !policy->file)
		return NULL;
	return TAKE_PTR(policy);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	arena_deinit(&policy->arena);
	free(policy);
}

static void find_family(struct policy_reader *reader, const uint32_t *arch)
{
	reader->archs = arch;
	reader->n_archs = 1;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i].archs[0] != *arch)
			continue;
		reader->archs = families[i].archs;
		reader->n_archs = families[i].n;
	}
}

int policy_parse(const struct policy_source *source, struct diags *diags,
                 struct policy **ret_policy)
{
	_cleanup_(policy_freep) struct policy *policy = policy_new(source);
	_cleanup_(json_freep) struct json_document *document = NULL;
	struct policy_reader reader = { .diags = diags, .policy = policy };
	int r;

	if (!policy)
		return -ENOMEM;
	r = json_parse(source->bytes, source->len, diags, &document);
	if (r < 0)
		return r;
	reader.document = document;
	find_family(&reader, &source->arch);
	r = read_root(&reader, json_root(document));
	free(reader.bindings);
	if (r == 0 && diags->errors > 0)
		r = -EBADMSG;
	if (r < 0)
		return r;
	*ret_policy = TAKE_PTR(policy);
	return 0;
}

/* A profile has defaultAction or syscalls, or is inside a runtime's config. */
bool policy_recognised(const char *bytes, size_t len)
{
	static const char *const keys[] = { "rules", "notify", "unmatched" };
	static const char *const others[] = { "defaultAction", "syscalls", "linux", "ociVersion" };
	cJSON *root = len > JSON_MAX_BYTES ? NULL : cJSON_ParseWithLength(bytes, len);
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		found |= cJSON_HasObjectItem(root, keys[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		found &= !cJSON_HasObjectItem(root, others[i]);
	cJSON_Delete(root);
	return found;
}
