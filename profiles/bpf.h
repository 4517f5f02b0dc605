/* SPDX-License-Identifier: Apache-2.0 */
/* The classic-BPF machine of seccomp(2): what the kernel would return, without installing. */
#pragma once

#include <linux/seccomp.h>
#include <stdint.h>

#include "common/err.h"
#include "profiles/filter.h"

/*
 * Runs the filter on one call. 0 and *ret_action (SECCOMP_RET_*, with data), or -EINVAL for a
 * program that the kernel's checker would refuse (bad opcode, jump or load outside).
 */
_must_check_ int bpf_run(const struct filter *filter, const struct seccomp_data *call,
                         __u32 *ret_action);

/* Whether the kernel's checker accepts the program: 0 or -EINVAL. */
_must_check_ int bpf_check(const struct filter *filter);

/* bpf_run() of a program that bpf_check() accepted: for many calls of one filter. */
uint32_t bpf_run_checked(const struct filter *filter, const struct seccomp_data *call);
