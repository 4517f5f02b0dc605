/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host can do for callgate: a row for each feature, found by its presence and never by a
 * version; one real notification round trip; the runtimes on PATH.
 */
#pragma once

#include <stdio.h>

#include "supervisor/reports/doctor_runtimes.h"
#include "supervisor/reports/doctor_trip.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_MISSING, /* or refused here, which has the same consequence */
	DOCTOR_UNKNOWN, /* cannot tell */
};

enum {
	DOCTOR_DETAIL_MAX = 256,
	DOCTOR_CHECKS_MAX = 32,
};

struct doctor_finding {
	enum doctor_state state;
	char detail[DOCTOR_DETAIL_MAX]; /* what was seen; may quote the system: escape it */
};

/* What a check looks at. */
struct doctor_place {
	const char *root; /* before every path: "" but in tests */
	const struct doctor_trip *trip;
};

struct doctor_check {
	const char *group; /* "kernel", "host", "round trip" */
	const char *name;
	const char *lost; /* without it */
	bool needed;      /* without it there is no run */
	void (*probe)(const struct doctor_place *place, struct doctor_finding *ret_finding);
};

/* Ends with a row without a name; at most DOCTOR_CHECKS_MAX before it. */
extern const struct doctor_check doctor_checks[];

struct doctor_report {
	struct doctor_trip trip;
	struct doctor_finding findings[DOCTOR_CHECKS_MAX]; /* one for each check */
	struct doctor_runtimes runtimes;
};

/* Looks, makes the round trip, and asks the runtimes for their versions: a second or so. */
void doctor_examine(struct doctor_report *ret_report);

/* Whether everything that run needs is there. */
bool doctor_able(const struct doctor_report *report);

const char *doctor_state_name(enum doctor_state state);

void doctor_text(FILE *out, const struct doctor_report *report, unsigned width);
void doctor_json(FILE *out, const struct doctor_report *report);
