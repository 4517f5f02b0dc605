/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule may look at beyond the six registers: the caller, and what the arguments point to.
 * The worker implements it over a live target, a replay over a logged event, a test over rows.
 *
 * Everything is copied once: the first ask reads, every later ask gives the same bytes, so what a
 * rule has matched is what is then performed. Results are valid as long as the view.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct view_bytes {
	const char *bytes; /* not NUL-terminated where it is no string */
	size_t length;
};

/* What the runtime said of the container, one pair a row. */
struct view_annotation {
	const char *key;
	const char *value;
};

struct view_caller {
	pid_t tid, pid, ppid;
	uid_t uid; /* effective */
	gid_t gid;
	struct view_bytes exe; /* as the caller's root has it; empty where /proc did not tell */
	struct view_bytes comm;
	bool init;                  /* pid is the first process of the target */
	const char *container_id;   /* NULL under run */
	const char *container_name; /* NULL under run */
	const char *metadata;       /* listenerMetadata; NULL under run */
	const struct view_annotation *annotations;
	size_t n_annotations; /* 0 under run */
};

struct view;

/*
 * Each fills *ret and returns 0, or returns -errno: the error that the kernel itself would give for
 * it where there is one (EFAULT, ENAMETOOLONG, ENOENT, ELOOP, ...), -ESRCH where the target is
 * gone.
 */
struct view_reader {
	int (*caller)(struct view *view, const struct view_caller **ret_caller);
	/* The NUL-terminated string behind an argument, as the target wrote it. */
	int (*string)(struct view *view, unsigned index, struct view_bytes *ret_string);
	/*
	 * The path argument resolved as the kernel would: relative to its dirfd or the caller's
	 * cwd, in the caller's root and mount namespace, symbolic links followed as the syscall
	 * follows them (the last one or not). Absolute, as the caller sees it; the last component
	 * need not exist. For a struct sockaddr_un the path in it.
	 */
	int (*path)(struct view *view, unsigned index, struct view_bytes *ret_path);
	/* length bytes behind an argument: a sockaddr, a struct. Fewer is an error. */
	int (*bytes)(struct view *view, unsigned index, size_t length,
	             struct view_bytes *ret_bytes);
	/*
	 * The socket address in the struct msghdr behind an argument; bytes is NULL where it has
	 * none. May be NULL where nobody can tell.
	 */
	int (*message_address)(struct view *view, unsigned index, struct view_bytes *ret_bytes);
};

struct view {
	const struct seccomp_data *call;
	const struct view_reader *reader; /* NULL: nothing but the registers can be seen */
};
