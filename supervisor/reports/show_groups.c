/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/show_groups.h"

#include <string.h>

#include "profiles/knowledge.h"
#include "profiles/profile_names.h"
#include "supervisor/reports/columns.h"
#include "supervisor/reports/profile_text.h"

enum {
	HEADING_MAX = 128,
	CONDITIONS_MAX = 4096,
	STEP = 2, /* of indentation */
};

/* A row on its way to the page. */
struct shown_row {
	const struct inventory_row *row;
	char heading[HEADING_MAX]; /* under which it goes; "" for none */
	bool done;
};

/* ---- words */

static const char *place_words(const struct plan *plan, enum plan_place place)
{
	switch (place) {
	case PLAN_KERNEL_ALLOW:
		return "allowed in the kernel";
	case PLAN_KERNEL_ARGS:
		return plan->options.deny_in_kernel
		               ? "decided by their arguments, in the kernel"
		               : "allowed in the kernel under conditions, else notified";
	case PLAN_KERNEL_DENY:
		return "denied in the kernel";
	case PLAN_KERNEL:
		return "left to the kernel as the profile has it";
	case PLAN_NOTIFY:
		return plan->options.complain ? "allowed by callgate, and reported"
		                              : "answered by callgate, and reported";
	}
	return "";
}

static const char *const by_words[] = {
	[DECIDED_BY_DEFAULT] = ", the default action",
	[DECIDED_BY_NEWER] = ", newer than the profile",
	[DECIDED_BY_BAD_ARCH] = ", no ABI of the profile",
};

/* "ERRNO(EPERM), the default action" */
static void decision_words(struct text *text, const struct inventory_row *row)
{
	action_text(text, row->action);
	if (row->by == DECIDED_BY_RULE)
		text_printf(text, ", line %u", row->rule->place.line);
	else
		text_string(text, by_words[row->by]);
}

/* "ALLOW if domain < 38 (AF_ALG) and type == 1, line 12" */
static void match_words(struct text *text, const struct signature *signature,
                        const struct match *match)
{
	action_text(text, match->action);
	for (unsigned i = 0; i < match->n_args; i++) {
		text_string(text, i == 0 ? " if " : " and ");
		comparison_named_text(text, signature, &match->args[i]);
	}
	text_printf(text, ", line %u", match->rule->place.line);
}

static void conditions_words(struct text *text, const struct abi *abi,
                             const struct inventory_row *row)
{
	const struct signature *signature = signature_find(abi->scmp_arch, row->name);

	for (size_t i = 0; i < row->rules->n_matches; i++) {
		match_words(text, signature, &row->rules->matches[i]);
		text_string(text, "\n");
	}
	text_string(text, "else ");
	decision_words(text, row);
	if (row->why == PLAN_UNSAFE_RULES)
		text_string(text, "\n(decided by callgate, for libseccomp could compile these "
		                  "conditions wrong)");
}

bool show_rows_alike(const struct abi *abi, const struct inventory_row *row,
                     const struct abi *other_abi, const struct inventory_row *other)
{
	char bytes[CONDITIONS_MAX], other_bytes[CONDITIONS_MAX];
	struct text text = TEXT_OVER(bytes), other_text = TEXT_OVER(other_bytes);

	if (row->place != other->place || !row->rules != !other->rules)
		return false;
	if (!row->rules)
		return row->by == other->by && row->rule == other->rule &&
		       action_equal(row->action, other->action);
	conditions_words(&text, abi, row);
	conditions_words(&other_text, other_abi, other);
	return strcmp(bytes, other_bytes) == 0;
}

/* ---- knowledge */

static void freed_by_words(struct text *text, uint64_t caps)
{
	const char *joint = "; allowed with ";

	for (unsigned number = 0; capability_name(number); number++) {
		if (!(caps >> number & 1))
			continue;
		text_printf(text, "%s%s", joint, capability_name(number));
		joint = " or ";
	}
}

/* Ends the line of a call with what is known of it. */
static void print_knowledge(const struct show_view *view, const char *name, unsigned at,
                            unsigned indent)
{
	const struct knowledge *knowledge = knowledge_find(name);
	char bytes[2048];
	struct text text = TEXT_OVER(bytes);

	if (!knowledge) {
		fputc('\n', view->out);
		return;
	}
	text_string(&text, knowledge->why);
	freed_by_words(&text, knowledge->freed_by);
	if (knowledge->since)
		text_printf(&text, "; %s", knowledge->since);
	text_printf(&text, "; without it: %s (%s)", knowledge->fallback, knowledge->source);
	columns_wrap(view->out, view->options->width, at, indent, bytes);
}

