/* SPDX-License-Identifier: Apache-2.0 */
/* A profile resolved for a host, from a file of tests/data/profiles or from text. */
#pragma once

#include <linux/audit.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/ruleset.h"

/* Of the tests that pass -DTEST_DATA. */
#define PROFILE_FILE(name) (TEST_DATA "/profiles/" name)

struct fixture {
	struct host host;
	struct profile *profile;
	struct ruleset *ruleset;
};

/* A host that no test machine changes: x86-64, Docker's capabilities, Linux 6.1. */
static inline struct host fixture_host(void)
{
	return (struct host){
		.arch = SCMP_ARCH_X86_64,
		.caps = host_docker_caps(),
		.kernel = { .major = 6, .minor = 1 },
	};
}

/* The whole file, NUL-terminated, or NULL. */
static inline char *fixture_read(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *bytes = NULL;
	size_t size = 0;
	ssize_t len;

	if (!file)
		return NULL;
	len = getdelim(&bytes, &size, '\0', file);
	fclose(file);
	if (len < 0) {
		free(bytes);
		return NULL;
	}
	*ret_len = (size_t)len;
	return bytes;
}

static inline void fixture_free(struct fixture *fixture)
{
	ruleset_free(fixture->ruleset);
	profile_free(fixture->profile);
	*fixture = (struct fixture){ 0 };
}

/* As an engine reads it; NULL: as its dialect says. 0 or what the parser or the resolver said. */
static inline int fixture_parse_as(struct fixture *fixture, const char *json,
                                   const enum dialect *engine, struct host host)
{
	const struct profile_source source = { "test", "test", json, strlen(json) };
	struct diags diags;
	int r;

	*fixture = (struct fixture){ .host = host };
	diags_init(&diags, "test");
	r = profile_parse_as(&source, engine, &diags, &fixture->profile);
	if (r == 0)
		r = ruleset_build(fixture->profile, &host, &diags, &fixture->ruleset);
	if (r < 0)
		fixture_free(fixture);
	diags_deinit(&diags);
	return r;
}

/* Text with ' for ", or an inherited file's own, read as its dialect says. */
static inline int fixture_parse(struct fixture *fixture, const char *text, struct host host)
{
	char *json = strdup(text);
	int r;

	for (char *at = json; (at = strchr(at, '\''));)
		*at = '"';
	r = fixture_parse_as(fixture, json, NULL, host);
	free(json);
	return r;
}

static inline int fixture_load(struct fixture *fixture, const char *path, struct host host)
{
	size_t len;
	char *text = fixture_read(path, &len);
	int r = -ENOENT;

	if (text)
		r = fixture_parse(fixture, text, host);
	free(text);
	return r;
}

/* docker-default, the one in the binary. */
static inline int fixture_shipped(struct fixture *fixture, struct host host)
{
	size_t len;
	const char *bytes = profile_shipped("docker-default", &len);
	char *json = strndup(bytes, len);
	int r = fixture_parse_as(fixture, json, NULL, host);

	free(json);
	return r;
}
