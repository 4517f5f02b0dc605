/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of profiles with the diagnostics they must give; ' stands for " in them. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profiles/profile.h"
#include "tests/support/diags_text.h"

struct profile_row {
	const char *json;
	const char *diags; /* "" for none */
};

/* Reads a profile that must be accepted, whatever the warnings. Release with profile_free(). */
static inline struct profile *read_profile(const char *json)
{
	char *quoted = with_quotes(json);
	struct profile *profile = NULL;
	struct diags diags;

	diags_init(&diags, "f");
	assert_int_equal(profile_parse("n", "f", quoted, strlen(quoted), &diags, &profile), 0);
	diags_deinit(&diags);
	free(quoted);
	return profile;
}

static inline void check_profile_rows(const struct profile_row *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		char *json = with_quotes(rows[i].json);
		struct profile *profile = NULL;
		struct diags diags;
		char *text;
		int r;

		diags_init(&diags, "f");
		r = profile_parse("n", "f", json, strlen(json), &diags, &profile);
		text = diags_text(&diags);
		assert_string_equal(text, rows[i].diags);
		assert_int_equal(r, diags.errors ? -EBADMSG : 0);
		assert_int_equal(!profile, r < 0);
		profile_free(profile);
		diags_deinit(&diags);
		free(text);
		free(json);
	}
}
