/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the memory of a target thread. Every read is bounded by the caller's buffer, and nothing
 * that the target says decides how much memory we take.
 *
 * What is read may have changed before the kernel reads it, and the thread's id may have passed to
 * another process meanwhile: whoever trusts the bytes asks ID_VALID after the last read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

/*
 * A descriptor for the memory that the thread has now; the caller closes it. It does not follow
 * the thread through execve, so it is for one notification. -ENOENT, -EACCES, -ESRCH.
 */
_must_check_ int memory_open(pid_t tid);

/* The same, for memory_write(). */
_must_check_ int memory_open_writable(pid_t tid);

/*
 * Up to size bytes at address: the count read, which is less than size where unreadable memory
 * begins, or -EFAULT where not one byte could be read, -ESRCH where the memory is gone.
 */
_must_check_ ssize_t memory_read(int memory, uint64_t address, void *buf, size_t size);

/*
 * A string at address, never touching the page after the one its NUL is in. Returns its length
 * without the NUL, at most size; *ret_terminated is false where size bytes hold no NUL. buf is not
 * terminated. -EFAULT where unreadable memory begins before a NUL is found.
 */
_must_check_ ssize_t memory_read_string(int memory, uint64_t address, char *buf, size_t size,
                                        bool *ret_terminated);

/*
 * Writes a part of a call's result, as the kernel would while the caller waits in it. Only where
 * the caller cannot leave meanwhile (WAIT_KILLABLE_RECV) is the memory sure to be still meant for
 * it. 0, -EFAULT, -ESRCH.
 */
_must_check_ int memory_write(int memory, uint64_t address, const void *buf, size_t size);
