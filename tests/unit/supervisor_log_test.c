/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/log.h"

#include <fcntl.h>
#include <pty.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tests/support/notification.h"

enum {
	MANY = 100000,
	CLOSE_MS = 20000, /* never reached */
};

struct fixture {
	uv_loop_t loop;
	struct test_session test;
	struct log *log;
	struct notification notification;
	uint64_t sequence;
	char path[64]; /* of the file that takes the lines */
};

static int setup(void **state)
{
	static struct fixture fixture;
	int fd;

	fixture = (struct fixture){ .path = "/tmp/callgate-log-XXXXXX" };
	fd = mkostemp(fixture.path, O_CLOEXEC);
	if (fd < 0 || uv_loop_init(&fixture.loop) < 0)
		return -1;
	close(fd);
	test_session_open(&fixture.test, "my.json", test_profile, MODE_ENFORCE);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	test_session_close(&fixture->test);
	return uv_loop_close(&fixture->loop); /* -EBUSY if the log left something behind */
}

static void open_log(struct fixture *fixture, enum log_format format, int fd)
{
	struct log_spec spec = { format, fd, fixture->path, false };
	const struct log_spec *failed;

	assert_int_equal(log_open(&fixture->loop, &spec, 1, &fixture->log, &failed), 0);
}

static void close_log(struct fixture *fixture)
{
	log_close(fixture->log, &fixture->test.session, CLOSE_MS);
}

static void tell(struct fixture *fixture, const char *syscall, uint64_t argument)
{
	struct event event;

	test_call(&fixture->notification, &fixture->test, syscall, (uint64_t[6]){ argument });
	event = test_event(&fixture->test, &fixture->notification, ++fixture->sequence);
	log_event(fixture->log, &event);
}

/* Everything that can be read from fd until its end, NUL-terminated; to be freed. */
static char *slurp(int fd)
{
	size_t len = 0, size = 1 << 16;
	char *content = malloc(size);
	ssize_t n;

	assert_non_null(content);
	while ((n = read(fd, content + len, size - len - 1)) > 0) {
		len += (size_t)n;
		if (len == size - 1) {
			size *= 2;
			content = realloc(content, size);
			assert_non_null(content);
		}
	}
	content[len] = '\0';
	close(fd);
	return content;
}

static char *slurp_file(const struct fixture *fixture)
{
	return slurp(open(fixture->path, O_RDONLY | O_CLOEXEC));
}

#define TIME "16:39:10.622  "
#define WHO "sh[4242]            "

static void test_folds_on_text(void **state)
{
	struct fixture *fixture = *state;
	char *content, *tail;

	open_log(fixture, LOG_TEXT, -1);
	tell(fixture, "unshare", 0x10000000);
	for (int i = 0; i < 12; i++)
		tell(fixture, "umask", 18);
	close_log(fixture);
	content = slurp_file(fixture);
	tail = strstr(content, "×10  #2\n");
	assert_non_null(tail);
	tail[strlen("×10  #2\n") - 1] = '\0';
	assert_string_equal(
		content,
		TIME "DENY   " WHO "unshare(CLONE_NEWUSER) = -1 EPERM                 "
		     "default (my.json:8 needs CAP_SYS_ADMIN)  #1\n" TIME "DENY   " WHO
		     "umask(022) = 0                                    rule my.json:17  #2\n" TIME
		     "DENY   " WHO
		     "umask(022) = 0                                    rule my.json:17  ×10  #2");
	tail += strlen("×10  #2\n");
	assert_non_null(strstr(tail, "rule my.json:17  ×12  #2\n")); /* now, not then */
	assert_non_null(strstr(tail, "\n13 calls denied, 2 kinds: umask ×12, unshare ×1\nnext: "));
	free(content);
}

static void test_a_quiet_run_says_nothing(void **state)
{
	struct fixture *fixture = *state;
	char *content;

	open_log(fixture, LOG_TEXT, -1);
	log_event(fixture->log, &(struct event){ .kind = EVENT_START,
	                                         .time_ns = TEST_TIME_NS,
	                                         .session = &fixture->test.session });
	close_log(fixture);
	content = slurp_file(fixture);
	assert_string_equal(content, "");
	free(content);
}

/* What a JSON log says, added up. */
struct sums {
	uint64_t lines, folded, summary, summaries;
};

static void add_line(struct sums *sums, const char *line)
{
	cJSON *event = cJSON_Parse(line);
	const char *name;

	assert_non_null(event);
	name = cJSON_GetObjectItem(event, "event.name")->valuestring;
	if (strcmp(name, "syscall") == 0)
		sums->lines++;
	if (strcmp(name, "fold") == 0)
		sums->folded += (uint64_t)cJSON_GetObjectItem(event, "seccomp.repeat")->valuedouble;
	if (strcmp(name, "summary") == 0) {
		sums->summaries++;
		sums->summary = (uint64_t)cJSON_GetObjectItem(event, "summary.denied")->valuedouble;
	}
	cJSON_Delete(event);
}

static struct sums add_up(char *content)
{
	struct sums sums = { 0 };
	char *rest = content;

