/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the arguments of each syscall are: one row a syscall, with the man page's names. The rows
 * say how to show an argument, which memory it points to, and how wide the kernel takes it.
 */
#pragma once

#include <linux/seccomp.h>
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
	ARGUMENT_SIGSET,       /* 64 signals, bit N is signal N + 1 */
	ARGUMENT_CAPABILITIES, /* a member: the low half here, the high half 12 bytes on */
	ARGUMENT_NAME,         /* a member: characters up to a NUL or the member's end */
	ARGUMENT_BITSET,       /* a member: the numbers of the bits that are set */
	/* From here on pointers. */
	ARGUMENT_POINTER,     /* to memory that is not read: the rows' test says why */
	ARGUMENT_ADDRESS,     /* a place in an address space, whatever is there */
	ARGUMENT_OUT,         /* memory that the kernel only writes */
	ARGUMENT_PATH,        /* char *, NUL-terminated, at most PATH_MAX */
	ARGUMENT_STRING,      /* char *, NUL-terminated */
	ARGUMENT_BYTES,       /* char * with its length in argument `length` */
	ARGUMENT_SOCKADDR,    /* struct sockaddr * with its length in argument `length` */
	ARGUMENT_ENVIRONMENT, /* char **: counted, never read, for secrets stand there */
	/* Pointers to structs and lists; signature_layout() says what is in them. */
	ARGUMENT_FIRST_LAYOUT,
	ARGUMENT_ARGV = ARGUMENT_FIRST_LAYOUT,
	ARGUMENT_BPF_ATTACH,
	ARGUMENT_BPF_BTF_LOAD,
	ARGUMENT_BPF_ELEM,
	ARGUMENT_BPF_FD,
	ARGUMENT_BPF_ID,
	ARGUMENT_BPF_INFO,
	ARGUMENT_BPF_LINK_CREATE,
	ARGUMENT_BPF_LINK_UPDATE,
	ARGUMENT_BPF_MAP_CREATE,
	ARGUMENT_BPF_OBJ,
	ARGUMENT_BPF_PROG_LOAD,
	ARGUMENT_BPF_QUERY,
	ARGUMENT_BPF_RAW_TRACEPOINT,
	ARGUMENT_CAP_DATA,
	ARGUMENT_CAP_HEADER,
	ARGUMENT_CHAR,
	ARGUMENT_CLONE_ARGS,
	ARGUMENT_CLONE_RANGE,
	ARGUMENT_CPU_SET,
	ARGUMENT_EPOLL_DATA,
	ARGUMENT_EPOLL_EVENT,
	ARGUMENT_FILE_ATTR,
	ARGUMENT_FILE_FLAGS,
	ARGUMENT_FLOCK,
	ARGUMENT_FSXATTR,
	ARGUMENT_FUTEX_WAITV,
	ARGUMENT_GROUPS,
	ARGUMENT_IFREQ,
	ARGUMENT_IFREQ_ADDRESS,
	ARGUMENT_IFREQ_FLAGS,
	ARGUMENT_IFREQ_INT,
	ARGUMENT_IFREQ_TUN,
	ARGUMENT_INT_VALUE,
	ARGUMENT_IO_URING_PARAMS,
	ARGUMENT_IOVEC,
	ARGUMENT_IOVEC_ADDRESS,
	ARGUMENT_ITIMERSPEC,
	ARGUMENT_ITIMERSPEC64,
	ARGUMENT_ITIMERVAL,
	ARGUMENT_KVM_REGION,
	ARGUMENT_LANDLOCK_NET_PORT,
	ARGUMENT_LANDLOCK_PATH,
	ARGUMENT_LANDLOCK_RULESET,
	ARGUMENT_LINGER,
	ARGUMENT_LOOP_CONFIG,
	ARGUMENT_LOOP_INFO,
	ARGUMENT_MMSGHDR,
	ARGUMENT_MNT_ID_REQ,
	ARGUMENT_MOUNT_ATTR,
	ARGUMENT_MQ_ATTR,
	ARGUMENT_MSGBUF,
	ARGUMENT_MSGHDR,
	ARGUMENT_MSGHDR_RECEIVE,
	ARGUMENT_OFFSET,
	ARGUMENT_OPEN_HOW,
	ARGUMENT_OPTION_INT,
	ARGUMENT_OWNER_EX,
	ARGUMENT_PERF_ATTR,
	ARGUMENT_PID_LIST,
	ARGUMENT_POLLFD,
	ARGUMENT_PTRACE_IOVEC,
	ARGUMENT_RANGE,
	ARGUMENT_RLIMIT,
	ARGUMENT_RLIMIT64,
	ARGUMENT_RW_HINT,
	ARGUMENT_SCHED_ATTR,
	ARGUMENT_SCHED_PARAM,
	ARGUMENT_SECCOMP_ACTION,
	ARGUMENT_SEMBUF,
	ARGUMENT_SIGACTION,
	ARGUMENT_SIGALTSTACK,
	ARGUMENT_SIGEVENT,
	ARGUMENT_SIGINFO,
	ARGUMENT_SIGSET_ARGUMENT,
	ARGUMENT_SIGSET_LIST,
	ARGUMENT_SIGSET_POINTER,
	ARGUMENT_SIGVAL,
	ARGUMENT_SOCK_FPROG,
	ARGUMENT_SOCKETCALL_ADDRESS,
	ARGUMENT_SOCKETCALL_LISTEN,
	ARGUMENT_SOCKETCALL_MSG,
	ARGUMENT_SOCKETCALL_OPTION,
	ARGUMENT_SOCKETCALL_SHUTDOWN,
	ARGUMENT_SOCKETCALL_SOCKET,
	ARGUMENT_TIMESPEC,
	ARGUMENT_TIMESPEC64,
	ARGUMENT_TIMESPECS,
	ARGUMENT_TIMESPECS64,
	ARGUMENT_TIMEVAL,
	ARGUMENT_TIMEVALS,
	ARGUMENT_USERFAULT_API,
	ARGUMENT_USERFAULT_COPY,
	ARGUMENT_USERFAULT_REGISTER,
	ARGUMENT_USER_DESC,
	ARGUMENT_UTIMBUF,
	ARGUMENT_WINSIZE,
	ARGUMENT_XATTR_ARGS,
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

