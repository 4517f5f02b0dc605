/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/syscall_near.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "common/near.h"
#include "profiles/syscalls.h"

struct range {
	uint32_t arch;
	int first;
	int last;
};

/*
 * Where names are that libseccomp's own search may lack: newer syscalls have one number on every
 * ABI, but for the 16 of 244 and up that each generic ABI has for itself.
 */
static const struct range newer_ranges[] = {
	{ SCMP_ARCH_X86_64, 330, 520 },
	{ SCMP_ARCH_RISCV64, 244, 259 },
};

/* Nearly every name there is. */
static const struct range all_ranges[] = {
	{ SCMP_ARCH_X86_64, 0, 520 },
	{ SCMP_ARCH_X86, 0, 460 },
	{ SCMP_ARCH_RISCV64, 244, 259 },
};

/* "syscall_470" stands for a number without a name. */
static bool is_number(const char *name)
{
	return strncmp(name, "syscall_", 8) == 0;
}

static void find_newer(struct newer_syscalls *newer)
{
	char buf[SYSCALL_NAME_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(newer_ranges); i++)
		for (int nr = newer_ranges[i].first; nr <= newer_ranges[i].last; nr++) {
			const char *name = syscall_name(newer_ranges[i].arch, nr, buf, sizeof(buf));

			if (!syscall_known(name) && !is_number(name) && newer->count < NEWER_MAX)
				snprintf(newer->names[newer->count++], sizeof(newer->names[0]),
				         "%s", name);
		}
}

bool syscall_is_newer(struct newer_syscalls *newer, const char *name)
{
	if (newer->count == 0)
		find_newer(newer);
	for (size_t i = 0; i < newer->count; i++)
		if (strcmp(newer->names[i], name) == 0)
			return true;
	return false;
}

void syscall_nearest(const char *wrong, char ret_name[static SYSCALL_NAME_SIZE])
{
	struct near near = near_to(wrong);
	char buf[SYSCALL_NAME_SIZE];

	ret_name[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(all_ranges); i++)
		for (int nr = all_ranges[i].first; nr <= all_ranges[i].last; nr++) {
			const char *name = syscall_name(all_ranges[i].arch, nr, buf, sizeof(buf));

			if (!is_number(name))
				near_offer(&near, name);
			if (near.best != name)
				continue;
			snprintf(ret_name, SYSCALL_NAME_SIZE, "%s", name);
			near.best = NULL;
		}
}
