/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/notify_variant.h"

#include <string.h>

#include "profiles/compile.h"
#include "profiles/flatten.h"
#include "profiles/notify_check.h"
#include "profiles/notify_inverse.h"
#include "profiles/notify_names.h"
#include "profiles/resolve.h"

static const struct action notify = { .kind = ACTION_NOTIFY };
/* What a call that is to be notified gets where it cannot be. */
static const struct action denied = { .kind = ACTION_ERRNO, .number = EPERM };
static const struct plan_options in_kernel = { .deny_in_kernel = true };

/* What a runtime needs between the filter and the hand-over of its listener. */
static const struct {
	const char *name;
	const char *why;
} needed_by_runtimes[] = {
	{ "write", "runc refuses to start with it notified" },
	{ "sendmsg", "crun hands the listener over with it and would wait for itself" },
	{ "fcntl", "runc 1.2 uses it before the hand-over and would wait for itself" },
};

static const char no_inverse[] =
	"no rules that libseccomp gets right tell its denied calls from the allowed ones";

/* One name, and how its denied calls are told from the others. */
struct entry {
	const char *name;
	bool always;     /* no rule has it: one without conditions notifies it */
	const char *why; /* it is left out; or NULL */
	struct inverse inverse;
};

struct builder {
	const struct ruleset *original;
	const struct plan *original_plan;
	bool rest_notified; /* the default action is a denial */
	struct name_list list;
	struct entry *entries; /* in the list's order */
};

/* One variant of the builder's making. */
struct trial {
	struct profile *profile;
	struct ruleset *ruleset;
	struct plan *plan;
};

static void trial_deinit(struct trial *trial)
{
	plan_freep(&trial->plan);
	ruleset_freep(&trial->ruleset);
	profile_freep(&trial->profile);
}

static void builder_deinit(struct builder *builder)
{
	free(builder->entries);
	name_list_deinit(&builder->list);
}

/* --- from entries to a profile --- */

static struct action variant_default(const struct builder *builder)
{
	struct action action = builder->original->default_action;

	return action.kind == ACTION_NOTIFY ? denied : action; /* runc refuses it as a default */
}

static int compare_entry(const void *name, const void *entry)
{
	return strcmp(name, ((const struct entry *)entry)->name);
}

static const struct entry *entry_find(const struct builder *builder, const char *name)
{
	return bsearch(name, builder->entries, builder->list.n_names, sizeof(struct entry),
	               compare_entry);
}

/*
 * A rule that does as the default is skipped by the runtimes, except that runc looks at its names
 * for the newest: so it stays one that does as the default.
 */
static struct action variant_action(const struct builder *builder, const struct rule *rule,
                                    const struct entry *entry)
{

	if (action_equal(rule->action, builder->original->default_action))
		return variant_default(builder);
	if (!entry || !entry->why)
		return notify_action(rule->action);
	return rule->action.kind == ACTION_NOTIFY ? denied : rule->action;
}

/* Which of the original's rules to add. */
struct selection {
	const struct entry *only; /* and the multiplexers; NULL: of every name */
	bool first;               /* what must stand first, else all */
};

/*
 * A multiplexer without conditions makes libseccomp drop the companions that others add to it;
 * when they come first, they can collide with each other.
 */
static bool selected(const struct selection *selection, const struct rule *rule, const char *name)
{
	bool multiplexer = name_is_multiplexer(name);

	if (selection->first)
		return multiplexer && rule->n_args == 0;
	return !selection->only || multiplexer || strcmp(selection->only->name, name) == 0;
}

static int add_original(const struct builder *builder, const struct selection *selection,
                        struct flatten *flatten)
{
	const struct profile *profile = builder->original->profile;
	struct gate_result ignored;
	int r = 0;

