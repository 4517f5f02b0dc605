/* SPDX-License-Identifier: Apache-2.0 */
/* callgate watch: the events of a file or a pipe as they come, folded, or as a table. */
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "profiles/syscalls.h"
#include "supervisor/commands/command.h"
#include "supervisor/commands/options.h"
#include "supervisor/events/state_file.h"
#include "supervisor/reports/watch_screen.h"
#include "supervisor/reports/watch_source.h"
#include "supervisor/reports/watch_top.h"
#include "supervisor/events/writer.h"

enum {
	STATUS_TROUBLE = 2,
	SYSCALLS_MAX = 64,
	DRAW_MS = 100,
	TABLE_MS = 1000,
	EVENTS_A_TURN = 4096, /* read before keys and the screen get their turn */
};

struct watch_options {
	bool json;
	bool top;
	bool no_follow;
	const char *colour; /* "auto", "always", "never" */
	enum watch_order order;
	const char *syscalls[SYSCALLS_MAX];
	size_t n_syscalls;
};

struct watching {
	const struct watch_options *options;
	struct event_reader *reader;
	struct watch_source source;
	struct watch watch;
	struct watch_screen screen;
	struct watch_top top;
	bool terminal; /* standard output is one: lines are folded and drawn in place */
	bool ended;    /* of the source, where it is not followed */
	bool paused;
	double drawn; /* CLOCK_MONOTONIC, of the last table */
};

/* ---- options */

static int set_json(void *target, _unused_ const char *argument)
{
	((struct watch_options *)target)->json = true;
	return 0;
}

static int set_top(void *target, _unused_ const char *argument)
{
	((struct watch_options *)target)->top = true;
	return 0;
}

static int set_no_follow(void *target, _unused_ const char *argument)
{
	((struct watch_options *)target)->no_follow = true;
	return 0;
}

static int set_syscall(void *target, const char *argument)
{
	struct watch_options *options = target;

	if (!syscall_known(argument) && strncmp(argument, "syscall_", 8) != 0) {
		command_error("watch: --syscall: no syscall is called \"%s\"", argument);
		return -EINVAL;
	}
	if (options->n_syscalls == SYSCALLS_MAX) {
		command_error("watch: --syscall: %d at most", SYSCALLS_MAX);
		return -EINVAL;
	}
	options->syscalls[options->n_syscalls++] = argument;
	return 0;
}

static int set_sort(void *target, const char *argument)
{
	struct watch_options *options = target;

	for (enum watch_order order = 0; order < WATCH_ORDER_COUNT; order++) {
		if (strcmp(argument, watch_order_name(order)) != 0)
			continue;
		options->order = order;
		return 0;
	}
	command_error("watch: --sort: \"%s\"; expected rate, total or last", argument);
	return -EINVAL;
}

static int set_colour(void *target, const char *argument)
{
	if (strcmp(argument, "auto") != 0 && strcmp(argument, "always") != 0 &&
	    strcmp(argument, "never") != 0) {
		command_error("watch: --color: \"%s\"; expected auto, always or never", argument);
		return -EINVAL;
	}
	((struct watch_options *)target)->colour = argument;
	return 0;
}

static const struct option_row rows[] = {
	{ "syscall", "NAME", "only calls of this name (repeat)", set_syscall },
	{ "json", NULL, "the events' own lines, not text", set_json },
	{ "top", NULL, "a table of what was denied, refreshed each second", set_top },
	{ "sort", "COLUMN", "of the table: rate (default), total, last", set_sort },
	{ "no-follow", NULL, "end at the end of the events there are", set_no_follow },
	{ "color", "WHEN", "auto (default), always, never", set_colour },
	{ 0 },
};

