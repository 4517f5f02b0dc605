/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule comes to on one host: whether its gates let it count, and which numbers its names
 * have in an ABI. Shared by the files behind profiles/ruleset.h; not for others.
 */
#pragma once

#include "profiles/ruleset.h"

/* Bit 30 of a number tells x32 from x86-64; the two share one AUDIT_ARCH. */
#define X32_BIT 0x40000000U

/* Why a rule's gates do not let it count. */
struct gate_result {
	enum miss why;
	uint64_t missing_caps; /* of MISS_CAPS */
};

/* Whether the rule counts on host; if not, *ret_result says why, the farthest obstacle first. */
bool rule_counts(const struct profile *profile, const struct rule *rule, const struct host *host,
                 struct gate_result *ret_result);

/* Whether the engine finds a host of this architecture in an archMap at all. */
bool arch_map_applies(const struct profile *profile, uint32_t scmp_arch);

/*
 * What libseccomp makes of one name in one ABI: a number of its own, a call multiplexed by
 * socketcall(2) or ipc(2), or both. A number that does not exist is -1, as is no pseudo number.
 */
struct numbers {
	int direct;
	int mux;           /* the number of socketcall or ipc */
	uint64_t mux_call; /* its first argument */
	/* A negative number under which libseccomp keeps, and checks, rules it has no code for. */
	int pseudo;
};

/* 0, or -ENOENT where libseccomp knows the name on no ABI. */
_must_check_ int numbers_resolve(uint32_t scmp_arch, const char *name, struct numbers *ret_numbers);

/* Whether libseccomp compares only the low 32 bits of this ABI's arguments. */
bool scmp_arch_is_32_bit(uint32_t scmp_arch);

/* AUDIT_ARCH_* of SCMP_ARCH_*. */
uint32_t scmp_arch_audit(uint32_t scmp_arch);

/* Whether an index occurs twice in args: then any of them is enough, else all must hold. */
bool comparisons_are_alternatives(const struct comparison *args, size_t n_args);