/* ---- printing */

static void print_names(const struct show_view *view, unsigned indent, const char *const *names,
                        size_t n)
{
	size_t widest = 0;

	if (!view->options->why) {
		columns_print(view->out, view->options->width, indent, names, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) > widest)
			widest = strlen(names[i]);
	for (size_t i = 0; i < n; i++) {
		unsigned column = indent + (unsigned)widest + STEP;

		fprintf(view->out, "%*s%-*s", (int)indent, "",
		        knowledge_find(names[i]) ? (int)widest + STEP : 0, names[i]);
		print_knowledge(view, names[i], column, column);
	}
}

/* The names of all rows that go where the first does. */
static int print_heading(const struct show_view *view, struct shown_row *rows, size_t n,
                         size_t first)
{
	const struct show_view allowed = { view->out, view->plan,
		                           &(struct show_options){ view->options->width, false },
		                           view->abi, view->indent };
	bool plain = rows[first].row->place == PLAN_KERNEL_ALLOW;
	const char **names = calloc(n, sizeof(*names));
	unsigned indent = view->indent + STEP;
	size_t n_names = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = first; i < n; i++) {
		if (rows[i].done || rows[i].row->rules ||
		    rows[i].row->place != rows[first].row->place ||
		    strcmp(rows[i].heading, rows[first].heading) != 0)
			continue;
		rows[i].done = true;
		names[n_names++] = rows[i].row->name;
	}
	if (!plain) {
		fprintf(view->out, "%*s%s: %zu\n", (int)indent, "", rows[first].heading, n_names);
		indent += STEP;
	}
	print_names(plain ? &allowed : view, indent, names, n_names);
	free(names);
	return 0;
}

/* A call that its arguments decide: its name, then a line for each rule. */
static void print_conditions(const struct show_view *view, const struct inventory_row *row)
{
	unsigned indent = view->indent + STEP;
	char bytes[CONDITIONS_MAX];
	struct text text = TEXT_OVER(bytes);
	char *rest = bytes;

	conditions_words(&text, view->abi, row);
	fprintf(view->out, "%*s%s\n", (int)indent, "", row->name);
	for (char *line; (line = strsep(&rest, "\n"));) {
		fprintf(view->out, "%*s", (int)(indent + STEP), "");
		columns_wrap(view->out, view->options->width, indent + STEP, indent + 3 * STEP,
		             line);
	}
	if (view->options->why && knowledge_find(row->name)) {
		fprintf(view->out, "%*s", (int)(indent + STEP), "");
		print_knowledge(view, row->name, indent + STEP, indent + STEP);
	}
}

static int print_place(const struct show_view *view, struct shown_row *rows, size_t n,
                       enum plan_place place)
{
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		count += rows[i].row->place == place;
	if (count == 0)
		return 0;
	fprintf(view->out, "\n%*s%s: %zu %s, %s\n", (int)view->indent, "", plan_place_name(place),
	        count, count == 1 ? "call" : "calls", place_words(view->plan, place));
	for (size_t i = 0; i < n && r == 0; i++)
		if (rows[i].row->place == place && !rows[i].row->rules && !rows[i].done)
			r = print_heading(view, rows, n, i);
	for (size_t i = 0; i < n && r == 0; i++)
		if (rows[i].row->place == place && rows[i].row->rules)
			print_conditions(view, rows[i].row);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct inventory_row *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

int show_groups(const struct show_view *view, const struct inventory_row **rows, size_t n)
{
	static const enum plan_place places[] = {
		PLAN_KERNEL_ALLOW, PLAN_KERNEL_ARGS, PLAN_NOTIFY, PLAN_KERNEL_DENY, PLAN_KERNEL,
	};
	_cleanup_free_ struct shown_row *shown = calloc(n + 1, sizeof(*shown));
	int r = 0;

	if (!shown)
		return -ENOMEM;
	qsort(rows, n, sizeof(*rows), by_name);
	for (size_t i = 0; i < n; i++) {
		struct text heading = TEXT_OVER(shown[i].heading);

		shown[i].row = rows[i];
		if (rows[i]->place != PLAN_KERNEL_ALLOW)
			decision_words(&heading, rows[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(places) && r == 0; i++)
		r = print_place(view, shown, n, places[i]);
	return r;
}
