/* SPDX-License-Identifier: Apache-2.0 */
/* `when`: what a rule wants of the caller. */
#include <string.h>

#include "policies/policy_reader.h"

struct who_nodes {
	const cJSON *uid, *gid, *process, *annotations;
	const cJSON *texts[WHO_TEXT_COUNT];
};

static const struct member who_members[] = {
	{ "uid", MEMBER_NUMBERS, offsetof(struct who_nodes, uid) },
	{ "gid", MEMBER_NUMBERS, offsetof(struct who_nodes, gid) },
	{ "exe", MEMBER_STRINGS, offsetof(struct who_nodes, texts[WHO_EXE]) },
	{ "comm", MEMBER_STRINGS, offsetof(struct who_nodes, texts[WHO_COMM]) },
	{ "process", MEMBER_STRING, offsetof(struct who_nodes, process) },
	{ "containerId", MEMBER_STRINGS, offsetof(struct who_nodes, texts[WHO_CONTAINER_ID]) },
	{ "containerName", MEMBER_STRINGS, offsetof(struct who_nodes, texts[WHO_CONTAINER_NAME]) },
	{ "metadata", MEMBER_STRINGS, offsetof(struct who_nodes, texts[WHO_METADATA]) },
	{ "annotations", MEMBER_OBJECT, offsetof(struct who_nodes, annotations) },
};

static bool parse_id(const char **text, uint32_t *ret_id)
{
	uint64_t id = 0;

	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		id = id * 10 + (uint64_t)(**text - '0');
		if (id > UINT32_MAX)
			return false;
	}
	*ret_id = (uint32_t)id;
	return true;
}

/* "1000-1999", or one number. */
static bool parse_range(const char *text, struct id_range *ret_range)
{
	if (!parse_id(&text, &ret_range->first))
		return false;
	ret_range->last = ret_range->first;
	if (*text == '-') {
		text++;
		if (!parse_id(&text, &ret_range->last))
			return false;
	}
	return !*text && ret_range->first <= ret_range->last;
}

static bool read_range(struct policy_reader *reader, const cJSON *node, struct id_range *ret_range)
{
	uint64_t id;

	if (!policy_is(reader, node, MEMBER_NUMBER))
		return false;
	if (cJSON_IsString(node) && parse_range(node->valuestring, ret_range))
		return true;
	if (cJSON_IsNumber(node) && json_uint(reader->document, node, UINT32_MAX, &id) == 0) {
		*ret_range = (struct id_range){ (uint32_t)id, (uint32_t)id };
		return true;
	}
	policy_error(reader, node, "wrong-id",
	             "no id and no range of them; expected 1000 or \"1000-1999\"");
	return false;
}

static int read_ids(struct policy_reader *reader, const cJSON *node,
                    const struct id_range **ret_ranges, size_t *ret_n)
{
	struct id_range *ranges;
	size_t n = 0;

	if (!node)
		return 0;
	if (policy_list_length(node) == 0)
		policy_error(reader, node, "empty", "an empty list; expected one id or more");
	ranges = arena_alloc(&reader->policy->arena, policy_list_length(node), sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	for (const cJSON *at = policy_list_next(node, NULL); at; at = policy_list_next(node, at))
		if (read_range(reader, at, &ranges[n]))
			n++;
	*ret_ranges = ranges;
	*ret_n = n;
	return 0;
}

static int read_texts(struct policy_reader *reader, const struct who_nodes *nodes, struct who *who)
{
	int r = 0;

	for (unsigned text = 0; text < WHO_TEXT_COUNT && r == 0; text++)
		if (nodes->texts[text])
			r = policy_globs(reader, nodes->texts[text],
			                 text == WHO_EXE ? GLOB_PATH : GLOB_TEXT,
			                 &who->texts[text].globs, &who->texts[text].n);
	return r;
}

static int read_annotation(struct policy_reader *reader, const cJSON *node,
                           struct who_annotation *ret_annotation)
{
	ret_annotation->key =
		arena_copy(&reader->policy->arena, node->string, strlen(node->string));
	if (!ret_annotation->key)
		return -ENOMEM;
	if (!policy_is(reader, node, MEMBER_STRINGS))
		return 0;
	return policy_globs(reader, node, GLOB_TEXT, &ret_annotation->globs.globs,
	                    &ret_annotation->globs.n);
}

static int read_annotations(struct policy_reader *reader, const cJSON *object, struct who *who)
{
	struct who_annotation *annotations;
	const cJSON *node;
	size_t n = 0;
	int r = 0;

	if (!object)
		return 0;
	annotations = arena_alloc(&reader->policy->arena, (size_t)cJSON_GetArraySize(object),
	                          sizeof(*annotations));
	if (!annotations)
		return -ENOMEM;
	cJSON_ArrayForEach (node, object) {
		r = read_annotation(reader, node, &annotations[n++]);
		if (r < 0)
			break;
	}
	who->annotations = annotations;
	who->n_annotations = n;
	return r;
}

static void read_process(struct policy_reader *reader, const cJSON *node, struct who *who)
{
	static const char *const words[] = { "init", "exec", NULL };
	unsigned index;

	if (node && policy_word(reader, node, words, &index))
		who->process = index == 0 ? WHO_INIT : WHO_EXEC;
}

int policy_read_who(struct policy_reader *reader, const cJSON *node, const struct who **ret_who)
{
	struct who_nodes nodes;
	struct who *who;
	int r;

	if (!node)
		return 0;
	who = arena_alloc(&reader->policy->arena, 1, sizeof(*who));
	if (!who)
		return -ENOMEM;
	policy_members(reader, node, who_members, ARRAY_SIZE(who_members), &nodes);
	if (cJSON_GetArraySize(node) == 0)
		policy_error(reader, node, "empty",
		             "an empty when; expected uid, gid, exe, comm, process, containerId, "
		             "containerName, metadata or annotations");
	read_process(reader, nodes.process, who);
	r = read_ids(reader, nodes.uid, &who->uids, &who->n_uids);
	if (r == 0)
		r = read_ids(reader, nodes.gid, &who->gids, &who->n_gids);
	if (r == 0)
		r = read_texts(reader, &nodes, who);
	if (r == 0)
		r = read_annotations(reader, nodes.annotations, who);
	*ret_who = who;
	return r;
}
