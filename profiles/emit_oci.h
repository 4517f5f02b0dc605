/* SPDX-License-Identifier: Apache-2.0 */
/* A profile written as the runtime-spec's linux.seccomp object. */
#pragma once

#include <stdio.h>

#include "profiles/profile.h"

/*
 * Writes a flat profile (profiles/flatten.h) as JSON, 64-bit values with all their digits. What it
 * wrote reads back as the same profile. 0; -EINVAL for an architecture that the runtime-spec has no
 * name for; -EIO when out could not take it all; -ENOMEM.
 */
_must_check_ int emit_oci(const struct profile *profile, FILE *out);
