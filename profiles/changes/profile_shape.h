/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a profile's author lays out a rule, learnt from the rules that stand there, so that a new one
 * looks as if the same hand had written it. Private to profiles/profile*.c.
 */
#pragma once

#include <stdio.h>

#include "profiles/changes/profile_patch.h"
#include "profiles/profile_reader.h"

/* White space inside a list or an object; cut where an author used very much of it. */
struct shape {
	char open[128];  /* behind the opening bracket */
	char gap[128];   /* behind a comma */
	char close[128]; /* before the closing bracket */
};

struct rule_shapes {
	struct shape list;  /* of `syscalls` */
	struct shape rule;  /* of one of its elements */
	struct shape names; /* of its `names` */
	struct shape args;  /* of its `args` */
	struct shape arg;   /* of one of these */
	char colon[128];    /* from a key to its value, the colon in it */
	enum dialect dialect;
};

/*
 * seccomp is the object that has the profile; syscalls its list, NULL where it has none. What no
 * rule shows is made up from the layout of the rest.
 */
void rule_shapes_learn(const struct json_document *document, const char *bytes,
                       const cJSON *seccomp, const cJSON *syscalls, struct rule_shapes *ret_shapes);

/* The layout that makes the shortest line. */
void rule_shapes_compact(enum dialect dialect, struct rule_shapes *ret_shapes);

/* The layout of a file of which nothing stands yet: lines, indented by tabs. */
void rule_shapes_default(enum dialect dialect, struct rule_shapes *ret_shapes);

/* Writes the object of a rule, from brace to brace. */
void rule_shapes_write(const struct rule_shapes *shapes, const struct patch_rule *rule, FILE *out);

/* A JSON string, quoted. */
void rule_shapes_write_string(const char *string, FILE *out);
