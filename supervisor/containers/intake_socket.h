/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of the intake: a socket at a path, who is at the other end, and what came. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"

/* See intake_open(). A listening descriptor, O_NONBLOCK and O_CLOEXEC, or -errno. */
_must_check_ int intake_socket_listen(const char *path);

struct intake_peer {
	uid_t uid;
	pid_t pid;           /* 0: not of our pid namespace */
	const char *runtime; /* by the name of its process: "runc"; NULL: another, or gone */
};

/*
 * The next connection, O_NONBLOCK and O_CLOEXEC; -EAGAIN where there is none now, or accept4(2)'s
 * -errno.
 */
_must_check_ int intake_socket_accept(int socket, struct intake_peer *ret_peer);

/* Descriptors that came, at most max of them: what is more is closed. */
struct intake_fds {
	int *list;
	size_t n, max;
	bool more; /* than max, or than we could have open */
};

/* Up to size bytes: how many; 0 at the end; -EAGAIN; -errno. Adds to *fds, with O_CLOEXEC. */
_must_check_ ssize_t intake_socket_receive(int connection, char *bytes, size_t size,
                                           struct intake_fds *fds);
