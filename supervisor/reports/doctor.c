/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "supervisor/reports/doctor_probes.h"

/* What none of the commands uses yet; whoever builds what does says here what is lost. */
#define NOTHING_YET "nothing: no command of this version uses it"

const struct doctor_check doctor_checks[] = {
	{ "kernel", "USER_NOTIF",
	  "run: no call can be notified; --deny-in-kernel needs no notifications (Linux 5.0)", true,
	  doctor_user_notif },
	{ "kernel", "WAIT_KILLABLE_RECV",
	  "a signal makes the target issue its call anew while it is decided, so it may be "
	  "performed "
	  "twice (Linux 5.19)",
	  false, doctor_wait_killable },
	{ "kernel", "SYNC_WAKE_UP", "speed: each notified call takes longer (Linux 6.6)", false,
	  doctor_sync_wake_up },
	{ "kernel", "PIDFD_THREAD",
	  "a thread with a descriptor table of its own: its process's is looked at (Linux 6.9)",
	  false, doctor_pidfd_thread },
	{ "kernel", "pidfd_getfd",
	  "policies: calls on a descriptor of the target are not performed but denied (Linux 5.6)",
	  false, doctor_pidfd_getfd },
	{ "kernel", "openat2",
	  "policies: no path is resolved, and calls with one are denied; stacks: no files are "
	  "looked "
	  "into (Linux 5.6)",
	  false, doctor_openat2 },
	{ "kernel", "io_uring closed",
	  "completeness: what a target does by io_uring passes no filter, so its profile must deny "
	  "io_uring_setup",
	  false, doctor_io_uring },
	{ "kernel", "user namespaces",
	  "nothing of callgate's, but sandboxes without privileges fail here under any profile",
	  false, doctor_user_namespaces },
	{ "kernel", "Landlock", NOTHING_YET, false, doctor_landlock },
	{ "host", "target memory",
	  "paths, addresses and strings: denials show bare pointers, and rules on them deny", false,
	  doctor_target_memory },
	{ "host", "Yama",
	  "the memory of targets, but for a supervisor with CAP_SYS_PTRACE below scope 3", false,
	  doctor_yama },
	{ "host", "cgroup freezer",
	  "policies: no target can be frozen, as rules of the class \"frozen\" want it", false,
	  doctor_cgroup },
	{ "host", "BTF", NOTHING_YET, false, doctor_btf },
	{ "host", "libdw", "run --stack: no call stacks", false, doctor_unwinder },
	{ "round trip", "hand-over",
	  "run: a target's filter is not installed or its listener not had", true,
	  doctor_hand_over },
	{ "round trip", "receive", "run: notifications cannot be read", true, doctor_receive },
	{ "round trip", "errno", "run: calls cannot be denied", true, doctor_refuse },
	{ "round trip", "CONTINUE", "run: calls cannot be allowed (Linux 5.5)", true,
	  doctor_continue },
	{ "round trip", "ADDFD",
	  "policies: calls that open something are not performed but denied (Linux 5.9)", false,
	  doctor_add_fd },
	{ 0 },
};
_Static_assert(ARRAY_SIZE(doctor_checks) - 1 <= DOCTOR_CHECKS_MAX, "one finding each");

static const char *const state_names[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_MISSING] = "missing",
	[DOCTOR_UNKNOWN] = "cannot tell",
};

const char *doctor_state_name(enum doctor_state state)
{
	return state_names[state];
}

void doctor_find(struct doctor_finding *ret_finding, enum doctor_state state, const char *format,
                 ...)
{
	va_list arguments;

	ret_finding->state = state;
	va_start(arguments, format);
	vsnprintf(ret_finding->detail, sizeof(ret_finding->detail), format, arguments);
	va_end(arguments);
}

void doctor_find_outcome(struct doctor_finding *ret_finding, int outcome)
{
	if (outcome == 0)
		doctor_find(ret_finding, DOCTOR_OK, "%s", "");
	else if (outcome == DOCTOR_TRIP_NOT_TRIED)
		doctor_find(ret_finding, DOCTOR_UNKNOWN, "not tried: what comes before it failed");
	else if (outcome == DOCTOR_TRIP_WRONG)
		doctor_find(ret_finding, DOCTOR_MISSING, "the answer came out as another");
	else
		doctor_find(ret_finding, DOCTOR_MISSING, "%s", strerror(-outcome));
}

void doctor_examine(struct doctor_report *ret_report)
{
	struct doctor_place place = { .root = "", .trip = &ret_report->trip };

	*ret_report = (struct doctor_report){ 0 };
	doctor_trip(&ret_report->trip);
	for (size_t i = 0; doctor_checks[i].name; i++)
		doctor_checks[i].probe(&place, &ret_report->findings[i]);
	doctor_runtimes_find(&ret_report->runtimes);
}

bool doctor_able(const struct doctor_report *report)
{
	for (size_t i = 0; doctor_checks[i].name; i++)
		if (doctor_checks[i].needed && report->findings[i].state != DOCTOR_OK)
			return false;
	return true;
}
