/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a profile by what a person typed: a path, or a name that is looked for in the user's
 * directory, in /etc, and among the shipped profiles.
 */
#pragma once

#include "profiles/profile.h"

/*
 * wanted is a path if it contains '/', or ends in .json and exists; else a name, found as NAME.json
 * in $XDG_CONFIG_HOME/callgate/profiles (~/.config where that is unset) or /etc/callgate/profiles,
 * or in the binary, in this order. A file that is there but cannot be read is a failure, not a
 * reason to look on. diags is initialised by the caller; its file becomes the one that was opened.
 *
 * Failures, each with an error in diags that says more: -ENOENT, -EBADMSG (what profile_parse()
 * refuses), -EFBIG, -EISDIR, -EINVAL (not a regular file), open(2)'s; -ENOMEM without one.
 */
_must_check_ int profile_load(const char *wanted, struct diags *diags,
                              struct profile **ret_profile);

/* Where a profile stands, and what stands there. */
struct profile_bytes {
	char *file;   /* the path that was opened, or the shipped profile's name */
	bool shipped; /* it is in the binary: there is no file */
	char *bytes;
	size_t len; /* may be over JSON_MAX_BYTES by one, which the parser refuses */
};

/* Finds it in the same way, and reads nothing into it. diags as above, without -EBADMSG. */
_must_check_ int profile_read(const char *wanted, struct diags *diags,
                              struct profile_bytes *ret_bytes);
void profile_bytes_deinit(struct profile_bytes *bytes);

/* Reads it as engine does (profile_parse_as()), or with NULL as profile_load(). */
_must_check_ int profile_load_as(const char *wanted, const enum dialect *engine,
                                 struct diags *diags, struct profile **ret_profile);
