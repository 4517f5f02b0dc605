/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/flatten.h"

#include <string.h>

/* uthash's default one falls through its cases without saying so. */
#define HASH_FUNCTION(key, len, hash) HASH_FNV(key, len, hash)
#include <uthash.h>

#include "profiles/resolve.h"

/* An earlier rule further back than this is not looked for: a profile of many rules is legal. */
enum { LOOK_BACK = 256 };

struct group {
	struct flat_rule rule;
	const char **names;
	size_t n_names;
};

/* The last group that has a name. */
struct seen {
	const char *name;
	size_t group;
	UT_hash_handle hh;
};

struct flatten {
	struct profile *profile; /* without rules until the end */
	struct group *groups;
	size_t n_groups;
	struct seen *seen;
};

/* --- the head of the profile --- */

static int copy_string(const char *string, char **ret_copy)
{
	*ret_copy = string ? strdup(string) : NULL;
	return string && !*ret_copy ? -ENOMEM : 0;
}

static int copy_strings(const struct profile *from, struct profile *to)
{
	int r = copy_string(from->name, &to->name);

	if (r == 0)
		r = copy_string(from->file, &to->file);
	if (r == 0)
		r = copy_string(from->listener_path, &to->listener_path);
	if (r == 0)
		r = copy_string(from->listener_metadata, &to->listener_metadata);
	return r;
}

/* The architectures as one plain list, the native one first. */
static int copy_archs(const struct ruleset *ruleset, struct profile *to)
{
	to->archs = calloc(1, sizeof(*to->archs));
	if (!to->archs)
		return -ENOMEM;
	to->n_archs = 1;
	to->archs->sub = calloc(ruleset->n_abis, sizeof(*to->archs->sub));
	if (!to->archs->sub)
		return -ENOMEM;
	for (size_t i = 0; i < ruleset->n_abis; i++)
		to->archs->sub[to->archs->n_sub++] = ruleset->abis[i].scmp_arch;
	return 0;
}

static int copy_head(const struct ruleset *ruleset, struct profile *to)
{
	const struct profile *from = ruleset->profile;
	int r = copy_strings(from, to);

	to->dialect = DIALECT_OCI;
	to->unconfined = from->unconfined;
	to->default_action = from->default_action;
	to->default_place = from->default_place;
	to->flag_log = from->flag_log;
	to->flag_spec_allow = from->flag_spec_allow;
	return r == 0 ? copy_archs(ruleset, to) : r;
}

int flatten_new(const struct ruleset *ruleset, struct flatten **ret_flatten)
{
	_cleanup_(flatten_freep) struct flatten *flatten = calloc(1, sizeof(*flatten));
	int r;

	if (!flatten)
		return -ENOMEM;
	flatten->profile = calloc(1, sizeof(*flatten->profile));
	if (!flatten->profile)
		return -ENOMEM;
	r = copy_head(ruleset, flatten->profile);
	if (r < 0)
		return r;
	*ret_flatten = TAKE_PTR(flatten);
	return 0;
}

void flatten_free(struct flatten *flatten)
{
	struct seen *seen, *next;

	if (!flatten)
		return;
	HASH_ITER (hh, flatten->seen, seen, next) {
		HASH_DEL(flatten->seen, seen);
		free(seen);
	}
	for (size_t i = 0; i < flatten->n_groups; i++)
		free(flatten->groups[i].names);
	free(flatten->groups);
	profile_free(flatten->profile);
	free(flatten);
}

void flatten_default(struct flatten *flatten, struct action action)
{
	flatten->profile->default_action = action;
}

/* --- rules --- */

static bool comparison_same(const struct comparison *a, const struct comparison *b)
{
	return a->index == b->index && a->op == b->op && a->value == b->value &&
	       (a->op != COMPARE_MASKED_EQ || a->value_two == b->value_two);
}

static bool rule_same(const struct flat_rule *a, const struct flat_rule *b)
{
	if (!action_equal(a->action, b->action) || a->n_args != b->n_args)
		return false;
	for (size_t i = 0; i < a->n_args; i++)
		if (!comparison_same(&a->args[i], &b->args[i]))
			return false;
	return true;
}

