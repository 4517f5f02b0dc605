/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the names of a rule are names of syscalls. */
#include "profiles/profile_reader.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>

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

enum {
	NAME_SIZE = 64,
	SEARCHES_MAX = 16, /* a third of a millisecond each */
};

/* "syscall_470" stands for a number without a name. */
static bool is_number(const char *name)
{
	return strncmp(name, "syscall_", 8) == 0;
}

static void find_newer(struct reader *reader)
{
	char buf[NAME_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(newer_ranges); i++)
		for (int nr = newer_ranges[i].first; nr <= newer_ranges[i].last; nr++) {
			const char *name = syscall_name(newer_ranges[i].arch, nr, buf, sizeof(buf));

			if (!syscall_known(name) && !is_number(name) && reader->n_newer < NEWER_MAX)
				snprintf(reader->newer[reader->n_newer++], sizeof(reader->newer[0]),
				         "%s", name);
		}
}

static bool is_newer(struct reader *reader, const char *name)
{
	if (reader->n_newer == 0)
		find_newer(reader);
	for (size_t i = 0; i < reader->n_newer; i++)
		if (strcmp(reader->newer[i], name) == 0)
			return true;
	return false;
}

/* Writes the nearest name to ret_name, "" if none is near. */
static void nearest_syscall(const char *wrong, char ret_name[static NAME_SIZE])
{
	struct near near = near_to(wrong);
	char buf[NAME_SIZE];

	ret_name[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(all_ranges); i++)
		for (int nr = all_ranges[i].first; nr <= all_ranges[i].last; nr++) {
			const char *name = syscall_name(all_ranges[i].arch, nr, buf, sizeof(buf));

			if (!is_number(name))
				near_offer(&near, name);
			if (near.best != name)
				continue;
			snprintf(ret_name, NAME_SIZE, "%s", name);
			near.best = NULL;
		}
}

void profile_check_syscall(struct reader *reader, const cJSON *node)
{
	const char *name = node->valuestring;
	char nearest[NAME_SIZE] = "";
	struct shown wrong, hint;

	if (syscall_known(name) || is_newer(reader, name))
		return;
	if (reader->searches++ < SEARCHES_MAX)
		nearest_syscall(name, nearest);
	complain_warning(reader, node, "unknown-syscall",
	                 "no syscall is called %s; the runtimes skip it%s", shown(&wrong, name),
	                 meant(&hint, nearest[0] ? nearest : NULL));
}
