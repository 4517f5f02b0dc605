/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notifying variant of a profile: it tells a listener of every call that the profile answers
 * with an errno, and lets the kernel do all else as before. Runtimes take no SCMP_ACT_NOTIFY as
 * default action, so what is denied by default is named, syscall by syscall; a syscall that is
 * allowed under arguments gets rules for its other arguments.
 */
#pragma once

#include "profiles/ruleset.h"

/* A syscall whose denials stay in the kernel, silent. */
struct left_out {
	char *name;
	const char *why; /* static; one clause */
};

struct notify_variant {
	struct profile *profile; /* flat (profiles/flatten.h) */
	struct left_out *left_out;
	size_t n_left_out;
	size_t n_notified; /* names of which some call is notified */
};

/*
 * Makes the variant and checks it against its original on the edges of every rule, and what
 * libseccomp compiles of it against its meaning. -ENOTRECOVERABLE: no variant passed. Numbers
 * without a name stay as they were: denied by the kernel. Where runc's ENOSYS rule hid a rule of
 * the profile (i386's own numbers of msgget(2) and the like), the variant makes the rule count.
 */
_must_check_ int notify_variant_build(const struct ruleset *ruleset,
                                      struct notify_variant *ret_variant);
void notify_variant_deinit(struct notify_variant *variant);
