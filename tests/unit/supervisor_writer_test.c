/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/writer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

enum {
	LIMIT = 256 << 10,
	LINE_SIZE = 100,         /* PIPE_BUF is no multiple of it */
	CHANNEL_MAX = 512 << 10, /* more than a pipe or a socket holds */
};

static uv_loop_t loop;
static unsigned rooms;

static int setup(void **state)
{
	(void)state;
	rooms = 0;
	return uv_loop_init(&loop);
}

/* A request that is still in flight would make this fail. */
static int teardown(void **state)
{
	(void)state;
	return uv_loop_close(&loop);
}

static void count_room(void *owner)
{
	assert_ptr_equal(owner, &rooms);
	rooms++;
}

static struct writer *open_writer(int fd)
{
	struct writer *writer;

	assert_int_equal(writer_open(&loop, fd, LIMIT, &writer), 0);
	writer_on_room(writer, count_room, &rooms);
	assert_true(writer_idle(writer));
	return writer;
}

static void run_until_idle(const struct writer *writer)
{
	while (!writer_idle(writer))
		uv_run(&loop, UV_RUN_ONCE);
}

/* Pushes numbered lines from first on until one is refused; returns the number of that one. */
static unsigned push_until_refused(struct writer *writer, unsigned first, int *ret_error)
{
	for (;; first++) {
		char line[LINE_SIZE + 1];

		snprintf(line, sizeof(line), "%0*u\n", LINE_SIZE - 1, first);
		*ret_error = writer_push(writer, line, LINE_SIZE);
		if (*ret_error < 0)
			return first;
	}
}

static bool writable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	return poll(&pollfd, 1, 0) == 1;
}

/* Pushes until the channel is full and then the queue, so that the thread waits for a reader. */
static unsigned push_until_stuck(struct writer *writer, int fd)
{
	unsigned next = 0;
	int error;

	do {
		next = push_until_refused(writer, next, &error);
		assert_int_equal(error, -ENOBUFS);
		uv_run(&loop, UV_RUN_NOWAIT);
	} while (writable(fd));
	return push_until_refused(writer, next, &error);
}

/* Reads numbered lines [first, end) from fd while the loop runs. */
static void read_lines(int fd, unsigned first, unsigned end)
{
	char line[LINE_SIZE + 1];
	size_t len = 0;

	while (first < end) {
		ssize_t n = read(fd, line + len, LINE_SIZE - len);

		assert_true(n > 0 || errno == EAGAIN);
		uv_run(&loop, UV_RUN_NOWAIT);
		len += n > 0 ? (size_t)n : 0;
		if (len < LINE_SIZE)
			continue;
		line[LINE_SIZE] = '\0';
		assert_int_equal(strtoul(line, NULL, 10), first);
		assert_int_equal(line[LINE_SIZE - 1], '\n');
		first++;
		len = 0;
	}
}

static void make_channel_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

static void make_channel_socket(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

/* The target made the pipe non-blocking, as node does with its stderr. */
static void make_channel_nonblocking(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
}

static void (*const channels[])(int fds[2]) = {
	make_channel_pipe,
	make_channel_socket,
	make_channel_nonblocking,
};

static void test_nobody_reads_then_somebody_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		struct writer *writer;
		unsigned refused;
		int fds[2], flags, error;

		channels[i](fds);
		flags = fcntl(fds[1], F_GETFL);
		rooms = 0;
		writer = open_writer(fds[1]);
		refused = push_until_stuck(writer, fds[1]);
		assert_in_range(refused, LIMIT / LINE_SIZE,
		                (LIMIT + WRITER_LINE_MAX + CHANNEL_MAX) / LINE_SIZE);
		assert_int_equal(fcntl(fds[1], F_GETFL), flags);
		assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
		read_lines(fds[0], 0, refused);
		run_until_idle(writer);
		assert_true(rooms > 0);

		push_until_refused(writer, refused, &error);
		assert_int_equal(error, -ENOBUFS);
		writer_stop(writer);
		run_until_idle(writer);
		writer_free(writer);
		close(fds[0]);
	}
}

