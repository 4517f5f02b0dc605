/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sink's bounded queue of lines, written by libuv's threads while the loop goes on.
 *
 * The descriptor may be a terminal, a pipe or a socket that the target shares, so it is never made
 * non-blocking. A thread waits until it is writable and then writes a little that fits; that wait
 * can be ended, where a write(2) into a full pipe cannot, and exit(3) joins libuv's threads.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "common/cleanup.h"
#include "common/err.h"

enum { WRITER_LINE_MAX = 16 << 10 };

struct writer;

/* Called on the loop after lines were written and half of the queue or more is free. */
typedef void writer_room(void *owner);

/* Takes fd on success. At most limit bytes wait, limit >= WRITER_LINE_MAX. 0, or -errno. */
_must_check_ int writer_open(uv_loop_t *loop, int fd, size_t limit, struct writer **ret_writer);
void writer_on_room(struct writer *writer, writer_room *on_room, void *owner);

/*
 * Queues whole lines, 1 to WRITER_LINE_MAX bytes that end with a newline, all or nothing.
 * 0; -ENOBUFS: no room now; -EPIPE: the reader is gone, or writing failed, or writer_stop().
 */
_must_check_ int writer_push(struct writer *writer, const char *lines, size_t len);

/* How many bytes more would wait now. */
size_t writer_space(const struct writer *writer);

/* Whether nothing waits and nothing is being written. */
bool writer_idle(const struct writer *writer);

/* Drops what waits and ends the wait for the reader; it is idle soon after, if the loop runs. */
void writer_stop(struct writer *writer);

/*
 * Closes and frees. One that is not idle even after writer_stop(), because its write(2) does not
 * return, is left to the thread that is in it.
 */
void writer_free(struct writer *writer);
DEFINE_CLEANUP(struct writer *, writer_free)
