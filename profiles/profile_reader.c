/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/profile_reader.h"

#include <ctype.h>
#include <string.h>

/* ---- keys, as Go's encoding/json matches them */

/*
 * One letter of a key, folded. Two letters outside ASCII fold into it: the long s (U+017F) and the
 * Kelvin sign (U+212A).
 */
static int folded(const char **at)
{
	static const struct {
		const char *bytes;
		char folds_to;
	} foreign[] = { { "\xc5\xbf", 's' }, { "\xe2\x84\xaa", 'k' } };

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		size_t len = strlen(foreign[i].bytes);

		if (strncmp(*at, foreign[i].bytes, len) == 0) {
			*at += len;
			return foreign[i].folds_to;
		}
	}
	return tolower((unsigned char)*(*at)++);
}

static bool same_key(const char *a, const char *b)
{
	while (*a && *b)
		if (folded(&a) != folded(&b))
			return false;
	return !*a && !*b;
}

static const cJSON *last_member(const cJSON *object, const char *key)
{
	const cJSON *member, *found = NULL;

	cJSON_ArrayForEach (member, object) {
		if (same_key(member->string, key))
			found = member;
	}
	return found;
}

const cJSON *reader_member_or_null(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? last_member(object, key) : NULL;
}

const cJSON *reader_member(const cJSON *object, const char *key)
{
	const cJSON *member = reader_member_or_null(object, key);

	return cJSON_IsNull(member) ? NULL : member;
}

/* ---- types */

static const struct {
	const char *name;
	int cjson; /* the types that are taken for it */
} types[] = {
	[FIELD_STRING] = { "a string", cJSON_String },
	[FIELD_UINT] = { "an unsigned integer", cJSON_Number },
	[FIELD_LIST] = { "a list", cJSON_Array },
	[FIELD_OBJECT] = { "an object", cJSON_Object },
	[FIELD_ANY] = { "anything", 0xff },
};

static const char *type_of(const cJSON *node)
{
	if (cJSON_IsNull(node))
		return "null";
	if (cJSON_IsBool(node))
		return "a boolean";
	if (cJSON_IsNumber(node))
		return "a number";
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (node->type & types[i].cjson)
			return types[i].name;
	return "something else";
}

bool reader_element_is(struct reader *reader, const cJSON *node, enum field_type type)
{
	uint64_t value;

	if (!(node->type & types[type].cjson)) {
		complain_error(reader, node, "wrong-type", "%s; expected %s", type_of(node),
		               types[type].name);
		return false;
	}
	if (type == FIELD_UINT && json_uint(reader->document, node, UINT64_MAX, &value) < 0) {
		complain_error(reader, node, "wrong-number",
		               "not a number that a profile can have; expected an integer from 0 "
		               "to 18446744073709551615, without sign, fraction or exponent");
		return false;
	}
	return true;
}

uint64_t reader_uint(const struct reader *reader, const cJSON *node)
{
	uint64_t value;

	if (!node || json_uint(reader->document, node, UINT64_MAX, &value) < 0)
		return 0;
	return value;
}

const char *reader_string(const cJSON *node)
{
	return node ? node->valuestring : "";
}

int reader_strings(struct reader *reader, const cJSON *list, char ***ret_strings, size_t *ret_count)
{
	size_t room = (size_t)cJSON_GetArraySize(list), count = 0;
	char **strings = calloc(room + 1, sizeof(*strings));
	const cJSON *element;

	if (!strings)
		return -ENOMEM;
	*ret_strings = strings;
	cJSON_ArrayForEach (element, list) {
		if (!reader_element_is(reader, element, FIELD_STRING))
			continue;
		strings[count] = strdup(element->valuestring);
		if (!strings[count])
			return -ENOMEM;
		*ret_count = ++count;
	}
	return 0;
}

/* ---- fields */

static const char *const dialect_names[] = {
	[DIALECT_DOCKER] = "Docker",
	[DIALECT_PODMAN] = "podman",
	[DIALECT_OCI] = "the OCI runtime-spec",
};

static void complain_unknown(struct reader *reader, const cJSON *member, const struct field *fields,
                             size_t n_fields)
{
	struct near near = near_to(member->string);
	struct shown key, hint;

	for (size_t i = 0; i < n_fields; i++)
		near_offer(&near, fields[i].key);
	complain_warning(reader, member, "unknown-key", "unknown key %s; it is ignored%s",
	                 shown(&key, member->string), meant(&hint, near.best));
}

static void check_key(struct reader *reader, const cJSON *member, const struct field *fields,
                      size_t n_fields)
{
	enum dialect dialect = reader->profile->dialect;
	const struct field *field = NULL;
	struct shown key;

	for (size_t i = 0; i < n_fields && !field; i++)
		if (same_key(member->string, fields[i].key))
			field = &fields[i];
	if (!field)
		complain_unknown(reader, member, fields, n_fields);
	else if (!(field->dialects & 1U << dialect))
		complain_warning(reader, member, "foreign-key",
		                 "\"%s\" means nothing in a profile for %s; it is ignored",
		                 field->key, dialect_names[dialect]);
	else if (strcmp(member->string, field->key) != 0)
		complain_warning(reader, member, "key-case",
		                 "%s is read as \"%s\", as Docker reads it; expected that spelling",
		                 shown(&key, member->string), field->key);
}

void reader_fields(struct reader *reader, const cJSON *object, const struct field *fields,
                   size_t n_fields, void *ret_nodes)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, object) {
		check_key(reader, member, fields, n_fields);
	}
	for (size_t i = 0; i < n_fields; i++) {
		const cJSON **node = (const cJSON **)((char *)ret_nodes + fields[i].offset);

		*node = NULL;
		if (!(fields[i].dialects & 1U << reader->profile->dialect))
			continue;
		member = reader_member(object, fields[i].key);
		if (member && reader_element_is(reader, member, fields[i].type))
			*node = member;
	}
}

/* ---- engines */

bool reader_as_runc(const struct reader *reader)
{
	return reader->profile->as_engine && reader->profile->dialect != DIALECT_PODMAN;
}

bool reader_as_crun(const struct reader *reader)
{
	return reader->profile->as_engine && reader->profile->dialect == DIALECT_PODMAN;
}

static bool gate_closes(const struct gate *gate)
{
	return gate->caps || gate->unknown_caps || gate->n_arches > 0 || gate->min_kernel.major ||
	       gate->min_kernel.minor;
}

enum diag_level reader_refuses(struct reader *reader, enum diag_level level)
{
	struct rule *rule = reader->rule;

	if (level != DIAG_ERROR || !reader->profile->as_engine || !rule ||
	    (!gate_closes(&rule->includes) && !gate_closes(&rule->excludes)))
		return level;
	rule->refused = true;
	return DIAG_WARNING;
}
