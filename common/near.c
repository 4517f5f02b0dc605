/* SPDX-License-Identifier: Apache-2.0 */
#include "common/near.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_MAX_LENGTH = 63,
	EDITS_MAX = 3, /* long names share long prefixes, which make them look alike */
};

struct near near_to(const char *wrong)
{
	size_t length = strlen(wrong);
	struct near near = { .wrong = wrong };
	unsigned edits = length < 6 ? 1 : (unsigned)length / 3;

	if (length > 0 && length <= NAME_MAX_LENGTH)
		near.distance = (edits < EDITS_MAX ? edits : EDITS_MAX) + 1;
	return near;
}

static bool differ(char a, char b)
{
	return tolower((unsigned char)a) != tolower((unsigned char)b);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Three rows of the usual matrix: the swap of two neighbours looks back two. */
struct rows {
	unsigned cells[3][NAME_MAX_LENGTH + 1];
};

static void fill_row(struct rows *rows, const char *a, const char *b, size_t i)
{
	unsigned *row = rows->cells[i % 3], *above = rows->cells[(i + 2) % 3];
	const unsigned *two_above = rows->cells[(i + 1) % 3];

	row[0] = (unsigned)i;
	for (size_t j = 1; b[j - 1]; j++) {
		row[j] = least(above[j], row[j - 1]) + 1;
		row[j] = least(row[j], above[j - 1] + differ(a[i - 1], b[j - 1]));
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
			row[j] = least(row[j], two_above[j - 2] + 1);
	}
}

static unsigned distance(const char *a, const char *b)
{
	struct rows rows = { 0 };
	size_t i, length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		rows.cells[0][j] = (unsigned)j;
	for (i = 1; a[i - 1]; i++)
		fill_row(&rows, a, b, i);
	return rows.cells[(i - 1) % 3][length];
}

/* Names that begin alike and then have nothing more in common are not near. */
static bool only_prefix_in_common(const char *a, const char *b, unsigned edits)
{
	size_t a_rest, b_rest;

	while (*a && *b && !differ(*a, *b))
		a++, b++;
	a_rest = strlen(a);
	b_rest = strlen(b);
	return edits > 1 && a_rest > 0 && b_rest > 0 && edits >= a_rest && edits >= b_rest;
}

void near_offer(struct near *near, const char *known)
{
	size_t wrong_length = strlen(near->wrong), length = strlen(known);
	size_t apart = length > wrong_length ? length - wrong_length : wrong_length - length;
	unsigned edits;

	if (length > NAME_MAX_LENGTH || apart >= near->distance)
		return;
	edits = distance(near->wrong, known);
	if (edits >= near->distance || only_prefix_in_common(near->wrong, known, edits))
		return;
	near->distance = edits;
	near->best = known;
}
