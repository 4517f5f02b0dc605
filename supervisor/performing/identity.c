/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/performing/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"

/* Holds the status of a thread with IDENTITY_GROUPS_MAX groups of ten digits. */
enum { STATUS_SIZE = 8192 };

static const char *status_field(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? line + strlen(key) : NULL;
}

/* Up to max numbers of one line, and how many there are; max + 1 where there are more. */
static unsigned status_numbers(const char *field, int base, uint64_t *ret_numbers, unsigned max)
{
	unsigned count = 0;

	while (field && *field && *field != '\n') {
		char *end;
		uint64_t number = strtoull(field, &end, base);

		if (end == field)
			break;
		if (count == max)
			return max + 1;
		ret_numbers[count++] = number;
		field = end + strspn(end, " \t");
	}
	return count;
}

/* The kernel fixes a line's base and count: anything else is no status. */
static int status_exactly(const char *status, const char *key, int base, uint64_t *ret_numbers,
                          unsigned count)
{
	unsigned found = status_numbers(status_field(status, key), base, ret_numbers, count);

	return found == count ? 0 : -EBADMSG;
}

static int parse_ids(const char *status, const char *key, uint32_t ret_ids[4])
{
	uint64_t ids[4];
	int result = status_exactly(status, key, 10, ids, ARRAY_SIZE(ids));

	for (size_t i = 0; result == 0 && i < ARRAY_SIZE(ids); i++)
		ret_ids[i] = (uint32_t)ids[i];
	return result;
}

static int parse_groups(const char *status, struct identity *identity)
{
	uint64_t groups[IDENTITY_GROUPS_MAX];
	unsigned count = status_numbers(status_field(status, "\nGroups:\t"), 10, groups,
	                                IDENTITY_GROUPS_MAX);

	if (count > IDENTITY_GROUPS_MAX)
		return -E2BIG;
	identity->n_groups = count;
	for (unsigned i = 0; i < count; i++)
		identity->groups[i] = (gid_t)groups[i];
	return 0;
}

static int parse_levels(const char *status, const char *key, pid_t ret_pids[IDENTITY_LEVELS_MAX])
{
	uint64_t pids[IDENTITY_LEVELS_MAX];
	unsigned count = status_numbers(status_field(status, key), 10, pids, IDENTITY_LEVELS_MAX);

	if (count == 0 || count > IDENTITY_LEVELS_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < count; i++)
		ret_pids[i] = (pid_t)pids[i];
	return (int)count;
}

static int parse_thread(const char *status, struct identity_thread *thread)
{
	uint64_t umask, tgid;
	int levels;

	if (status_exactly(status, "\nUmask:\t", 8, &umask, 1) < 0 ||
	    status_exactly(status, "\nTgid:\t", 10, &tgid, 1) < 0)
		return -EBADMSG;
	thread->umask = (mode_t)umask;
	thread->pid = (pid_t)tgid;
	levels = parse_levels(status, "\nNSpid:\t", thread->tids);
	if (levels < 0 || parse_levels(status, "\nNStgid:\t", thread->pids) != levels)
		return -EBADMSG;
	thread->levels = (unsigned)levels;
	return 0;
}

int identity_parse(const char *status, struct identity *ret_identity,
                   struct identity_thread *ret_thread)
{
	struct identity identity = { 0 };
	struct identity_thread thread = { 0 };
	int result = parse_groups(status, &identity);

	if (result < 0)
		return result;
	if (parse_ids(status, "\nUid:\t", identity.uid) < 0 ||
	    parse_ids(status, "\nGid:\t", identity.gid) < 0 ||
	    status_exactly(status, "\nCapInh:\t", 16, &identity.inheritable, 1) < 0 ||
	    status_exactly(status, "\nCapPrm:\t", 16, &identity.permitted, 1) < 0 ||
	    status_exactly(status, "\nCapEff:\t", 16, &identity.effective, 1) < 0 ||
	    parse_thread(status, &thread) < 0)
		return -EBADMSG;
	*ret_identity = identity;
	*ret_thread = thread;
	return 0;
}