/*
 * One member of a struct. A member that is a pointer names by argument.length the member that holds
 * the length, as an argument does; one that is a struct of a fixed size lies in place.
 */
struct field {
	struct argument argument;
	uint16_t offset;
	uint16_t size; /* 1, 2, 4 or 8; of characters and of structs in place, any */
	bool always;   /* shown also where it is 0 */
};

/* How much memory an argument points to. */
enum layout_extent {
	LAYOUT_ONE,        /* one, `size` bytes */
	LAYOUT_SIZED,      /* one, as many bytes as argument `length` says */
	LAYOUT_SELF_SIZED, /* one; its member at offset self_size says how many bytes */
	LAYOUT_COUNTED,    /* as many as argument `length` says */
	LAYOUT_TERMINATED, /* up to one that is 0 */
};

enum layout_form {
	LAYOUT_STRUCT, /* {a=1, b=2} */
	LAYOUT_LIST,   /* [1]: one member, without its name */
	LAYOUT_BARE,   /* the same, and without the brackets */
};

struct layout {
	const char *name; /* in JSON */
	const struct field *fields;
	size_t n_fields;
	size_t size; /* of all the members that have a name here */
	enum layout_extent extent;
	enum layout_form form;
	uint16_t self_size;
	bool compat; /* 32-bit callers lay it out in the same way */
};

/*
 * The row of a syscall name, or NULL: then six hexadecimal numbers are shown. arch is SCMP_ARCH_*:
 * i386 gives a few names other arguments.
 */
const struct signature *signature_find(uint32_t arch, const char *syscall_name);

/* How many arguments the row has. */
unsigned signature_length(const struct signature *signature);

/*
 * The arguments of this call: where one of them chooses the operation, and the operation has a row
 * of its own, that row; else the signature's. Six, those after the last without a name.
 */
const struct argument *signature_arguments(const struct signature *signature,
                                           const struct seccomp_data *call);

/* How many arguments the kernel looks at: it leaves the other registers as they happen to be. */
unsigned signature_used(const struct signature *signature, const struct seccomp_data *call);

/*
 * One of them; where the operation does not look at it, what the signature says. NULL where that
 * has no such argument either.
 */
const struct argument *signature_argument(const struct signature *signature,
                                          const struct seccomp_data *call, unsigned index);

/* What is in the memory that an argument of this type points to; NULL where it is no struct. */
const struct layout *signature_layout(enum argument_type type);

/*
 * Whether the memory behind an argument of this type is read, where the caller is of a 32-bit ABI
 * (compat) or not.
 */
bool argument_is_read(enum argument_type type, bool compat);

/* Whether the member points to memory that is read too. */
bool field_is_pointer(const struct field *field);

/* The number in a member, without its sign; false where the length bytes end before it. */
bool field_number(const struct field *field, const char *bytes, size_t length, uint64_t *ret_value);

/* Whether the register holds an address, whatever is there. */
bool argument_is_pointer(enum argument_type type);

/* Whether the kernel takes only the low 32 bits of the register. */
bool argument_is_32_bit(enum argument_type type);

/* The rows one after the other, for tests: NULL after the last. */
const struct signature *signature_at(size_t index);

/* The rows of operations one after the other, for tests: NULL after the last. */
struct operation_set;
const struct operation_set *operation_set_at(size_t index);
