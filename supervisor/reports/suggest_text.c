/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/profile_text.h"
#include "supervisor/events/render_argument.h"
#include "supervisor/reports/suggest.h"

enum { LINE_SIZE = 2048, COMMS_SHOWN = 3, COMM_COLUMNS = 32 };

/* ---- pieces of a line */

/* "flags == CLONE_NEWUSER", also where only the 32 bits that the kernel takes are compared. */
static void condition_text(struct text *text, const struct signature *signature,
                           const struct comparison *comparison)
{
	bool low_half = comparison->op == COMPARE_MASKED_EQ && comparison->value == UINT32_MAX;

	if (!signature || comparison->index >= signature_length(signature) ||
	    (!low_half && comparison->op != COMPARE_EQ)) {
		comparison_text(text, signature, comparison);
		return;
	}
	text_printf(text, "%s == ", signature->args[comparison->index].name);
	render_value(text, &signature->args[comparison->index],
	             low_half ? comparison->value_two : comparison->value);
}

static void change_text(struct text *text, const struct suggestion *suggestion,
                        const struct change *change)
{
	const struct signature *signature = signature_find(suggestion->arch, suggestion->name);

	for (unsigned i = 0; i < change->n_args; i++) {
		text_string(text, i > 0 ? " and " : "");
		condition_text(text, signature, &change->args[i]);
	}
}

void suggest_choice_text(struct text *text, const struct suggestion *suggestion,
                         const struct choice *choice)
{
	text_string(text, suggestion->name);
	if (choice->changes[0].n_args == 0)
		return;
	text_string(text, " where ");
	for (size_t i = 0; i < choice->n_changes; i++) {
		text_string(text, i > 0 ? ", or " : "");
		change_text(text, suggestion, &choice->changes[i]);
	}
}

/* The callers' names, each once, as far as there is room. */
static void comms_text(struct text *text, const struct suggestion *suggestion)
{
	const char *shown[COMMS_SHOWN];
	size_t n = 0, i;

	for (i = 0; i < suggestion->n_calls && n < COMMS_SHOWN; i++) {
		const char *comm = suggestion->calls[i]->comm;
		size_t j = 0;

		while (comm && j < n && strcmp(shown[j], comm) != 0)
			j++;
		if (!comm || !comm[0] || j < n)
			continue;
		text_string(text, n == 0 ? " (" : ", ");
		text_escape_terminal(text, comm, strlen(comm), COMM_COLUMNS);
		shown[n++] = comm;
	}
	if (n > 0)
		text_string(text, i < suggestion->n_calls ? ", …)" : ")");
}

void suggest_calls_text(struct text *text, const struct suggestion *suggestion)
{
	text_printf(text, " ×%" PRIu64, suggestion->count + suggestion->allowed_count);
	comms_text(text, suggestion);
}

static void severity_text(struct text *text, const struct choice *choice)
{
	if (choice->kind == CHANGE_ERRNO) {
		text_string(text, ": opens nothing");
		return;
	}
	text_printf(text, ": severity %s", severity_name(choice->severity));
	if (choice->severity_why)
		text_printf(text, " (%s)", choice->severity_why);
	if (choice->unsafe)
		text_string(text, "; good under callgate, but libseccomp may compile it wrong for "
		                  "a container runtime");
}

/* ---- one line for each fate */

static void changed_text(struct text *text, const struct suggest_item *item)
{
	struct action action = item->choice->changes[0].action;
	char name[24];

	if (item->choice->kind == CHANGE_ERRNO)
		text_printf(text, "deny with %s: ", err_name(action.number, name, sizeof(name)));
	else
		text_string(text, "allow: ");
	suggest_choice_text(text, item->suggestion, item->choice);
	suggest_calls_text(text, item->suggestion);
	severity_text(text, item->choice);
	if (item->suggestion->state == SUGGESTION_FALLBACK && item->choice == &item->own)
		text_string(text, "; so it is now, and the other rules would alter it");
	else if (item->choice->kind == CHANGE_ERRNO && item->choice != &item->own)
		text_printf(text, "; %s; --include %s allows it instead",
		            item->suggestion->fallback->reader, item->suggestion->name);
}

static void fine_text(struct text *text, const struct suggest_item *item)
{
	const struct suggestion *suggestion = item->suggestion;
	char name[24];

	text_printf(text, "nothing to mend: %s", suggestion->name);
	suggest_calls_text(text, suggestion);
	if (suggestion->state == SUGGESTION_ALLOWED)
		text_string(text, ": the profile allows this already");
	else
		text_printf(text, ": denied with %s, and %s",
		            err_name(suggestion->fallback->error, name, sizeof(name)),
		            suggestion->fallback->reader);
}

static void left_out_text(struct text *text, const struct suggest_item *item)
{
	text_string(text, "not included: ");
	suggest_choice_text(text, item->suggestion, item->choice);
	suggest_calls_text(text, item->suggestion);
	severity_text(text, item->choice);
	text_printf(text, "; --include %s allows it", item->suggestion->name);
}

static void hopeless_text(struct text *text, const struct suggest_item *item)
{
	text_printf(text, "no rule can mend: %s", item->suggestion->name);
	suggest_calls_text(text, item->suggestion);
}

