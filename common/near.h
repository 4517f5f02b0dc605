/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The near miss: which of the known names somebody may have meant by an unknown one.
 *
 *   struct near near = near_to("SCMP_ACT_ALOW");
 *   for each name: near_offer(&near, name);
 *   near.best is "SCMP_ACT_ALLOW", or NULL if none is near enough to be worth saying
 */
#pragma once

struct near {
	const char *wrong;
	const char *best;  /* borrowed from near_offer() */
	unsigned distance; /* only what is nearer than this is taken */
};

/* wrong is borrowed. Names over 63 bytes have no near miss. */
struct near near_to(const char *wrong);

/* Edits are insertions, deletions, replacements and swaps of neighbours; case is free. */
void near_offer(struct near *near, const char *known);
