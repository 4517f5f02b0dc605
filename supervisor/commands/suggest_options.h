/* SPDX-License-Identifier: Apache-2.0 */
/* What callgate suggest was asked for. */
#pragma once

#include "supervisor/commands/profile_options.h"
#include "supervisor/reports/suggest.h"

/* How the change is said. */
enum suggest_format {
	SUGGEST_DIFF,
	SUGGEST_JSON_PATCH,
	SUGGEST_PROFILE,
	SUGGEST_POLICY,
	SUGGEST_FORMAT_COUNT,
};

enum { SUGGEST_INCLUDE_MAX = 64 };

struct suggest_options {
	struct profile_options profile; /* first: PROFILE_OPTION_ROWS writes there */
	const char *events;             /* the file; NULL: the last run's */
	const char *wanted;             /* --profile, or NULL */
	enum suggest_format format;
	const char *output;
	struct suggest_wishes wishes; /* includes are in the list below */
	const char *include[SUGGEST_INCLUDE_MAX];
	bool interactive, write;
};

/* 0; OPTIONS_HELP after printing it; -EINVAL after a line on standard error. */
_must_check_ int suggest_options_parse(int argc, char **argv, struct suggest_options *ret_options);
