/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled filter, ready for seccomp(2). This type is all that agent/ knows of profiles/. */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>

struct filter {
	struct sock_filter *instructions;
	unsigned short count; /* at most BPF_MAXINSNS (4096) */
	bool notifies;        /* some call may return SECCOMP_RET_USER_NOTIF: it needs a listener */
	bool log;             /* install with SECCOMP_FILTER_FLAG_LOG */
	bool spec_allow;      /* install with SECCOMP_FILTER_FLAG_SPEC_ALLOW */
};

void filter_deinit(struct filter *filter);