	for (size_t i = 0; i < profile->n_rules; i++) {
		const struct rule *rule = &profile->rules[i];

		if (!rule_counts(profile, rule, &builder->original->host, &ignored))
			continue;
		for (size_t j = 0; j < rule->n_names && r == 0; j++) {
			const struct entry *entry = entry_find(builder, rule->names[j]);
			struct flat_rule flat = { variant_action(builder, rule, entry), rule->args,
				                  rule->n_args };

			if (selected(selection, rule, rule->names[j]))
				r = flatten_add(flatten, rule->names[j], &flat);
		}
	}
	return r;
}

static int add_entry(const struct entry *entry, struct flatten *flatten)
{
	struct flat_rule flat = { .action = notify };
	int r = 0;

	if (entry->why)
		return 0;
	if (entry->always)
		return flatten_add(flatten, entry->name, &flat);
	flat.n_args = 1;
	for (unsigned i = 0; i < entry->inverse.n_rules && r == 0; i++) {
		flat.args = &entry->inverse.rules[i];
		r = flatten_add(flatten, entry->name, &flat);
	}
	return r;
}

static int write_variant(const struct builder *builder, const struct entry *only,
                         struct profile **ret_profile)
{
	_cleanup_(flatten_freep) struct flatten *flatten = NULL;
	const struct selection first = { .first = true }, rest = { .only = only };
	int r = flatten_new(builder->original, &flatten);

	if (r < 0)
		return r;
	flatten_default(flatten, variant_default(builder));
	r = add_original(builder, &first, flatten);
	if (r == 0)
		r = add_original(builder, &rest, flatten);
	for (size_t i = 0; i < builder->list.n_names && r == 0; i++)
		if (!only || only == &builder->entries[i])
			r = add_entry(&builder->entries[i], flatten);
	return r < 0 ? r : flatten_finish(flatten, ret_profile);
}

/* -EBADMSG where the rules collide. */
static int trial_make(const struct builder *builder, const struct entry *only,
                      struct trial *ret_trial)
{
	_cleanup_(trial_deinit) struct trial trial = { 0 };
	_cleanup_(diags_deinit) struct diags diags;
	int r;

	diags_init(&diags, "");
	r = write_variant(builder, only, &trial.profile);
	if (r == 0)
		r = ruleset_build(trial.profile, &builder->original->host, &diags, &trial.ruleset);
	if (r < 0)
		return r;
	/* The newest of a few rules says nothing. */
	for (size_t i = 0; only && i < trial.ruleset->n_abis; i++)
		trial.ruleset->abis[i].newest = 0;
	r = plan_build(trial.ruleset, &in_kernel, &trial.plan);
	if (r < 0)
		return r;
	*ret_trial = trial;
	trial = (struct trial){ 0 };
	return 0;
}

/* --- checking --- */

static int check_number(const struct builder *builder, const struct trial *trial, size_t abi,
                        int nr, bool kept)
{
	const struct notify_pair pair = { builder->original, trial->ruleset, builder->original_plan,
		                          trial->plan };

	return nr < 0 ? 0 : notify_check(&pair, abi, nr, kept);
}

/* With whole, also as a call of its multiplexer. */
static int check_entry(const struct builder *builder, const struct trial *trial,
                       const struct entry *entry, bool whole)
{
	const struct ruleset *original = builder->original;
	int r = 0;

	for (size_t i = 0; i < original->n_abis && r == 0; i++) {
		struct numbers numbers;

		if (numbers_resolve(original->abis[i].scmp_arch, entry->name, &numbers) < 0)
			continue;
		r = check_number(builder, trial, i, numbers.direct, entry->why);
		if (r == 0 && whole)
			r = check_number(builder, trial, i, numbers.mux, true);
	}
	return r;
}

/* --- finding what to say of each name --- */

