/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch_top.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <time.h>

enum { CELL_MAX = 4096 };

const char *watch_order_name(enum watch_order order)
{
	static const char *const names[WATCH_ORDER_COUNT] = {
		[WATCH_BY_RATE] = "rate",
		[WATCH_BY_COUNT] = "total",
		[WATCH_BY_LAST] = "last",
	};

	return names[order];
}

/* ---- the order */

static int descending(double a, double b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int by_count(const void *a, const void *b)
{
	const struct watch_kind *left = *(const struct watch_kind *const *)a;
	const struct watch_kind *right = *(const struct watch_kind *const *)b;

	return descending((double)left->count, (double)right->count);
}

static int by_rate(const void *a, const void *b)
{
	const struct watch_kind *left = *(const struct watch_kind *const *)a;
	const struct watch_kind *right = *(const struct watch_kind *const *)b;
	int order = descending(left->rate, right->rate);

	return order ? order : by_count(a, b);
}

static int by_last(const void *a, const void *b)
{
	const struct watch_kind *left = *(const struct watch_kind *const *)a;
	const struct watch_kind *right = *(const struct watch_kind *const *)b;

	return descending((double)left->last_ns, (double)right->last_ns);
}

static int (*const orders[WATCH_ORDER_COUNT])(const void *a, const void *b) = {
	[WATCH_BY_RATE] = by_rate,
	[WATCH_BY_COUNT] = by_count,
	[WATCH_BY_LAST] = by_last,
};

static size_t sorted(const struct watch *watch, enum watch_order order,
                     const struct watch_kind *ret_kinds[static WATCH_KINDS_MAX])
{
	size_t n = 0;

	for (const struct watch_kind *kind = watch->kinds; kind; kind = kind->hh.next)
		ret_kinds[n++] = kind;
	qsort(ret_kinds, n, sizeof(*ret_kinds), orders[order]);
	return n;
}

/* ---- the cells */

static void rate_cell(struct text *text, const struct watch_kind *kind)
{
	text_printf(text, "%.1f", kind->rate);
}

static void total_cell(struct text *text, const struct watch_kind *kind)
{
	text_printf(text, "%" PRIu64, kind->count);
}

static void last_cell(struct text *text, const struct watch_kind *kind)
{
	time_t seconds = (time_t)(kind->last_ns / 1000000000);
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		text_printf(text, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void verdict_cell(struct text *text, const struct watch_kind *kind)
{
	text_string(text, verdict_name(kind->verdict.kind));
}

static void errno_cell(struct text *text, const struct watch_kind *kind)
{
	event_line_error(text, "", kind->verdict.error);
}

static const struct {
	const char *name;
	double width; /* hint: columns, or below 1 a share of the terminal */
	int flags;
	void (*print)(struct text *text, const struct watch_kind *kind);
} columns[] = {
	{ "RATE/s", 6, SCOLS_FL_RIGHT, rate_cell },
	{ "TOTAL", 5, SCOLS_FL_RIGHT, total_cell },
	{ "LAST", 8, 0, last_cell },
	{ "VERDICT", 7, 0, verdict_cell },
	{ "WHO", 12, SCOLS_FL_TRUNC, watch_who },
	{ "CALL", 0.4, SCOLS_FL_TRUNC, watch_call },
	{ "ERRNO", 5, 0, errno_cell },
	{ "WHY", 0.2, SCOLS_FL_TRUNC, watch_why },
};

static int add_row(struct libscols_table *table, const struct watch_kind *kind)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	int r = line ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(columns) && r == 0; i++) {
		char bytes[CELL_MAX];
		struct text cell = TEXT_OVER(bytes);

		columns[i].print(&cell, kind);
		r = scols_line_set_data(line, i, cell.bytes);
	}
	return r;
}

static int fill(struct libscols_table *table, const struct watch_top *top,
                const struct watch *watch)
{
	_cleanup_free_ const struct watch_kind **kinds = calloc(WATCH_KINDS_MAX, sizeof(*kinds));
	size_t n;
	int r = 0;

	if (!kinds)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!scols_table_new_column(table, columns[i].name, columns[i].width,
		                            columns[i].flags))
			return -ENOMEM;
	n = sorted(watch, top->order, kinds);
	for (size_t i = 0; i < n && (top->rows == 0 || i < top->rows) && r == 0; i++)
		r = add_row(table, kinds[i]);
	return r;
}

/* libsmartcols takes the width for a terminal's: without one nothing is cut. */
static int set_width(struct libscols_table *table, const struct watch_top *top)
{
	if (top->width == 0)
		return scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	if (scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS) < 0)
		return -EINVAL;
	return scols_table_set_termwidth(table, top->width);
}

int watch_top_print(FILE *out, const struct watch_top *top, const struct watch *watch)
{
	struct libscols_table *table = scols_new_table();
	int r = table ? set_width(table, top) : -ENOMEM;

	if (r == 0)
		r = scols_table_set_stream(table, out);
	if (r == 0)
		r = fill(table, top, watch);
	if (r == 0)
		r = scols_print_table(table);
	if (table)
		scols_unref_table(table);
	return r < 0 ? r : 0;
}
