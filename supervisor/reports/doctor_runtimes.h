/* SPDX-License-Identifier: Apache-2.0 */
/* The container runtimes on PATH, and whether a listener of theirs can reach a supervisor. */
#pragma once

#include <stddef.h>

enum doctor_reach {
	DOCTOR_REACHES,
	DOCTOR_REACHES_AROUND, /* by other means than its own options */
	DOCTOR_REACHES_NOT,
	DOCTOR_REACH_UNKNOWN,
};

enum {
	DOCTOR_RUNTIMES_MAX = 16,
	DOCTOR_VERSION_MAX = 64,
};

struct doctor_runtime {
	const char *name;
	char *path;                       /* owned */
	char version[DOCTOR_VERSION_MAX]; /* its own words: escape them; "" where none */
	enum doctor_reach reach;
	const char *how;
};

struct doctor_runtimes {
	struct doctor_runtime found[DOCTOR_RUNTIMES_MAX];
	size_t n;
};

/* Runs each that is on PATH with --version. What cannot be found is left out. */
void doctor_runtimes_find(struct doctor_runtimes *ret_runtimes);
void doctor_runtimes_deinit(struct doctor_runtimes *runtimes);

/* Fills reach and how from name and version; -ENOENT for a name that is not known. Pure. */
int doctor_runtime_judge(struct doctor_runtime *runtime);

/* The word of line that is a version ("1.1.5+ds1"), or "". Pure. */
void doctor_version_of(const char *line, char version[static DOCTOR_VERSION_MAX]);

/* "yes", "around", "no", "unknown" */
const char *doctor_reach_name(enum doctor_reach reach);
