/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a person names: profiles and policies, read whole and once. */
#pragma once

#include "common/diag.h"

/*
 * Reads a regular file of at most JSON_MAX_BYTES; of a larger one a byte more, which json_parse()
 * refuses. Names it in diags, and says there what fails: open(2)'s errors, -EISDIR, -EINVAL (not a
 * regular file); -ENOMEM without a word. The bytes are the caller's to free.
 */
_must_check_ int input_file_read(const char *path, struct diags *diags, char **ret_bytes,
                                 size_t *ret_len);
