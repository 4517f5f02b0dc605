/* SPDX-License-Identifier: Apache-2.0 */
/* Where watched events come from: waiting for more of a file, of standard input, and for a key. */
#pragma once

#include <stdbool.h>

#include "common/err.h"

struct watch_source {
	int changes; /* inotify on the file's directory; -EBADF where it is none */
	int input;   /* a pipe or the like as the source of events; -EBADF for a file */
	int keys;    /* a terminal whose keys come one by one; -EBADF where there is none */
	int signals; /* signalfd of what ends the watch, which is blocked from now on */
	bool input_ended;
};

/*
 * fd is what stands at path, and is borrowed. 0 or -errno; released with watch_source_close().
 */
_must_check_ int watch_source_open(const char *path, int fd, bool want_keys,
                                   struct watch_source *ret_source);
void watch_source_close(struct watch_source *source);

/* Waits for more events or a key, for at most timeout_ms. The key, or 0; -EINTR for an interrupt.
 */
_must_check_ int watch_source_wait(struct watch_source *source, int timeout_ms);