static void denied_text(struct text *text, const struct suggest_item *item)
{
	text_printf(text, "still denied: %s", item->suggestion->name);
	suggest_calls_text(text, item->suggestion);
}

static void ignored_text(struct text *text, const struct suggest_item *item)
{
	text_printf(text, "ignored: %s", item->suggestion->name);
	suggest_calls_text(text, item->suggestion);
}

static void (*const fate_texts[])(struct text *text, const struct suggest_item *item) = {
	[FATE_CHANGED] = changed_text,   [FATE_FINE] = fine_text,
	[FATE_LEFT_OUT] = left_out_text, [FATE_HOPELESS] = hopeless_text,
	[FATE_DENIED] = denied_text,     [FATE_IGNORED] = ignored_text,
};

/* ---- the capability that would do as well */

static void caps_text(struct text *text, const struct profile *profile,
                      const struct suggestion *suggestion)
{
	text_printf(text, "  %" PRIu64 " of these calls %s allowed by the rule in line %u",
	            suggestion->caps_count, suggestion->caps_count == 1 ? "is" : "are",
	            suggestion->caps_rule->place.line);
	text_string(text, " of ");
	text_escape_message(text, profile->file);
	text_string(text, " if the container has");
	for (unsigned cap = 0; capability_name(cap); cap++)
		if (suggestion->caps >> cap & 1)
			text_printf(text, " %s (--cap-add %s)", capability_name(cap),
			            capability_name(cap) + strlen("CAP_"));
}

static void print_line(FILE *out, const struct text *text)
{
	fprintf(out, "callgate: %s%s\n", text->bytes, text->overflow ? "…" : "");
}

static bool has_capability_note(const struct suggest_item *item)
{
	return item->suggestion->caps_rule && item->fate != FATE_FINE;
}

void suggest_report(FILE *out, const struct ruleset *ruleset, const struct suggest_items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		const struct suggest_item *item = &items->list[i];
		char bytes[LINE_SIZE];
		struct text text = TEXT_OVER(bytes);

		fate_texts[item->fate](&text, item);
		print_line(out, &text);
		if (!has_capability_note(item))
			continue;
		text_clear(&text);
		caps_text(&text, ruleset->profile, item->suggestion);
		print_line(out, &text);
	}
}

static bool is_chosen(const struct amendment *amendment, const struct difference *difference)
{
	for (size_t i = 0; i < amendment->n_changes; i++)
		if (strcmp(amendment->changes[i].name, difference->name) == 0)
			return true;
	return false;
}

/* A new name moves the end of what is "newer than the profile": below it calls are denied. */
static bool is_no_longer_newer(const struct difference *difference)
{
	return difference->from_by == DECIDED_BY_NEWER && difference->to_by == DECIDED_BY_DEFAULT &&
	       difference->name[0];
}

static bool is_said(const struct profile_diff *diff, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_no_longer_newer(&diff->list[i]) &&
		    strcmp(diff->list[i].name, diff->list[index].name) == 0)
			return true;
	return false;
}

static void report_newer(FILE *out, const struct amendment *amendment)
{
	const struct profile_diff *diff = amendment->diff;
	char bytes[LINE_SIZE];
	struct text text = TEXT_OVER(bytes);
	size_t n = 0;

	for (size_t i = 0; i < diff->n; i++) {
		if (!is_no_longer_newer(&diff->list[i]) || is_said(diff, i))
			continue;
		if (n == 0) {
			text_string(&text,
			            "this also moves what is newer than the profile: denied with ");
			action_text(&text, diff->list[i].to);
			text_string(&text, ", no longer ENOSYS, is then");
		}
		text_printf(&text, "%s %s", n == 0 ? "" : ",", diff->list[i].name);
		n++;
	}
	if (n > 0)
		print_line(out, &text);
}

void suggest_report_beside(FILE *out, const struct amendment *amendment)
{
	for (size_t i = 0; i < amendment->diff->n; i++) {
		const struct difference *difference = &amendment->diff->list[i];
		char name[32];

		if (is_chosen(amendment, difference) || action_allows(difference->from) ||
		    !action_allows(difference->to))
			continue;
		fprintf(out,
		        "callgate: this also allows %s of %s, through which they can be made\n",
		        difference->name, syscall_arch_name(difference->arch, name, sizeof(name)));
	}
	report_newer(out, amendment);
}

/* ---- the replay */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

void suggest_replay_text(struct text *text, const struct suggest_replay *replay)
{
	text_printf(text, "replay: %" PRIu64 " call%s allowed", replay->allowed,
	            plural(replay->allowed));
	if (replay->answered > 0)
		text_printf(text, ", %" PRIu64 " denied as chosen", replay->answered);
	if (replay->fine > 0)
		text_printf(text, ", %" PRIu64 " with nothing to mend", replay->fine);
	if (replay->ignored > 0)
		text_printf(text, ", %" PRIu64 " ignored", replay->ignored);
	if (replay->unknown > 0)
		text_printf(text, ", %" PRIu64 " whose arguments nobody knows", replay->unknown);
	text_printf(text, ", %" PRIu64 " still denied", replay->denied);
}