/* The rules of a name in the first ABI that has conditions for it; NULL if none has. */
static const struct syscall_rules *conditions_of(const struct builder *builder, const char *name,
                                                 bool *ret_ruled)
{
	const struct ruleset *original = builder->original;

	*ret_ruled = false;
	for (size_t i = 0; i < original->n_abis; i++) {
		const struct syscall_rules *rules = NULL;
		struct numbers numbers;

		if (numbers_resolve(original->abis[i].scmp_arch, name, &numbers) == 0 &&
		    numbers.direct >= 0)
			rules = abi_syscall(&original->abis[i], numbers.direct);
		if (!rules || rules->n_matches == 0)
			continue;
		*ret_ruled = true;
		if (rules->matches[0].n_args > 0)
			return rules;
	}
	return NULL;
}

static int try_entry(const struct builder *builder, const struct entry *entry)
{
	_cleanup_(trial_deinit) struct trial trial = { 0 };
	/* The multiplexers hold what was said of the others. */
	int r = trial_make(builder, name_is_multiplexer(entry->name) ? NULL : entry, &trial);

	if (r == -EBADMSG)
		return NOTIFY_DIFFERS;
	return r < 0 ? r : check_entry(builder, &trial, entry, false);
}

static int settle_conditions(const struct builder *builder, const struct syscall_rules *rules,
                             struct entry *entry)
{
	enum inverse_kind last = builder->rest_notified ? INVERSE_COUNT : INVERSE_NONE + 1;

	for (enum inverse_kind kind = INVERSE_NONE; kind < last; kind++) {
		int r;

		if (!inverse_make(kind, rules, &entry->inverse))
			continue;
		r = try_entry(builder, entry);
		if (r <= 0)
			return r;
	}
	entry->why = no_inverse;
	return 0;
}

static const char *runtime_needs(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed_by_runtimes); i++)
		if (strcmp(needed_by_runtimes[i].name, name) == 0)
			return needed_by_runtimes[i].why;
	return NULL;
}

/* Its companion may collide with what the profile says of the multiplexer. */
static int settle_always(const struct builder *builder, struct entry *entry)
{
	int r = try_entry(builder, entry);

	if (r > 0)
		entry->why = no_inverse;
	return r < 0 ? r : 0;
}

static int settle_entry(const struct builder *builder, struct entry *entry)
{
	bool ruled;
	const struct syscall_rules *rules = conditions_of(builder, entry->name, &ruled);

	entry->why = runtime_needs(entry->name);
	if (entry->why)
		return 0;
	if (rules)
		return settle_conditions(builder, rules, entry);
	entry->always = !ruled && builder->rest_notified;
	return entry->always && name_is_multiplexed(builder->original, entry->name)
	               ? settle_always(builder, entry)
	               : 0;
}

/* The multiplexers last, for they depend on what is said of the others. */
static int settle_entries(struct builder *builder)
{
	int r = 0;

	for (int multiplexers = 0; multiplexers <= 1; multiplexers++)
		for (size_t i = 0; i < builder->list.n_names && r == 0; i++)
			if (name_is_multiplexer(builder->entries[i].name) == multiplexers)
				r = settle_entry(builder, &builder->entries[i]);
	return r;
}

/* --- the whole --- */

/* Leaves out what does not pass. Returns how many, or an error. */
static int refute(struct builder *builder, const struct trial *trial)
{
	bool stuck = false;
	int n = 0;

	for (size_t i = 0; i < builder->list.n_names; i++) {
		struct entry *entry = &builder->entries[i];
		int r = check_entry(builder, trial, entry, true);

		if (r < 0)
			return r;
		stuck |= r == NOTIFY_DIFFERS && entry->why;
		if (r == 0 || entry->why)
			continue;
		entry->why = no_inverse;
		n++;
	}
	return n == 0 && stuck ? -ENOTRECOVERABLE : n;
}

/* What libseccomp makes of it: rows that it gets wrong are marked in the trial's plan. */
static int try_compile(const struct trial *trial)
{
	struct filter filter = { 0 };
	int r = filter_compile(trial->plan, &filter);

	filter_deinit(&filter);
	return r;
}

