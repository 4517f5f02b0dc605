/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which profile is behind a listener: the one that the configuration names for the container; else
 * the one that the filter was made of, as its metadata says; else the one in the bundle; else the
 * configuration's default. The first that can be read counts.
 */
#pragma once

#include "profiles/ruleset.h"
#include "supervisor/containers/serve_config.h"

struct serve_profile {
	struct profile *own; /* read for this container alone; NULL: the configuration's */
	struct ruleset *ruleset;
	bool found;     /* false: all is refused, for there is no rule */
	char said[512]; /* what went wrong on the way, or "" */
};

/* 0 with a ruleset in any case, or -ENOMEM. bundle is an absolute path, or NULL. */
_must_check_ int serve_profile_find(const struct serve_places *places,
                                    const struct serve_config *config,
                                    const struct container *container, const char *bundle,
                                    struct serve_profile *ret_profile);
void serve_profile_deinit(struct serve_profile *profile);
