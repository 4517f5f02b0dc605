/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/changes/fallback.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "common/err.h"
#include "profiles/syscalls.h"

/*
 * Linux 5.1 gave all architectures one numbering, from 424 on (Documentation/process/adding-
 * syscalls). What stands there is younger than the kernels that most programs still run on.
 */
enum { FIRST_UNIFIED = 424 };

#define MOUNT_API "libmount takes mount(2), which needs a rule of its own"
#define TIME64 "libc makes the older call with 32-bit times"
#define NUMA "libnuma takes the machine for one without NUMA"
#define URING "libuv and most event loops use epoll and plain reads"
#define KEYS "programs go on without keyrings, as on a kernel that has none"
#define PIDFD "programs use the process's number instead"

/*
 * libc: glibc's sysdeps/unix/sysv/linux (clone-internal.c, faccessat.c, fchmodat.c, statx.c,
 * preadv2.c, and the *64.c of 32-bit time_t), in part musl's too. Programs: crun's issues 545 and
 * 672, cap-std's 147, Wine's fsync. rseq is not here: glibc goes on whatever its errno is.
 */
const struct newer_call newer_calls[NEWER_CALLS] = {
	{ { "clone3", ENOSYS, "glibc makes processes and threads by clone" },
	  "clone",
	  "libc",
	  false },
	{ { "faccessat2", ENOSYS, "glibc and musl use faccessat and look at the mode themselves" },
	  "faccessat",
	  "libc",
	  false },
	{ { "fchmodat2", ENOSYS, "glibc and musl go through /proc/self/fd" },
	  "fchmodat",
	  "libc",
	  false },
	{ { "statx", ENOSYS, "glibc, Rust and Qt use fstatat" }, "newfstatat", "libc", false },
	{ { "preadv2", ENOSYS, "glibc uses preadv where no flag is asked for" },
	  "preadv",
	  "libc",
	  false },
	{ { "pwritev2", ENOSYS, "glibc uses pwritev where no flag is asked for" },
	  "pwritev",
	  "libc",
	  false },
	{ { "close_range", ENOSYS, "glibc, CPython and others close descriptor by descriptor" },
	  "close",
	  "programs",
	  false },
	{ { "openat2", ENOSYS, "callers walk the path with openat and check it themselves" },
	  "openat",
	  "programs",
	  false },
	{ { "epoll_pwait2", ENOSYS, "event loops use epoll_pwait, with milliseconds" },
	  "epoll_pwait",
	  "programs",
	  false },
	{ { "futex_waitv", ENOSYS, "Wine waits through eventfd" }, "futex", "programs", false },
	{ { "clock_gettime64", ENOSYS, TIME64 }, "clock_gettime", "libc", true },
	{ { "clock_getres_time64", ENOSYS, TIME64 }, "clock_getres", "libc", true },
	{ { "clock_nanosleep_time64", ENOSYS, TIME64 }, "clock_nanosleep", "libc", true },
	{ { "futex_time64", ENOSYS, TIME64 }, "futex", "libc", true },
	{ { "ppoll_time64", ENOSYS, TIME64 }, "ppoll", "libc", true },
	{ { "pselect6_time64", ENOSYS, TIME64 }, "pselect6", "libc", true },
	{ { "timer_settime64", ENOSYS, TIME64 }, "timer_settime", "libc", true },
	{ { "timerfd_settime64", ENOSYS, TIME64 }, "timerfd_settime", "libc", true },
	{ { "utimensat_time64", ENOSYS, TIME64 }, "utimensat", "libc", true },
	{ { "rt_sigtimedwait_time64", ENOSYS, TIME64 }, "rt_sigtimedwait", "libc", true },
};

/*
 * Others, which have more than one way out: keyctl by runc's pull request 1893 and crun's 596, the
 * mounts by util-linux's 2197 and incus's 3070, the rest as Go, CPython, libuv, numactl and systemd
 * have it.
 */
static const struct fallback rows[] = {
	{ "copy_file_range", ENOSYS, "copying is done by read and write" },
	{ "getrandom", ENOSYS, "libraries read /dev/urandom" },
	{ "memfd_create", ENOSYS, "programs make an unlinked temporary file" },
	{ "membarrier", ENOSYS, "liburcu uses barriers in every reader" },
	{ "name_to_handle_at", ENOSYS, "systemd reads /proc/self/fdinfo" },
	{ "pidfd_open", ENOSYS, PIDFD },
	{ "pidfd_send_signal", ENOSYS, PIDFD },
	{ "renameat2", ENOSYS, "glibc uses renameat where no flag is asked for" },
	{ "seccomp", ENOSYS, "libseccomp installs its filter by prctl" },
	{ "landlock_create_ruleset", ENOSYS, "sandboxes go without Landlock" },
	{ "io_uring_setup", ENOSYS, URING },
	{ "io_uring_enter", ENOSYS, URING },
	{ "io_uring_register", ENOSYS, URING },
	{ "get_mempolicy", ENOSYS, NUMA },
	{ "mbind", ENOSYS, NUMA },
	{ "set_mempolicy", ENOSYS, NUMA },
	{ "add_key", ENOSYS, KEYS },
	{ "keyctl", ENOSYS, "runc, crun and others go on without a keyring of their own" },
	{ "request_key", ENOSYS, KEYS },
	{ "fsopen", ENOSYS, MOUNT_API },
	{ "fsconfig", ENOSYS, MOUNT_API },
	{ "open_tree", ENOSYS, MOUNT_API },
	{ "clock_settime64", ENOSYS, TIME64 },
	{ "recvmmsg_time64", ENOSYS, TIME64 },
	{ "sched_rr_get_interval_time64", ENOSYS, TIME64 },
	{ "semtimedop_time64", ENOSYS, TIME64 },
	{ "timer_gettime64", ENOSYS, TIME64 },
	{ "timerfd_gettime64", ENOSYS, TIME64 },
};

