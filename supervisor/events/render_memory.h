/* SPDX-License-Identifier: Apache-2.0 */
/* What was captured behind a pointer, as strace writes it and as a JSON value. Pure. */
#pragma once

#include "common/text.h"
#include "profiles/arguments/signature.h"
#include "supervisor/notification.h"

struct memory_view {
	const struct notification *notification; /* has what the memory itself points to */
	const struct argument *argument;
	uint64_t address;
	const char *bytes;
	size_t length;
	bool cut; /* there was more */
};

/* "a string", {tv_sec=1, tv_nsec=0}, [{iov_base="x", iov_len=1}] */
void render_memory(struct text *text, const struct memory_view *view);

/*
 * A string, an object, or an array of what a list has. *ret_cut becomes true where something in it
 * was not read whole, *ret_lossy where something is not UTF-8; they stay as they are otherwise.
 */
void render_json_memory(struct text *text, const struct memory_view *view, bool *ret_cut,
                        bool *ret_lossy);
