/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "supervisor/reports/doctor_probes.h"
#include "supervisor/process.h"
#include "supervisor/stacks/stack_unwind.h"

void doctor_target_memory(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, place->trip->read);
}

/* A small number in a file: 0, -errno, or -EBADMSG. */
static int read_number(const struct doctor_place *place, const char *path, int *ret_number)
{
	char where[PATH_MAX];
	FILE *file;
	int count;

	snprintf(where, sizeof(where), "%s%s", place->root, path);
	file = fopen(where, "re");
	if (!file)
		return err_errno();
	count = fscanf(file, "%9d", ret_number);
	(void)fclose(file);
	return count == 1 ? 0 : -EBADMSG;
}

/*
 * What a scope does to us depends on who we are, and on who the targets are (proc_sys_kernel(5)):
 * the round trip has shown it.
 */
void doctor_yama(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	int scope = 0, result = read_number(place, "/proc/sys/kernel/yama/ptrace_scope", &scope);
	int read = place->trip->read;

	if (result == -ENOENT)
		doctor_find(ret_finding, DOCTOR_OK, "no Yama");
	else if (result < 0)
		doctor_find(ret_finding, DOCTOR_UNKNOWN, "ptrace_scope: %s", strerror(-result));
	else if (scope == 0 || read == 0)
		doctor_find(ret_finding, DOCTOR_OK, "ptrace_scope %d", scope);
	else
		doctor_find(ret_finding,
		            read == DOCTOR_TRIP_NOT_TRIED ? DOCTOR_UNKNOWN : DOCTOR_MISSING,
		            "ptrace_scope %d", scope);
}

/* Where the unified hierarchy is mounted: 0, or -ENOENT where it is not, or not in sight. */
static int find_unified(const struct doctor_place *place, char directory[static PATH_MAX])
{
	char where[PATH_MAX];
	struct mntent *mount;
	FILE *mounts;
	int written = -1;

	snprintf(where, sizeof(where), "%s/proc/self/mounts", place->root);
	mounts = setmntent(where, "re");
	if (!mounts)
		return err_errno();
	while (written < 0 && (mount = getmntent(mounts)))
		if (strcmp(mount->mnt_type, "cgroup2") == 0)
			written =
				snprintf(directory, PATH_MAX, "%s%s", place->root, mount->mnt_dir);
	(void)endmntent(mounts);
	return written > 0 && written < PATH_MAX ? 0 : -ENOENT;
}

/* The root cgroup has no cgroup.freeze, so one below is made and looked at. */
static int try_freezer(const char *cgroup)
{
	char child[PATH_MAX], freeze[PATH_MAX + 16];
	int written = snprintf(child, sizeof(child), "%s/callgate-doctor.%d", cgroup, getpid());
	int result;

	if (written < 0 || (size_t)written >= sizeof(child))
		return -ENAMETOOLONG;
	if (mkdir(child, 0700) < 0)
		return err_errno();
	snprintf(freeze, sizeof(freeze), "%s/cgroup.freeze", child);
	result = access(freeze, W_OK) < 0 ? err_errno() : 0;
	(void)rmdir(child);
	return result;
}

void doctor_cgroup(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	static const char unified[] = "0::";
	_cleanup_free_ char *membership = process_cgroup(getpid());
	char cgroup[PATH_MAX];
	size_t used;
	int result = find_unified(place, cgroup);

	if (result < 0) {
		doctor_find(ret_finding, DOCTOR_MISSING, "no cgroup2 is mounted");
		return;
	}
	if (!membership || strncmp(membership, unified, strlen(unified)) != 0) {
		doctor_find(ret_finding, DOCTOR_UNKNOWN, "/proc/self/cgroup does not name ours");
		return;
	}
	used = strlen(cgroup);
	snprintf(cgroup + used, sizeof(cgroup) - used, "%s", membership + strlen(unified));
	result = try_freezer(cgroup);
	doctor_find(ret_finding, result < 0 ? DOCTOR_MISSING : DOCTOR_OK, "%.128s%s%s", cgroup,
	            result < 0 ? ": " : "", result < 0 ? strerror(-result) : "");
}

void doctor_btf(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	static const char path[] = "/sys/kernel/btf/vmlinux";
	char where[PATH_MAX];

	snprintf(where, sizeof(where), "%s%s", place->root, path);
	if (access(where, R_OK) < 0)
		doctor_find(ret_finding, DOCTOR_MISSING, "%s: %m", path);
	else
		doctor_find(ret_finding, DOCTOR_OK, "%s", path);
}

void doctor_unwinder(_unused_ const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	const char *version = stack_unwind_version();

	if (version)
		doctor_find(ret_finding, DOCTOR_OK, "libdw %s", version);
	else
		doctor_find(ret_finding, DOCTOR_MISSING, "built without libdw");
}
