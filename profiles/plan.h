/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each syscall is decided. The plan is the ruleset's decisions with some of them moved out
 * of the kernel; it never changes what the decision is.
 */
#pragma once

#include "profiles/ruleset.h"

enum plan_place {
	PLAN_KERNEL_ALLOW, /* constant, so the kernel's action bitmap skips the filter */
	PLAN_KERNEL_ARGS,  /* argument rules in BPF; what they do not allow is notified or denied */
	PLAN_KERNEL_DENY,  /* errno from the filter */
	PLAN_KERNEL,       /* kill, trap, trace, log: as written */
	PLAN_NOTIFY,       /* every call comes to the supervisor */
};

enum plan_why {
	PLAN_BY_PROFILE,   /* what the profile says leads here */
	PLAN_UNSAFE_RULES, /* argument rules that libseccomp cannot be trusted with */
	PLAN_ASKED,        /* named by a policy or by the caller */
};

/* One syscall of one ABI. */
struct plan_call {
	uint32_t arch; /* SCMP_ARCH_* */
	int nr;        /* with __X32_SYSCALL_BIT for x32 */
};

struct plan_options {
	bool deny_in_kernel; /* denials stay errno in the filter */
	bool complain;       /* nothing is refused by the kernel: errno, kill and trap notify */
	/* To be notified whatever the profile says of them, each once; other ABIs do not matter. */
	const struct plan_call *asked; /* borrowed for plan_build() alone */
	size_t n_asked;
};

struct plan_row {
	int nr;
	enum plan_place place;
	enum plan_why why;
	const struct syscall_rules *rules;
};

struct plan_abi {
	const struct abi *abi;
	struct plan_row *rows; /* one for each number that a rule names or that was asked; by nr */
	size_t n_rows;
	struct syscall_rules *unruled; /* of the rows that were asked for and have no rule */
};

struct plan {
	const struct ruleset *ruleset; /* outlives the plan */
	struct plan_options options;   /* without asked */
	struct plan_abi *abis;         /* in the ruleset's order */
	size_t n_abis;
	enum plan_place rest; /* numbers that no rule names */
};

_must_check_ int plan_build(const struct ruleset *ruleset, const struct plan_options *options,
                            struct plan **ret_plan);
void plan_free(struct plan *plan);
DEFINE_CLEANUP(struct plan *, plan_free)

/* What the filter must return for this call: SECCOMP_RET_* with its data. */
uint32_t plan_expect(const struct plan *plan, const struct seccomp_data *call);
