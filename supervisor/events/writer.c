/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events/writer.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/uio.h>

struct writer {
	uv_work_t work; /* in flight while busy */
	uv_loop_t *loop;
	int fd;
	int stop_fd; /* an eventfd: readable when the thread is to give up */
	bool busy;
	int ended; /* 0, or the -errno that ended the sink */

	char *ring; /* what waits and what is being written: used bytes from head, wrapping at limit
	             */
	size_t limit, head, used;

	/*
	 * The thread's while busy: the first batch_len bytes of the ring, which writer_push() does
	 * not touch.
	 */
	size_t step; /* at most so much in one write(2) */
	size_t batch_len, batch_done;
	int batch_error;

	writer_room *on_room;
	void *owner;
};

enum { FILE_STEP = 256 << 10 };

/*
 * A pipe takes PIPE_BUF bytes as one, so that the target's output does not land inside our lines,
 * and at once when poll(2) calls it writable.
 */
static size_t step_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return FILE_STEP;
	return PIPE_BUF;
}

int writer_open(uv_loop_t *loop, int fd, size_t limit, struct writer **ret_writer)
{
	_cleanup_(writer_freep) struct writer *writer = calloc(1, sizeof(*writer));

	assert(limit >= WRITER_LINE_MAX);
	if (!writer)
		return -ENOMEM;
	writer->loop = loop;
	writer->fd = -EBADF;
	writer->limit = limit;
	writer->step = step_of(fd);
	writer->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (writer->stop_fd < 0)
		return err_errno();
	writer->ring = malloc(limit);
	if (!writer->ring)
		return -ENOMEM;
	writer->fd = fd;
	*ret_writer = TAKE_PTR(writer);
	return 0;
}

void writer_on_room(struct writer *writer, writer_room *on_room, void *owner)
{
	writer->on_room = on_room;
	writer->owner = owner;
}

/* Waits until a write would not block. 0, or -ECANCELED by writer_stop(). */
static int wait_writable(const struct writer *writer)
{
	struct pollfd fds[] = { { .fd = writer->fd, .events = POLLOUT },
		                { .fd = writer->stop_fd, .events = POLLIN } };

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		if (errno != EINTR)
			return err_errno();
	return fds[1].revents ? -ECANCELED : 0;
}

/* A part of the ring, in two pieces where it wraps. */
static void ring_part(const struct writer *writer, size_t start, size_t len, struct iovec part[2])
{
	size_t at = (writer->head + start) % writer->limit;
	size_t straight = writer->limit - at < len ? writer->limit - at : len;

	part[0] = (struct iovec){ .iov_base = writer->ring + at, .iov_len = straight };
	part[1] = (struct iovec){ .iov_base = writer->ring, .iov_len = len - straight };
}

/* What the next write gets: as many whole lines as one step takes, or a piece of a longer one. */
static size_t next_length(const struct writer *writer)
{
	size_t rest = writer->batch_len - writer->batch_done;
	size_t next = writer->head + writer->batch_done;

	if (rest <= writer->step)
		return rest;
	for (size_t len = writer->step; len > 0; len--)
		if (writer->ring[(next + len - 1) % writer->limit] == '\n')
			return len;
	return writer->step;
}

/*
 * The target may fill the pipe between poll and write: RWF_NOWAIT then does not block. Pipes know
 * it since Linux 6.4, sockets too, files and terminals do not (EOPNOTSUPP).
 */
static ssize_t write_nowait(int fd, const struct iovec part[2])
{
	ssize_t written = pwritev2(fd, part, 2, -1, RWF_NOWAIT);

	if (written < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
		written = writev(fd, part, 2);
	return written < 0 ? err_errno() : written;
}

static int write_some(struct writer *writer)
{
	struct iovec part[2];
	ssize_t written;
	int r = wait_writable(writer);

	if (r < 0)
		return r;
	ring_part(writer, writer->batch_done, next_length(writer), part);
	written = write_nowait(writer->fd, part);
	if (written > 0)
		writer->batch_done += (size_t)written;
	return written < 0 && written != -EAGAIN && written != -EINTR ? (int)written : 0;
}

/* On one of libuv's threads. */
static void write_batch(uv_work_t *work)
{
	struct writer *writer = (struct writer *)work;
	sigset_t broken_pipe;

	sigemptyset(&broken_pipe);
	sigaddset(&broken_pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL); /* EPIPE says it */
	while (writer->batch_done < writer->batch_len && writer->batch_error == 0)
		writer->batch_error = write_some(writer);
}

static void batch_written(uv_work_t *work, int status);

static void start(struct writer *writer)
{
	writer->batch_len = writer->used; /* pushes are whole lines */
	writer->batch_done = 0;
	writer->busy = true;
	/* Fails for a missing callback only. */
	(void)uv_queue_work(writer->loop, &writer->work, write_batch, batch_written);
}

static void end(struct writer *writer, int error)
{
	if (writer->ended == 0)
		writer->ended = error;
	writer->used = 0;
}

static void batch_written(uv_work_t *work, int status)
{
	struct writer *writer = (struct writer *)work;

	writer->busy = false;
	writer->head = (writer->head + writer->batch_done) % writer->limit;
	if (!writer->ended)
		writer->used -= writer->batch_done;
	if (writer->used == 0)
		writer->head = 0; /* a queue that is seldom long touches little memory */
	if (status < 0 || writer->batch_error < 0)
		end(writer, status < 0 ? status : writer->batch_error);
	if (writer->ended)
		return;
	if (writer->used > 0)
		start(writer);
	if (writer->on_room && writer->used <= writer->limit / 2)
		writer->on_room(writer->owner);
}

int writer_push(struct writer *writer, const char *lines, size_t len)
{
	size_t tail, straight;

	assert(len > 0 && len <= WRITER_LINE_MAX && lines[len - 1] == '\n');
	if (writer->ended)
		return -EPIPE;
	if (len > writer->limit - writer->used)
		return -ENOBUFS;
	tail = (writer->head + writer->used) % writer->limit;
	straight = writer->limit - tail < len ? writer->limit - tail : len;
	memcpy(writer->ring + tail, lines, straight);
	memcpy(writer->ring, lines + straight, len - straight);
	writer->used += len;
	if (!writer->busy)
		start(writer);
	return 0;
}

size_t writer_space(const struct writer *writer)
{
	return writer->limit - writer->used;
}

bool writer_idle(const struct writer *writer)
{
	return !writer->busy;
}

void writer_stop(struct writer *writer)
{
	end(writer, -ECANCELED);
	(void)eventfd_write(writer->stop_fd, 1);
}

void writer_free(struct writer *writer)
{
	if (!writer || writer->busy)
		return;
	fd_close(writer->fd);
	fd_close(writer->stop_fd);
	free(writer->ring);
	free(writer);
}
