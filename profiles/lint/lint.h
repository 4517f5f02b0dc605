/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile says that its author may not have meant: rules that do nothing, denials with a way
 * around them, what runtimes or libseccomp refuse or get wrong. The reader of profiles reports what
 * is wrong with the writing; this looks at what the rules come to on one host.
 */
#pragma once

#include "profiles/ruleset.h"

/*
 * Adds a warning for each finding, at the rule that it is about, each with its reason and a remedy.
 * Pure. 0, or -ENOMEM.
 */
_must_check_ int lint_profile(const struct ruleset *ruleset, struct diags *diags);

struct lint;

/* One kind of finding. */
struct lint_row {
	const char *id; /* stable */
	enum diag_level level;
	const char *finds;  /* what it looks for, for a list of all of them */
	const char *remedy; /* ends every message */
	int (*look)(struct lint *lint);
};

extern const struct lint_row lint_rows[];
extern const size_t lint_rows_count;
