/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/show.h"

#include <seccomp.h>
#include <stdarg.h>
#include <string.h>

#include "profiles/profile_names.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/columns.h"
#include "supervisor/reports/profile_text.h"
#include "supervisor/reports/show_groups.h"

enum { LABEL_WIDTH = 14 };

/* One labelled line of the head, wrapped behind its label. */
_printf_(3, 4) static void head(FILE *out, const struct show_options *options, const char *format,
                                ...)
{
	char bytes[4096];
	struct text escaped = TEXT_OVER(bytes);
	_cleanup_free_ char *words = NULL;
	const char *colon;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&words, format, arguments);
	va_end(arguments);
	if (r < 0) {
		words = NULL;
		return;
	}
	text_escape_message(&escaped, words);
	colon = strchr(bytes, ':');
	fprintf(out, "%-*.*s", LABEL_WIDTH, (int)(colon - bytes), bytes);
	columns_wrap(out, options->width, LABEL_WIDTH, LABEL_WIDTH, colon + 1);
}

static void caps_words(struct text *text, uint64_t caps)
{
	for (unsigned number = 0; capability_name(number); number++)
		if (caps >> number & 1)
			text_printf(text, " %s", capability_name(number) + strlen("CAP_"));
	if (caps == 0)
		text_string(text, " none");
}

static void abi_words(struct text *text, const struct ruleset *ruleset)
{
	char buf[32];

	for (size_t i = 0; i < ruleset->n_abis; i++)
		text_printf(text, "%s%s", i ? ", " : "",
		            syscall_arch_name(ruleset->abis[i].scmp_arch, buf, sizeof(buf)));
	text_string(text, "; calls of any other: ");
	action_text(text, ruleset->bad_arch_action);
}

static void print_head(FILE *out, const struct plan *plan, const struct show_options *options)
{
	const struct ruleset *ruleset = plan->ruleset;
	const struct profile *profile = ruleset->profile;
	const struct scmp_version *seccomp = seccomp_version();
	char action_bytes[64], abi_bytes[512], caps_bytes[1024];
	struct text action = TEXT_OVER(action_bytes), abis = TEXT_OVER(abi_bytes);
	struct text caps = TEXT_OVER(caps_bytes);

	action_text(&action, ruleset->default_action);
	abi_words(&abis, ruleset);
	caps_words(&caps, ruleset->host.caps);
	head(out, options, "profile: %s", profile->name);
	if (strcmp(profile->name, profile->file) != 0)
		head(out, options, "file: %s", profile->file);
	head(out, options, "read as: %s", dialect_name(profile->dialect));
	head(out, options, "default: %s", action_bytes);
	head(out, options, "ABIs: %s", abi_bytes);
	head(out, options, "capabilities: %s", caps_bytes);
	head(out, options, "kernel: %u.%u", ruleset->host.kernel.major, ruleset->host.kernel.minor);
	head(out, options, "rules: %zu of %zu count here", ruleset_rules_counting(ruleset),
	     profile->n_rules);
	head(out, options, "libseccomp: %u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro);
	if (profile->unconfined)
		head(out, options, "note: the profile says nothing, so nothing is confined");
	else if (!profile_covers_arch(profile, ruleset->host.arch))
		head(out, options, "note: the profile is for another architecture than this one");
}

/* ---- the other ABIs */

/* The rows of an ABI that the native one has not, or has otherwise. */
static size_t differing_rows(const struct inventory *native, const struct inventory *inventory,
                             const struct inventory_row **ret_rows)
{
	size_t n = 0;

	for (size_t i = 0; i < inventory->n_rows; i++) {
		const struct inventory_row *row = &inventory->rows[i];
		const struct inventory_row *same = inventory_find(native, row->name);

		if (!same || !show_rows_alike(native->abi, same, inventory->abi, row))
			ret_rows[n++] = row;
	}
	return n;
}

static int print_other_abi(const struct show_view *view, const struct inventory *native,
                           size_t index)
{
	_cleanup_(inventory_deinit) struct inventory inventory = { 0 };
	_cleanup_free_ const struct inventory_row **rows = NULL;
	struct show_view other = *view;
	char name[32], native_name[32];
	size_t n;
	int r = inventory_build(view->plan, index, &inventory);

	if (r < 0)
		return r;
	rows = calloc(inventory.n_rows + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	n = differing_rows(native, &inventory, rows);
	fprintf(view->out, "\n%s: as %s%s\n",
	        syscall_arch_name(inventory.abi->scmp_arch, name, sizeof(name)),
	        syscall_arch_name(native->abi->scmp_arch, native_name, sizeof(native_name)),
	        n > 0 ? ", but for" : "");
	other.abi = inventory.abi;
	other.indent = 2;
	return show_groups(&other, rows, n);
}

/* ---- the whole */

static void print_rest(const struct show_view *view)
{
	const struct ruleset *ruleset = view->plan->ruleset;
	char bytes[512], buf[32];
	struct text text = TEXT_OVER(bytes);
	bool any = false;

	text_string(&text, "Numbers without a name: ");
	action_text(&text, ruleset->default_action);
	text_printf(&text, ", the default action (%s).", plan_place_name(view->plan->rest));
	for (size_t i = 0; i < ruleset->n_abis; i++) {
		const struct abi *abi = &ruleset->abis[i];

		if (abi->newest == 0)
			continue;
		text_printf(&text, "%s %d (%s)", any ? "," : " Numbers above",
		            syscall_plain_number(abi->scmp_arch, (int)abi->newest),
		            syscall_arch_name(abi->scmp_arch, buf, sizeof(buf)));
		any = true;
	}
	if (any)
		text_string(&text, " are newer than the profile: ENOSYS.");
	fputc('\n', view->out);
	columns_wrap(view->out, view->options->width, 0, 0, bytes);
}

static int print_native(const struct show_view *view, const struct inventory *native)
{
	_cleanup_free_ const struct inventory_row **rows = NULL;

	rows = calloc(native->n_rows + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < native->n_rows; i++)
		rows[i] = &native->rows[i];
	return show_groups(view, rows, native->n_rows);
}

int show_text(FILE *out, const struct plan *plan, const struct show_options *options)
{
	_cleanup_(inventory_deinit) struct inventory native = { 0 };
	struct show_view view = { .out = out, .plan = plan, .options = options };
	int r = inventory_build(plan, 0, &native);

	if (r < 0)
		return r;
	view.abi = native.abi;
	print_head(out, plan, options);
	r = print_native(&view, &native);
	if (r == 0)
		print_rest(&view);
	for (size_t i = 1; i < plan->n_abis && r == 0; i++)
		r = print_other_abi(&view, &native, i);
	return r;
}
