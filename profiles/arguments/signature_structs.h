/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the rows of the structs_*.c files are written: tables by argument type, each with the types
 * of one topic, and the others empty. The first type that a table fills is the one that counts.
 */
#pragma once

#include "profiles/arguments/signature_rows.h"

/* clang-format off */
#define MEMBER(type, member, always, ...) \
	{ __VA_ARGS__, offsetof(type, member), sizeof(((type *)0)->member), always }
/* The member stands there under a name of its own, or is a part of what the header names. */
#define PART(offset, size, always, ...) { __VA_ARGS__, offset, size, always }

#define LAYOUT(name, size, fields, extent, form, compat) \
	{ name, fields, ARRAY_SIZE(fields), size, LAYOUT_##extent, LAYOUT_##form, 0, compat }
#define SELF_SIZED(name, size, fields, self_size) \
	{ name, fields, ARRAY_SIZE(fields), size, LAYOUT_SELF_SIZED, LAYOUT_STRUCT, self_size, true }
/* clang-format on */

/* Whether 32-bit callers lay a struct out in the same way. */
enum { WIDE = false, COMPAT = true };

#define LAYOUTS(topic) extern const struct layout layouts_##topic[ARGUMENT_TYPE_COUNT]

LAYOUTS(bpf);
LAYOUTS(devices);
LAYOUTS(files);
LAYOUTS(processes);
LAYOUTS(sockets);
