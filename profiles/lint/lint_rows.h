/* SPDX-License-Identifier: Apache-2.0 */
/* What the lint_*.c files share. Behind profiles/lint/lint.h; not for others. */
#pragma once

#include "common/text.h"
#include "profiles/lint/lint.h"

struct lint {
	const struct ruleset *ruleset;
	const struct profile *profile;
	const struct lint_row *row; /* the one that is looking */
	struct diags *diags;
};

/* Each adds a message, ended by the row's remedy: at a rule, or at the default action. */
_printf_(3, 4) void lint_rule(struct lint *lint, const struct rule *rule, const char *format, ...);
_printf_(2, 3) void lint_default(struct lint *lint, const char *format, ...);
/* At a member of the profile, "/flags". */
_printf_(4, 5) void lint_member(struct lint *lint, struct place place, const char *member,
                                const char *format, ...);

/* ---- rules */

/* Whether the rule's gates let it count on the host. */
bool lint_counts(const struct lint *lint, const struct rule *rule);
/* Whether the runtimes put it into the filter: it counts, and is not what happens anyway. */
bool lint_in_filter(const struct lint *lint, const struct rule *rule);
bool rule_names(const struct rule *rule, const char *name);
bool action_is_enosys(struct action action);
/* "EPERM" for an errno, "SCMP_ACT_KILL_THREAD" for other actions. */
const char *lint_action(struct action action, char *buf, size_t size);

/* ---- calls */

enum fate {
	FATE_NONE,    /* the ABI has no such call */
	FATE_ALLOWED, /* whatever its arguments */
	FATE_PARTLY,  /* the arguments decide */
	FATE_REFUSED, /* whatever its arguments; also where a supervisor is asked */
};

struct call_fate {
	enum fate fate;
	struct action action;    /* of what is refused */
	const struct rule *rule; /* that refuses, or allows a part; NULL for the default action */
};

/* What becomes of the calls of one name. */
struct call_fate lint_fate(const struct lint *lint, const struct abi *abi, const char *name);

/*
 * Whether the author meant it: a rule refuses the call, or allows only some of its arguments. An
 * ENOSYS does not count, for it sends programs to another call. Walks the whole profile.
 */
bool lint_deliberate(const struct lint *lint, const char *name, const struct call_fate *fate);

/* Whether a rule gave an ABI code for a name: its own number's, or a multiplexer's. */
bool abi_has_rule(const struct abi *abi, const char *name, const struct rule *rule);

/* ---- words */

/* " on x86" for an ABI that is not the native one, else "". */
const char *lint_on_abi(const struct lint *lint, const struct abi *abi, char *buf, size_t size);
/* Adds the next item of "a, b, c", once; what has no room becomes an ellipsis. */
void lint_list(struct text *text, const char *item);

/* ---- the rows' functions, by file */

int lint_unreachable_rule(struct lint *lint); /* lint_reach.c */
int lint_rule_is_default(struct lint *lint);

int lint_pointer_as_number(struct lint *lint); /* lint_arguments.c */
int lint_absent_argument(struct lint *lint);
int lint_wide_compare(struct lint *lint);
int lint_truncated_value(struct lint *lint);

int lint_fatal_eperm(struct lint *lint);  /* lint_errno.c */
int lint_sibling_open(struct lint *lint); /* lint_siblings.c */

int lint_io_uring_open(struct lint *lint); /* lint_ways.c */
int lint_foreign_abi_open(struct lint *lint);

int lint_notify_runtime(struct lint *lint); /* lint_runtimes.c */
int lint_notify_no_listener(struct lint *lint);
int lint_refused_flag(struct lint *lint);
int lint_other_architecture(struct lint *lint);

int lint_libseccomp_hang(struct lint *lint); /* lint_libseccomp.c */
int lint_libseccomp_wrong(struct lint *lint);
