/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A syscall as a person types it, in C's and strace's words:
 *
 *   socket(AF_ALG, SOCK_SEQPACKET, 0)    mount("tmpfs", "/mnt", "tmpfs", 0, NULL)
 *   syscall_470(1, 0x10)                 unshare
 *
 * A constant is one of the argument's own table; a string, a struct in braces and a shortened
 * address stand for some pointer. What strace puts behind the call ("= -1 EPERM") is passed over.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/diag.h"

struct typed_call {
	uint32_t arch; /* SCMP_ARCH_* of the ABI that has the name */
	struct seccomp_data call;
	unsigned n_args;   /* that were typed */
	bool missing;      /* there are more, which are taken as 0 */
	unsigned pointers; /* bit N: args[N] stands for some pointer, not for its value */
	size_t length;     /* in bytes, up to the closing parenthesis */
};

/*
 * The first of archs (SCMP_ARCH_*) that has the name is the call's ABI. 0, or -EBADMSG with every
 * mistake in diags, at its column.
 */
_must_check_ int typed_call_parse(const char *text, const uint32_t *archs, size_t n_archs,
                                  struct diags *diags, struct typed_call *ret_call);
