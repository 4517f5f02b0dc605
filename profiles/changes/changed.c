/* SPDX-License-Identifier: Apache-2.0 */
/* The profile that changes make, and how it decides otherwise. */
#include "profiles/changes/change.h"

#include <string.h>

static bool is_rule(const struct change *change)
{
	return change->kind != CHANGE_CAPABILITY;
}

/* A rule of the new profile: its names are the copy's own, the rest is borrowed. */
static int own_names(struct changed *changed, struct rule *rule, char *const *names, size_t n)
{
	size_t index = changed->profile.n_rules;

	changed->names[index] = calloc(n + 1, sizeof(*rule->names));
	if (!changed->names[index])
		return -ENOMEM;
	if (n > 0)
		memcpy(changed->names[index], names, n * sizeof(*names));
	rule->names = changed->names[index];
	rule->n_names = n;
	changed->profile.rules[changed->profile.n_rules++] = *rule;
	return 0;
}

/* Whether name goes out of the original's rule. */
static bool is_replaced(const struct rule *rule, const char *name, const struct change *changes,
                        size_t n_changes)
{
	for (size_t i = 0; i < n_changes; i++)
		if (is_rule(&changes[i]) && changes[i].instead == rule &&
		    strcmp(changes[i].name, name) == 0)
			return true;
	return false;
}

static int copy_rule(struct changed *changed, const struct rule *rule, const struct change *changes,
                     size_t n_changes)
{
	struct rule copy = *rule;
	size_t index = changed->profile.n_rules, kept = 0;
	int r = own_names(changed, &copy, rule->names, rule->n_names);

	if (r < 0)
		return r;
	for (size_t i = 0; i < rule->n_names; i++)
		if (!is_replaced(rule, rule->names[i], changes, n_changes))
			copy.names[kept++] = rule->names[i];
	changed->profile.rules[index].n_names = kept;
	return 0;
}

static int add_rule(struct changed *changed, struct change *change)
{
	char *name = change->name;
	struct rule rule = {
		.index = changed->profile.n_rules,
		.action = change->action,
		.args = change->args,
		.n_args = change->n_args,
	};

	return own_names(changed, &rule, &name, 1);
}

static int make_rules(struct changed *changed, const struct profile *original,
                      const struct change *changes, size_t n_changes)
{
	size_t room = original->n_rules + n_changes + 1;
	int r = 0;

	changed->profile = *original;
	changed->profile.n_rules = 0;
	changed->profile.rules = calloc(room, sizeof(*changed->profile.rules));
	changed->names = calloc(room, sizeof(*changed->names));
	changed->changes = calloc(n_changes + 1, sizeof(*changed->changes));
	if (!changed->profile.rules || !changed->names || !changed->changes)
		return -ENOMEM;
	for (size_t i = 0; i < original->n_rules && r == 0; i++)
		r = copy_rule(changed, &original->rules[i], changes, n_changes);
	for (size_t i = 0; i < n_changes && r == 0; i++) {
		changed->changes[i] = changes[i];
		if (is_rule(&changes[i]))
			r = add_rule(changed, &changed->changes[i]);
	}
	return r;
}

int changed_build(const struct ruleset *ruleset, const struct change *changes, size_t n_changes,
                  struct changed **ret_changed)
{
	_cleanup_(changed_freep) struct changed *changed = calloc(1, sizeof(*changed));
	struct host host = ruleset->host;
	struct diags unsaid;
	int r;

	if (!changed)
		return -ENOMEM;
	for (size_t i = 0; i < n_changes; i++)
		if (!is_rule(&changes[i]))
			host.caps |= changes[i].caps;
	r = make_rules(changed, ruleset->profile, changes, n_changes);
	if (r < 0)
		return r;
	diags_init(&unsaid, "");
	r = ruleset_build(&changed->profile, &host, &unsaid, &changed->ruleset);
	diags_deinit(&unsaid);
	if (r == 0)
		*ret_changed = TAKE_PTR(changed);
	return r;
}

void changed_free(struct changed *changed)
{
	if (!changed)
		return;
	ruleset_free(changed->ruleset);
	for (size_t i = 0; changed->names && i < changed->profile.n_rules; i++)
		free(changed->names[i]);
	free(changed->names);
	free(changed->changes);
	free(changed->profile.rules);
	free(changed);
}

/* ---- what it comes to */

static bool opens(const struct difference *difference)
{
	return !action_allows(difference->from) && action_allows(difference->to);
}

static bool closes(const struct difference *difference)
{
	return action_allows(difference->from) && !action_allows(difference->to);
}

static bool alters(const struct difference *difference)
{
	return !action_allows(difference->from) && !action_allows(difference->to);
}

/* Whether an earlier difference of the same name is of the same sort. */
static bool said_before(const struct profile_diff *diff, size_t index,
                        bool (*is_of_sort)(const struct difference *difference))
{
	for (size_t i = 0; i < index; i++)
		if (is_of_sort(&diff->list[i]) &&
		    strcmp(diff->list[i].name, diff->list[index].name) == 0)
			return true;
	return false;
}

static size_t count(const struct profile_diff *diff,
                    bool (*is_of_sort)(const struct difference *difference))
{
	size_t n = 0;

	for (size_t i = 0; i < diff->n; i++)
		if (diff->list[i].name[0] && is_of_sort(&diff->list[i]) &&
		    !said_before(diff, i, is_of_sort))
			n++;
	return n;
}

void change_effect(const struct profile_diff *diff, struct change_effect *ret_effect)
{
	*ret_effect = (struct change_effect){
		.opened = count(diff, opens),
		.closed = count(diff, closes),
		.altered = count(diff, alters),
	};
}

bool difference_opens(const struct profile_diff *diff, size_t index)
{
	return diff->list[index].name[0] && opens(&diff->list[index]) &&
	       !said_before(diff, index, opens);
}
