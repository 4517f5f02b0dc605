/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "supervisor/events/event_json.h"
#include "supervisor/files/output_file.h"
#include "supervisor/events/render.h"
#include "supervisor/stacks/stack_text.h"
#include "supervisor/events/state_file.h"
#include "supervisor/events/summary.h"
#include "supervisor/events/writer.h"

enum {
	HELD_MS = 1000,
	STOP_MS = 200,                 /* for a thread to see that it is to give up */
	SUMMARY_BYTES_MAX = 512 << 10, /* of TALLY_KINDS_MAX kinds */
	NO_VERDICT = VERDICT_KIND_COUNT,
	/* Of a queue, for what is told seldom: calls alone must not crowd out a reload or a
	   warning. */
	NOTES_BYTES = 256 << 10,
};

struct sink {
	struct log *log;
	struct writer *writer;
	enum log_format format;
	struct text_style style;
	struct unwritten unwritten;
};

struct log {
	uv_loop_t *loop;
	uv_timer_t timer; /* while it runs: kinds are held back, or log_close() has a deadline */
	bool expired;
	bool summarised;
	struct session self; /* for what the log says itself: with the boot of the last event */
	struct tally tally;  /* of sessions that have none of their own */
	uint64_t held;       /* kinds that were not shown, of all tallies */
	uint64_t notes;      /* events that are no call */
	bool remember;
	int state; /* descriptor of the state file, once the run has started */
	size_t n_sinks;
	struct sink sinks[LOG_SINKS_MAX];
	struct text line; /* over bytes */
	char bytes[WRITER_LINE_MAX + 1];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct tally *tally_of(struct log *log, const struct session *session)
{
	return session->tally ? session->tally : &log->tally;
}

/* Queues log->line, which stands for count calls or lines of that verdict. */
static void sink_push(struct sink *sink, unsigned verdict, uint64_t count)
{
	const struct text *line = &sink->log->line;
	size_t kept = verdict == NO_VERDICT ? 0 : NOTES_BYTES;

	if (line->len == 0)
		return;
	if (writer_space(sink->writer) < line->len + kept ||
	    writer_push(sink->writer, line->bytes, line->len) == -ENOBUFS)
		sink->unwritten.counts[verdict] += count;
}

static bool unwritten_any(const struct unwritten *unwritten)
{
	for (size_t i = 0; i < ARRAY_SIZE(unwritten->counts); i++)
		if (unwritten->counts[i] > 0)
			return true;
	return false;
}

/* The queue has room again: says what it had none for. */
static void sink_room(void *owner)
{
	struct sink *sink = owner;
	struct log *log = sink->log;
	struct event event = { .kind = EVENT_FOLD, .time_ns = now_ns(), .session = &log->self };

	if (!unwritten_any(&sink->unwritten))
		return;
	text_clear(&log->line);
	if (sink->format == LOG_JSON)
		event_json_unwritten(&log->line, &event, ++log->notes, &sink->unwritten);
	else
		event_text_unwritten(&log->line, &sink->style, &sink->unwritten);
	sink->unwritten = (struct unwritten){ 0 };
	sink_push(sink, NO_VERDICT, 1);
}

static bool same_file(int a, int b)
{
	struct stat left, right;

	return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_dev == right.st_dev &&
	       left.st_ino == right.st_ino;
}

/* The descriptor of a spec, ours to close, or -errno. */
static int open_spec(const struct log_spec *spec)
{
	int fd, flags;

	if (spec->fd < 0) {
		fd = open(spec->path,
		          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
		                  (spec->append ? 0 : O_TRUNC),
		          0600);
		return fd < 0 ? err_errno() : fd;
	}
	flags = fcntl(spec->fd, F_GETFL);
	if (flags < 0)
		return err_errno();
	if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH))
		return -EBADF;
	fd = fcntl(spec->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? err_errno() : fd;
}

static int open_sink(struct log *log, const struct log_spec *spec)
{
	struct sink *sink = &log->sinks[log->n_sinks];
	_cleanup_close_ int fd = open_spec(spec);
	int r;

	if (fd < 0)
		return fd;
	*sink = (struct sink){ .log = log, .format = spec->format };
	sink->style = text_style_of(fd);
	sink->style.prefix = same_file(fd, STDERR_FILENO);
	r = writer_open(log->loop, fd, LOG_QUEUE_BYTES, &sink->writer);
	if (r < 0)
		return r;
	(void)TAKE_FD(fd);
	writer_on_room(sink->writer, sink_room, sink);
	log->n_sinks++;
	return 0;
}

