/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the names of a rule are names of syscalls. */
#include "profiles/profile_reader.h"

#include "profiles/syscalls.h"

void profile_check_syscall(struct reader *reader, const cJSON *node)
{
	const char *name = node->valuestring;
	char nearest[SYSCALL_NAME_SIZE] = "";
	struct shown wrong, hint;

	if (syscall_known(name) || syscall_is_newer(&reader->newer, name))
		return;
	if (reader->searches++ < SEARCHES_MAX)
		syscall_nearest(name, nearest);
	complain_warning(reader, node, "unknown-syscall",
	                 "no syscall is called %s; the runtimes skip it%s", shown(&wrong, name),
	                 meant(&hint, nearest[0] ? nearest : NULL));
}
