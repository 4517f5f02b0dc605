/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/watch_screen.h"

#include <string.h>

#include "supervisor/events/writer.h"

/* A line may be longer than the terminal is wide: it is cut at the margin, for it must be one row.
 */
static const char no_wrap[] = "\033[?7l", wrap[] = "\033[?7h";

static void print_line(struct watch_screen *screen, const struct watch_kind *kind)
{
	char bytes[WRITER_LINE_MAX];
	struct text text = TEXT_OVER(bytes);

	watch_line(&text, &screen->style, kind, kind->count);
	fwrite(text.bytes, 1, text.len, screen->out);
}

/* The cursor stands below the last line: up to the one at index, and down again. */
static void redraw(struct watch_screen *screen, size_t index)
{
	size_t up = screen->n_lines - index;

	fprintf(screen->out, "\033[%zuA\r\033[K", up);
	print_line(screen, screen->lines[index]);
	if (up > 1) /* the line's newline went down one */
		fprintf(screen->out, "\033[%zuB", up - 1);
}

static size_t room(const struct watch_screen *screen)
{
	size_t rows = screen->rows > 2 ? screen->rows - 1 : 1;

	return rows < WATCH_ROWS_MAX ? rows : WATCH_ROWS_MAX;
}

static void append(struct watch_screen *screen, const struct watch_kind *kind)
{
	size_t keep = room(screen) - 1;

	if (screen->n_lines > keep) {
		memmove(screen->lines, screen->lines + (screen->n_lines - keep),
		        keep * sizeof(*screen->lines));
		screen->n_lines = keep;
	}
	screen->lines[screen->n_lines++] = kind;
	print_line(screen, kind);
}

/* Where a kind's line is on the screen; n_lines where it is not. */
static size_t line_of(const struct watch_screen *screen, const struct watch_kind *kind)
{
	size_t index = 0;

	while (index < screen->n_lines && screen->lines[index] != kind)
		index++;
	return index;
}

bool watch_screen_draw(struct watch_screen *screen, struct watch *watch)
{
	unsigned added = 0;
	bool more = false;

	fputs(no_wrap, screen->out);
	for (struct watch_kind *kind = watch->kinds; kind; kind = kind->hh.next) {
		size_t index;

		if (!kind->changed)
			continue;
		index = line_of(screen, kind);
		if (index == screen->n_lines && added == WATCH_NEW_A_DRAW) {
			more = true;
			continue;
		}
		kind->changed = false;
		if (index < screen->n_lines) {
			redraw(screen, index);
		} else {
			append(screen, kind);
			added++;
		}
	}
	fputs(wrap, screen->out);
	fflush(screen->out);
	return more;
}
