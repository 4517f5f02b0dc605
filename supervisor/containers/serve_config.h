/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of a supervisor of containers, with every policy and profile that it names
 * read: what targets are started with until the next is read. Targets hold the one that they began
 * with.
 */
#pragma once

#include "policies/assignment.h"
#include "supervisor/containers/container.h"
#include "supervisor/generations.h"

/* Where files are looked for. Borrowed strings. */
struct serve_places {
	const char *config;   /* NULL: there is none */
	const char *profiles; /* directories; NULL: the usual places */
	const char *policies;
};

/* A rule's files. */
struct serve_files {
	struct profile *profile;     /* NULL: it names none */
	struct generations policies; /* one, or likewise none */
};

struct serve_config {
	unsigned holders;
	struct assignments assignments;
	struct serve_files *files; /* one for each rule, `default` last */
};

/*
 * Reads it all. 0 with one holder; or -errno with diags of the file that is at fault, and nothing
 * was changed.
 */
_must_check_ int serve_config_read(const struct serve_places *places, struct diags *diags,
                                   struct serve_config **ret_config);
struct serve_config *serve_config_hold(struct serve_config *config);
void serve_config_release(struct serve_config *config);

/* What a container gets: the index of its rule. */
size_t serve_config_choose(const struct serve_config *config, const struct container *container);

/*
 * A profile by name: NAME.json in the directory, where there is one, else as profile_load() finds
 * it. Failures are profile_load()'s.
 */
_must_check_ int serve_profile_load(const struct serve_places *places, const char *name,
                                    struct diags *diags, struct profile **ret_profile);
