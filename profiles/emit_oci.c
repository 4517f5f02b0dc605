/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/emit_oci.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "profiles/profile_names.h"

DEFINE_CLEANUP(cJSON *, cJSON_Delete)

/*
 * cJSON reports each failure, which is always memory: it is remembered here, and asked for once.
 */
struct emitter {
	cJSON *root;
	bool failed;
};

/* Adds item to parent (under key, or to a list for NULL), and returns it. */
static cJSON *add(struct emitter *emitter, cJSON *parent, const char *key, cJSON *item)
{
	bool added = item && (key ? cJSON_AddItemToObject(parent, key, item)
	                          : cJSON_AddItemToArray(parent, item));

	if (added)
		return item;
	cJSON_Delete(item);
	emitter->failed = true;
	return NULL;
}

static void add_string(struct emitter *emitter, cJSON *parent, const char *key, const char *string)
{
	add(emitter, parent, key, cJSON_CreateString(string));
}

/* cJSON's own numbers are doubles: wrong from 2^53 on. */
static void add_uint(struct emitter *emitter, cJSON *parent, const char *key, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	add(emitter, parent, key, cJSON_CreateRaw(digits));
}

/* The keys of an action: "action" and "errnoRet", or the default's. */
static void add_action(struct emitter *emitter, cJSON *parent, struct action action,
                       const char *const keys[2])
{
	add_string(emitter, parent, keys[0], action_name(action.kind));
	if (action_has_number(action.kind))
		add_uint(emitter, parent, keys[1], action.number);
}

static int add_archs(struct emitter *emitter, const struct profile *profile)
{
	cJSON *list = add(emitter, emitter->root, "architectures", cJSON_CreateArray());

	for (size_t i = 0; i < profile->n_archs; i++)
		for (size_t j = 0; j < profile->archs[i].n_sub; j++) {
			const char *name = arch_name(profile->archs[i].sub[j]);

			if (!name)
				return -EINVAL;
			add_string(emitter, list, NULL, name);
		}
	return 0;
}

/*
 * No list means SPEC_ALLOW to every runtime, and runc 1.1 refuses every flag. A list without
 * SPEC_ALLOW must not be empty; TSYNC is what it can hold and change nothing.
 */
static void add_flags(struct emitter *emitter, const struct profile *profile)
{
	cJSON *list;

	if (profile->flag_spec_allow && !profile->flag_log)
		return;
	list = add(emitter, emitter->root, "flags", cJSON_CreateArray());
	if (profile->flag_log)
		add_string(emitter, list, NULL, "SECCOMP_FILTER_FLAG_LOG");
	if (profile->flag_spec_allow)
		add_string(emitter, list, NULL, "SECCOMP_FILTER_FLAG_SPEC_ALLOW");
	if (!profile->flag_log && !profile->flag_spec_allow)
		add_string(emitter, list, NULL, "SECCOMP_FILTER_FLAG_TSYNC");
}

static void add_comparison(struct emitter *emitter, cJSON *list,
                           const struct comparison *comparison)
{
	cJSON *object = add(emitter, list, NULL, cJSON_CreateObject());

	add_uint(emitter, object, "index", comparison->index);
	add_uint(emitter, object, "value", comparison->value);
	if (comparison->op == COMPARE_MASKED_EQ)
		add_uint(emitter, object, "valueTwo", comparison->value_two);
	add_string(emitter, object, "op", compare_name(comparison->op));
}

static void add_rule(struct emitter *emitter, cJSON *list, const struct rule *rule)
{
	static const char *const keys[] = { "action", "errnoRet" };
	cJSON *object = add(emitter, list, NULL, cJSON_CreateObject());
	cJSON *names = add(emitter, object, "names", cJSON_CreateArray());
	cJSON *args;

	for (size_t i = 0; i < rule->n_names; i++)
		add_string(emitter, names, NULL, rule->names[i]);
	add_action(emitter, object, rule->action, keys);
	if (rule->n_args == 0)
		return;
	args = add(emitter, object, "args", cJSON_CreateArray());
	for (size_t i = 0; i < rule->n_args; i++)
		add_comparison(emitter, args, &rule->args[i]);
}

static int add_profile(struct emitter *emitter, const struct profile *profile)
{
	static const char *const keys[] = { "defaultAction", "defaultErrnoRet" };
	cJSON *list;
	int r;

	add_action(emitter, emitter->root, profile->default_action, keys);
	r = add_archs(emitter, profile);
	if (r < 0)
		return r;
	add_flags(emitter, profile);
	if (profile->listener_path)
		add_string(emitter, emitter->root, "listenerPath", profile->listener_path);
	if (profile->listener_metadata)
		add_string(emitter, emitter->root, "listenerMetadata", profile->listener_metadata);
	list = add(emitter, emitter->root, "syscalls", cJSON_CreateArray());
	for (size_t i = 0; i < profile->n_rules; i++)
		add_rule(emitter, list, &profile->rules[i]);
	return emitter->failed ? -ENOMEM : 0;
}

int emit_oci(const struct profile *profile, FILE *out)
{
	_cleanup_(cJSON_Deletep) cJSON *root = cJSON_CreateObject();
	struct emitter emitter = { .root = root };
	_cleanup_free_ char *json = NULL;
	int r;

	if (!root)
		return -ENOMEM;
	/* A runtime takes an object without a default action for no seccomp at all. */
	r = profile->unconfined ? 0 : add_profile(&emitter, profile);
	if (r < 0)
		return r;
	json = cJSON_Print(root);
	if (!json)
		return -ENOMEM;
	return fprintf(out, "%s\n", json) < 0 ? -EIO : 0;
}
