/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/diff.h"

#include <inttypes.h>
#include <string.h>

#include "profiles/arguments/signature.h"
#include "profiles/syscalls.h"
#include "supervisor/reports/columns.h"
#include "supervisor/reports/profile_text.h"

enum {
	LABEL_MAX = 192,
	CHANGE_MAX = 96,
	ABIS_MAX = 32, /* bits of a mask; ruleset_build() knows far fewer */
	LABEL_WIDTH = 16,
	STEP = 2,
};

/* What is printed once, for all ABIs on which it is so. */
struct item {
	char label[LABEL_MAX];   /* "personality(0x40000)" */
	char change[CHANGE_MAX]; /* "ALLOW -> ERRNO(EPERM)" */
	uint32_t abis;           /* bit N: abis[N] of the page */
	bool done;
};

struct page {
	FILE *out;
	unsigned width;
	uint32_t abis[ABIS_MAX]; /* SCMP_ARCH_*, 0 for those that neither profile covers */
	unsigned n_abis;
	struct item *items;
	size_t n_items;
};

/* ---- words */

static void arguments_words(struct text *text, const struct difference *difference)
{
	const char *joint = "(";

	for (unsigned i = 0; i < 6 && difference->args_mask >> i; i++, joint = ", ") {
		text_string(text, joint);
		if (difference->args_mask >> i & 1)
			text_printf(text, difference->args[i] < 10 ? "%" PRIu64 : "%#" PRIx64,
			            difference->args[i]);
		else
			text_string(text, "*");
	}
	if (difference->args_mask)
		text_string(text, ")");
}

static void numbers_words(struct text *text, const struct difference *difference)
{
	text_printf(text, "#%d", syscall_plain_number(difference->arch, difference->nr));
	if (syscall_next(difference->arch, difference->last_nr) < 0)
		text_string(text, " and above");
	else if (difference->last_nr > difference->nr)
		text_printf(text, "-%d",
		            syscall_plain_number(difference->arch, difference->last_nr));
}

static void label_words(struct text *text, const struct difference *difference)
{
	if (difference->whole_abi)
		text_string(text, "every call");
	else if (difference->name[0] == '\0')
		numbers_words(text, difference);
	else
		text_string(text, difference->name);
	arguments_words(text, difference);
}

static void side_words(struct text *text, const struct difference *difference, struct action action,
                       enum decided_by by)
{
	if (difference->whole_abi && by != DECIDED_BY_BAD_ARCH)
		text_string(text, "by the profile's rules");
	else
		action_text(text, action);
	if (difference->whole_abi && by == DECIDED_BY_BAD_ARCH)
		text_string(text, " (an ABI it does not cover)");
}

static void change_words(struct text *text, const struct difference *difference)
{
	side_words(text, difference, difference->from, difference->from_by);
	text_string(text, " -> ");
	side_words(text, difference, difference->to, difference->to_by);
}

/* ---- gathering */

static uint32_t abi_bit(struct page *page, uint32_t arch)
{
	unsigned i = 0;

	while (i < page->n_abis && page->abis[i] != arch)
		i++;
	if (i == page->n_abis && i < ABIS_MAX)
		page->abis[page->n_abis++] = arch;
	return UINT32_C(1) << (i < ABIS_MAX ? i : ABIS_MAX - 1);
}

static void add_item(struct page *page, const struct difference *difference)
{
	struct item *item = &page->items[page->n_items];
	struct text label = TEXT_OVER(item->label), change = TEXT_OVER(item->change);

	label_words(&label, difference);
	change_words(&change, difference);
	item->abis = abi_bit(page, difference->arch);
	for (size_t i = 0; i < page->n_items; i++) {
		struct item *same = &page->items[i];

		if (strcmp(same->label, item->label) != 0 ||
		    strcmp(same->change, item->change) != 0)
			continue;
		same->abis |= item->abis;
		return;
	}
	page->n_items++;
}

/* ---- printing */

static void print_abis(const struct page *page, uint32_t abis)
{
	const char *joint = "";
	char buf[32];

	fputc('\n', page->out);
	for (unsigned i = 0; i < page->n_abis; i++) {
		if (!(abis >> i & 1))
			continue;
		fprintf(page->out, "%s%s", joint,
		        page->abis[i] ? syscall_arch_name(page->abis[i], buf, sizeof(buf))
		                      : "every other ABI");
		joint = ", ";
	}
	fputs(":\n", page->out);
}

/* The labels of the items that are on the same ABIs and change as the first does. */
static size_t gather_alike(const struct page *page, size_t first, const char **ret_labels)
{
	const struct item *like = &page->items[first];
	size_t n = 0;

	for (size_t i = first; i < page->n_items; i++) {
		const struct item *item = &page->items[i];

		if (!item->done && item->abis == like->abis &&
		    strcmp(item->change, like->change) == 0)
			ret_labels[n++] = item->label;
	}
	return n;
}

static void mark_alike(struct page *page, size_t first)
{
	for (size_t i = page->n_items; i-- > first;)
		if (page->items[i].abis == page->items[first].abis &&
		    strcmp(page->items[i].change, page->items[first].change) == 0)
			page->items[i].done = true;
}

static int by_label(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b); /* #13 before #101 */
}

/* First what many calls share, then the others, one a line. */
static void print_section(struct page *page, uint32_t abis, const char **labels)
{
	for (size_t i = 0; i < page->n_items; i++) {
		size_t n;

		if (page->items[i].abis != abis || page->items[i].done)
			continue;
		n = gather_alike(page, i, labels);
		if (n == 1)
			continue;
		qsort(labels, n, sizeof(*labels), by_label);
		fprintf(page->out, "%*s%s: %zu\n", STEP, "", page->items[i].change, n);
		columns_print(page->out, page->width, 2 * STEP, labels, n);
		mark_alike(page, i);
	}
	for (size_t i = 0; i < page->n_items; i++) {
		struct item *item = &page->items[i];

		if (item->abis != abis || item->done)
			continue;
		fprintf(page->out, "%*s%-*s  %s\n", STEP, "", LABEL_WIDTH, item->label,
		        item->change);
		item->done = true;
	}
}

int diff_text(FILE *out, const struct diff_view *view, unsigned width)
{
	size_t n = view->diff->n;
	_cleanup_free_ struct item *items = calloc(n + 1, sizeof(*items));
	_cleanup_free_ const char **labels = calloc(n + 1, sizeof(*labels));
	struct page page = { .out = out, .width = width, .items = items };
	char bytes[1024];
	struct text names = TEXT_OVER(bytes);

	if (!items || !labels)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		add_item(&page, &view->diff->list[i]);
	if (page.n_items == 0)
		return 0;
	text_escape_terminal(&names, view->from, strlen(view->from), 400);
	text_string(&names, " -> ");
	text_escape_terminal(&names, view->to, strlen(view->to), 400);
	fprintf(out, "%s: %zu %s\n", bytes, page.n_items,
	        page.n_items == 1 ? "difference" : "differences");
	for (size_t i = 0; i < page.n_items; i++) {
		if (items[i].done)
			continue;
		print_abis(&page, items[i].abis);
		print_section(&page, items[i].abis, labels);
	}
	return 0;
}
