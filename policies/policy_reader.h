/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the policy reader share. Private to policies/policy*.c.
 *
 * A function that reads a part returns 0 or -ENOMEM; what is wrong with the file goes to diags, and
 * reading goes on with the rest. Nothing is ignored: an unknown key is an error.
 */
#pragma once

#include "common/json.h"
#include "common/near.h"
#include "common/shown.h"
#include "policies/policy.h"
#include "profiles/syscall_near.h"

/* A rule bound to one number of one ABI, while it is read. */
struct binding {
	size_t order;               /* in the file */
	struct policy_syscall call; /* its place in the index; matches are not used yet */
	const struct signature *signature;
	const struct policy_rule *rule;
	struct condition *conditions;
	size_t n_conditions;
	bool opaque; /* no condition sees the arguments */
};

struct policy_reader {
	const struct json_document *document;
	struct diags *diags;
	struct policy *policy;
	const uint32_t *archs; /* SCMP_ARCH_*, the native one first */
	size_t n_archs;
	struct binding *bindings; /* of all rules, in their order; from malloc */
	size_t n_bindings, bindings_room;
	struct newer_syscalls newer;
	unsigned searches; /* for near misses among the syscalls */
};

#define policy_error(reader, node, id, ...)                                                        \
	json_complain((reader)->document, node, (reader)->diags, DIAG_ERROR, id, __VA_ARGS__)

/* ---- keys and types */

enum member_type {
	MEMBER_STRING,
	MEMBER_BOOL,
	MEMBER_UINT,
	MEMBER_NUMBER, /* an integer, or a string for it */
	MEMBER_LIST,
	MEMBER_OBJECT,
	MEMBER_STRINGS, /* a string or a list */
	MEMBER_NUMBERS, /* an integer, a string or a list */
	MEMBER_VALUE,   /* of an operator: its own business */
};

struct member {
	const char *key;
	enum member_type type;
	size_t offset; /* of the const cJSON * that it fills in */
};

/*
 * Reads an object's members by a table: a row's pointer becomes the member's value, or NULL where
 * it is absent or of another type. Keys are exact. What does not fit is an error.
 */
void policy_members(struct policy_reader *reader, const cJSON *object, const struct member *members,
                    size_t n_members, void *ret_nodes);

/* True, or an error that says what node is and what it should be. */
bool policy_is(struct policy_reader *reader, const cJSON *node, enum member_type type);

/* A word of a fixed set; false with an error that lists them. words ends with NULL. */
bool policy_word(struct policy_reader *reader, const cJSON *node, const char *const *words,
                 unsigned *ret_index);

/* An unsigned integer from min to max; false with an error. */
bool policy_uint(struct policy_reader *reader, const cJSON *node, uint64_t min, uint64_t max,
                 uint64_t *ret_value);

/* How many elements node has as a list: a scalar is a list of one. */
size_t policy_list_length(const cJSON *node);
/* Walks them: the first for NULL. */
const cJSON *policy_list_next(const cJSON *node, const cJSON *element);

/* Globs out of a string or a list of them. */
_must_check_ int policy_globs(struct policy_reader *reader, const cJSON *node, enum glob_kind kind,
                              const char *const **ret_globs, size_t *ret_n);

_must_check_ int policy_copy(struct policy_reader *reader, const cJSON *string,
                             const char **ret_copy);

/* ---- the parts */

_must_check_ int policy_read_rules(struct policy_reader *reader, const cJSON *rules);

/* `when`; *ret_who stays NULL where node is. */
_must_check_ int policy_read_who(struct policy_reader *reader, const cJSON *node,
                                 const struct who **ret_who);

/* The nodes of a rule that say what it does. */
struct act_nodes {
	const cJSON *owner;
	const cJSON *action, *errno_ret, *value, *timeout, *limit;
};
void policy_read_act(struct policy_reader *reader, const struct act_nodes *nodes,
                     struct policy_rule *rule);

/* `args`, for the bindings from first on. */
_must_check_ int policy_read_conditions(struct policy_reader *reader, const cJSON *list,
                                        size_t first);

/* A number for an argument: an integer, or a string of one or of constants ("O_RDWR|O_CREAT"). */
bool policy_value(struct policy_reader *reader, const cJSON *node, const struct argument *argument,
                  uint64_t *ret_value);

/* A set of flags likewise, added to ret_flags, which has room for policy_flags_room(node). */
size_t policy_flags_room(const cJSON *node);
void policy_flags(struct policy_reader *reader, const cJSON *node, const struct argument *argument,
                  struct flag_bits *ret_flags, size_t *ret_n);

/*
 * Binds a name to its number in each ABI, for rule, or for `notify` with NULL. An unknown name is
 * an error; one that no ABI here has is a warning.
 */
_must_check_ int policy_bind(struct policy_reader *reader, const cJSON *name,
                             const struct policy_rule *rule);

/* Makes the index of the rules, their classes, and the list of what is notified. */
_must_check_ int policy_index(struct policy_reader *reader);