/* The last group that does and asks what rule does; n_groups if none is near. */
static size_t group_of(const struct flatten *flatten, const struct flat_rule *rule)
{
	size_t first = flatten->n_groups > LOOK_BACK ? flatten->n_groups - LOOK_BACK : 0;

	for (size_t i = flatten->n_groups; i-- > first;)
		if (rule_same(&flatten->groups[i].rule, rule))
			return i;
	return flatten->n_groups;
}

static int group_new(struct flatten *flatten, const struct flat_rule *rule)
{
	struct group *grown;

	grown = reallocarray(flatten->groups, flatten->n_groups + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	flatten->groups = grown;
	grown[flatten->n_groups++] = (struct group){ .rule = *rule };
	return 0;
}

static int group_add_name(struct group *group, const char *name)
{
	const char **grown;

	grown = reallocarray(group->names, group->n_names + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	group->names = grown;
	grown[group->n_names++] = name;
	return 0;
}

static int seen_add(struct flatten *flatten, const char *name, struct seen **ret_seen)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	seen->name = name;
	HASH_ADD_KEYPTR(hh, flatten->seen, seen->name, strlen(seen->name), seen);
	*ret_seen = seen;
	return 0;
}

int flatten_add(struct flatten *flatten, const char *name, const struct flat_rule *rule)
{
	size_t group = group_of(flatten, rule);
	struct seen *seen;
	int r = 0;

	HASH_FIND_STR(flatten->seen, name, seen);
	if (seen && seen->group == group && group < flatten->n_groups)
		return 0;
	if (seen && seen->group > group)
		group = flatten->n_groups;
	if (!seen)
		r = seen_add(flatten, name, &seen);
	if (r == 0 && group == flatten->n_groups)
		r = group_new(flatten, rule);
	if (r < 0)
		return r;
	seen->group = group;
	return group_add_name(&flatten->groups[group], name);
}

/* --- the end --- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int fill_rule(struct group *group, struct rule *rule)
{
	qsort(group->names, group->n_names, sizeof(*group->names), compare_names);
	rule->action = group->rule.action;
	rule->names = calloc(group->n_names, sizeof(*rule->names));
	rule->args = calloc(group->rule.n_args + 1, sizeof(*rule->args));
	if (!rule->names || !rule->args)
		return -ENOMEM;
	for (; rule->n_args < group->rule.n_args; rule->n_args++)
		rule->args[rule->n_args] = group->rule.args[rule->n_args];
	for (; rule->n_names < group->n_names; rule->n_names++) {
		rule->names[rule->n_names] = strdup(group->names[rule->n_names]);
		if (!rule->names[rule->n_names])
			return -ENOMEM;
	}
	return 0;
}

int flatten_finish(struct flatten *flatten, struct profile **ret_profile)
{
	struct profile *profile = flatten->profile;
	int r;

	profile->rules = calloc(flatten->n_groups + 1, sizeof(*profile->rules));
	if (!profile->rules)
		return -ENOMEM;
	for (; profile->n_rules < flatten->n_groups; profile->n_rules++) {
		struct rule *rule = &profile->rules[profile->n_rules];

		rule->index = profile->n_rules;
		r = fill_rule(&flatten->groups[profile->n_rules], rule);
		if (r < 0) {
			profile->n_rules++; /* what is there of it is released too */
			return r;
		}
	}
	*ret_profile = TAKE_PTR(flatten->profile);
	return 0;
}

static int flatten_rule(struct flatten *flatten, const struct rule *rule)
{
	struct flat_rule flat = { rule->action, rule->args, rule->n_args };
	int r = 0;

	for (size_t i = 0; i < rule->n_names && r == 0; i++)
		r = flatten_add(flatten, rule->names[i], &flat);
	return r;
}

int profile_flatten(const struct ruleset *ruleset, struct profile **ret_profile)
{
	_cleanup_(flatten_freep) struct flatten *flatten = NULL;
	const struct profile *profile = ruleset->profile;
	struct gate_result ignored;
	int r;

	r = flatten_new(ruleset, &flatten);
	for (size_t i = 0; i < profile->n_rules && r == 0; i++)
		if (rule_counts(profile, &profile->rules[i], &ruleset->host, &ignored))
			r = flatten_rule(flatten, &profile->rules[i]);
	return r < 0 ? r : flatten_finish(flatten, ret_profile);
}
