/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/self and /proc/thread-self are for a thread that is not the one that reads them. */
#pragma once

#include "supervisor/performing/identity.h"

/*
 * The link's text in the /proc whose root directory is proc: "PID", or "PID/task/TID" of_thread.
 * -ENOENT where the thread is not in that /proc's pid namespace.
 */
_must_check_ int proc_self_text(int proc, const struct identity_thread *thread, bool of_thread,
                                char *buf, size_t size);
