/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as a person names it: a path. */
#pragma once

#include "policies/policy.h"

/* A policy read, with everything that was said on the way. */
struct loaded_policy {
	struct diags diags;
	struct policy *policy; /* NULL where it has errors */
};

enum { GENERATION_FIRST = 1 };

/*
 * Reads a policy for this machine's ABIs (scmp_arch 0) or another's, as this generation. 0, or
 * -errno with diags saying why; prints nothing. Release with loaded_policy_deinit() in either case.
 */
_must_check_ int loaded_policy_open(const char *path, uint32_t scmp_arch, uint32_t generation,
                                    struct loaded_policy *ret_loaded);
void loaded_policy_deinit(struct loaded_policy *loaded);

/* Whether path is a file that can be read, and holds a policy rather than a profile. */
bool policy_file_recognised(const char *path);

/*
 * The first syscall whose allows this version cannot answer as its class demands, and its class in
 * *ret_class; NULL where all of the policy can be enforced. can_freeze: on a target that is put
 * into a cgroup of ours.
 */
const struct policy_syscall *policy_unenforced(const struct policy *policy, bool can_freeze,
                                               enum policy_class *ret_class);
