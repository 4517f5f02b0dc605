/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the arguments of each syscall are: one row a syscall, with the man page's names. The rows
 * say how to show an argument, which memory it points to, and how wide the kernel takes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum argument_type {
	ARGUMENT_NONE, /* after the last argument */
	ARGUMENT_INT,  /* signed 32 bits, decimal */
	ARGUMENT_UINT, /* unsigned 32 bits, decimal */
	ARGUMENT_LONG, /* signed 64 bits, decimal */
	ARGUMENT_SIZE, /* unsigned 64 bits, decimal */
	ARGUMENT_HEX,  /* 64 bits, hexadecimal */
	ARGUMENT_FD,   /* int; AT_FDCWD by name */
	ARGUMENT_PID,
	ARGUMENT_MODE,        /* octal */
	ARGUMENT_ENUM,        /* 32 bits, exactly one of constants */
	ARGUMENT_FLAGS,       /* 32 bits, an or of constants */
	ARGUMENT_FLAGS64,     /* 64 bits, an or of constants */
	ARGUMENT_CLONE_FLAGS, /* low byte a signal, the rest constants */
	ARGUMENT_SOCK_TYPE,   /* an enum with SOCK_NONBLOCK and SOCK_CLOEXEC in it */
	ARGUMENT_DEVICE,      /* dev_t */
	ARGUMENT_SIGNAL,
	ARGUMENT_POINTER,    /* hexadecimal, NULL for 0 */
	ARGUMENT_PATH,       /* char *, NUL-terminated, at most PATH_MAX */
	ARGUMENT_STRING,     /* char *, NUL-terminated */
	ARGUMENT_BYTES,      /* char * with its length in argument `length` */
	ARGUMENT_SOCKADDR,   /* struct sockaddr * with its length in argument `length` */
	ARGUMENT_CLONE_ARGS, /* struct clone_args * with its size in argument `length` */
	ARGUMENT_OPEN_HOW,   /* struct open_how * with its size in argument `length` */
	ARGUMENT_TYPE_COUNT,
};

struct constant {
	const char *name;
	uint64_t value;
	uint64_t mask; /* of a field inside flags (S_IFMT, O_ACCMODE): the field's bits; else 0 */
};

/* A set of constants; static, ends with a row whose name is NULL. */
struct argument {
	const char *name; /* as in the man page: "dirfd" */
	enum argument_type type;
	unsigned char length; /* index of the argument that holds the length */
	const struct constant *constants;
};

struct signature {
	const char *name; /* of the syscall */
	struct argument args[6];
};

/* The row of a syscall name, or NULL: then six hexadecimal numbers are shown. */
const struct signature *signature_find(const char *syscall_name);

/* How many arguments the row has. */
unsigned signature_length(const struct signature *signature);

/* Every row, for tests: count in *ret_count. */
const struct signature *signature_all(size_t *ret_count);
