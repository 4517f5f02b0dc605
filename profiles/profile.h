/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile as its author wrote it: every rule with its place in the file, nothing resolved yet.
 * Three dialects, one model.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/diag.h"

enum dialect {
	DIALECT_DOCKER, /* moby: includes, excludes, archMap, minKernel, errnoRet */
	DIALECT_PODMAN, /* containers-common: as Docker's, errno names, no minKernel */
	DIALECT_OCI,    /* linux.seccomp of the runtime-spec, bare or inside a config.json */
};

enum action_kind {
	ACTION_ALLOW,
	ACTION_ERRNO,
	ACTION_NOTIFY,
	ACTION_LOG,
	ACTION_TRACE,
	ACTION_TRAP,
	ACTION_KILL_THREAD, /* also spelt SCMP_ACT_KILL */
	ACTION_KILL_PROCESS,
	ACTION_KIND_COUNT,
};

struct action {
	enum action_kind kind;
	uint16_t number; /* the errno of ACTION_ERRNO, the datum of ACTION_TRACE; else 0 */
};

static inline bool action_equal(struct action a, struct action b)
{
	return a.kind == b.kind && a.number == b.number;
}

/* Whether the kernel makes the call: LOG allows, and writes of it. */
static inline bool action_allows(struct action action)
{
	return action.kind == ACTION_ALLOW || action.kind == ACTION_LOG;
}

/* "SCMP_ACT_ERRNO" for ACTION_ERRNO: the first spelling of each kind. */
const char *action_name(enum action_kind kind);

enum compare {
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_EQ,
	COMPARE_GE,
	COMPARE_GT,
	COMPARE_MASKED_EQ, /* (argument & value) == (value_two & value) */
	COMPARE_COUNT,
};

/* One condition on one argument; unsigned 64 bits, as the kernel's filter sees the register. */
struct comparison {
	unsigned index; /* 0..5 */
	enum compare op;
	uint64_t value;
	uint64_t value_two; /* of COMPARE_MASKED_EQ only */
};

static inline bool comparison_equal(const struct comparison *a, const struct comparison *b)
{
	return a->index == b->index && a->op == b->op && a->value == b->value &&
	       a->value_two == b->value_two;
}

const char *compare_name(enum compare op); /* "SCMP_CMP_EQ" */

struct kernel_version {
	unsigned major;
	unsigned minor; /* 0.0 is "any" in a gate */
};

/* When a rule counts: `includes` wants all of it, `excludes` drops the rule on any of it. */
struct gate {
	uint64_t caps;     /* bit N is capability N (linux/capability.h) */
	bool unknown_caps; /* names a capability that does not exist: no one holds it */
	char **arches;     /* Go's names: "amd64", "arm64"; the host's, not the ABI's */
	size_t n_arches;
	struct kernel_version min_kernel;
};

struct rule {
	size_t index;       /* in the file's `syscalls`, from 0 */
	struct place place; /* of the rule's opening brace */
	char **names;
	size_t n_names;
	struct action action;
	struct comparison *args; /* as written: all must hold, unless an index repeats: then any */
	size_t n_args;
	struct gate includes;
	struct gate excludes;
	char *comment; /* may be NULL */
	/* The engine refuses the profile if this rule counts; a warning has said why. */
	bool refused;
};

/* One `archMap` entry, or with arch 0 the plain `architectures` list. Values are SCMP_ARCH_*. */
struct arch_entry {
	uint32_t arch;
	uint32_t *sub;
	size_t n_sub;
	bool refused; /* the engine refuses it where it uses it; a warning has said why */
};

struct profile {
	char *name;          /* as the user named it: "docker-default", "./my.json" */
	char *file;          /* for file:line; "docker-default" for the one in the binary */
	char sha256[65];     /* of the file's bytes, hexadecimal */
	const char *pointer; /* where it is in the file: "", "/linux/seccomp" in a config.json */
	enum dialect dialect;
	bool as_engine;  /* profile_parse_as() read it */
	bool unconfined; /* no default action and no rules: the runtimes start without seccomp */
	struct action default_action;
	struct place default_place; /* of the value of defaultAction */
	struct arch_entry *archs;
	size_t n_archs;
	struct place archs_place; /* of `architectures`; line 0 where there is none */
	struct place flags_place; /* of `flags`; line 0 where none is listed */
	bool flag_log;            /* SECCOMP_FILTER_FLAG_LOG is in `flags` */
	bool flag_spec_allow;     /* SECCOMP_FILTER_FLAG_SPEC_ALLOW is, or there are no flags */
	char *listener_path;      /* where a runtime sends the listener; NULL if nowhere */
	char *listener_metadata;  /* what it sends with it; may be NULL */
	struct rule *rules;
	size_t n_rules;
};

/*
 * Reads a profile. Everything wrong is added to diags; with at least one error the result is
 * -EBADMSG. The dialect is recognised by what the file holds. Pure: no file is opened.
 */
_must_check_ int profile_parse(const char *name, const char *file, const char *bytes, size_t len,
                               struct diags *diags, struct profile **ret_profile);

/* A file in memory, and what it is called. */
struct profile_source {
	const char *name; /* as struct profile has it */
	const char *file;
	const char *bytes;
	size_t len;
};

/*
 * Reads a profile as one engine does, whatever the file looks like: DIALECT_DOCKER as moby and
 * runc, DIALECT_PODMAN as containers-common and crun, DIALECT_OCI as containerd and runc. What that
 * engine refuses is an error, and what only others refuse is none. With NULL as profile_parse().
 */
_must_check_ int profile_parse_as(const struct profile_source *source, const enum dialect *engine,
                                  struct diags *diags, struct profile **ret_profile);
void profile_free(struct profile *profile);
DEFINE_CLEANUP(struct profile *, profile_free)

/*
 * Whether the profile was written for a host whose native ABI is scmp_arch (SCMP_ARCH_*): true
 * where it has no `architectures`, or they name that ABI. An `archMap` only ever adds ABIs.
 */
bool profile_covers_arch(const struct profile *profile, uint32_t scmp_arch);

/* The profiles in the binary: bytes of the one called name, or NULL. The names end with NULL. */
const char *profile_shipped(const char *name, size_t *ret_len);
extern const char *const profile_shipped_names[];