static void print_help(void)
{
	fputs("usage: callgate watch [OPTION]... [EVENTS.jsonl]\n\n"
	      "Shows the events that callgate run --log json:EVENTS.jsonl writes, as they come; -\n"
	      "reads them from standard input, and without a file it is the first call of each\n"
	      "kind of the last run. On a terminal a kind of call is one line, whose count goes "
	      "on\n"
	      "in place; elsewhere each event is a line.\n\n",
	      stdout);
	options_help(rows, stdout);
	fputs("\nKeys with --top: s sorts by the next column, p pauses, q ends.\n\n"
	      "Exits with 0, or 2 where the events cannot be read.\n",
	      stdout);
}

/* ---- events */

static bool wanted(const struct watch_options *options, const struct event_record *record)
{
	if (options->n_syscalls == 0)
		return true;
	for (size_t i = 0; record->syscall_name && i < options->n_syscalls; i++)
		if (strcmp(record->syscall_name, options->syscalls[i]) == 0)
			return true;
	return false;
}

/* cJSON would write large integers as doubles; ours are hexadecimal strings, so it does no harm. */
static int print_json(const struct event_record *record)
{
	_cleanup_free_ char *line = cJSON_PrintUnformatted(record->json);

	if (!line)
		return -ENOMEM;
	puts(line);
	return 0;
}

static void print_event(const struct watching *self, const struct event_record *record)
{
	char bytes[WRITER_LINE_MAX];
	struct text text = TEXT_OVER(bytes);

	if (watch_event_line(&text, &self->screen.style, record))
		fwrite(text.bytes, 1, text.len, stdout);
}

static int take(struct watching *self, struct event_record *record)
{
	struct watch_kind *kind;

	if (self->options->json)
		return print_json(record);
	if (!self->terminal && !self->options->top)
		print_event(self, record);
	return watch_add(&self->watch, record, &kind);
}

/* Reads what there is: 0, EVENT_READER_END, or -errno. */
static int read_events(struct watching *self)
{
	int r = 0;

	for (unsigned i = 0; i < EVENTS_A_TURN && r == 0; i++) {
		struct event_record record;

		r = event_reader_next(self->reader, &record);
		if (r != 0)
			return r;
		if (wanted(self->options, &record))
			r = take(self, &record);
		event_record_deinit(&record);
	}
	return r;
}

/* ---- the screen */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fit_terminal(struct watching *self)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	self->screen.rows = size.ws_row;
	self->screen.style.width = size.ws_col;
	self->top.width = size.ws_col;
	self->top.rows = size.ws_row > 4 ? size.ws_row - 3U : 1;
}

static void print_totals(const struct watching *self, FILE *out)
{
	char bytes[256];
	struct text text = TEXT_OVER(bytes);

	watch_totals(&text, &self->watch);
	fprintf(out, "%s\n", text.bytes);
}

/* From the top left corner; what was there before is cleared below. */
static int draw_table(struct watching *self)
{
	double at = now();
	int r;

	if (self->paused || at - self->drawn < (double)TABLE_MS / 1000)
		return 0;
	watch_rates(&self->watch, at - self->drawn);
	self->drawn = at;
	fputs("\033[H\033[J", stdout);
	printf("by %s  ", watch_order_name(self->top.order));
	print_totals(self, stdout);
	r = watch_top_print(stdout, &self->top, &self->watch);
	fflush(stdout);
	return r;
}

/* The milliseconds until it must be drawn again, -1 for never, or -errno below that. */
static int draw(struct watching *self, int *ret_timeout)
{
	*ret_timeout = -1;
	if (!self->terminal || self->options->json)
		return fflush(stdout) == 0 ? 0 : err_errno();
	fit_terminal(self);
	if (self->options->top) {
		*ret_timeout = TABLE_MS;
		return draw_table(self);
	}
	if (watch_screen_draw(&self->screen, &self->watch))
		*ret_timeout = DRAW_MS;
	return 0;
}

static void press(struct watching *self, int key)
{
	if (key == 'q')
		self->ended = true;
	if (key == 'p')
		self->paused = !self->paused;
	if (key == 's')
		self->top.order = (self->top.order + 1) % WATCH_ORDER_COUNT;
	if (key == 's')
		self->drawn = 0;
}

