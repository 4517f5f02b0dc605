/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict pass in front of cJSON: it accepts RFC 8259 and nothing else, within bounds, and notes
 * where each value stands. Private to common/json.c.
 */
#pragma once

#include <stdint.h>

#include "common/diag.h"

struct json_offsets {
	uint32_t *list;
	size_t count;
	size_t room;
};

struct json_layout {
	struct json_offsets values; /* where each value starts, in the order of the file */
	struct json_offsets ends;   /* and the byte behind its last one */
	struct json_offsets lines;  /* where each line starts */
};

/*
 * Checks len bytes (at most JSON_MAX_BYTES). Half a surrogate pair ("\ud800") is legal JSON that
 * means no character: it is overwritten by \ufffd, as Go reads it, with a warning. Failures:
 * -EBADMSG (the first thing wrong is in diags), -ENOMEM.
 */
_must_check_ int json_lex(char *bytes, size_t len, struct diags *diags,
                          struct json_layout *ret_layout);
void json_layout_deinit(struct json_layout *layout);

struct place json_layout_place(const struct json_layout *layout, size_t offset);
