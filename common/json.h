/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as RFC 8259 has it, with places. cJSON makes the tree; a lexer pass in front of it refuses
 * what cJSON lets through (bad UTF-8, control characters, 01, 1., trailing bytes, a NUL in a
 * string), bounds depth and size, warns of duplicate keys, and records where each value stands.
 * Integers are read from the file's own digits, so 64 bits survive.
 */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cleanup.h"
#include "common/diag.h"

enum {
	JSON_MAX_BYTES = 8 << 20,
	JSON_MAX_DEPTH = 64,
};

struct json_document;

/*
 * Parses len bytes. Failures: -EBADMSG (diags says where and why), -EFBIG, -ENOMEM.
 * The bytes are copied; the caller keeps them. Release with json_free().
 */
_must_check_ int json_parse(const char *bytes, size_t len, struct diags *diags,
                            struct json_document **ret_document);
void json_free(struct json_document *document);
DEFINE_CLEANUP(struct json_document *, json_free)

const cJSON *json_root(const struct json_document *document);

/* The member called key, case-sensitively; of duplicates the last, as Go takes it. NULL if none. */
const cJSON *json_member(const cJSON *object, const char *key);

/* Where the value node starts. */
struct place json_place(const struct json_document *document, const cJSON *node);

/* The bytes of the value node, brackets and quotes included: from start up to end. */
struct json_span {
	size_t start, end;
};
struct json_span json_span(const struct json_document *document, const cJSON *node);

/* Writes the RFC 6901 pointer of node into buf ("" for the root), cut at size. */
void json_pointer(const struct json_document *document, const cJSON *node, char *buf, size_t size);

/*
 * An unsigned integer in plain decimal, as Go's encoding/json reads a uint64: no sign, fraction or
 * exponent. 0, -EINVAL (not such a number), -ERANGE (over max).
 */
_must_check_ int json_uint(const struct json_document *document, const cJSON *node, uint64_t max,
                           uint64_t *ret_value);

/* diags_add() at a node. */
_printf_(6, 7) void json_complain(const struct json_document *document, const cJSON *node,
                                  struct diags *diags, enum diag_level level, const char *id,
                                  const char *format, ...);
