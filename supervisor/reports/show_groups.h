/* SPDX-License-Identifier: Apache-2.0 */
/* Syscalls grouped by where and how they are decided. Behind supervisor/reports/show.h; not for
 * others. */
#pragma once

#include "profiles/inventory.h"
#include "supervisor/reports/show.h"

struct show_view {
	FILE *out;
	const struct plan *plan;
	const struct show_options *options;
	const struct abi *abi; /* that the rows are of */
	unsigned indent;
};

/* Prints the rows, one block a place; sorts them by name. 0 or -ENOMEM. */
_must_check_ int show_groups(const struct show_view *view, const struct inventory_row **rows,
                             size_t n);

/* Whether two rows, of two ABIs, would be shown with the same words. */
bool show_rows_alike(const struct abi *abi, const struct inventory_row *row,
                     const struct abi *other_abi, const struct inventory_row *other);
