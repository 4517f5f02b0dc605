/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/utsname.h>

#include "supervisor/reports/doctor.h"
#include "supervisor/reports/json_out.h"

static void write_check(struct json_out *json, const struct doctor_check *check,
                        const struct doctor_finding *finding)
{
	json_out_object(json, NULL);
	json_out_string(json, "group", check->group);
	json_out_string(json, "name", check->name);
	json_out_string(json, "state", doctor_state_name(finding->state));
	json_out_string(json, "detail", finding->detail[0] ? finding->detail : NULL);
	json_out_bool(json, "needed", check->needed);
	json_out_string(json, "lost", finding->state == DOCTOR_OK ? NULL : check->lost);
	json_out_close(json, '}');
}

static void write_runtime(struct json_out *json, const struct doctor_runtime *runtime)
{
	json_out_object(json, NULL);
	json_out_string(json, "name", runtime->name);
	json_out_string(json, "path", runtime->path);
	json_out_string(json, "version", runtime->version[0] ? runtime->version : NULL);
	json_out_string(json, "reaches", doctor_reach_name(runtime->reach));
	json_out_string(json, "how", runtime->how);
	json_out_close(json, '}');
}

static void write_trip(struct json_out *json, const struct doctor_trip *trip)
{
	json_out_object(json, "roundTrip");
	json_out_int(json, "calls", trip->refused == 0 ? DOCTOR_TRIP_CALLS : 0);
	if (trip->refused == 0)
		json_out_int(json, "medianNanoseconds", (int64_t)trip->nanoseconds);
	else
		json_out_string(json, "medianNanoseconds", NULL);
	json_out_bool(json, "waitKillable", trip->killable);
	json_out_close(json, '}');
}

void doctor_json(FILE *out, const struct doctor_report *report)
{
	struct json_out json = { .out = out };
	struct utsname system = { 0 };

	(void)uname(&system);
	json_out_object(&json, NULL);
	json_out_string(&json, "kernel", system.release);
	json_out_string(&json, "machine", system.machine);
	json_out_bool(&json, "able", doctor_able(report));
	json_out_array(&json, "checks");
	for (size_t i = 0; doctor_checks[i].name; i++)
		write_check(&json, &doctor_checks[i], &report->findings[i]);
	json_out_close(&json, ']');
	write_trip(&json, &report->trip);
	json_out_array(&json, "runtimes");
	for (size_t i = 0; i < report->runtimes.n; i++)
		write_runtime(&json, &report->runtimes.found[i]);
	json_out_close(&json, ']');
	json_out_close(&json, '}');
}
