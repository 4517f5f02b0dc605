/* SPDX-License-Identifier: Apache-2.0 */
/* One argument or struct member that is a number: as strace writes it, and as a JSON value. */
#pragma once

#include "common/text.h"
#include "profiles/arguments/signature.h"

/* As text: "O_RDONLY|O_CLOEXEC", "AF_INET", "-1", "0x7f…". */
void render_value(struct text *text, const struct argument *argument, uint64_t value);

/*
 * A JSON number where the type is one, the value has no name and is exact as a double; null for a
 * pointer that is 0; else the text as a string.
 */
void render_json_value(struct text *text, const struct argument *argument, uint64_t value);

/* The word for an argument's type in JSON: "flags". */
const char *render_type_name(enum argument_type type);

/*
 * The high half of a register of which the kernel takes only the low one, where it is no sign or
 * zero extension: a filter that compares 64 bits is blind to such a call. Else 0.
 */
uint32_t render_stray_bits(enum argument_type type, uint64_t value);
