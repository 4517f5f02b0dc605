/* SPDX-License-Identifier: Apache-2.0 */
/* What the log keeps of a run in the state file. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "supervisor/events/event_read.h"
#include "supervisor/events/log.h"
#include "supervisor/events/state_file.h"
#include "supervisor/events/tally.h"
#include "tests/support/notification.h"

enum { CLOSE_MS = 20000 }; /* never reached */

struct fixture {
	char home[64]; /* where the state is kept */
	char path[PATH_MAX];
	uv_loop_t loop;
	struct test_session test;
	struct log *log;
	int text; /* what the text sink wrote */
	uint64_t sequence;
};

static int setup(void **state)
{
	static struct fixture fixture;
	struct log_spec spec = { .format = LOG_TEXT };
	const struct log_spec *failed;

	fixture = (struct fixture){ .home = "/tmp/callgate-log-state-XXXXXX" };
	fixture.text = spec.fd = memfd_create("text", MFD_CLOEXEC);
	if (!mkdtemp(fixture.home) || setenv("XDG_STATE_HOME", fixture.home, 1) < 0 ||
	    state_file_path(fixture.path, sizeof(fixture.path)) < 0 ||
	    uv_loop_init(&fixture.loop) < 0 ||
	    log_open(&fixture.loop, &spec, 1, &fixture.log, &failed) < 0)
		return -1;
	test_session_open(&fixture.test, "my.json", test_profile, MODE_ENFORCE);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)unlink(fixture->path);
	*strrchr(fixture->path, '/') = '\0';
	(void)rmdir(fixture->path);
	test_session_close(&fixture->test);
	close(fixture->text);
	return rmdir(fixture->home) < 0 ? -1 : uv_loop_close(&fixture->loop);
}

static void start(struct fixture *fixture)
{
	log_event(fixture->log, &(struct event){ .kind = EVENT_START,
	                                         .time_ns = TEST_TIME_NS,
	                                         .session = &fixture->test.session });
}

static void tell(struct fixture *fixture, const char *syscall, uint64_t argument)
{
	static struct notification notification;
	struct event event;

	test_call(&notification, &fixture->test, syscall, (uint64_t[6]){ argument });
	event = test_event(&fixture->test, &notification, ++fixture->sequence);
	log_event(fixture->log, &event);
}

/* Closes the log; whether the text sink's last line is line. */
static bool ends_with(struct fixture *fixture, const char *line)
{
	char tail[256] = "";
	size_t len = strlen(line);

	assert_true(len < sizeof(tail));
	log_close(fixture->log, &fixture->test.session, CLOSE_MS);
	assert_true(lseek(fixture->text, -(off_t)len, SEEK_END) > 0);
	assert_int_equal(read(fixture->text, tail, len), len);
	return strcmp(tail, line) == 0;
}

static const char explain[] = "\nnext: callgate explain 1; callgate suggest\n";
static const char run_again[] = "\nnext: callgate run --profile my.json --mode complain "
				"--log json:denials.jsonl -- COMMAND\n";

/* The counts of the summary's kinds, in order, and how many there are. */
static size_t kind_counts(const struct event_record *summary, uint64_t *counts, size_t max)
{
	const cJSON *kind;
	size_t n = 0;

	cJSON_ArrayForEach (kind, json_member(summary->json, "summary.list")) {
		if (n < max)
			counts[n] = (uint64_t)json_member(kind, "seccomp.repeat")->valuedouble;
		n++;
	}
	return n;
}

static void test_a_run_is_remembered(void **state)
{
	static const char *const expected[] = { "target.start", "syscall", "syscall",
		                                "supervisor.warning", "summary" };
	_cleanup_(event_reader_freep) struct event_reader *reader = NULL;
	struct fixture *fixture = *state;
	struct event_record record;
	uint64_t counts[2];

	log_remember(fixture->log);
	start(fixture);
	for (int i = 0; i < 1000; i++) {
		tell(fixture, "umask", 18);
		tell(fixture, "unshare", 0x10000000);
	}
	log_event(fixture->log, &(struct event){ .kind = EVENT_WARNING,
	                                         .session = &fixture->test.session,
	                                         .message = "a warning" });
	assert_true(ends_with(fixture, explain));
	assert_int_equal(event_reader_open(fixture->path, &reader), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(event_reader_next(reader, &record), 0);
		assert_string_equal(record.event_name, expected[i]);
		if (i == 1 || i == 2)
			assert_int_equal(record.sequence, i);
		if (i == 4)
			assert_int_equal(kind_counts(&record, counts, 2), 2);
		event_record_deinit(&record);
	}
	assert_int_equal(event_reader_next(reader, &record), EVENT_READER_END);
	assert_int_equal(counts[0], 1000);
	assert_int_equal(counts[1], 1000);
}

/* However many kinds and calls there are, the file is bounded; each kind in it has its count. */
static void test_a_storm_is_remembered_by_its_kinds(void **state)
{
	struct fixture *fixture = *state;
	struct event_record record;
	static uint64_t counts[TALLY_KINDS_MAX];
	size_t lines = 0;
	FILE *file;

	log_remember(fixture->log);
	start(fixture);
	for (unsigned i = 0; i < 3 * (TALLY_KINDS_MAX + 100); i++)
		tell(fixture, "clone", 0x10000000 | i % (TALLY_KINDS_MAX + 100));
	assert_true(ends_with(fixture, explain));
	file = fopen(fixture->path, "re");
	assert_non_null(file);
	for (int c; (c = getc(file)) != EOF;)
		lines += c == '\n';
	fclose(file);
	assert_int_equal(lines, TALLY_KINDS_MAX + 2);
	assert_int_equal(event_find(fixture->path, "0badcafe-n2", &record), 0);
	assert_string_equal(record.event_name, "summary");
	assert_int_equal(kind_counts(&record, counts, TALLY_KINDS_MAX), TALLY_KINDS_MAX);
	for (size_t i = 0; i < TALLY_KINDS_MAX; i++)
		assert_int_equal(counts[i], 3);
	assert_true(cJSON_IsFalse(json_member(record.json, "summary.list.complete")));
	event_record_deinit(&record);
}

static void test_a_place_that_cannot_be_written_to(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(setenv("XDG_STATE_HOME", "/dev/null", 1), 0);
	log_remember(fixture->log);
	start(fixture);
	tell(fixture, "umask", 18);
	assert_true(ends_with(fixture, run_again));
}

static void test_another_run_took_the_place(void **state)
{
	struct fixture *fixture = *state;

	log_remember(fixture->log);
	start(fixture);
	fd_close(state_file_start());
	tell(fixture, "umask", 18);
	assert_true(ends_with(fixture, run_again));
}

static void test_nothing_is_remembered_unasked(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	tell(fixture, "umask", 18);
	assert_true(ends_with(fixture, run_again));
	assert_int_equal(access(fixture->path, F_OK), -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_run_is_remembered),
		TEST(test_a_storm_is_remembered_by_its_kinds),
		TEST(test_a_place_that_cannot_be_written_to),
		TEST(test_another_run_took_the_place),
		TEST(test_nothing_is_remembered_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
