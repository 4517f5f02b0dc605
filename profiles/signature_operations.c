/* SPDX-License-Identifier: Apache-2.0 */
/* Syscalls that take fewer arguments for some operations than for others. */
#include "profiles/signature.h"

#include <linux/keyctl.h>
#include <string.h>

#include "common/err.h"

/* How many arguments each operation of keyctl(2) looks at, itself included. */
static const unsigned char keyctl_counts[] = {
	[KEYCTL_GET_KEYRING_ID] = 3,
	[KEYCTL_JOIN_SESSION_KEYRING] = 2,
	[KEYCTL_UPDATE] = 4,
	[KEYCTL_REVOKE] = 2,
	[KEYCTL_CHOWN] = 4,
	[KEYCTL_SETPERM] = 3,
	[KEYCTL_DESCRIBE] = 4,
	[KEYCTL_CLEAR] = 2,
	[KEYCTL_LINK] = 3,
	[KEYCTL_UNLINK] = 3,
	[KEYCTL_SEARCH] = 5,
	[KEYCTL_READ] = 4,
	[KEYCTL_INSTANTIATE] = 5,
	[KEYCTL_NEGATE] = 4,
	[KEYCTL_SET_REQKEY_KEYRING] = 2,
	[KEYCTL_SET_TIMEOUT] = 3,
	[KEYCTL_ASSUME_AUTHORITY] = 2,
	[KEYCTL_GET_SECURITY] = 4,
	[KEYCTL_SESSION_TO_PARENT] = 1,
	[KEYCTL_REJECT] = 5,
	[KEYCTL_INSTANTIATE_IOV] = 5,
	[KEYCTL_INVALIDATE] = 2,
	[KEYCTL_GET_PERSISTENT] = 3,
};

/* One row a syscall; an operation that is not in counts, or 0 there, takes all arguments. */
static const struct {
	const char *name;
	const unsigned char *counts;
	size_t n_counts;
} rows[] = {
	{ "keyctl", keyctl_counts, ARRAY_SIZE(keyctl_counts) },
};

unsigned signature_used(const struct signature *signature, uint64_t operation)
{
	unsigned length = signature_length(signature);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t index = (uint32_t)operation; /* an int to the kernel */

		if (!signature->name || strcmp(rows[i].name, signature->name) != 0 ||
		    index >= rows[i].n_counts)
			continue;
		if (rows[i].counts[index] > 0 && rows[i].counts[index] < length)
			return rows[i].counts[index];
	}
	return length;
}