static void free_log(struct log *log)
{
	for (size_t i = 0; i < log->n_sinks; i++)
		writer_free(log->sinks[i].writer);
	tally_deinit(&log->tally);
	fd_close(log->state);
	free(log);
}

int log_open(uv_loop_t *loop, const struct log_spec *specs, size_t count, struct log **ret_log,
             const struct log_spec **ret_failed)
{
	struct log *log = calloc(1, sizeof(*log));
	int r = log ? 0 : -ENOMEM;

	if (!log) {
		*ret_failed = specs;
		return r;
	}
	log->loop = loop;
	log->state = -EBADF;
	log->line = TEXT_OVER(log->bytes);
	tally_init(&log->tally);
	for (size_t i = 0; i < count; i++) {
		r = i < LOG_SINKS_MAX ? open_sink(log, &specs[i]) : -E2BIG;
		if (r < 0) {
			*ret_failed = &specs[i];
			free_log(log);
			return r;
		}
	}
	r = uv_timer_init(loop, &log->timer);
	assert(r == 0); /* it has no way to fail */
	uv_unref((uv_handle_t *)&log->timer);
	*ret_log = log;
	return 0;
}

/* A line for all text sinks, of an event that tally_add() wants shown. */
static void tell_text(struct log *log, const struct event *event, const struct kind *kind)
{
	unsigned verdict = kind ? kind->key.verdict : NO_VERDICT;

	for (size_t i = 0; i < log->n_sinks; i++) {
		if (log->sinks[i].format != LOG_TEXT)
			continue;
		text_clear(&log->line);
		event_text(&log->line, &log->sinks[i].style, event, kind);
		if (event->stack && event->session->shows_stacks && kind && kind->count == 1)
			stack_text(&log->line, &log->sinks[i].style, event->stack);
		sink_push(&log->sinks[i], verdict, 1);
	}
}

/* A line for all JSON sinks; it is the same for each. */
static void push_json(struct log *log, unsigned verdict, uint64_t count)
{
	for (size_t i = 0; i < log->n_sinks; i++)
		if (log->sinks[i].format == LOG_JSON)
			sink_push(&log->sinks[i], verdict, count);
}

/* A regular file of ours, so written at once; one that cannot be written is given up. */
static void write_state(struct log *log, const struct text *line)
{
	if (log->state >= 0 && output_write_all(log->state, line->bytes, line->len) < 0)
		log->state = fd_close(log->state);
}

static bool has_json(const struct log *log)
{
	for (size_t i = 0; i < log->n_sinks; i++)
		if (log->sinks[i].format == LOG_JSON)
			return true;
	return false;
}

/* A line for all JSON sinks, and for the state file where so asked: formatted if one takes it. */
static void tell_json(struct log *log, const struct event *event, unsigned verdict, uint64_t count,
                      bool for_state)
{
	uint64_t note = event->sequence > 0 ? 0 : ++log->notes;

	for_state = for_state && log->state >= 0;
	if (!has_json(log) && !for_state)
		return;
	text_clear(&log->line);
	event_json(&log->line, event, note);
	push_json(log, verdict, count);
	if (for_state)
		write_state(log, &log->line);
}

static void tell_held(struct log *log)
{
	uint64_t held = log->held;

	log->held = 0;
	for (size_t i = 0; held > 0 && i < log->n_sinks; i++) {
		if (log->sinks[i].format != LOG_TEXT)
			continue;
		text_clear(&log->line);
		event_text_held(&log->line, &log->sinks[i].style, held);
		sink_push(&log->sinks[i], NO_VERDICT, 1);
	}
}

static void held_second_over(uv_timer_t *timer)
{
	tell_held(timer->data);
}

/* From now, and not from when the loop last looked at the clock. */
static void start_timer(struct log *log, uv_timer_cb callback, void *argument, unsigned ms)
{
	uv_update_time(log->loop);
	log->timer.data = argument;
	(void)uv_timer_start(&log->timer, callback, ms, 0); /* fails while closing only */
}

static void on_syscall(struct log *log, const struct event *told)
{
	char bytes[TALLY_CALL_MAX + 1];
	struct text call = TEXT_OVER(bytes);
	struct event event = *told;
	struct tally *tally = tally_of(log, told->session);
	const struct kind *kind;

	render_call(&call, event.notification);
	event.call = &call;
	if (tally_add(tally, &event, &call, &kind))
		tell_text(log, &event, kind);
	tell_json(log, &event, event.notification->verdict.kind, 1, kind && kind->count == 1);
	log->held += tally_take_held(tally);
	if (log->held > 0 && !uv_is_active((uv_handle_t *)&log->timer))
		start_timer(log, held_second_over, log, HELD_MS);
}

