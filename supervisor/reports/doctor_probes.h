/* SPDX-License-Identifier: Apache-2.0 */
/* The probes behind the rows of doctor_checks. */
#pragma once

#include "supervisor/reports/doctor.h"

typedef void doctor_probe(const struct doctor_place *place, struct doctor_finding *ret_finding);

/* Says what a probe found. */
_printf_(3, 4) void doctor_find(struct doctor_finding *ret_finding, enum doctor_state state,
                                const char *format, ...);

/* The same of an outcome, 0 or -errno: ok, or missing, or not tried; with the errno in words. */
void doctor_find_outcome(struct doctor_finding *ret_finding, int outcome);

/* doctor_kernel.c: what the kernel offers to this process. */
doctor_probe doctor_user_notif, doctor_wait_killable, doctor_sync_wake_up, doctor_pidfd_thread,
	doctor_pidfd_getfd, doctor_openat2, doctor_landlock, doctor_io_uring,
	doctor_user_namespaces;

/* doctor_host.c: how the host is set up, and how callgate was built. */
doctor_probe doctor_target_memory, doctor_yama, doctor_cgroup, doctor_btf, doctor_unwinder;

/* doctor_steps.c: the steps of the round trip. */
doctor_probe doctor_hand_over, doctor_receive, doctor_refuse, doctor_continue, doctor_add_fd;
