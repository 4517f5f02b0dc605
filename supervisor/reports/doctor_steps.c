/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "supervisor/reports/doctor_probes.h"

/* What stood in the way of a listener, where the errno alone does not tell. */
static const struct {
	int error;
	enum agent_step step;
	const char *words;
} obstacles[] = {
	{ EBUSY, AGENT_INSTALL,
	  "another supervisor has the one listener that this process tree may have (run "
	  "--deny-in-kernel needs none)" },
	{ EPERM, AGENT_INSTALL,
	  "seccomp(2) is denied here, by a filter that this process is under" },
	{ ENOSYS, AGENT_INSTALL, "seccomp(2) is denied here, or this kernel has none" },
	{ EACCES, AGENT_NO_NEW_PRIVS, "no_new_privs is denied here" },
};

void doctor_hand_over(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	const struct doctor_trip *trip = place->trip;

	for (size_t i = 0; i < ARRAY_SIZE(obstacles); i++)
		if (trip->installed == -obstacles[i].error && trip->step == obstacles[i].step) {
			doctor_find(ret_finding, DOCTOR_MISSING, "%s: %s",
			            strerror(obstacles[i].error), obstacles[i].words);
			return;
		}
	doctor_find_outcome(ret_finding, trip->installed);
}

void doctor_receive(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, place->trip->received);
}

void doctor_refuse(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	const struct doctor_trip *trip = place->trip;

	if (trip->refused < 0)
		doctor_find_outcome(ret_finding, trip->refused);
	else
		doctor_find(ret_finding, DOCTOR_OK, "a call took %.1f us (the median of %d)",
		            (double)trip->nanoseconds / 1000, DOCTOR_TRIP_CALLS);
}

void doctor_continue(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, place->trip->continued);
}

void doctor_add_fd(const struct doctor_place *place, struct doctor_finding *ret_finding)
{
	doctor_find_outcome(ret_finding, place->trip->added);
}