static int open_of(int proc, pid_t tid, const char *file, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%u/%s", (unsigned)tid, file);
	fd = openat(proc, path, flags | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : err_errno();
	return fd;
}

/* One read of a file of the thread into buf, NUL-terminated. */
static int read_of(int proc, pid_t tid, const char *file, char *buf, size_t size)
{
	_cleanup_close_ int fd = open_of(proc, tid, file, O_RDONLY);
	ssize_t count;

	if (fd < 0)
		return fd;
	count = read(fd, buf, size - 1);
	if (count < 0)
		return err_errno();
	buf[count] = '\0';
	return 0;
}

/*
 * prlimit(2) wants CAP_SYS_RESOURCE for a thread with other ids, which root in a container has
 * not; /proc/TID/limits tells everybody, and costs more.
 */
static int read_limit(int proc, pid_t tid, uint64_t *ret_limit)
{
	struct rlimit limit;
	char limits[2048];
	const char *field;
	int result;

	if (prlimit(tid, RLIMIT_FSIZE, NULL, &limit) == 0) {
		*ret_limit = limit.rlim_cur;
		return 0;
	}
	result = read_of(proc, tid, "limits", limits, sizeof(limits));
	field = result < 0 ? NULL : status_field(limits, "\nMax file size ");
	if (result < 0 || !field)
		return result < 0 ? result : -EBADMSG;
	field += strspn(field, " ");
	*ret_limit = *field == 'u' ? RLIM_INFINITY : strtoull(field, NULL, 10);
	return 0;
}

/* "net:[4026531840]": the link's text costs half of a look at what it leads to. */
static int read_namespace(int proc, pid_t tid, const char *link, uint64_t *ret_inode)
{
	char path[64], text[64];
	const char *number;
	ssize_t length;

	snprintf(path, sizeof(path), "%u/%s", (unsigned)tid, link);
	length = readlinkat(proc, path, text, sizeof(text) - 1);
	if (length < 0)
		return errno == ENOENT ? -ESRCH : err_errno();
	text[length] = '\0';
	number = strchr(text, '[');
	if (!number)
		return -EBADMSG;
	*ret_inode = strtoull(number + 1, NULL, 10);
	return 0;
}

static int read_root(int proc, pid_t tid, struct identity *identity)
{
	struct statx status;
	char path[64];

	snprintf(path, sizeof(path), "%u/root", (unsigned)tid);
	if (statx(proc, path, 0, STATX_INO | STATX_MNT_ID, &status) < 0)
		return errno == ENOENT ? -ESRCH : err_errno();
	identity->root_mount = status.stx_mnt_id;
	identity->root_inode = status.stx_ino;
	return 0;
}

static const char *const namespace_links[IDENTITY_NAMESPACES] = {
	[IDENTITY_USER] = "ns/user",     [IDENTITY_NETWORK] = "ns/net", [IDENTITY_IPC] = "ns/ipc",
	[IDENTITY_CGROUP] = "ns/cgroup", [IDENTITY_MOUNT] = "ns/mnt",
};

/* A thread that has gone is told by its root, which is read last. */
static int read_places(int proc, pid_t tid, struct identity *identity)
{
	for (size_t i = 0; i < IDENTITY_NAMESPACES; i++) {
		int result =
			read_namespace(proc, tid, namespace_links[i], &identity->namespaces[i]);

		if (result < 0 && result != -ESRCH)
			return result;
	}
	return read_root(proc, tid, identity);
}

int identity_read(int proc, pid_t tid, struct identity *ret_identity,
                  struct identity_thread *ret_thread)
{
	struct identity_thread thread;
	struct identity identity;
	char status[STATUS_SIZE];
	int result = read_of(proc, tid, "status", status, sizeof(status));

	if (result == 0)
		result = identity_parse(status, &identity, &thread);
	if (result == 0)
		result = read_places(proc, tid, &identity);
	if (result == 0)
		result = read_limit(proc, tid, &identity.file_size_limit);
	if (result < 0)
		return result;
	thread.tid = tid;
	*ret_identity = identity;
	*ret_thread = thread;
	return 0;
}

int identity_read_own(struct identity *ret_identity)
{
	_cleanup_close_ int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct identity_thread thread;

	return proc < 0 ? err_errno() : identity_read(proc, getpid(), ret_identity, &thread);
}

bool identity_same(const struct identity *a, const struct identity *b)
{
	/* No padding in between, and none compared at the end. */
	return memcmp(a, b, offsetof(struct identity, groups) + sizeof(a->groups)) == 0;
}

static bool same_namespace(const struct identity *a, const struct identity *b,
                           enum identity_namespace which)
{
	return a->namespaces[which] == b->namespaces[which];
}

bool identity_same_root(const struct identity *a, const struct identity *b)
{
	return same_namespace(a, b, IDENTITY_MOUNT) && a->root_mount == b->root_mount &&
	       a->root_inode == b->root_inode;
}

static int set_capabilities(uint64_t inheritable, uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];

	for (int i = 0; i < 2; i++)
		sets[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(effective >> 32 * i),
			.permitted = (uint32_t)(permitted >> 32 * i),
			.inheritable = (uint32_t)(inheritable >> 32 * i),
		};
	return syscall(SYS_capset, &header, sets) < 0 ? err_errno() : 0;
}

static bool same_ids(const struct identity *a, const struct identity *b)
{
	return memcmp(a->uid, b->uid, sizeof(a->uid)) == 0 &&
	       memcmp(a->gid, b->gid, sizeof(a->gid)) == 0;
}

/* setfsuid(2) and setfsgid(2) report nothing; the comparison in the end sees what became of them.
 */