/* ---- to the end */

static int turn(struct watching *self)
{
	int timeout, key;
	int r = read_events(self);
	bool more = r == 0;

	if (r < 0)
		return r;
	self->ended |= !more && (self->options->no_follow || self->source.input_ended);
	r = draw(self, &timeout);
	if (r < 0 || self->ended)
		return r;
	if (more)
		timeout = 0;
	key = watch_source_wait(&self->source, timeout);
	self->ended = key == -EINTR;
	if (key < 0)
		return self->ended ? 0 : key;
	press(self, key);
	return 0;
}

/* What the screen did not come to show, and the table where there was no screen. */
static int finish(struct watching *self)
{
	if (self->options->json)
		return 0;
	if (self->options->top && !self->terminal)
		return watch_top_print(stdout, &self->top, &self->watch);
	if (self->terminal && !self->options->top) {
		while (watch_screen_draw(&self->screen, &self->watch))
			;
		print_totals(self, stdout);
	}
	return 0;
}

static void tell_skipped(const struct event_skips *skips)
{
	static const char *const words[] = { "no JSON", "no event", "too long",
		                             "of a later version" };
	const uint64_t counts[] = { skips->not_json, skips->not_event, skips->too_long,
		                    skips->later };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (counts[i] > 0)
			command_error("watch: %llu line%s skipped: %s",
			              (unsigned long long)counts[i], counts[i] == 1 ? "" : "s",
			              words[i]);
}

static int run_watching(struct watching *self)
{
	int r = 0;

	while (r == 0 && !self->ended)
		r = turn(self);
	if (r == 0)
		r = finish(self);
	tell_skipped(event_reader_skips(self->reader));
	return r;
}

static void watching_deinit(struct watching *self)
{
	watch_source_close(&self->source);
	watch_deinit(&self->watch);
	event_reader_free(self->reader);
}

static void start_watching(struct watching *self)
{
	const char *colour = self->options->colour;

	self->terminal = isatty(STDOUT_FILENO) && !self->options->json;
	self->screen.out = stdout;
	self->screen.style = text_style_of(STDOUT_FILENO);
	if (colour && strcmp(colour, "auto") != 0)
		self->screen.style.colour = strcmp(colour, "always") == 0;
	self->top.order = self->options->order;
	if (!self->options->no_follow)
		event_reader_follow(self->reader);
}

static int watch_path(const struct watch_options *options, const char *path)
{
	_cleanup_(watching_deinit) struct watching self = {
		.options = options,
		.source = { .changes = -EBADF, .input = -EBADF, .keys = -EBADF, .signals = -EBADF },
	};
	int r = event_reader_open(path, &self.reader);

	if (r == 0)
		r = watch_source_open(path, event_reader_fd(self.reader), options->top,
		                      &self.source);
	if (r == 0) {
		start_watching(&self);
		r = run_watching(&self);
	}
	if (r == 0)
		return 0;
	command_error("watch: %s: %s", path, strerror(-r));
	return STATUS_TROUBLE;
}

static int watch_main(int argc, char **argv)
{
	struct watch_options options = { 0 };
	char path[PATH_MAX];
	int rest;
	int r = options_parse_mixed(argc, argv, rows, &options, &rest);

	if (r == OPTIONS_HELP) {
		print_help();
		return 0;
	}
	if (r < 0)
		return STATUS_TROUBLE;
	if (argc - rest > 1) {
		command_error("watch: one file of events (callgate watch --help shows how)");
		return STATUS_TROUBLE;
	}
	if (rest < argc)
		return watch_path(&options, argv[rest]);
	r = state_file_path(path, sizeof(path));
	if (r == 0)
		return watch_path(&options, path);
	command_error("watch: the last run's events: %s", strerror(-r));
	return STATUS_TROUBLE;
}

const struct command watch_command = {
	.name = "watch",
	.summary = "follow the events of a run, folded, or as a table",
	.run = watch_main,
};
