/* SPDX-License-Identifier: Apache-2.0 */
/* A policy read from text, in which ' stands for ". */
#pragma once

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/policy.h"

struct policy_fixture {
	struct diags diags;
	struct policy *policy; /* NULL where it has errors */
};

/* For x86-64, as generation 7. */
static inline int policy_fixture_parse(struct policy_fixture *fixture, const char *text)
{
	struct policy_source source = {
		.name = "test", .file = "test.json", .arch = SCMP_ARCH_X86_64, .generation = 7
	};
	char *bytes = strdup(text);
	int r;

	*fixture = (struct policy_fixture){ 0 };
	diags_init(&fixture->diags, "test.json");
	for (char *c = bytes; *c; c++)
		if (*c == '\'')
			*c = '"';
	source.bytes = bytes;
	source.len = strlen(bytes);
	r = policy_parse(&source, &fixture->diags, &fixture->policy);
	free(bytes);
	return r;
}

static inline void policy_fixture_free(struct policy_fixture *fixture)
{
	policy_free(fixture->policy);
	diags_deinit(&fixture->diags);
	*fixture = (struct policy_fixture){ 0 };
}

/* Whether a complaint has this id, and these words in its message. */
static inline bool policy_fixture_says(const struct policy_fixture *fixture, const char *id,
                                       const char *words)
{
	for (size_t i = 0; i < fixture->diags.count; i++)
		if (strcmp(fixture->diags.list[i].id, id) == 0 &&
		    strstr(fixture->diags.list[i].message, words))
			return true;
	return false;
}

static inline void policy_fixture_print(const struct policy_fixture *fixture)
{
	diags_print(&fixture->diags, stderr, "", true);
}
