/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/columns.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

enum { GAP = 2 };

unsigned columns_of(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}

static size_t longest(const char *const *names, size_t n)
{
	size_t max = 0;

	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) > max)
			max = strlen(names[i]);
	return max;
}

void columns_print(FILE *out, unsigned width, unsigned indent, const char *const *names, size_t n)
{
	size_t cell = longest(names, n) + GAP;
	size_t room = width > indent ? width - indent + GAP : 0; /* the last needs no gap */
	size_t columns = room / cell > 0 ? room / cell : 1;
	size_t lines = (n + columns - 1) / columns;

	for (size_t line = 0; line < lines; line++) {
		fprintf(out, "%*s", (int)indent, "");
		for (size_t i = line; i < n; i += lines)
			fprintf(out, "%-*s", i + lines < n ? (int)cell : 0, names[i]);
		fputc('\n', out);
	}
}

void columns_wrap(FILE *out, unsigned width, unsigned at, unsigned indent, const char *words)
{
	size_t column = at;
	bool first = true; /* it stays where the cursor is */

	for (const char *word = words + strspn(words, " "); *word; first = false) {
		size_t len = strcspn(word, " ");

		if (!first && column + 1 + len > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', out);
			column++;
		}
		fwrite(word, 1, len, out);
		column += len;
		word += len;
		word += strspn(word, " ");
	}
	fputc('\n', out);
}