	for (char *line; (line = strsep(&rest, "\n")) && rest;)
		add_line(&sums, line);
	free(content);
	return sums;
}

static void test_json_gets_every_call(void **state)
{
	struct fixture *fixture = *state;
	struct sums sums;

	open_log(fixture, LOG_JSON, -1);
	for (int i = 0; i < 3000; i++) {
		tell(fixture, "umask", 18);
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	}
	log_event(fixture->log,
	          &(struct event){ .kind = EVENT_FOLD,
	                           .session = &fixture->test.session,
	                           .fold = { SCMP_ARCH_X86_64, 95, { .error = EPERM }, 500 } });
	close_log(fixture);
	sums = add_up(slurp_file(fixture));
	assert_int_equal(sums.lines, 3000);
	assert_int_equal(sums.folded, 500);
	assert_int_equal(sums.summary, 3500);
	assert_int_equal(sums.summaries, 1);
}

static void *read_all(void *argument)
{
	return slurp(*(int *)argument);
}

/* Nobody reads until the end: what did not fit is counted, call by call. */
static void test_counts_stay_exact_when_nobody_reads(void **state)
{
	struct fixture *fixture = *state;
	pthread_t reader;
	struct sums sums;
	void *content;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	open_log(fixture, LOG_JSON, fds[1]);
	close(fds[1]);
	for (int i = 0; i < MANY; i++) {
		tell(fixture, "umask", 18);
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(pthread_create(&reader, NULL, read_all, &fds[0]), 0);
	close_log(fixture);
	assert_int_equal(pthread_join(reader, &content), 0);
	/* Some of the queue is kept for lines that are no calls. */
	assert_in_range(strlen(content), LOG_QUEUE_BYTES - (1 << 19), LOG_QUEUE_BYTES + (1 << 17));
	sums = add_up(content);
	assert_true(sums.lines < MANY);
	assert_int_equal(sums.lines + sums.folded, MANY);
}

static void test_text_counts_are_exact(void **state)
{
	struct fixture *fixture = *state;
	char *content, *line, *rest;
	unsigned shown = 0;

	open_log(fixture, LOG_TEXT, -1);
	for (int i = 0; i < MANY; i++)
		tell(fixture, "umask", 18);
	close_log(fixture);
	content = rest = slurp_file(fixture);
	while ((line = strsep(&rest, "\n")) && strstr(line, "umask(022)"))
		shown++;
	assert_int_equal(shown, 6); /* 1, 10, ... 100000 */
	assert_string_equal(line, "100000 calls denied, 1 kind: umask ×100000");
	free(content);
}

static void test_a_stuck_reader_delays_the_end_by_the_timeout_only(void **state)
{
	struct fixture *fixture = *state;
	struct timespec before, after;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	open_log(fixture, LOG_JSON, fds[1]);
	close(fds[1]);
	for (int i = 0; i < MANY / 100; i++)
		tell(fixture, "umask", 18);
	clock_gettime(CLOCK_MONOTONIC, &before);
	log_close(fixture->log, &fixture->test.session, 50);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range((after.tv_sec - before.tv_sec) * 1000 +
	                        (after.tv_nsec - before.tv_nsec) / 1000000,
	                49, 10000);
	close(fds[0]);
}

static void test_a_closed_reader_ends_its_sink_alone(void **state)
{
	struct fixture *fixture = *state;
	const struct log_spec *failed;
	struct sums sums;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(log_open(&fixture->loop,
	                          (struct log_spec[]){ { LOG_JSON, fds[1], NULL, false },
	                                               { LOG_JSON, -1, fixture->path, false } },
	                          2, &fixture->log, &failed),
	                 0);
	close(fds[1]);
	close(fds[0]);
	for (int i = 0; i < 100; i++) {
		tell(fixture, "umask", 18);
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
	}
	close_log(fixture);
	sums = add_up(slurp_file(fixture));
	assert_int_equal(sums.lines, 100);
	assert_int_equal(sums.folded, 0);
}

static void look_again(uv_timer_t *timer)
{
	(void)timer;
}

/* Runs the loop until the file has a line; the log's own timer would not keep it running. */
static void wait_for(struct fixture *fixture, const char *wanted)
{
	bool found = false;
	uv_timer_t timer;

	uv_timer_init(&fixture->loop, &timer);
	uv_timer_start(&timer, look_again, 10, 10);
	while (!found) {
		char *content = slurp_file(fixture);

		found = strstr(content, wanted);
		free(content);
		uv_run(&fixture->loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

static void test_held_kinds_are_told_a_second_later(void **state)
{
	struct fixture *fixture = *state;
	char *content;

	open_log(fixture, LOG_TEXT, -1);
	for (unsigned i = 0; i < 25; i++)
		tell(fixture, "umask", i);
	wait_for(fixture, "... 5 more kinds in this second\n");
	close_log(fixture);
	content = slurp_file(fixture);
	assert_null(strstr(strstr(content, "more kinds") + 1, "more kinds")); /* once */
	assert_non_null(strstr(content, "\n25 calls denied, 25 kinds: umask ×25\n"));
	free(content);
}

/* The target's standard error is ours too: what it may rely on stays as it is. */
static void test_a_given_descriptor_stays_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	char *content;
	int fds[2], copy;

	assert_int_equal(pipe2(fds, 0), 0);
	copy = dup(fds[1]);
	open_log(fixture, LOG_TEXT, fds[1]);
	tell(fixture, "umask", 18);
	close_log(fixture);
	assert_int_equal(fcntl(copy, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(fds[1], F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(write(fds[1], "still open\n", 11), 11);
	close(fds[1]);
	close(copy);
	content = slurp(fds[0]);
	assert_non_null(strstr(content, "umask(022)"));
	assert_non_null(strstr(content, "still open\n"));
	free(content);
}

static const struct tty_row {
	const char *term, *no_color;
	bool colour;
} tty_rows[] = {
	{ "xterm", NULL, true }, { "xterm", "", true }, { "xterm", "1", false },
	{ "dumb", NULL, false }, { "", NULL, false },
};

static void test_a_terminal_has_colour_and_a_width(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_SIZE(tty_rows); i++) {
		struct winsize size = { .ws_row = 24, .ws_col = 90 };
		char content[8192];
		int leader, terminal;
		ssize_t n;

		setenv("TERM", tty_rows[i].term, 1);
		unsetenv("NO_COLOR");
		if (tty_rows[i].no_color)
			setenv("NO_COLOR", tty_rows[i].no_color, 1);
		assert_int_equal(openpty(&leader, &terminal, NULL, NULL, &size), 0);
		open_log(fixture, LOG_TEXT, terminal);
		tell(fixture, "keyctl", 0);
		close_log(fixture);
		n = read(leader, content, sizeof(content) - 1);
		assert_true(n > 0);
		content[n] = '\0';
		assert_int_equal(strstr(content, "\033[1;31mDENY\033[0m") != NULL,
		                 tty_rows[i].colour);
		assert_int_equal(strchr(content, '\033') != NULL, tty_rows[i].colour);
		assert_non_null(strstr(content, "…"));
		close(leader);
		close(terminal);
	}
}

static void test_failures_name_the_spec(void **state)
{
	struct fixture *fixture = *state;
	int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct failure_row {
		struct log_spec spec;
		int error;
	} rows[] = {
		{ { LOG_JSON, -1, "/nonexistent/file", false }, -ENOENT },
		{ { LOG_JSON, -1, "/", false }, -EISDIR },
		{ { LOG_JSON, 1000000, NULL, false }, -EBADF },
		{ { LOG_TEXT, read_only, NULL, false }, -EBADF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct log_spec specs[] = { { LOG_TEXT, -1, fixture->path, false }, rows[i].spec };
		const struct log_spec *failed = NULL;
		struct log *log = NULL;

		assert_int_equal(log_open(&fixture->loop, specs, 2, &log, &failed), rows[i].error);
		assert_ptr_equal(failed, &specs[1]);
		assert_null(log);
		log_close(log, &fixture->test.session, CLOSE_MS);
	}
	close(read_only);
}

static void test_no_more_sinks_than_threads(void **state)
{
	struct fixture *fixture = *state;
	struct log_spec specs[LOG_SINKS_MAX + 1];
	const struct log_spec *failed;

	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		specs[i] = (struct log_spec){ LOG_JSON, -1, fixture->path, false };
	assert_int_equal(log_open(&fixture->loop, specs, ARRAY_SIZE(specs), &fixture->log, &failed),
	                 -E2BIG);
	assert_ptr_equal(failed, &specs[LOG_SINKS_MAX]);
}

static void test_no_sink_at_all(void **state)
{
	struct fixture *fixture = *state;
	const struct log_spec *failed;

	assert_int_equal(log_open(&fixture->loop, NULL, 0, &fixture->log, &failed), 0);
	tell(fixture, "umask", 18);
	close_log(fixture);
	log_close(NULL, &fixture->test.session, CLOSE_MS);
}

static void test_files_are_private_and_start_empty(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	char *content;
	int fd = open(fixture->path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(write(fd, "old\n", 4), 4);
	close(fd);
	open_log(fixture, LOG_JSON, -1);
	close_log(fixture);
	content = slurp_file(fixture);
	assert_null(strstr(content, "old"));
	assert_int_equal(add_up(content).summaries, 1);
	unlink(fixture->path);
	open_log(fixture, LOG_JSON, -1);
	close_log(fixture);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_folds_on_text),
		TEST(test_a_quiet_run_says_nothing),
		TEST(test_json_gets_every_call),
		TEST(test_counts_stay_exact_when_nobody_reads),
		TEST(test_text_counts_are_exact),
		TEST(test_a_stuck_reader_delays_the_end_by_the_timeout_only),
		TEST(test_a_closed_reader_ends_its_sink_alone),
		TEST(test_held_kinds_are_told_a_second_later),
		TEST(test_a_given_descriptor_stays_as_it_is),
		TEST(test_a_terminal_has_colour_and_a_width),
		TEST(test_failures_name_the_spec),
		TEST(test_no_more_sinks_than_threads),
		TEST(test_no_sink_at_all),
		TEST(test_files_are_private_and_start_empty),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
