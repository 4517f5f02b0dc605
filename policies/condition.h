/* SPDX-License-Identifier: Apache-2.0 */
/* One condition of a rule on one argument, bound to a syscall: the register, its width, the rest.
 */
#pragma once

#include "policies/glob.h"
#include "policies/net.h"
#include "policies/view.h"
#include "profiles/profile.h"
#include "profiles/arguments/signature.h"

enum condition_kind {
	CONDITION_COMPARE, /* SCMP_CMP_*; unsigned */
	CONDITION_IN,      /* one of some values */
	CONDITION_FLAGS,   /* named bits are set or not */
	CONDITION_STRING,  /* a glob over the string as the target wrote it */
	CONDITION_PATH,    /* a glob over the path that it resolves to */
	CONDITION_NET,     /* an address pattern */
	CONDITION_KIND_COUNT,
};

/* (value & mask) == value: one bit, several, or one value of a field of bits. */
struct flag_bits {
	uint64_t mask;
	uint64_t value;
};

struct flags {
	const struct flag_bits *all, *any, *none;
	size_t n_all, n_any, n_none;
};

/* Where the value is that a condition looks at. */
struct operand {
	uint8_t index;  /* of the register */
	uint8_t length; /* of the register with the length, for a struct and a socket address */
	bool is_32_bit; /* the kernel takes the low 32 bits of the register */
	bool message;   /* the register points to a struct msghdr, and the address is in there */
	bool reached;   /* the call goes to the address; a bind does not */
	const struct field *field; /* a member of the struct behind the register, or NULL */
};

struct condition {
	enum condition_kind kind;
	struct operand operand;
	union {
		struct comparison compare; /* its index is not used */
		struct {
			const uint64_t *values;
			size_t n_values;
		};
		struct flags flags;
		struct { /* any of them */
			const char *const *globs;
			size_t n_globs;
		};
		struct {
			const struct net_pattern *nets;
			size_t n_nets;
		};
	};
};

/* Whether it looks behind a pointer, where the target can write meanwhile. */
bool condition_reads_memory(const struct condition *condition);

/* 1 where it holds, 0 where not; -errno of the view where that could not be seen. */
_must_check_ int condition_holds(const struct condition *condition, struct view *view);

/* The address that the operand of a CONDITION_NET is about. 0, or -errno as the kernel has it. */
_must_check_ int operand_address(const struct operand *operand, struct view *view,
                                 struct net_address *ret_address);

/* "path", "net", "flags", "SCMP_CMP_EQ" for a condition's kind and operator. */
const char *condition_op_name(const struct condition *condition);