static int set_ids(const struct identity *identity, const struct identity *present)
{
	int result;

	if (same_ids(identity, present))
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
	    setresgid(identity->gid[0], identity->gid[1], identity->gid[2]) < 0 ||
	    setresuid(identity->uid[0], identity->uid[1], identity->uid[2]) < 0)
		return err_errno();
	result = set_capabilities(present->inheritable, present->permitted, present->permitted);
	if (result < 0)
		return result;
	(void)setfsgid(identity->gid[3]);
	(void)setfsuid(identity->uid[3]);
	return 0;
}

static int set_groups(const struct identity *identity, const struct identity *present)
{
	if (identity->n_groups == present->n_groups &&
	    memcmp(identity->groups, present->groups, sizeof(identity->groups)) == 0)
		return 0;
	return setgroups(identity->n_groups, identity->groups) < 0 ? err_errno() : 0;
}

static int set_limit(const struct identity *identity, const struct identity *present)
{
	struct rlimit limit;

	if (identity->file_size_limit == present->file_size_limit)
		return 0;
	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		return err_errno();
	limit.rlim_cur = identity->file_size_limit;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_FSIZE, &limit) < 0 ? err_errno() : 0;
}

static void close_all(int fds[IDENTITY_NAMESPACES])
{
	for (size_t i = 0; i < IDENTITY_NAMESPACES; i++)
		fds[i] = fd_close(fds[i]);
}

/* Those that are not ours already; the others stay -EBADF. */
static int open_namespaces(int proc, pid_t tid, const struct identity *identity,
                           const struct identity *present, int ret_fds[IDENTITY_NAMESPACES])
{
	for (size_t i = 0; i < IDENTITY_NAMESPACES; i++) {
		if (same_namespace(identity, present, i))
			continue;
		ret_fds[i] = open_of(proc, tid, namespace_links[i], O_RDONLY);
		if (ret_fds[i] < 0)
			return ret_fds[i];
	}
	return 0;
}

/*
 * What we may enter as we are, first: root may be nobody there once it is in a user namespace. What
 * it is only there that we may enter, an ordinary user's, comes after it.
 */
static int enter_namespaces(int fds[IDENTITY_NAMESPACES])
{
	for (size_t i = IDENTITY_USER + 1; i < IDENTITY_NAMESPACES; i++)
		if (fds[i] >= 0 && setns(fds[i], 0) == 0)
			fds[i] = fd_close(fds[i]);
	for (size_t i = IDENTITY_USER; i < IDENTITY_NAMESPACES; i++)
		if (fds[i] >= 0 && setns(fds[i], 0) < 0)
			return err_errno();
	return 0;
}

/* Into the namespaces and the root of a thread. All is opened before anything has changed. */
static int enter_places(int proc, pid_t tid, const struct identity *identity,
                        const struct identity *present)
{
	_cleanup_close_ int root = open_of(proc, tid, "root", O_PATH | O_DIRECTORY);
	int fds[IDENTITY_NAMESPACES], result;

	for (size_t i = 0; i < IDENTITY_NAMESPACES; i++)
		fds[i] = -EBADF;
	result = root < 0 ? root : open_namespaces(proc, tid, identity, present, fds);
	if (result == 0)
		result = enter_namespaces(fds);
	close_all(fds);
	if (result < 0 || identity_same_root(identity, present))
		return result;
	return fchdir(root) < 0 || chroot(".") < 0 ? err_errno() : 0;
}

/*
 * Read again, for the user namespace that we are in now has its own numbers, and before we are
 * less: afterwards a thread that is not dumpable would show us nothing.
 */
static int take_on(int proc, pid_t tid, struct identity *ret_theirs)
{
	struct identity theirs, ours;
	struct identity_thread thread;
	int result = identity_read(proc, tid, &theirs, &thread);

	if (result == 0)
		result = identity_read(proc, getpid(), &ours, &thread);
	if (result == 0)
		result = set_limit(&theirs, &ours);
	if (result == 0)
		result = set_ids(&theirs, &ours);
	if (result == 0)
		result = set_capabilities(theirs.inheritable, theirs.permitted, theirs.effective);
	if (result == 0)
		*ret_theirs = theirs;
	return result;
}

int identity_adopt(int proc, pid_t tid, const struct identity *expected)
{
	struct identity theirs, ours;
	struct identity_thread thread;
	int result = identity_read(proc, tid, &theirs, &thread);

	if (result == 0 && !identity_same(&theirs, expected))
		result = -ESTALE;
	if (result == 0)
		result = identity_read(proc, getpid(), &ours, &thread);
	if (result == 0 && !identity_same(&theirs, &ours)) {
		result = set_groups(&theirs, &ours);
		if (result == 0)
			result = enter_places(proc, tid, &theirs, &ours);
		if (result == 0)
			result = take_on(proc, tid, &theirs);
		if (result == 0)
			result = identity_read(proc, getpid(), &ours, &thread);
	}
	if (result < 0)
		return result;
	if (!identity_same(&theirs, &ours))
		return -EPERM;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || fchdir(proc) < 0 ? err_errno() : 0;
}
