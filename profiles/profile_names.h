/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a profile: actions, operators, architectures, capabilities, flags, errnos. Spelling
 * is exact, as the runtimes have it. Each search offers its words to near (common/near.h) where it
 * is given one, so that who finds nothing can say what was meant.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/near.h"
#include "profiles/profile.h"

bool action_by_name(const char *name, enum action_kind *ret_kind, struct near *near);
bool compare_by_name(const char *name, enum compare *ret_op, struct near *near);

/* Whether an action carries a number: ERRNO and TRACE do. */
bool action_has_number(enum action_kind kind);

/* "SCMP_ARCH_X86_64" to the value that libseccomp calls so: the 18 names that runc knows. */
bool arch_by_name(const char *name, uint32_t *ret_arch, struct near *near);

/* The first, or NULL where runc has no name for it. */
const char *arch_name(uint32_t arch);

/*
 * As crun reads it: the prefix is optional, case is free after it, and NATIVE and everything else
 * that libseccomp knows is good.
 */
bool arch_by_loose_name(const char *name, uint32_t *ret_arch);

/* "SCMP_ARCH_AARCH64" for "arm64", "aarch64" and the like: what was meant, or NULL. */
const char *arch_meant(const char *name);

/* Whether the libseccomp in use can filter an architecture at all. */
bool arch_supported(uint32_t arch);

/* Whether a gate's `arches` can name a host so: Go's names ("amd64"), as moby has them. */
bool host_arch_by_name(const char *name, struct near *near);
/* "amd64" for "x86_64", "SCMP_ARCH_X86_64" and the like: what was meant, or NULL. */
const char *host_arch_meant(const char *name);

/* "CAP_CHOWN" to its number (linux/capability.h). */
bool capability_by_name(const char *name, unsigned *ret_number, struct near *near);
/* NULL for a number that has no name. */
const char *capability_name(unsigned number);

/* "EPERM" to 1, with the aliases of errno(3). */
bool errno_by_name(const char *name, unsigned *ret_number, struct near *near);

enum flag {
	FLAG_TSYNC,
	FLAG_LOG,
	FLAG_SPEC_ALLOW,
	FLAG_WAIT_KILLABLE_RECV,
};

/* "SECCOMP_FILTER_FLAG_LOG": the four that runc and crun know. */
bool flag_by_name(const char *name, enum flag *ret_flag, struct near *near);
