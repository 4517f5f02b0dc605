/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy: ordered rules for notified calls; the first that matches decides. Read once, bound to
 * the syscalls of this machine's ABIs, and never changed after that: another policy is another
 * object with another generation.
 */
#pragma once

#include "common/diag.h"
#include "policies/arena.h"
#include "policies/limit.h"
#include "policies/ways.h"
#include "policies/who.h"
#include "profiles/plan.h"

enum {
	POLICY_RULES_MAX = 4096,
	POLICY_MATCHES_MAX = 1 << 16, /* of all rules together: names times ABIs */
	POLICY_LIMITS_MAX = 256,
	ASK_SECONDS_DEFAULT = 30,
	ASK_SECONDS_MAX = 3600,
};

enum policy_action {
	POLICY_ALLOW,
	POLICY_ERRNO,
	POLICY_RETURN, /* the call is skipped and returns a value */
	POLICY_KILL,   /* the process dies */
	POLICY_ASK,    /* a person; the denial stands where none answers in time */
	POLICY_ACTION_COUNT,
};

/* "SCMP_ACT_ALLOW", "ask": the first spelling of each. */
const char *policy_action_name(enum policy_action action);

enum policy_log {
	POLICY_LOG_DEFAULT, /* what is allowed is not told, all else is */
	POLICY_LOG_ALWAYS,
	POLICY_LOG_NEVER,
};

struct policy_rule {
	size_t index;       /* in the file's `rules`, from 0 */
	struct place place; /* of the rule's opening brace */
	const char *const *names;
	size_t n_names;
	const struct who *when; /* NULL: any caller */
	enum policy_action action;
	uint16_t error;       /* of ERRNO 1..4094 or 0, of KILL and ASK 1..4094 */
	uint16_t ask_seconds; /* of ASK */
	int64_t value;        /* of RETURN */
	struct limit limit;
	unsigned limit_index; /* below POLICY_LIMITS_MAX, where there is a limit */
	uint64_t identity;    /* of the rule's text but for its comment, where there is a limit */
	enum policy_log log;
	bool advisory;
	const char *comment; /* may be NULL */
};

/* A rule as it applies to one syscall: all of the conditions must hold, and `when`. */
struct policy_match {
	const struct policy_rule *rule;
	const struct condition *conditions;
	size_t n_conditions;
	bool opaque; /* the arguments stand in memory, where no condition sees them */
};

/* What the answer to an allowed call may be trusted with (DESIGN: "What may be trusted"). */
enum policy_class {
	CLASS_REGISTERS, /* the rules look at the registers and the caller: CONTINUE */
	CLASS_PERFORMED, /* they look at memory: the supervisor makes the call */
	CLASS_FROZEN,    /* they look at memory, and only the target can make the call */
	CLASS_ADVISORY,  /* they look at memory, and CONTINUE all the same: the author said so */
	CLASS_COUNT,
};

const char *policy_class_name(enum policy_class class); /* "registers" */

/*
 * The rules on one syscall of one ABI. On i386 a call can also come through socketcall(2) or
 * ipc(2): then nr is the multiplexer's, and mux_call its first argument.
 */
struct policy_syscall {
	uint32_t arch; /* SCMP_ARCH_* */
	int nr;        /* with __X32_SYSCALL_BIT for x32 */
	bool muxed;
	uint32_t mux_call;
	const char *name;
	enum policy_class class;
	const struct way_row *way;          /* or NULL */
	const struct policy_match *matches; /* in the order of the file */
	size_t n_matches;
};

struct policy {
	const char *name; /* as the file has it, or else as the user named it */
	const char *file; /* for file:line */
	char sha256[65];  /* of the file's bytes, hexadecimal */
	uint32_t generation;
	uint32_t arch;        /* SCMP_ARCH_* of the native ABI */
	const char *profile;  /* the profile it is meant for; NULL: it does not say */
	bool allow_unmatched; /* what the profile notifies and nobody has a rule for */
	struct policy_rule *rules;
	size_t n_rules;
	unsigned n_limits;
	struct policy_syscall *syscalls; /* sorted by arch, nr, mux_call */
	size_t n_syscalls;
	struct plan_call *notified; /* what the filter must notify: rules' and `notify`'s; sorted */
	size_t n_notified;
	struct arena arena; /* all of it but this struct */
};

/* A file in memory, and what it is called. */
struct policy_source {
	const char *name;
	const char *file;
	const char *bytes;
	size_t len;
	uint32_t arch;       /* SCMP_ARCH_* of the native ABI; foreign ones follow from it */
	uint32_t generation; /* for the policy */
};

/*
 * Reads a policy. Everything wrong is added to diags; with at least one error the result is
 * -EBADMSG. Warnings of what is probably not meant come from policy_lint(). Pure.
 */
_must_check_ int policy_parse(const struct policy_source *source, struct diags *diags,
                              struct policy **ret_policy);
void policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy *, policy_free)

/* Whether a JSON file is a policy rather than a profile, by its keys. */
bool policy_recognised(const char *bytes, size_t len);

/*
 * The first syscall whose allows are to be answered in this way (its class), or
 * NULL: what a supervisor that cannot do so must refuse to start with.
 */
const struct policy_syscall *policy_of_class(const struct policy *policy, enum policy_class class);

/* The rules on this call's syscall, or NULL. O(log syscalls), whatever the number of rules. */
const struct policy_syscall *policy_find(const struct policy *policy,
                                         const struct seccomp_data *call);

/*
 * The calls that the policy names and an installed filter does not notify, so that the policy
 * cannot reach them; at most max of them are written. Returns how many there are.
 */
size_t policy_unreached(const struct policy *policy, const struct plan *installed,
                        struct plan_call *ret_calls, size_t max);

/*
 * Rearranges the counts of from's limits (POLICY_LIMITS_MAX words) for to, which takes its place: a
 * rule whose text is the same but for its comment keeps its count, any other begins anew. Nobody
 * may decide meanwhile.
 */
void policy_carry_limits(const struct policy *from, const struct policy *to,
                         _Atomic uint64_t *limits);
