/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls whose arguments depend on one of them: one row an operation, with all its arguments, and
 * as many as the kernel looks at. What has no row is as the signature says.
 */
#pragma once

#include "profiles/arguments/signature_rows.h"

/* Stands for every value of the second choosing argument; its row comes after the others. */
#define ANY UINT64_MAX

struct operation {
	uint64_t value;  /* of the argument that chooses */
	uint64_t second; /* of the second one, where the set has one */
	struct argument args[6];
};

struct operation_set {
	const char *name; /* of the syscall */
	unsigned char index;
	unsigned char second; /* 0 where one argument chooses */
	uint32_t mask;        /* of the bits that choose */
	const struct operation *rows;
	const size_t *count;
};

/* clang-format off */
#define OPERATION(value, ...) { value, 0, { __VA_ARGS__ } }
#define OPERATION2(value, second, ...) { value, second, { __VA_ARGS__ } }
/* clang-format on */

#define OPERATIONS(call)                                                                           \
	extern const struct operation operations_##call[];                                         \
	extern const size_t operations_##call##_count

OPERATIONS(arch_prctl);
OPERATIONS(bpf);
OPERATIONS(fcntl);
OPERATIONS(fsconfig);
OPERATIONS(futex);
OPERATIONS(getsockopt);
OPERATIONS(ioctl);
OPERATIONS(ipc);
OPERATIONS(kcmp);
OPERATIONS(keyctl);
OPERATIONS(landlock_add_rule);
OPERATIONS(msgctl);
OPERATIONS(prctl);
OPERATIONS(ptrace);
OPERATIONS(quotactl);
OPERATIONS(reboot);
OPERATIONS(seccomp);
OPERATIONS(semctl);
OPERATIONS(setsockopt);
OPERATIONS(shmctl);
OPERATIONS(socketcall);
