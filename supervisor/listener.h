/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener: the only file that speaks the kernel's notification ioctls (seccomp_unotify(2)),
 * and hides their traps. Every answer is one of SEND's; ids that are gone are a named outcome.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* The notification, or its target, is no longer there: nothing to answer, no failure. */
enum { LISTENER_GONE = 1 };

/*
 * Whether this kernel has notifications that we can use: 0, -E2BIG (its notification is larger than
 * room), or what seccomp(2) says: -EOPNOTSUPP or -EINVAL (no USER_NOTIF: before Linux 5.0),
 * -ENOSYS, or -EPERM and the like of a filter that we are under.
 */
_must_check_ int listener_probe(size_t room);

/* Whether a descriptor of unknown origin is a listener. */
bool listener_is(int fd);

/* SYNC_WAKE_UP (Linux 6.6): 0, or -errno, which only makes every notification slower. */
int listener_set_sync(int listener);

/*
 * RECV into request, which the caller zeroed and which has the room probed for. Call it after
 * poll(2) said POLLIN, once: RECV blocks when there is nothing, whatever O_NONBLOCK says.
 * 0, LISTENER_GONE, or -errno.
 */
_must_check_ int listener_receive(int listener, struct seccomp_notif *request);

/* 0 while the notification waits for its answer, else LISTENER_GONE; -errno. */
_must_check_ int listener_valid(int listener, uint64_t id);

/* The call runs as if there were no filter. -EINVAL before Linux 5.5. */
_must_check_ int listener_continue(int listener, uint64_t id);

/* The call fails with error (1..4095), or with 0 returns 0 without having run. */
_must_check_ int listener_refuse(int listener, uint64_t id, int error);

/* The call returns value without having run; not one that the kernel takes for an errno. */
_must_check_ int listener_return(int listener, uint64_t id, int64_t value);

/*
 * Puts a duplicate of fd into the target's table, with O_CLOEXEC or without: its number there,
 * 0 or more, which listener_return() then tells the target. Waits until the target is scheduled,
 * and its priority is its own affair: never for the process that serves others too. -EMFILE: the
 * target may have no more; -ESRCH: the notification is gone; or another -errno.
 */
_must_check_ int listener_add_fd(int listener, uint64_t id, int fd, bool cloexec);
