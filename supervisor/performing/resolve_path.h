/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what a path leads to as the kernel would find it for the target, and pins it: what was
 * shown to a policy and what is then acted on are one object, whatever is renamed meanwhile.
 *
 * The process that resolves has the target's identity, root and mount namespace, so that the
 * kernel's own permission checks hold at every step. What it cannot have is the target's pid:
 * /proc/self and /proc/thread-self are followed by hand.
 */
#pragma once

#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>

#include "supervisor/performing/identity.h"

/* What the last component is. */
enum resolve_last {
	RESOLVE_OBJECT, /* something there, itself: a symbolic link is not followed */
	RESOLVE_FOLLOW, /* something there; symbolic links are followed */
	RESOLVE_ENTRY,  /* a name, to be made, removed or renamed: it is not looked at */
	RESOLVE_CREATE, /* as RESOLVE_FOLLOW, and it need not exist */
};

struct resolver {
	int proc; /* a /proc of the resolver's own pid namespace */
	const struct identity_thread *thread;
	bool foreign; /* the root is not the one at which the rules' paths begin */
};

/* Release with resolved_path_deinit(). */
struct resolved_path {
	int parent;              /* O_PATH; -EBADF where the object was reached by a magic link */
	int object;              /* O_PATH; -EBADF for RESOLVE_ENTRY, and where CREATE found none */
	char name[NAME_MAX + 2]; /* in parent; of RESOLVE_ENTRY with one slash if one follows */
	bool slash;              /* the path ends with one */
};

#define RESOLVED_PATH_NONE ((struct resolved_path){ .parent = -EBADF, .object = -EBADF })

/*
 * start is where a relative path begins: a descriptor, or the -errno to return if it is needed.
 * 0, or the -errno that the kernel gives for the path.
 */
_must_check_ int resolve_path(const struct resolver *resolver, int start, const char *path,
                              enum resolve_last last, struct resolved_path *ret_resolved);

/*
 * The same for openat2(2) with how->resolve, which the kernel enforces itself. Such a path into
 * /proc is -EACCES, for nobody would follow /proc/self by hand.
 */
_must_check_ int resolve_restricted(int start, const char *path, const struct open_how *how,
                                    struct resolved_path *ret_resolved);
void resolved_path_deinit(struct resolved_path *resolved);

/* Whether what is pinned lies in a /proc, which opens by who asks; true where nobody can tell. */
bool resolved_in_proc(int fd);

/* Looks again at what stands under the name of a RESOLVE_CREATE that found none. */
_must_check_ int resolve_again(struct resolved_path *resolved);

/*
 * The absolute path of what is pinned, as the target sees it, NUL-terminated: its length, or
 * -EXDEV where it lies outside of the target's root or that is a foreign one, -ENAMETOOLONG.
 */
_must_check_ ssize_t resolved_path_text(const struct resolver *resolver,
                                        const struct resolved_path *resolved, char *buf,
                                        size_t size);

/* The first digit of a sysctl fs.NAME, or fallback where we may not read it. */
int resolver_sysctl(const struct resolver *resolver, const char *name, int fallback);

/* "self/fd/N", relative to resolver.proc, by which N's object is opened again. */
struct fd_path {
	char text[sizeof("self/fd/4294967295")];
};
struct fd_path fd_path(int fd);
