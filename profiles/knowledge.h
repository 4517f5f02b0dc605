/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why Docker's default profile blocks a syscall, and what a program does without it: facts from
 * data/knowledge.json, which names the source of each.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct knowledge {
	const char *syscall;
	const char *why;      /* one clause */
	const char *since;    /* what changed when, or NULL where nothing is known */
	uint64_t freed_by;    /* any one of these capabilities allows it; 0: none does */
	const char *fallback; /* what programs usually do when it is denied */
	const char *source;
};

/* NULL for a syscall that is not blocked on purpose. Any ABI's name. Static. */
const struct knowledge *knowledge_find(const char *syscall);

/* The entries one after the other, by name; NULL after the last. */
const struct knowledge *knowledge_at(size_t index);
