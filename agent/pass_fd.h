/* SPDX-License-Identifier: Apache-2.0 */
/* One descriptor over an AF_UNIX socket (unix(7), SCM_RIGHTS). */
#pragma once

#include "common/err.h"

_must_check_ int pass_fd_send(int socket, int fd);

/* The descriptor has O_CLOEXEC. -EPIPE where the peer closed, -EPROTO where it sent anything else.
 */
_must_check_ int pass_fd_receive(int socket, int *ret_fd);
