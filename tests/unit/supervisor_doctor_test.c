/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reports/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "supervisor/reports/doctor_probes.h"

static size_t count_checks(void)
{
	size_t n = 0;

	while (doctor_checks[n].name)
		n++;
	return n;
}

/* What is needed makes the difference, and nothing else does. */
static void test_able(void **state)
{
	static const enum doctor_state bad[] = { DOCTOR_MISSING, DOCTOR_UNKNOWN };
	struct doctor_report report = { 0 };
	size_t needed = 0;

	(void)state;
	assert_true(doctor_able(&report));
	for (size_t i = 0; i < count_checks(); i++) {
		needed += doctor_checks[i].needed;
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++) {
			report.findings[i].state = bad[j];
			assert_int_equal(doctor_able(&report), !doctor_checks[i].needed);
		}
		report.findings[i].state = DOCTOR_OK;
	}
	assert_int_equal(needed, 5);
}

/* Scripts look rows up by name. */
static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < count_checks(); i++) {
		assert_non_null(doctor_checks[i].group);
		assert_non_null(doctor_checks[i].lost);
		assert_non_null(doctor_checks[i].probe);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(doctor_checks[i].name, doctor_checks[j].name);
	}
}

static void test_outcomes(void **state)
{
	static const struct {
		int outcome;
		enum doctor_state state;
		const char *detail;
	} rows[] = {
		{ 0, DOCTOR_OK, "" },
		{ -EPERM, DOCTOR_MISSING, "Operation not permitted" },
		{ -ENOSYS, DOCTOR_MISSING, "Function not implemented" },
		{ DOCTOR_TRIP_NOT_TRIED, DOCTOR_UNKNOWN, "not tried: what comes before it failed" },
		{ DOCTOR_TRIP_WRONG, DOCTOR_MISSING, "the answer came out as another" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_finding finding;

		doctor_find_outcome(&finding, rows[i].outcome);
		assert_int_equal(finding.state, rows[i].state);
		assert_string_equal(finding.detail, rows[i].detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_able),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
