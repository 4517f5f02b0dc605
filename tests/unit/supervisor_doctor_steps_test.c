/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/reports/doctor_probes.h"

static struct doctor_finding probe(doctor_probe *what, const struct doctor_trip *trip)
{
	const struct doctor_place place = { .root = "", .trip = trip };
	struct doctor_finding finding;

	what(&place, &finding);
	return finding;
}

/* The same errno means something else at another step. */
static void test_hand_over(void **state)
{
	static const struct {
		int installed;
		enum agent_step step;
		const char *words;
	} rows[] = {
		{ -EBUSY, AGENT_INSTALL, "another supervisor" },
		{ -EPERM, AGENT_INSTALL, "seccomp(2) is denied here" },
		{ -EPERM, AGENT_CLONE_HELPER, "Operation not permitted" },
		{ -EACCES, AGENT_NO_NEW_PRIVS, "no_new_privs is denied here" },
		{ -ENOMEM, AGENT_INSTALL, "Cannot allocate memory" },
	};
	const struct doctor_trip good = { .step = AGENT_HAND_OVER };

	(void)state;
	assert_int_equal(probe(doctor_hand_over, &good).state, DOCTOR_OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct doctor_trip trip = { .installed = rows[i].installed,
			                          .step = rows[i].step };
		struct doctor_finding finding = probe(doctor_hand_over, &trip);

		assert_int_equal(finding.state, DOCTOR_MISSING);
		assert_non_null(strstr(finding.detail, rows[i].words));
	}
}

static void test_steps(void **state)
{
	const struct doctor_trip trip = { .received = -EPERM,
		                          .refused = DOCTOR_TRIP_NOT_TRIED,
		                          .continued = -EINVAL,
		                          .added = DOCTOR_TRIP_WRONG };
	const struct doctor_trip good = { .nanoseconds = 5949 };

	(void)state;
	assert_int_equal(probe(doctor_receive, &trip).state, DOCTOR_MISSING);
	assert_int_equal(probe(doctor_refuse, &trip).state, DOCTOR_UNKNOWN);
	assert_int_equal(probe(doctor_continue, &trip).state, DOCTOR_MISSING);
	assert_int_equal(probe(doctor_add_fd, &trip).state, DOCTOR_MISSING);
	assert_int_equal(probe(doctor_receive, &good).state, DOCTOR_OK);
	assert_string_equal(probe(doctor_refuse, &good).detail,
	                    "a call took 5.9 us (the median of 64)");
	assert_int_equal(probe(doctor_continue, &good).state, DOCTOR_OK);
	assert_int_equal(probe(doctor_add_fd, &good).state, DOCTOR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hand_over),
		cmocka_unit_test(test_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
