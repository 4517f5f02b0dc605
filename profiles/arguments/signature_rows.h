/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the rows of the signatures_*.c files are written, and what signature.c makes one table of.
 * Each file is sorted by name. The names of arguments are the man pages', the widths those of the
 * kernel's own definitions (SYSCALL_DEFINE), which man pages do not always tell.
 */
#pragma once

#include "common/err.h"
#include "profiles/arguments/constants.h"

/* clang-format off */
#define ROW(syscall, ...) { #syscall, { __VA_ARGS__ } }

#define INT(name) { name, ARGUMENT_INT, 0, NULL }
#define UINT(name) { name, ARGUMENT_UINT, 0, NULL }
#define LONG(name) { name, ARGUMENT_LONG, 0, NULL }
#define SIZE(name) { name, ARGUMENT_SIZE, 0, NULL }
#define HEX(name) { name, ARGUMENT_HEX, 0, NULL }
#define NAMED_HEX(name, set) { name, ARGUMENT_HEX, 0, constants_##set }
#define ID(name) { name, ARGUMENT_UINT, 0, constants_id }
#define FD(name) { name, ARGUMENT_FD, 0, NULL }
#define PIDFD(name) { name, ARGUMENT_FD, 0, constants_pidfd }
#define PID(name) { name, ARGUMENT_PID, 0, NULL }
#define MODE(name) { name, ARGUMENT_MODE, 0, NULL }
#define FILE_MODE(name) { name, ARGUMENT_MODE, 0, constants_file_type }
#define OPEN_MODE(name, flags) { name, ARGUMENT_OPEN_MODE, flags, NULL }
#define ENUM(name, set) { name, ARGUMENT_ENUM, 0, constants_##set }
#define ENUM64(name, set) { name, ARGUMENT_ENUM64, 0, constants_##set }
#define FLAGS(name, set) { name, ARGUMENT_FLAGS, 0, constants_##set }
#define FLAGS64(name, set) { name, ARGUMENT_FLAGS64, 0, constants_##set }
#define CLONE_FLAGS(name) { name, ARGUMENT_CLONE_FLAGS, 0, constants_clone }
#define SOCK_TYPE(name) { name, ARGUMENT_SOCK_TYPE, 0, constants_sock_type }
#define PROTOCOL(name, family) { name, ARGUMENT_PROTOCOL, family, NULL }
#define DEVICE(name) { name, ARGUMENT_DEVICE, 0, NULL }
#define SIGNAL(name) { name, ARGUMENT_SIGNAL, 0, NULL }
#define POINTER(name) { name, ARGUMENT_POINTER, 0, NULL }
#define ADDRESS(name) { name, ARGUMENT_ADDRESS, 0, NULL }
#define OUT(name) { name, ARGUMENT_OUT, 0, NULL }
#define PATH(name) { name, ARGUMENT_PATH, 0, NULL }
#define STRING(name) { name, ARGUMENT_STRING, 0, NULL }
#define BYTES(name, length) { name, ARGUMENT_BYTES, length, NULL }
#define SOCKADDR(name, length) { name, ARGUMENT_SOCKADDR, length, NULL }
#define ENVIRONMENT(name) { name, ARGUMENT_ENVIRONMENT, 0, NULL }
#define STRUCT(name, type, length) { name, ARGUMENT_##type, length, NULL }
#define ONE(name, type) STRUCT(name, type, 0)
#define SIGSET(name) ONE(name, SIGSET_POINTER)
#define KEY(name) { name, ARGUMENT_INT, 0, constants_keyring }

/* Reserved numbers that Linux never gave a meaning, or took it away. */
#define UNKNOWN HEX("arg1"), HEX("arg2"), HEX("arg3"), HEX("arg4"), HEX("arg5"), HEX("arg6")
/* clang-format on */

#define SIGNATURES(topic)                                                                          \
	extern const struct signature signatures_##topic[];                                        \
	extern const size_t signatures_##topic##_count

SIGNATURES(paths);
SIGNATURES(descriptors);
SIGNATURES(sockets);
SIGNATURES(processes);
SIGNATURES(memory);
SIGNATURES(system);
SIGNATURES(compat);
SIGNATURES(i386);