static const struct fallback families = {
	"socket", EAFNOSUPPORT, "programs take the family for one that the kernel was built without"
};

/* Called when libmount has begun with the others and knows no way back. */
static const char *const too_late[] = { "fsmount", "fspick", "move_mount" };

static const struct {
	bool has_door;        /* the first name */
	const char *names[5]; /* NULL at the end */
} together[] = {
	{ true, { "io_uring_setup", "io_uring_enter", "io_uring_register" } },
	{ true, { "fsopen", "fsconfig", "fsmount" } },
	{ true, { "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self" } },
	{ false, { "get_mempolicy", "set_mempolicy", "mbind", "set_mempolicy_home_node" } },
	{ false, { "add_key", "keyctl", "request_key" } },
};

static const struct fallback young = {
	NULL, ENOSYS, "programs that also run on kernels without the call go another way"
};

/* Families that kernels are built without as often as with; the others no program does without. */
static bool family_is_optional(uint64_t family)
{
	return (int)family == AF_ALG || (int)family == AF_VSOCK;
}

static bool is_young(const struct seccomp_data *call)
{
	uint32_t arch = syscall_arch(call->arch, call->nr);

	return arch != 0 && syscall_plain_number(arch, call->nr) >= FIRST_UNIFIED;
}

const struct fallback *fallback_find(const char *syscall_name, const struct seccomp_data *call)
{
	if (strcmp(syscall_name, families.name) == 0)
		return family_is_optional(call->args[0]) ? &families : NULL;
	for (size_t i = 0; i < NEWER_CALLS; i++)
		if (strcmp(newer_calls[i].fallback.name, syscall_name) == 0)
			return &newer_calls[i].fallback;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, syscall_name) == 0)
			return &rows[i];
	for (size_t i = 0; i < ARRAY_SIZE(too_late); i++)
		if (strcmp(too_late[i], syscall_name) == 0)
			return NULL;
	return is_young(call) ? &young : NULL;
}

/* The index of those that a call is used with, or ARRAY_SIZE(together). */
static size_t find_together(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(together); i++)
		for (size_t j = 0; together[i].names[j]; j++)
			if (strcmp(together[i].names[j], name) == 0)
				return i;
	return ARRAY_SIZE(together);
}

const char *const *fallback_together(const char *syscall_name)
{
	size_t found = find_together(syscall_name);

	return found < ARRAY_SIZE(together) ? together[found].names : NULL;
}

const char *fallback_door(const char *syscall_name)
{
	size_t found = find_together(syscall_name);

	return found < ARRAY_SIZE(together) && together[found].has_door ? together[found].names[0]
	                                                                : NULL;
}

/* Whether who makes the call has come through a door that was open. */
static bool is_behind_a_door(const char *name)
{
	const char *door = fallback_door(name);

	return door && strcmp(door, name) != 0;
}

const struct fallback *fallback_at(const struct seccomp_data *call, int error)
{
	const struct fallback *fallback;
	const char *name;
	char buf[32];

	if (error != ENOSYS && error != families.error)
		return NULL;
	name = syscall_name(syscall_arch(call->arch, call->nr), call->nr, buf, sizeof(buf));
	fallback = fallback_find(name, call);
	return fallback && fallback->error == error && !is_behind_a_door(name) ? fallback : NULL;
}

static const struct {
	int error;
	const char *meaning;
} meanings[] = {
	{ EPERM, "it is forbidden, for good: most programs report it and stop" },
	{ EACCES, "it is forbidden here: programs report it, and some look elsewhere" },
	{ ENOSYS, "this kernel does not have the call: libc and many programs go another way" },
	{ EOPNOTSUPP, "not for this object: programs that know a second way take it" },
	{ EAFNOSUPPORT, "no such address family: programs that know a second way take it" },
	{ EPROTONOSUPPORT, "no such protocol: programs that know a second way take it" },
	{ EINVAL, "the arguments make no sense: read as a mistake, or as an older kernel" },
	{ ENOENT, "there is no such thing: programs go on without it, or report it" },
	{ ENODEV, "there is no such device: programs go on without it, or report it" },
	{ EAGAIN, "not now: programs try again, some for ever" },
	{ EINTR, "a signal came: programs try again at once, most for ever" },
};

const char *errno_meaning(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].error == error)
			return meanings[i].meaning;
	return "it failed: programs report it, and few have another way";
}
