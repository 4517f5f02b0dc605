/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a thread is to the kernel when it touches files and sockets: credentials, capabilities,
 * namespaces, root. A performer takes it on before it makes the thread's calls, and never more of
 * it than the thread has.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"

enum {
	IDENTITY_GROUPS_MAX =
		256, /* supplementary ones; of a thread with more nothing is performed */
	IDENTITY_LEVELS_MAX = 33, /* pid namespaces nest 32 deep (MAX_PID_NS_LEVEL) */
};

/*
 * The namespaces that decide what a path leads to when it is opened. What the others decide (the
 * host's name, the clocks) is decided when a descriptor is used, and that is the target's doing.
 */
enum identity_namespace {
	IDENTITY_USER,
	IDENTITY_NETWORK, /* /proc/sys/net, /dev/net/tun */
	IDENTITY_IPC,     /* /proc/sys/kernel/sem and the like, /proc/sysvipc */
	IDENTITY_CGROUP,  /* who may move what by cgroup.procs */
	IDENTITY_MOUNT,
	IDENTITY_NAMESPACES,
};

/* Two identities are the same if their bytes are: padding is zero. */
struct identity {
	uid_t uid[4]; /* real, effective, saved, filesystem; as the reader's user namespace has them
	               */
	gid_t gid[4];
	uint64_t inheritable, permitted, effective; /* capability sets */
	uint64_t file_size_limit; /* RLIMIT_FSIZE, soft; RLIM_INFINITY is all ones */
	uint64_t namespaces[IDENTITY_NAMESPACES]; /* inodes; 0 of a kind that the kernel has not */
	uint64_t root_mount, root_inode;          /* of /proc/TID/root */
	uint32_t n_groups;
	gid_t groups[IDENTITY_GROUPS_MAX];
};

/* What may change from one call of a thread to the next. */
struct identity_thread {
	pid_t tid, pid; /* as the reader's pid namespace has them */
	mode_t umask;
	unsigned levels; /* of pid namespaces: the reader's first, the thread's own last */
	pid_t tids[IDENTITY_LEVELS_MAX];
	pid_t pids[IDENTITY_LEVELS_MAX];
};

/*
 * Parses /proc/TID/status, NUL-terminated. Fills credentials, capabilities and groups, and all of
 * *ret_thread but tid. -EBADMSG where a line is missing, -E2BIG with too many groups.
 */
_must_check_ int identity_parse(const char *status, struct identity *ret_identity,
                                struct identity_thread *ret_thread);

/*
 * Reads a thread's identity from proc, a descriptor of a /proc. -ESRCH where it has gone, -EACCES
 * where we may not look. The caller asks ID_VALID afterwards: only then was it the caller's.
 */
_must_check_ int identity_read(int proc, pid_t tid, struct identity *ret_identity,
                               struct identity_thread *ret_thread);

/* That of this process, which has one thread. */
_must_check_ int identity_read_own(struct identity *ret_identity);

bool identity_same(const struct identity *a, const struct identity *b);

/* Whether a path that begins with a slash begins at the same place for both. */
bool identity_same_root(const struct identity *a, const struct identity *b);

/*
 * Makes this process, which has one thread, what the thread tid is, for good, and compares: on 0
 * it has exactly the identity that was expected, in its own namespaces' numbers. It then cannot be
 * traced by others of its uid. The working directory becomes proc. -EPERM and the like where it may
 * not become that; then it is of no use.
 */
_must_check_ int identity_adopt(int proc, pid_t tid, const struct identity *expected);
