/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/amend.h"

#include <inttypes.h>
#include <string.h>

#include "common/text.h"

enum { COMMS_MAX = 3, COMM_SHOWN = 32 };

/* ---- one list of all changes */

static int collect(struct amendment *amendment, const struct chosen *chosen, size_t n_chosen)
{
	size_t n = 0;

	for (size_t i = 0; i < n_chosen; i++)
		n += chosen[i].choice->n_changes;
	amendment->changes = calloc(n + 1, sizeof(*amendment->changes));
	if (!amendment->changes)
		return -ENOMEM;
	for (size_t i = 0; i < n_chosen; i++) {
		memcpy(amendment->changes + amendment->n_changes, chosen[i].choice->changes,
		       chosen[i].choice->n_changes * sizeof(*amendment->changes));
		amendment->n_changes += chosen[i].choice->n_changes;
	}
	return 0;
}

/* ---- comments: how often, and whose */

struct tally {
	uint64_t calls;
	const char *comms[COMMS_MAX];
	size_t n_comms;
	bool more_comms;
};

static void count_comm(struct tally *tally, const char *comm)
{
	for (size_t i = 0; comm && i < tally->n_comms; i++)
		if (strcmp(tally->comms[i], comm) == 0)
			return;
	if (!comm || !comm[0])
		return;
	if (tally->n_comms == COMMS_MAX)
		tally->more_comms = true;
	else
		tally->comms[tally->n_comms++] = comm;
}

/* Adds the calls of a suggestion that the change is for. */
static void count_calls(struct tally *tally, const struct suggestion *suggestion,
                        const struct change *change)
{
	for (size_t i = 0; i < suggestion->n_calls; i++) {
		if (!change_covers(change, &suggestion->calls[i]->call))
			continue;
		tally->calls += suggestion->calls[i]->count;
		count_comm(tally, suggestion->calls[i]->comm);
	}
}

static char *comment_text(const char *head, const struct tally *tally)
{
	char bytes[512];
	struct text text = TEXT_OVER(bytes);

	text_printf(&text, "%s: %" PRIu64 " call%s", head, tally->calls,
	            tally->calls == 1 ? "" : "s");
	for (size_t i = 0; i < tally->n_comms; i++) {
		text_string(&text, i == 0 ? " by " : ", ");
		text_escape_terminal(&text, tally->comms[i], strlen(tally->comms[i]), COMM_SHOWN);
	}
	if (tally->more_comms)
		text_string(&text, " and others");
	return strdup(bytes);
}

/* ---- changes to rules: those that say the same of several names become one */

static bool says_the_same(const struct patch_rule *rule, const struct change *change)
{
	if (!action_equal(rule->action, change->action) || rule->n_args != change->n_args)
		return false;
	for (unsigned i = 0; i < change->n_args; i++)
		if (!comparison_equal(&rule->args[i], &change->args[i]))
			return false;
	return true;
}

