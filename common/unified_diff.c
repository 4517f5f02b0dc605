/* SPDX-License-Identifier: Apache-2.0 */
#include "common/unified_diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/text.h"

enum {
	CONTEXT = 3,
	CELLS_MAX = 1 << 22, /* of the table: the shorter side has at most 2047 lines in it */
};

/* ---- lines */

struct line {
	const char *bytes;
	size_t len; /* its newline included, where it has one */
};

struct lines {
	struct line *list;
	size_t n;
};

static size_t line_length(const char *bytes, size_t len)
{
	const char *newline = memchr(bytes, '\n', len);

	return newline ? (size_t)(newline - bytes) + 1 : len;
}

static int split(const struct diff_side *side, struct lines *ret_lines)
{
	struct lines lines = { 0 };

	for (size_t at = 0; at < side->len; lines.n++)
		at += line_length(side->bytes + at, side->len - at);
	lines.list = calloc(lines.n + 1, sizeof(*lines.list));
	if (!lines.list)
		return -ENOMEM;
	for (size_t i = 0, at = 0; i < lines.n; i++) {
		lines.list[i].bytes = side->bytes + at;
		lines.list[i].len = line_length(side->bytes + at, side->len - at);
		at += lines.list[i].len;
	}
	*ret_lines = lines;
	return 0;
}

static bool same_line(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* ---- the script: each line of both, in the order in which a diff shows them */

struct step {
	char sign; /* ' ', '-' or '+' */
	const struct line *line;
};

struct script {
	struct lines from, to;
	struct step *steps;
	size_t n;
	size_t same_before, same_after; /* lines that both sides have at their ends */
};

static void script_deinit(struct script *script)
{
	free(script->from.list);
	free(script->to.list);
	free(script->steps);
}

static void find_same_ends(struct script *script)
{
	const struct lines *from = &script->from, *to = &script->to;
	size_t shorter = from->n < to->n ? from->n : to->n, n = 0;

	while (n < shorter && same_line(&from->list[n], &to->list[n]))
		n++;
	script->same_before = n;
	shorter -= n;
	for (n = 0;
	     n < shorter && same_line(&from->list[from->n - 1 - n], &to->list[to->n - 1 - n]);)
		n++;
	script->same_after = n;
}

/*
 * table[i * (m + 1) + j] becomes the most lines that the last n - i of a and the last m - j of b
 * have in common, in order.
 */
static void fill_table(uint16_t *table, const struct line *a, size_t n, const struct line *b,
                       size_t m)
{
	size_t width = m + 1;

	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint16_t below = table[(i + 1) * width + j];
			uint16_t right = table[i * width + j + 1];

			if (same_line(&a[i], &b[j]))
				table[i * width + j] = table[(i + 1) * width + j + 1] + 1;
			else
				table[i * width + j] = below > right ? below : right;
		}
}

static void step(struct script *script, char sign, const struct line *line)
{
	script->steps[script->n++] = (struct step){ sign, line };
}

/* The lines between the ends that are the same; table is NULL where they are too many. */
static void add_middle(struct script *script, const uint16_t *table, size_t n, size_t m)
{
	const struct line *a = script->from.list + script->same_before;
	const struct line *b = script->to.list + script->same_before;
	size_t i = 0, j = 0, width = m + 1;

	while (table && i < n && j < m) {
		if (same_line(&a[i], &b[j])) {
			step(script, ' ', &a[i++]);
			j++;
		} else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
			step(script, '-', &a[i++]);
		} else {
			step(script, '+', &b[j++]);
		}
	}
	while (i < n)
		step(script, '-', &a[i++]);
	while (j < m)
		step(script, '+', &b[j++]);
}

static int add_steps(struct script *script)
{
	size_t n = script->from.n - script->same_before - script->same_after;
	size_t m = script->to.n - script->same_before - script->same_after;
	_cleanup_free_ uint16_t *table = NULL;

	script->steps = calloc(script->from.n + script->to.n + 1, sizeof(*script->steps));
	if (!script->steps)
		return -ENOMEM;
	if ((n + 1) <= CELLS_MAX / (m + 1)) {
		table = calloc((n + 1) * (m + 1), sizeof(*table));
		if (!table)
			return -ENOMEM;
		fill_table(table, script->from.list + script->same_before, n,
		           script->to.list + script->same_before, m);
	}
	for (size_t i = 0; i < script->same_before; i++)
		step(script, ' ', &script->from.list[i]);
	add_middle(script, table, n, m);
	for (size_t i = script->from.n - script->same_after; i < script->from.n; i++)
		step(script, ' ', &script->from.list[i]);
	return 0;
}

static int make_script(const struct diff_side *from, const struct diff_side *to,
                       struct script *script)
{
	int r = split(from, &script->from);

	if (r == 0)
		r = split(to, &script->to);
	if (r < 0)
		return r;
	find_same_ends(script);
	return add_steps(script);
}

/* ---- hunks */

struct hunk {
	size_t first, end; /* of the steps */
};

/* The next hunk from step at on; false where there is no change any more. */
static bool next_hunk(const struct script *script, size_t at, struct hunk *ret_hunk)
{
	size_t last;

	while (at < script->n && script->steps[at].sign == ' ')
		at++;
	if (at == script->n)
		return false;
	ret_hunk->first = at > CONTEXT ? at - CONTEXT : 0;
	for (last = at; at < script->n && at - last <= 2 * CONTEXT + 1; at++)
		if (script->steps[at].sign != ' ')
			last = at;
	ret_hunk->end = last + 1 + CONTEXT < script->n ? last + 1 + CONTEXT : script->n;
	return true;
}

static size_t count_side(const struct script *script, size_t first, size_t end, char sign)
{
	size_t n = 0;

	for (size_t i = first; i < end; i++)
		n += script->steps[i].sign == ' ' || script->steps[i].sign == sign;
	return n;
}

/* "5,3": the first line and how many; of none the line before. */
static void print_range(const struct script *script, const struct hunk *hunk, char sign, FILE *out)
{
	size_t before = count_side(script, 0, hunk->first, sign);
	size_t n = count_side(script, hunk->first, hunk->end, sign);

	fprintf(out, " %c%zu", sign, n > 0 ? before + 1 : before);
	if (n != 1)
		fprintf(out, ",%zu", n);
}

static void print_hunk(const struct script *script, const struct hunk *hunk, FILE *out)
{
	fputs("@@", out);
	print_range(script, hunk, '-', out);
	print_range(script, hunk, '+', out);
	fputs(" @@\n", out);
	for (size_t i = hunk->first; i < hunk->end; i++) {
		const struct line *line = script->steps[i].line;

		assert(line);
		fputc(script->steps[i].sign, out);
		fwrite(line->bytes, 1, line->len, out);
		if (line->bytes[line->len - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", out);
	}
}

static void print_label(const char *mark, const char *label, FILE *out)
{
	char escaped[4096];
	struct text text = TEXT_OVER(escaped);

	text_escape_message(&text, label);
	fprintf(out, "%s %s\n", mark, text.bytes);
}

int unified_diff(const struct diff_side *from, const struct diff_side *to, FILE *out)
{
	_cleanup_(script_deinit) struct script script = { 0 };
	struct hunk hunk = { 0 };
	int r = make_script(from, to, &script);

	if (r < 0)
		return r;
	for (bool begun = false; next_hunk(&script, hunk.end, &hunk); begun = true) {
		if (!begun) {
			print_label("---", from->label, out);
			print_label("+++", to->label, out);
		}
		print_hunk(&script, &hunk, out);
	}
	return ferror(out) ? -EIO : 0;
}
