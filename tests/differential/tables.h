/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus' tables of what the real engines say. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tests/support/profile_fixture.h"

struct agreement {
	size_t rows;
	size_t agreed;
};

/* Reads corpus/file as an engine; 0, or as profile_parse_as() and ruleset_build(). */
int corpus_load(const char *corpus, const char *file, enum dialect engine, struct host host,
                struct fixture *ret_fixture);

/*
 * vectors.tsv: calls with the verdicts of moby+runc and podman+crun. Evaluate must say the same,
 * and a filter that keeps denials in the kernel too, but for the rows that it notifies.
 */
bool check_vectors(const char *corpus, struct agreement *ret);

/* INDEX.tsv: which profiles the two engines refuse. */
bool check_index(const char *corpus, struct agreement *ret);
