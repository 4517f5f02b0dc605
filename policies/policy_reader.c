/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/policy_reader.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

/* ---- types */

static const struct {
	const char *name;
	int cjson; /* the types that are taken for it */
} types[] = {
	[MEMBER_STRING] = { "a string", cJSON_String },
	[MEMBER_BOOL] = { "true or false", cJSON_True | cJSON_False },
	[MEMBER_UINT] = { "an unsigned integer", cJSON_Number },
	[MEMBER_NUMBER] = { "a number or a name", cJSON_Number | cJSON_String },
	[MEMBER_LIST] = { "a list", cJSON_Array },
	[MEMBER_OBJECT] = { "an object", cJSON_Object },
	[MEMBER_STRINGS] = { "a string or a list of strings", cJSON_String | cJSON_Array },
	[MEMBER_NUMBERS] = { "a number, a string or a list of them",
	                     cJSON_Number | cJSON_String | cJSON_Array },
	[MEMBER_VALUE] = { "a number, a string, a list or an object",
	                   cJSON_Number | cJSON_String | cJSON_Array | cJSON_Object },
};

static const char *type_of(const cJSON *node)
{
	static const struct {
		int cjson;
		const char *name;
	} names[] = {
		{ cJSON_NULL, "null" },       { cJSON_True | cJSON_False, "a boolean" },
		{ cJSON_Number, "a number" }, { cJSON_String, "a string" },
		{ cJSON_Array, "a list" },    { cJSON_Object, "an object" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (node->type & names[i].cjson)
			return names[i].name;
	return "something else";
}

bool policy_is(struct policy_reader *reader, const cJSON *node, enum member_type type)
{
	if (node->type & types[type].cjson)
		return true;
	policy_error(reader, node, "wrong-type", "%s; expected %s", type_of(node),
	             types[type].name);
	return false;
}

bool policy_uint(struct policy_reader *reader, const cJSON *node, uint64_t min, uint64_t max,
                 uint64_t *ret_value)
{
	if (json_uint(reader->document, node, max, ret_value) == 0 && *ret_value >= min)
		return true;
	policy_error(reader, node, "wrong-number",
	             "out of range; expected an integer from %llu to %llu", (unsigned long long)min,
	             (unsigned long long)max);
	return false;
}

/* ---- keys */

static const struct member *find_member(const char *key, const struct member *members,
                                        size_t n_members)
{
	for (size_t i = 0; i < n_members; i++)
		if (strcmp(members[i].key, key) == 0)
			return &members[i];
	return NULL;
}

static void complain_unknown(struct policy_reader *reader, const cJSON *node,
                             const struct member *members, size_t n_members)
{
	struct near near = near_to(node->string);
	struct shown key, hint;
	char words[256];
	struct text text = TEXT_OVER(words);

	for (size_t i = 0; i < n_members; i++) {
		near_offer(&near, members[i].key);
		text_printf(&text, "%s%s", i ? ", " : "", members[i].key);
	}
	policy_error(reader, node, "unknown-key", "unknown key %s; expected %s%s",
	             shown(&key, node->string), text.bytes, meant(&hint, near.best));
}

void policy_members(struct policy_reader *reader, const cJSON *object, const struct member *members,
                    size_t n_members, void *ret_nodes)
{
	const cJSON *node;

	for (size_t i = 0; i < n_members; i++)
		*(const cJSON **)((char *)ret_nodes + members[i].offset) = NULL;
	cJSON_ArrayForEach (node, object) {
		const struct member *member = find_member(node->string, members, n_members);

		if (!member)
			complain_unknown(reader, node, members, n_members);
		else if (policy_is(reader, node, member->type))
			*(const cJSON **)((char *)ret_nodes + member->offset) = node;
	}
}

bool policy_word(struct policy_reader *reader, const cJSON *node, const char *const *words,
                 unsigned *ret_index)
{
	struct near near = near_to(node->valuestring);
	struct shown wrong, hint;
	char list[256];
	struct text text = TEXT_OVER(list);

	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], node->valuestring) == 0) {
			*ret_index = i;
			return true;
		}
		near_offer(&near, words[i]);
		text_printf(&text, "%s%s", i ? ", " : "", words[i]);
	}
	policy_error(reader, node, "unknown-word", "unknown word %s; expected one of %s%s",
	             shown(&wrong, node->valuestring), text.bytes, meant(&hint, near.best));
	return false;
}

/* ---- lists */

size_t policy_list_length(const cJSON *node)
{
	return cJSON_IsArray(node) ? (size_t)cJSON_GetArraySize(node) : 1;
}

const cJSON *policy_list_next(const cJSON *node, const cJSON *element)
{
	if (!cJSON_IsArray(node))
		return element ? NULL : node;
	return element ? element->next : node->child;
}

int policy_copy(struct policy_reader *reader, const cJSON *string, const char **ret_copy)
{
	if (!string)
		return 0;
	*ret_copy = arena_copy(&reader->policy->arena, string->valuestring,
	                       strlen(string->valuestring));
	return *ret_copy ? 0 : -ENOMEM;
}

static bool check_glob(struct policy_reader *reader, const cJSON *node, enum glob_kind kind)
{
	const char *expected = glob_check(kind, node->valuestring);
	struct shown wrong;

	if (!expected)
		return true;
	policy_error(reader, node, "glob", "%s is no pattern that could match; expected %s",
	             shown(&wrong, node->valuestring), expected);
	return false;
}

int policy_globs(struct policy_reader *reader, const cJSON *node, enum glob_kind kind,
                 const char *const **ret_globs, size_t *ret_n)
{
	size_t n = policy_list_length(node), used = 0;
	const char **globs = arena_alloc(&reader->policy->arena, n, sizeof(*globs));

	if (!globs)
		return -ENOMEM;
	if (n == 0)
		policy_error(reader, node, "empty",
		             "an empty list matches nothing; expected one "
		             "string or more");
	for (const cJSON *at = policy_list_next(node, NULL); at; at = policy_list_next(node, at)) {
		int r;

		if (!policy_is(reader, at, MEMBER_STRING) || !check_glob(reader, at, kind))
			continue;
		r = policy_copy(reader, at, &globs[used++]);
		if (r < 0)
			return r;
	}
	*ret_globs = globs;
	*ret_n = used;
	return 0;
}
