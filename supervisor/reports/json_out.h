/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON document written to a stream, for commands' --json. key is NULL inside an array. Strings
 * may hold anything; 64-bit values are hexadecimal strings.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_OUT_DEPTH = 16 };

struct json_out {
	FILE *out;
	unsigned depth;
	bool filled[JSON_OUT_DEPTH]; /* whether the object or array there has a member */
};

void json_out_object(struct json_out *json, const char *key);
void json_out_array(struct json_out *json, const char *key);
/* Closes what was opened last: with '}' or ']'. */
void json_out_close(struct json_out *json, char bracket);

/* string may be NULL: null. */
void json_out_string(struct json_out *json, const char *key, const char *string);
void json_out_int(struct json_out *json, const char *key, int64_t number);
void json_out_bool(struct json_out *json, const char *key, bool value);
void json_out_hex(struct json_out *json, const char *key, uint64_t number);
