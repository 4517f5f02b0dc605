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
	ARGUMENT_MODE,      /* octal, below a field of constants */
	ARGUMENT_OPEN_MODE, /* taken only where the open flags in argument `length` create a file */
	ARGUMENT_ENUM,      /* 32 bits, exactly one of constants */
	ARGUMENT_ENUM64,    /* 64 bits, exactly one of constants */
	ARGUMENT_FLAGS,     /* 32 bits, an or of constants */
	ARGUMENT_FLAGS64,   /* 64 bits, an or of constants */
	ARGUMENT_CLONE_FLAGS, /* low byte a signal, the rest constants */
	ARGUMENT_SOCK_TYPE,   /* an enum with SOCK_NONBLOCK and SOCK_CLOEXEC in it */
	ARGUMENT_PROTOCOL,    /* an enum that depends on the address family in argument `length` */
	ARGUMENT_DEVICE,      /* dev_t */
	ARGUMENT_SIGNAL,
	ARGUMENT_POINTER,    /* hexadecimal, NULL for 0 */
	ARGUMENT_PATH,       /* char *, NUL-terminated, at most PATH_MAX */
	ARGUMENT_STRING,     /* char *, NUL-terminated */
	ARGUMENT_BYTES,      /* char * with its length in argument `length` */
	ARGUMENT_SOCKADDR,   /* struct sockaddr * with its length in argument `length` */
	ARGUMENT_CLONE_ARGS, /* struct clone_args * with its size in argument `length` */
	ARGUMENT_OPEN_HOW,   /* struct open_how * with its size in argument `length` */
	ARGUMENT_MOUNT_ATTR, /* struct mount_attr * with its size in argument `length` */
	ARGUMENT_TYPE_COUNT,
};

struct constant {
	const char *name;
	uint64_t value;
	uint64_t mask; /* of a field inside flags (S_IFMT, O_ACCMODE): the field's bits; else 0 */
};

struct argument {
	const char *name; /* as in the man page: "dirfd"; NULL after the last */
	enum argument_type type;
	unsigned char length; /* index of the argument that holds the length */
	/* Static, ends with a row whose name is NULL. For plain numbers: names of some values. */
	const struct constant *constants;
};

struct signature {
	const char *name; /* of the syscall */
	struct argument args[6];
};

/* One member of a struct that an argument points to. */
struct field {
	struct argument argument;
	unsigned char offset;
	unsigned char size; /* 4 or 8 */
	bool always;        /* shown also where it is 0 */
};

struct layout {
	const struct field *fields;
	size_t n_fields;
	size_t size; /* of all the members that have a name here */
};

/*
 * The row of a syscall name, or NULL: then six hexadecimal numbers are shown. arch is SCMP_ARCH_*:
 * i386 gives a few names other arguments.
 */
const struct signature *signature_find(uint32_t arch, const char *syscall_name);

/* How many arguments the row has. */
unsigned signature_length(const struct signature *signature);

/*
 * How many of them the kernel looks at when the first argument is operation: keyctl(2) leaves the
 * others as the caller's registers happen to be.
 */
unsigned signature_used(const struct signature *signature, uint64_t operation);

/* The members of ARGUMENT_CLONE_ARGS and the like; NULL where the type is no struct. */
const struct layout *signature_layout(enum argument_type type);

/* Whether the kernel takes only the low 32 bits of the register. */
bool argument_is_32_bit(enum argument_type type);

/* The rows one after the other, for tests: NULL after the last. */
const struct signature *signature_at(size_t index);