/* A pipe that is full from the start: the thread cannot but wait. */
static void make_channel_full(int fds[2])
{
	static const char bytes[PIPE_BUF];

	make_channel_nonblocking(fds);
	while (write(fds[1], bytes, sizeof(bytes)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
}

static void test_stop_ends_the_wait_for_a_reader(void **state)
{
	struct writer *writer;
	int fds[2];

	(void)state;
	make_channel_full(fds);
	writer = open_writer(fds[1]);
	assert_int_equal(writer_push(writer, "x\n", 2), 0);
	assert_false(writer_idle(writer));
	writer_stop(writer);
	run_until_idle(writer);
	assert_int_equal(writer_push(writer, "x\n", 2), -EPIPE);
	writer_free(writer);
	close(fds[0]);
}

/* SIGPIPE's default action would end this program. */
static void test_a_reader_that_went_away_ends_the_sink(void **state)
{
	struct writer *writer;
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	make_channel_pipe(fds);
	writer = open_writer(fds[1]);
	push_until_stuck(writer, fds[1]);
	close(fds[0]);
	run_until_idle(writer);
	assert_int_equal(writer_push(writer, "x\n", 2), -EPIPE);
	writer_free(writer);
}

static void test_a_full_disk_ends_the_sink(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct writer *writer = open_writer(fd);

	(void)state;
	assert_int_equal(writer_push(writer, "x\n", 2), 0);
	run_until_idle(writer);
	assert_int_equal(writer_push(writer, "x\n", 2), -EPIPE);
	writer_free(writer);
}

static void test_a_file_gets_every_byte(void **state)
{
	char name[] = "/tmp/callgate-writer-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC | O_APPEND);
	int copy = open(name, O_RDONLY | O_CLOEXEC);
	struct writer *writer = open_writer(fd);
	unsigned next = 0;

	(void)state;
	unlink(name);
	for (int round = 0; round < 5; round++) {
		int error;

		next = push_until_refused(writer, next, &error);
		assert_int_equal(error, -ENOBUFS);
		run_until_idle(writer);
	}
	assert_int_equal(lseek(copy, 0, SEEK_END), (off_t)next * LINE_SIZE);
	assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
	read_lines(copy, 0, next);
	writer_free(writer);
	close(copy);
}

/* Lines of other writers to the same pipe land between ours, not inside. */
static void test_a_pipe_gets_whole_lines_at_once(void **state)
{
	struct writer *writer;
	char bytes[PIPE_BUF];
	int fds[2], error;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_DIRECT), 0); /* a read returns one write */
	writer = open_writer(fds[1]);
	push_until_refused(writer, 0, &error);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	for (int writes = 0; writes < LIMIT / PIPE_BUF;) {
		ssize_t n = read(fds[0], bytes, sizeof(bytes));

		uv_run(&loop, UV_RUN_NOWAIT);
		if (n < 0)
			continue;
		assert_true(n > 0 && n % LINE_SIZE == 0);
		writes++;
	}
	writer_stop(writer);
	run_until_idle(writer);
	writer_free(writer);
	close(fds[0]);
}

static void test_a_line_longer_than_a_pipe_write(void **state)
{
	static char line[WRITER_LINE_MAX], got[WRITER_LINE_MAX];
	struct writer *writer;
	int fds[2];

	(void)state;
	make_channel_pipe(fds);
	writer = open_writer(fds[1]);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 3; i++) {
		assert_int_equal(writer_push(writer, "short\n", 6), 0);
		assert_int_equal(writer_push(writer, line, sizeof(line)), 0);
	}
	run_until_idle(writer);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(read(fds[0], got, 6), 6);
		assert_memory_equal(got, "short\n", 6);
		assert_int_equal(read(fds[0], got, sizeof(got)), sizeof(got));
		assert_memory_equal(got, line, sizeof(got));
	}
	writer_free(writer);
	close(fds[0]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nobody_reads_then_somebody_does),
		TEST(test_stop_ends_the_wait_for_a_reader),
		TEST(test_a_reader_that_went_away_ends_the_sink),
		TEST(test_a_full_disk_ends_the_sink),
		TEST(test_a_file_gets_every_byte),
		TEST(test_a_pipe_gets_whole_lines_at_once),
		TEST(test_a_line_longer_than_a_pipe_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
