/* SPDX-License-Identifier: Apache-2.0 */
/* A notification's call as strace writes it, and its arguments as JSON. Pure: reads no target. */
#pragma once

#include "common/text.h"
#include "supervisor/notification.h"

/* mount("none", "/mnt", "tmpfs", MS_RDONLY, NULL) */
void render_call(struct text *text, const struct notification *notification);

/*
 * The "args" array: [{"name":"flags","raw":"0x1","type":"flags","value":"MS_RDONLY"},...].
 * `raw` always: the register as a hexadecimal string. `value` decoded: a number where it has no
 * name and is exact as a double, null for a NULL pointer, an object for an address or a struct, an
 * array for a list, else a string. Beside it "racy":true where it was read from memory that the
 * target could change, "truncated":true where that, or what it points to, was not read whole,
 * "lossy":true where not UTF-8, "upper_bits":"0x1" where the kernel takes the low half of a
 * register only. "unreadable":true stands in place of `value`.
 */
void render_json_arguments(struct text *text, const struct notification *notification);