static int add_name(struct patch_rule *rule, const char *name)
{
	const char **grown;

	for (size_t i = 0; i < rule->n_names; i++)
		if (strcmp(rule->names[i], name) == 0)
			return 0;
	grown = reallocarray(rule->names, rule->n_names + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	grown[rule->n_names++] = name;
	rule->names = grown;
	return 0;
}

static int join_rule(struct amendment *amendment, const struct change *change,
                     const struct suggestion *suggestion, struct tally *tallies)
{
	struct patch *patch = &amendment->patch;
	size_t at = 0;

	while (at < patch->n_rules && !says_the_same(&amendment->rules[at], change))
		at++;
	if (at == patch->n_rules) {
		amendment->rules[at] = (struct patch_rule){
			.action = change->action,
			.args = change->args,
			.n_args = change->n_args,
		};
		patch->n_rules++;
	}
	count_calls(&tallies[at], suggestion, change);
	return add_name(&amendment->rules[at], change->name);
}

static void join_removal(struct amendment *amendment, const struct change *change)
{
	struct patch *patch = &amendment->patch;

	if (!change->instead)
		return;
	for (size_t i = 0; i < patch->n_removals; i++)
		if (amendment->removals[i].rule == change->instead &&
		    strcmp(amendment->removals[i].name, change->name) == 0)
			return;
	amendment->removals[patch->n_removals++] =
		(struct patch_removal){ change->instead, change->name };
}

static int join_all(struct amendment *amendment, const struct chosen *chosen, size_t n_chosen,
                    struct tally *tallies)
{
	const struct change *change = amendment->changes;
	int r = 0;

	for (size_t i = 0; i < n_chosen; i++)
		for (size_t j = 0; j < chosen[i].choice->n_changes && r == 0; j++, change++) {
			r = join_rule(amendment, change, chosen[i].suggestion, tallies);
			join_removal(amendment, change);
		}
	return r;
}

static int write_comments(struct amendment *amendment, const char *head,
                          const struct tally *tallies)
{
	for (size_t i = 0; i < amendment->patch.n_rules; i++) {
		amendment->comments[i] = comment_text(head, &tallies[i]);
		if (!amendment->comments[i])
			return -ENOMEM;
		amendment->rules[i].comment = amendment->comments[i];
	}
	return 0;
}

static int make_patch(struct amendment *amendment, const struct chosen *chosen, size_t n_chosen,
                      const char *comment)
{
	size_t room = amendment->n_changes + 1;
	_cleanup_free_ struct tally *tallies = calloc(room, sizeof(*tallies));
	int r;

	amendment->rules = calloc(room, sizeof(*amendment->rules));
	amendment->removals = calloc(room, sizeof(*amendment->removals));
	amendment->comments = calloc(room, sizeof(*amendment->comments));
	if (!tallies || !amendment->rules || !amendment->removals || !amendment->comments)
		return -ENOMEM;
	amendment->patch.rules = amendment->rules;
	amendment->patch.removals = amendment->removals;
	r = join_all(amendment, chosen, n_chosen, tallies);
	return r < 0 ? r : write_comments(amendment, comment, tallies);
}

/* ---- proof */

/* Folded calls are only asked for where no rule looks at arguments. */
static bool all_mended(const struct amendment *amendment, const struct chosen *chosen)
{
	const struct suggestion *suggestion = chosen->suggestion;

	for (size_t i = 0; i < suggestion->n_calls; i++) {
		const struct observed *one = suggestion->calls[i];

		if ((one->has_args || chosen->choice->changes[0].n_args == 0) &&
		    !change_mends(&chosen->choice->changes[0], amendment->ruleset, &one->call))
			return false;
	}
	return true;
}

/* Reads the new text as the old one was read. */
static int read_back(struct amendment *amendment, const struct patch_source *source,
                     const struct ruleset *ruleset)
{
	const struct profile *old = source->profile;
	const struct profile_source new = { old->name, old->file, amendment->text, amendment->len };
	struct diags diags;
	int r;

	diags_init(&diags, old->file);
	r = profile_parse_as(&new, old->as_engine ? &old->dialect : NULL, &diags,
	                     &amendment->profile);
	if (r == 0)
		r = ruleset_build(amendment->profile, &ruleset->host, &diags, &amendment->ruleset);
	diags_deinit(&diags);
	if (r == 0)
		return profile_diff_build(ruleset, amendment->ruleset, &amendment->diff);
	if (r == -ENOMEM)
		return r;
	amendment->fault = "the new profile cannot be read";
	return 0;
}

static int prove(struct amendment *amendment, const struct patch_source *source,
                 const struct ruleset *ruleset, const struct chosen *chosen, size_t n_chosen)
{
	int r = read_back(amendment, source, ruleset);

	if (r < 0 || amendment->fault)
		return r;
	amendment->fault = changes_fault(amendment->changes, amendment->n_changes, amendment->diff);
	for (size_t i = 0; i < n_chosen && !amendment->fault; i++)
		if (!all_mended(amendment, &chosen[i]))
			amendment->fault = "the new profile does not mend what was chosen";
	return 0;
}

/* ---- all of it */

int amend(const struct patch_source *source, const struct ruleset *ruleset,
          const struct chosen *chosen, size_t n_chosen, const char *comment,
          struct amendment **ret_amendment)
{
	_cleanup_(amendment_freep) struct amendment *amendment = calloc(1, sizeof(*amendment));
	int r;

	if (!amendment)
		return -ENOMEM;
	r = collect(amendment, chosen, n_chosen);
	if (r == 0)
		r = make_patch(amendment, chosen, n_chosen, comment);
	if (r == 0)
		r = profile_patch(source, &amendment->patch, &amendment->text, &amendment->len);
	if (r == 0)
		r = prove(amendment, source, ruleset, chosen, n_chosen);
	if (r < 0)
		return r;
	*ret_amendment = TAKE_PTR(amendment);
	return 0;
}

void amendment_free(struct amendment *amendment)
{
	if (!amendment)
		return;
	for (size_t i = 0; i < amendment->patch.n_rules; i++) {
		free(amendment->rules[i].names);
		free(amendment->comments[i]);
	}
	free(amendment->rules);
	free(amendment->removals);
	free(amendment->comments);
	profile_diff_free(amendment->diff);
	ruleset_free(amendment->ruleset);
	profile_free(amendment->profile);
	free(amendment->changes);
	free(amendment->text);
	free(amendment);
}
