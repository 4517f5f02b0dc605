/* SPDX-License-Identifier: Apache-2.0 */
/* Denied calls, as rows of a table. */
#pragma once

#include "profiles/changes/suggestion.h"
#include "tests/support/profile_fixture.h"

enum { OBSERVED_ROWS_MAX = 16 };

struct observed_row {
	const char *name; /* or a number */
	uint64_t args[6];
	uint64_t count; /* 0: once */
	const char *comm;
	bool folded; /* its arguments are not known */
	bool i386;
};

static inline void observe_rows(const struct observed_row *rows, size_t n,
                                struct observed *ret_observed)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t arch = rows[i].i386 ? SCMP_ARCH_X86 : SCMP_ARCH_X86_64;

		ret_observed[i] = (struct observed){
			.call.arch = rows[i].i386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64,
			.call.nr = rows[i].name[0] <= '9'
			                   ? atoi(rows[i].name)
			                   : seccomp_syscall_resolve_name_arch(arch, rows[i].name),
			.has_args = !rows[i].folded,
			.count = rows[i].count ? rows[i].count : 1,
			.comm = rows[i].comm,
		};
		for (size_t j = 0; j < 6; j++)
			ret_observed[i].call.args[j] = rows[i].args[j];
	}
}
