/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one contract for results, everywhere in this tree:
 *
 *   negative   a failure, -errno; forward it unchanged
 *   0          done
 *   positive   a named outcome of the called module (its enum says which); the caller handles it
 *
 * Library code returns and never prints; commands print. A function that fills an out-parameter
 * calls it ret_something and leaves it alone on failure.
 */
#pragma once

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#define _must_check_ __attribute__((warn_unused_result))
#define _printf_(fmt, first) __attribute__((format(printf, fmt, first)))
#define _unused_ __attribute__((unused))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* errno as a failure, also where a broken library left it at 0. */
static inline int err_errno(void)
{
	return errno > 0 ? -errno : -EIO;
}

/*
 * "EPERM" for 1; "errno 524" for a number without a name, written into buf.
 * The sign of number does not matter. Never NULL.
 */
const char *err_name(int number, char *buf, size_t size);
