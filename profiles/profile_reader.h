/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the profile reader share: the document, the dialect, and the one place that
 * checks keys and types. Private to profiles/profile*.c.
 *
 * A function that reads a part returns 0 or -ENOMEM; what is wrong with the file goes to diags, and
 * reading goes on with the rest.
 */
#pragma once

#include "common/json.h"
#include "common/near.h"
#include "common/shown.h"
#include "profiles/profile.h"
#include "profiles/syscall_near.h"

struct reader {
	const struct json_document *document;
	struct diags *diags;
	struct profile *profile;
	struct rule *rule; /* the one being read; NULL outside the rules */
	struct newer_syscalls newer;
	unsigned searches; /* for near misses among the syscalls */
};

enum field_type {
	FIELD_STRING,
	FIELD_UINT, /* plain decimal, 64 bits */
	FIELD_LIST,
	FIELD_OBJECT,
	FIELD_ANY, /* nobody reads it */
};

/* Which dialects know a field; to the others it is unknown. */
enum {
	IN_DOCKER = 1 << DIALECT_DOCKER,
	IN_PODMAN = 1 << DIALECT_PODMAN,
	IN_OCI = 1 << DIALECT_OCI,
	IN_ENGINES = IN_DOCKER | IN_PODMAN,
	IN_ALL = IN_ENGINES | IN_OCI,
};

struct field {
	const char *key;
	enum field_type type;
	unsigned dialects;
	size_t offset; /* of the const cJSON * that it fills in */
};

/*
 * Reads an object's members by a table: a row's pointer becomes the member's value, of the row's
 * type, or NULL where it is absent, null or of another type. Keys match as in Go: without regard
 * to case, the last one counts. Unknown keys and odd case are warnings, wrong types are errors.
 */
void reader_fields(struct reader *reader, const cJSON *object, const struct field *fields,
                   size_t n_fields, void *ret_nodes);

/* The member that Go would read as key, whatever its case; NULL if none, or null. */
const cJSON *reader_member(const cJSON *object, const char *key);

/* The same, but null is given as it stands. */
const cJSON *reader_member_or_null(const cJSON *object, const char *key);

/* A FIELD_UINT's value; 0 for NULL, as for a Go field that is absent. */
uint64_t reader_uint(const struct reader *reader, const cJSON *node);

/* The value of a string, "" for NULL. Borrowed from the document. */
const char *reader_string(const cJSON *node);

/* True, or an error that says what the element of a list is and what it should be. */
bool reader_element_is(struct reader *reader, const cJSON *node, enum field_type type);

/* Copies a list of strings; elements that are none are errors. The list may be NULL. */
_must_check_ int reader_strings(struct reader *reader, const cJSON *list, char ***ret_strings,
                                size_t *ret_count);

#define complain_error(reader, node, id, ...)                                                      \
	json_complain((reader)->document, node, (reader)->diags, DIAG_ERROR, id, __VA_ARGS__)
#define complain_warning(reader, node, id, ...)                                                    \
	json_complain((reader)->document, node, (reader)->diags, DIAG_WARNING, id, __VA_ARGS__)

/* Whether runc, or crun, was chosen to be read like (--as), not only the dialect recognised. */
bool reader_as_runc(const struct reader *reader);
bool reader_as_crun(const struct reader *reader);

/*
 * The level of a complaint about what the runtime refuses, which would be level. Of an engine that
 * was chosen, the runtime sees only the rules that count: a rule that has gates gets a warning, and
 * is marked for ruleset_build() to refuse where it counts.
 */
enum diag_level reader_refuses(struct reader *reader, enum diag_level level);

/* ---- the parts */

/* An action with its number: of a rule, or the default one. */
struct action_nodes {
	const char *key; /* "action", "defaultAction" */
	const cJSON *action;
	const cJSON *errno_ret;  /* errnoRet, defaultErrnoRet */
	const cJSON *errno_name; /* errno, defaultErrno: podman's */
	const cJSON *owner;      /* where to complain if there is no action */
};

/* False where the action is missing or wrong: it is said. */
bool profile_read_action(struct reader *reader, const struct action_nodes *nodes,
                         struct action *ret_action);
/* Says at level if libseccomp will refuse the action's errno. */
void profile_check_errno(struct reader *reader, const struct action_nodes *nodes,
                         struct action action, enum diag_level level);

_must_check_ int profile_read_rules(struct reader *reader, const cJSON *syscalls);
_must_check_ int profile_read_gate(struct reader *reader, const cJSON *object,
                                   struct gate *ret_gate);
_must_check_ int profile_read_archs(struct reader *reader, const cJSON *architectures,
                                    const cJSON *arch_map);

/* Warns of a syscall that no ABI has. */
void profile_check_syscall(struct reader *reader, const cJSON *node);
