/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/arguments/signature_operations.h"

#include <string.h>

/* clang-format off */
#define SET(call, index, mask) \
	{ #call, index, 0, mask, operations_##call, &operations_##call##_count }
#define SET2(call, index, second) \
	{ #call, index, second, UINT32_MAX, operations_##call, &operations_##call##_count }
#define SAME_AS(name, call, index, mask) \
	{ name, index, 0, mask, operations_##call, &operations_##call##_count }
/* clang-format on */

enum {
	FUTEX_COMMAND = 0x7f, /* below the flags */
	IPC_COMMAND = 0xff,   /* below IPC_64 */
	IPC_CALL = 0xffff,    /* below the version of the call */
};

static const struct operation_set sets[] = {
	SET(arch_prctl, 0, UINT32_MAX),
	SET(bpf, 0, UINT32_MAX),
	SET(fcntl, 1, UINT32_MAX),
	SAME_AS("fcntl64", fcntl, 1, UINT32_MAX),
	SET(fsconfig, 1, UINT32_MAX),
	SET(futex, 1, FUTEX_COMMAND),
	SAME_AS("futex_time64", futex, 1, FUTEX_COMMAND),
	SET2(getsockopt, 1, 2),
	SET(ioctl, 1, UINT32_MAX),
	SET(ipc, 0, IPC_CALL),
	SET(kcmp, 2, UINT32_MAX),
	SET(keyctl, 0, UINT32_MAX),
	SET(landlock_add_rule, 1, UINT32_MAX),
	SET(msgctl, 1, IPC_COMMAND),
	SET(prctl, 0, UINT32_MAX),
	SET(ptrace, 0, UINT32_MAX),
	SET(quotactl, 0, 0xffffff00),
	SET(reboot, 2, UINT32_MAX),
	SET(seccomp, 0, UINT32_MAX),
	SET(semctl, 2, IPC_COMMAND),
	SET2(setsockopt, 1, 2),
	SET(shmctl, 1, IPC_COMMAND),
	SET(socketcall, 0, UINT32_MAX),
};

static const struct operation *find_row(const struct operation_set *set,
                                        const struct seccomp_data *call)
{
	uint32_t value = (uint32_t)call->args[set->index] & set->mask;
	uint32_t second = (uint32_t)call->args[set->second];

	for (size_t i = 0; i < *set->count; i++) {
		const struct operation *row = &set->rows[i];

		if (row->value == value &&
		    (!set->second || row->second == ANY || row->second == second))
			return row;
	}
	return NULL;
}

const struct argument *signature_arguments(const struct signature *signature,
                                           const struct seccomp_data *call)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct operation *row = NULL;

		if (strcmp(sets[i].name, signature->name) == 0)
			row = find_row(&sets[i], call);
		if (row)
			return row->args;
	}
	return signature->args;
}

unsigned signature_used(const struct signature *signature, const struct seccomp_data *call)
{
	const struct argument *args = signature_arguments(signature, call);
	unsigned used = 0;

	while (used < ARRAY_SIZE(signature->args) && args[used].name)
		used++;
	return used;
}

const struct argument *signature_argument(const struct signature *signature,
                                          const struct seccomp_data *call, unsigned index)
{
	const struct argument *args = signature_arguments(signature, call);

	if (index >= ARRAY_SIZE(signature->args))
		return NULL;
	if (args[index].name)
		return &args[index];
	return signature->args[index].name ? &signature->args[index] : NULL;
}

const struct operation_set *operation_set_at(size_t index)
{
	return index < ARRAY_SIZE(sets) ? &sets[index] : NULL;
}