/* Positive: something was left out, try again. */
static int try_whole(struct builder *builder, struct profile **ret_profile)
{
	_cleanup_(trial_deinit) struct trial trial = { 0 };
	int r = trial_make(builder, NULL, &trial);

	if (r == 0)
		r = try_compile(&trial);
	if (r == 0)
		r = refute(builder, &trial);
	if (r == 0)
		*ret_profile = TAKE_PTR(trial.profile);
	return r == -EBADMSG ? -ENOTRECOVERABLE : r;
}

static int builder_init(struct builder *builder)
{
	enum action_kind rest = notify_action(builder->original->default_action).kind;
	int r;

	builder->rest_notified = rest == ACTION_NOTIFY;
	r = name_list_make(builder->original, builder->rest_notified, &builder->list);
	if (r < 0)
		return r;
	builder->entries = calloc(builder->list.n_names + 1, sizeof(*builder->entries));
	if (!builder->entries)
		return -ENOMEM;
	for (size_t i = 0; i < builder->list.n_names; i++)
		builder->entries[i].name = builder->list.names[i];
	return 0;
}

static int build(struct builder *builder, struct profile **ret_profile)
{
	int r = builder_init(builder);

	if (r == 0)
		r = settle_entries(builder);
	while (r == 0 && !*ret_profile) {
		r = try_whole(builder, ret_profile);
		if (r > 0)
			r = 0; /* each round leaves at least one more out */
	}
	return r;
}

/* --- the report --- */

static bool is_denial(struct action action)
{
	return notify_action(action).kind == ACTION_NOTIFY;
}

/* Whether the original denies some call of this name. */
static bool denies(const struct builder *builder, const char *name)
{
	const struct ruleset *original = builder->original;

	for (size_t i = 0; i < original->n_abis; i++) {
		const struct syscall_rules *rules;
		struct numbers numbers;

		if (numbers_resolve(original->abis[i].scmp_arch, name, &numbers) < 0 ||
		    numbers.direct < 0)
			continue;
		rules = abi_syscall(&original->abis[i], numbers.direct);
		for (size_t j = 0; rules && j < rules->n_matches; j++)
			if (is_denial(rules->matches[j].action))
				return true;
		if (builder->rest_notified &&
		    (!rules || rules->n_matches == 0 || rules->matches[0].n_args > 0))
			return true;
	}
	return false;
}

static int report(const struct builder *builder, struct notify_variant *variant)
{
	variant->left_out = calloc(builder->list.n_names + 1, sizeof(*variant->left_out));
	if (!variant->left_out)
		return -ENOMEM;
	for (size_t i = 0; i < builder->list.n_names; i++) {
		const struct entry *entry = &builder->entries[i];
		struct left_out *left_out = &variant->left_out[variant->n_left_out];

		if (!denies(builder, entry->name))
			continue;
		if (!entry->why) {
			variant->n_notified++;
			continue;
		}
		left_out->name = strdup(entry->name);
		if (!left_out->name)
			return -ENOMEM;
		left_out->why = entry->why;
		variant->n_left_out++;
	}
	return 0;
}

int notify_variant_build(const struct ruleset *ruleset, struct notify_variant *ret_variant)
{
	_cleanup_(builder_deinit) struct builder builder = { .original = ruleset };
	_cleanup_(notify_variant_deinit) struct notify_variant variant = { 0 };
	_cleanup_(plan_freep) struct plan *plan = NULL;
	int r = plan_build(ruleset, &in_kernel, &plan);

	if (r < 0)
		return r;
	builder.original_plan = plan;
	r = build(&builder, &variant.profile);
	if (r == 0)
		r = report(&builder, &variant);
	if (r < 0)
		return r;
	*ret_variant = variant;
	variant = (struct notify_variant){ 0 };
	return 0;
}

void notify_variant_deinit(struct notify_variant *variant)
{
	for (size_t i = 0; i < variant->n_left_out; i++)
		free(variant->left_out[i].name);
	free(variant->left_out);
	profile_freep(&variant->profile);
}