static void on_fold(struct log *log, const struct event *event)
{
	tally_add_fold(tally_of(log, event->session), event);
	tell_text(log, event, NULL);
	tell_json(log, event, event->fold.verdict.kind, event->fold.count, false);
}

static void on_note(struct log *log, const struct event *event)
{
	tell_text(log, event, NULL);
	tell_json(log, event, NO_VERDICT, 1, true);
}

/* Not for the state file, which a file that is rewritten again and again would fill. */
static void on_reload(struct log *log, const struct event *event)
{
	tell_text(log, event, NULL);
	tell_json(log, event, NO_VERDICT, 1, false);
}

static void on_start(struct log *log, const struct event *event)
{
	if (log->remember)
		log->state = state_file_start();
	on_note(log, event);
}

/* The counts that a line said and that have grown since. */
static void tell_behind(struct log *log, const struct event *summary)
{
	struct event event = { .kind = EVENT_SYSCALL,
		               .time_ns = summary->time_ns,
		               .session = summary->session };
	const struct kind *kind;

	while ((kind = tally_take_behind(tally_of(log, summary->session))))
		tell_text(log, &event, kind);
}

/*
 * The summary for the state file, where each kind has its count: more than a sink's line can hold.
 * Returns whether the run is remembered.
 */
static bool remember_summary(struct log *log, const struct event *event)
{
	_cleanup_free_ char *bytes = log->state < 0 ? NULL : malloc(SUMMARY_BYTES_MAX);
	struct text line = { .bytes = bytes, .size = SUMMARY_BYTES_MAX };

	if (!bytes || !state_file_is_last(log->state))
		return false;
	text_clear(&line);
	summary_json(&line, event, log->notes, tally_of(log, event->session), true);
	write_state(log, &line);
	return log->state >= 0;
}

static void on_summary(struct log *log, const struct event *event)
{
	const struct tally *tally = tally_of(log, event->session);
	bool remembered;

	log->summarised = true;
	log->notes++;
	tell_held(log);
	tell_behind(log, event);
	remembered = remember_summary(log, event);
	for (size_t i = 0; i < log->n_sinks; i++) {
		if (log->sinks[i].format != LOG_TEXT)
			continue;
		text_clear(&log->line);
		summary_text(&log->line, &log->sinks[i].style, event->session, tally, remembered);
		sink_push(&log->sinks[i], NO_VERDICT, 1);
	}
	text_clear(&log->line);
	summary_json(&log->line, event, log->notes, tally, remembered);
	push_json(log, NO_VERDICT, 1);
}

static void (*const tellers[EVENT_KIND_COUNT])(struct log *log, const struct event *event) = {
	[EVENT_START] = on_start,  [EVENT_SYSCALL] = on_syscall, [EVENT_FOLD] = on_fold,
	[EVENT_WARNING] = on_note, [EVENT_RELOAD] = on_reload,   [EVENT_SUMMARY] = on_summary,
};

void log_remember(struct log *log)
{
	log->remember = true;
}

void log_event(struct log *log, const struct event *event)
{
	memcpy(log->self.boot, event->session->boot, sizeof(log->self.boot));
	tellers[event->kind](log, event);
}

static bool idle(const struct log *log)
{
	for (size_t i = 0; i < log->n_sinks; i++)
		if (!writer_idle(log->sinks[i].writer))
			return false;
	return true;
}

static void deadline_passed(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Runs the loop until everything is written, for at most timeout_ms. */
static void drain(struct log *log, unsigned timeout_ms)
{
	log->expired = false;
	start_timer(log, deadline_passed, &log->expired, timeout_ms);
	uv_ref((uv_handle_t *)&log->timer);
	while (!idle(log) && !log->expired)
		uv_run(log->loop, UV_RUN_ONCE);
	uv_timer_stop(&log->timer);
}

static void timer_closed(uv_handle_t *timer)
{
	*(bool *)timer->data = true;
}

void log_close(struct log *log, const struct session *session, unsigned timeout_ms)
{
	bool closed = false;

	if (!log)
		return;
	if (session && !log->summarised)
		log_event(log, &(struct event){ .kind = EVENT_SUMMARY,
		                                .time_ns = now_ns(),
		                                .session = session });
	drain(log, timeout_ms);
	for (size_t i = 0; i < log->n_sinks; i++)
		writer_stop(log->sinks[i].writer);
	drain(log, STOP_MS);
	log->timer.data = &closed;
	uv_close((uv_handle_t *)&log->timer, timer_closed);
	while (!closed)
		uv_run(log->loop, UV_RUN_NOWAIT);
	free_log(log);
}
