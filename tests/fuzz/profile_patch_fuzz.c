/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/: a rule and a removal patched into any profile, which must then read as just that. */
#include <string.h>

#include "profiles/changes/profile_patch.h"
#include "tests/fuzz/fuzz.h"

static int parse(const char *bytes, size_t len, const enum dialect *engine,
                 struct profile **ret_profile)
{
	const struct profile_source source = { "fuzz", "fuzz", bytes, len };
	struct diags diags;
	int r;

	diags_init(&diags, "fuzz");
	r = profile_parse_as(&source, engine, &diags, ret_profile);
	diags_deinit(&diags);
	return r;
}

/* The names of a rule that are not name. */
static size_t names_besides(const struct rule *rule, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < rule->n_names; i++)
		n += strcmp(rule->names[i], name) != 0;
	return n;
}

static void check_patched(const struct profile *old, const struct patch *patch,
                          const struct profile *new)
{
	const struct rule *last = &new->rules[new->n_rules - 1];
	size_t from = 0;

	must(new->n_rules > 0 && last->n_names == patch->rules[0].n_names);
	must(strcmp(last->names[0], patch->rules[0].names[0]) == 0);
	must(last->n_args == patch->rules[0].n_args);
	must(action_equal(last->action, patch->rules[0].action));
	for (size_t i = 0; i < old->n_rules; i++) {
		bool first = patch->n_removals > 0 && i == 0;
		size_t left = first ? names_besides(&old->rules[0], patch->removals[0].name)
		                    : old->rules[i].n_names;

		if (first && left == 0)
			continue;
		must(from < new->n_rules - 1 && new->rules[from].n_names == left);
		must(new->rules[from].n_args == old->rules[i].n_args);
		from++;
	}
	must(from == new->n_rules - 1);
}

static void patch_it(const struct profile *profile, const char *bytes, size_t len)
{
	static const char *names[] = { "statx", "getpid" };
	static const struct comparison args[] = { { 1, COMPARE_MASKED_EQ, UINT64_MAX, 7 } };
	static const struct patch_rule rule = { names, 2, { ACTION_ERRNO, 38 }, args, 1, "why" };
	const struct patch_source source = { profile, bytes, len };
	struct patch_removal removal = { .rule = profile->rules };
	struct patch patch = { &rule, 1, &removal, 0 };
	struct profile *patched = NULL;
	char *text = NULL;
	size_t text_len;
	int r;

	if (profile->n_rules > 0 && profile->rules[0].n_names > 0) {
		removal.name = profile->rules[0].names[0];
		patch.n_removals = 1;
	}
	r = profile_patch(&source, &patch, &text, &text_len);
	must(r == 0 || (r == -EINVAL && profile->unconfined));
	if (r < 0)
		return;
	r = parse(text, text_len, &profile->dialect, &patched);
	/* The limit on a file's size is met by what was added. */
	must(r == 0 || r == -EFBIG);
	if (r == 0)
		check_patched(profile, &patch, patched);
	profile_free(patched);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const enum dialect engines[] = { DIALECT_DOCKER, DIALECT_PODMAN, DIALECT_OCI };

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		struct profile *profile = NULL;

		if (parse((const char *)bytes, len, &engines[i], &profile) == 0)
			patch_it(profile, (const char *)bytes, len);
		profile_free(profile);
	}
	return 0;
}
