/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp at arm's length: it spins for ever on some rules and runs over its buffers on others,
 * so it works in a child that can be killed. Behind profiles/compile.h; not for others.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cleanup.h"
#include "common/err.h"

/* What the child tells, in memory that both share. What it says is to be checked: it may crash. */
struct compile_report {
	/* What it is at: a row of an ABI of the plan, or something else. */
	bool at_row;
	size_t abi;
	size_t row;
	/* What came of it. */
	bool finished;
	int result; /* what the work returned */
	unsigned short count;
	struct sock_filter instructions[BPF_MAXINSNS];
};

typedef int (*compile_work)(void *context, struct compile_report *report);

/*
 * Does work in a forked child, for at most that many milliseconds of wall time. 0: it finished.
 * -ETIMEDOUT: it was killed. -ENOTRECOVERABLE: it died. In these cases *ret_report is what it told,
 * to be released with compile_report_free(). Other failures: those of mmap(2) and fork(2).
 */
_must_check_ int compile_in_child(compile_work work, void *context, unsigned milliseconds,
                                  struct compile_report **ret_report);
void compile_report_free(struct compile_report *report);
DEFINE_CLEANUP(struct compile_report *, compile_report_free)
