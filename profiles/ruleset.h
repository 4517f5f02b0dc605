/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile resolved for one host: its rules as lists per ABI and syscall number, in the order in
 * which libseccomp's filter tries them. ruleset_evaluate() is the reference meaning of a profile;
 * the BPF that profiles/compile makes is checked against it.
 */
#pragma once

#include <linux/seccomp.h>

#include "profiles/profile.h"

/* What a profile is resolved for. */
struct host {
	uint32_t arch; /* SCMP_ARCH_* of the native ABI */
	uint64_t caps; /* held by the container's bounding set; bit N is capability N */
	struct kernel_version kernel;
};

/* This machine's ABI and kernel, with Docker's default capabilities. */
void host_here(struct host *ret_host);

/* Docker's 14 default capabilities (moby, daemon/pkg/oci/caps). */
uint64_t host_docker_caps(void);

/* One rule as it applies to one syscall number: all of args must hold. */
struct match {
	const struct rule *rule; /* never NULL; owned by the profile */
	struct action action;
	struct comparison args[6];
	unsigned n_args;
};

struct syscall_rules {
	int nr;                /* with __X32_SYSCALL_BIT for x32 */
	struct match *matches; /* the first that holds decides */
	size_t n_matches;
};

struct abi {
	uint32_t scmp_arch;  /* SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32 */
	uint32_t audit_arch; /* AUDIT_ARCH_*: X86_64 and X32 share one */
	/* Numbers above it are newer than the profile: ENOSYS (runc's rule). 0: there is no such
	 * rule. */
	unsigned newest;
	struct syscall_rules *syscalls; /* sorted by nr */
	size_t n_syscalls;
};

struct ruleset {
	const struct profile *profile; /* outlives the ruleset */
	struct host host;
	struct action default_action;
	struct action bad_arch_action; /* a call of an ABI that is not in abis */
	struct abi *abis;              /* the native one first */
	size_t n_abis;
};

/*
 * Resolves. Rule conflicts that make the runtimes refuse the profile (the same condition with two
 * actions) are errors in diags and -EBADMSG; names that libseccomp does not know are skipped, as
 * the runtimes do. The profile is borrowed.
 */
_must_check_ int ruleset_build(const struct profile *profile, const struct host *host,
                               struct diags *diags, struct ruleset **ret_ruleset);
void ruleset_free(struct ruleset *ruleset);
DEFINE_CLEANUP(struct ruleset *, ruleset_free)

enum decided_by {
	DECIDED_BY_RULE,
	DECIDED_BY_DEFAULT,
	DECIDED_BY_NEWER,    /* the ENOSYS rule for syscalls newer than the profile */
	DECIDED_BY_BAD_ARCH, /* an ABI that the profile does not cover */
};

struct decision {
	struct action action;
	enum decided_by by;
	const struct rule *rule; /* of DECIDED_BY_RULE, else NULL */
};

/* Decides a call. Allocates nothing, cannot fail, O(log syscalls + rules of this syscall). */
void ruleset_evaluate(const struct ruleset *ruleset, const struct seccomp_data *call,
                      struct decision *ret_decision);

/* The ABI of a call, or NULL. x32 is told from x86-64 by bit 30 of the number. */
const struct abi *ruleset_abi(const struct ruleset *ruleset, const struct seccomp_data *call);
/* The rules of one number, or NULL. */
const struct syscall_rules *abi_syscall(const struct abi *abi, int nr);

bool comparison_holds(const struct comparison *comparison, bool abi_is_32_bit,
                      const struct seccomp_data *call);

/* Why a rule that names the syscall did not decide a denied call. */
enum miss {
	MISS_CAPS,     /* its includes want a capability that is not held */
	MISS_EXCLUDED, /* its excludes name something that is there */
	MISS_ARCH,     /* its includes want another architecture */
	MISS_KERNEL,   /* its includes want a newer kernel */
	MISS_ARGS,     /* an argument condition does not hold */
};

struct near_miss {
	const struct rule *rule;
	enum miss why;
	uint64_t missing_caps;               /* of MISS_CAPS */
	const struct comparison *comparison; /* of MISS_ARGS: the first that does not hold */
};

/*
 * The rules that name this call's syscall and would have allowed it, nearest first: at most max.
 * Walks the whole profile: for reports, not for decisions. Returns how many were written.
 */
size_t ruleset_near_misses(const struct ruleset *ruleset, const struct seccomp_data *call,
                           struct near_miss *ret_misses, size_t max);
