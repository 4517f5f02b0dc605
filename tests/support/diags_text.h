/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics as a test wants to see them. */
#pragma once

#include <string.h>

#include "common/diag.h"

/* What a command would print, warnings too. Malloc'ed. */
static inline char *diags_text(const struct diags *diags)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	diags_print(diags, out, "", true);
	fclose(out);
	return text;
}

/* A copy with "..." for '...', so that a row of a table can hold JSON and still be read. */
static inline char *with_quotes(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; (at = strchr(at, '\''));)
		*at = '"';
	return copy;
}
